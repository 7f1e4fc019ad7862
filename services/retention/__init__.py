"""Forgets on the day: ends days, sweeps what ended, carries erasures to their end. Owns nothing, asks the ledger."""

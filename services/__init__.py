"""Grootboek: the ledger of every processing of personal data by a municipality and its partners."""

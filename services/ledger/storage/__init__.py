"""Where the ledger keeps things: events, keys, projections. The only place of the ledger with SQL."""

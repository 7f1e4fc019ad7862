"""Where the ledger keeps things: events, keys, projections. The only place with SQL."""

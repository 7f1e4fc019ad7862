"""Several processes that serve one ledger: one Python process can use one processor only."""

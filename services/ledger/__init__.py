"""The ledger: append, keys, read models, verification; sole owner of events and keys."""

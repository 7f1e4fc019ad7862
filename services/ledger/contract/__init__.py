"""The published language of the ledger: events, messages and the client port."""

"""The published language of the ledger: events, messages and the client port. Others import only this."""

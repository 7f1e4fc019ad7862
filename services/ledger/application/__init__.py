"""The verbs of the ledger, one per file; they speak to the outside through ports.py."""

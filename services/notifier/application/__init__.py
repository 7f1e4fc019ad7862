"""The verbs of notifier, one per file, through ``ports.py``."""

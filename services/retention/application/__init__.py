"""One round of forgetting."""

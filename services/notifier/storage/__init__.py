"""Working state in the schema ``notifier``, and the keys of letters that wait."""

"""What drives notifier: its settings and its thread."""

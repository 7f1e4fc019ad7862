"""Every page: its path, what it shows, and what it does with a form."""

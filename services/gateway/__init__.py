"""The only door: authentication, authorisation, rates and sizes, formats. No rights on event tables, no keys."""

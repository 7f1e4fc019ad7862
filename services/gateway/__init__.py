"""The only door: authentication, authorisation, rates and sizes, formats. No rights on events, no key of content."""

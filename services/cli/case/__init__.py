"""A case file: loaded through the public API, questioned through it, and answered."""

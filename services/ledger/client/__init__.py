"""Adapters of the client port: in-process for the embedded shape."""

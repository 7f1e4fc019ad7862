"""The calls of the public contract, one module per resource; each call declares its own scopes."""

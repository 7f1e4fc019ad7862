"""The law as pure functions and value types: no clock, no storage, no network."""

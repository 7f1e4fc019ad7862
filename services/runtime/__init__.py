"""Shared mechanics without business words: clock, ids, errors, limits, PostgreSQL, crypto, log and telemetry."""

"""Loads the shared fixtures; each is a small plugin in tests/support."""

from __future__ import annotations

pytest_plugins = [
    "tests.support.distributed",
    "tests.support.hypothesis_profile",
    "tests.support.kafka_fixtures",
    "tests.support.leftovers",
    "tests.support.postgres",
    "tests.support.shared_certificates",
    "tests.support.side_by_side",
]

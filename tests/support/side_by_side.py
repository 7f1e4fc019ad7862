"""Which tests `make test` may run side by side, in two processes that each have a PostgreSQL of their own.

Tests of one module stay together, since they may share what the module made; the long ones of tests/model share nothing
and are dealt out one by one. Whoever asks for Kafka is in one group: there is one broker. What fails fast comes first,
then what takes longest, so that neither process has to wait for the other at the end.
"""

from __future__ import annotations

from typing import Final

import pytest

ORDER: Final = ("tests/unit/", "kafka", "tests/chaos/", "tests/model/", "tests/acceptance/", "tests/security/")
"""The rest comes last."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the groups and put them in order, when several processes run the tests."""
    if not hasattr(config, "workerinput"):
        return
    groups = {item: group_of(item) for item in items}
    items.sort(key=lambda item: rank_of(item.nodeid, groups[item]))
    for item, group in groups.items():
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))


def group_of(item: pytest.Item) -> str | None:
    """Return the group whose tests run in one process, one after the other; None for a test on its own."""
    if "kafka" in getattr(item, "fixturenames", ()):
        return "kafka"
    if item.nodeid.startswith("tests/model/") and not shares(item):
        return None
    return item.nodeid.partition("::")[0]


def shares(item: pytest.Item) -> bool:
    """Tell whether the test uses something that was made for its whole module."""
    definitions = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 - pytest has no public name for it
    return any(each[-1].scope in {"class", "module", "package"} for each in definitions.values())


def rank_of(nodeid: str, group: str | None) -> int:
    """Return the place of a test in the order."""
    for rank, prefix in enumerate(ORDER):
        if group == prefix or (group != "kafka" and nodeid.startswith(prefix)):
            return rank
    return len(ORDER)

"""How the tests are dealt out over the processes of `pytest -n 2`, each with servers of its own.

Tests of one module stay together, since they may share what the module made; the long ones of tests/model share nothing
and are dealt out one by one. Every second process begins with the tests that start many processes and wait for them,
the others with those that keep one processor busy: what the first leave idle the others use, and no two crowds meet
early. What fails fast comes first, then what takes longest, so that no process has to wait for another at the end. (The
marks of pytest-xdist, `xdist_group`, do nothing under pytest 9.2.)
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

CROWDED: Final = ("tests/chaos/", "tests/acceptance/", "tests/security/")
"""What starts processes of the ledger, in this order."""

ORDER: Final = ("tests/architecture/", "tests/deployment/", "tests/unit/", "tests/model/", *CROWDED)
"""The rest comes last."""


class ByModule(LoadScopeScheduling):
    """Gives each process that is nearly done the next module, or the next long test, of the kind it began with."""

    def _split_scope(self, nodeid: str) -> str:
        """Name what a test is dealt out with."""
        return nodeid if nodeid.startswith("tests/model/") else nodeid.partition("::")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Give a process the next of its kind, or of the other kind when there is none left."""
        wants_crowd = self.nodes.index(node) % 2 == 1
        fitting = (scope for scope in self.workqueue if scope.startswith(CROWDED) == wants_crowd)
        if (found := next(fitting, None)) is not None:
            self.workqueue.move_to_end(found, last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Any:
    """Deal out by module, in the order of the tests."""
    config.option.loadscopereorder = False
    return ByModule(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests in order, when several processes run them."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: rank_of(item.nodeid))


def rank_of(nodeid: str) -> int:
    """Return the place of a test in the order."""
    return next((rank for rank, prefix in enumerate(ORDER) if nodeid.startswith(prefix)), len(ORDER))

"""Removes what a served ledger keeps outside its folder: run by root, PostgreSQL lives where its user can reach it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.runtime.postgres_place import remove_twin


@pytest.fixture(autouse=True)
def _remove_twins_after_a_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test that was given a folder, remove what its ledgers left elsewhere."""
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if folder is not None:
        remove_twins_below(folder)


@pytest.fixture(scope="session", autouse=True)
def _remove_twins_after_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """At the end remove the rest: what fixtures of whole modules served."""
    yield
    remove_twins_below(tmp_path_factory.getbasetemp())


def remove_twins_below(folder: Path) -> None:
    """Remove the stand-ins of every data folder below this one."""
    for pointer in folder.rglob("elsewhere"):
        remove_twin(pointer.parent)
        pointer.unlink()

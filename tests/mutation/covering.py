"""Which tests reach which line: one run of the tests of the law, read back from coverage's contexts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from coverage import CoverageData

from tests.mutation.children import run_in_child

TESTS: Final = Path("tests/unit/law")
QUIET: Final = (
    "-q",
    "-q",
    "--no-header",
    "--no-summary",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "--noconftest",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
)


class Covering:
    """Tests by line of a module; a line that runs at import is reached by every test that reaches its module."""

    def __init__(self, data: CoverageData) -> None:
        self._data = data

    def tests_of(self, path: Path, line: int) -> list[str]:
        """The ids of the tests that reach the line, those of the module's own test file first."""
        by_line = self._data.contexts_by_lineno(str(path.resolve()))
        found = {_id(context) for context in by_line.get(line, ()) if context}
        if not found:
            found = {_id(context) for contexts in by_line.values() for context in contexts if context}
        own = f"test_{path.stem}.py"
        return sorted(found, key=lambda test: (own not in test, test))


def measure(folder: Path, packages: Sequence[str]) -> Covering:
    """Run the tests once with contexts; raises AssertionError when they are not green to begin with."""
    database = folder / "coverage"
    arguments = [*QUIET, f"--cov-config={_configuration(folder, database)}", "--cov-context=test", "--cov-report="]
    arguments += [f"--cov={package}" for package in packages]
    code = run_in_child(lambda: int(pytest.main([*arguments, str(TESTS)])), seconds_max=1200)
    assert code == 0, f"the tests of the law are not green: {code}"
    data = CoverageData(str(database))
    data.read()
    return Covering(data)


def _configuration(folder: Path, database: Path) -> Path:
    path = folder / "coveragerc"
    path.write_text(f"[run]\ndata_file = {database}\nbranch = false\n", encoding="utf-8")
    return path


def _id(context: str) -> str:
    return context.rsplit("|", 1)[0]

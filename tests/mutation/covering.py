"""Which tests reach which line: one run of the tests of the law, read back from coverage's contexts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from coverage import CoverageData

from tests.mutation.children import run_in_child

TESTS: Final = Path("tests/unit/law")
LAW: Final = "services.law"
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
    """Tests by line of a module, as arguments of pytest.

    A line that runs at import only is reached by every test that reaches its module, and by what reads its constants
    without running a line of it: the test files that import the module by name, or the law as a whole.
    """

    def __init__(self, data: CoverageData) -> None:
        self._data = data
        self._texts = {path: path.read_text(encoding="utf-8") for path in sorted(TESTS.rglob("test_*.py"))}

    def tests_of(self, path: Path, line: int) -> list[str]:
        """The tests that reach the line: those of the module's own test file first, then whole files, then the rest."""
        found = self._reaching(path, line)
        if found and not self._runs_at_import(path, line):
            return sorted(found, key=lambda test: (f"test_{path.stem}.py" not in test, test))
        if found:
            return sorted({test.split("::", 1)[0] for test in found})
        files = self._reading(path)
        others = {test for test in self._reaching_module(path) if test.split("::", 1)[0] not in files}
        return [
            *sorted(files, key=lambda file: (f"test_{path.stem}.py" not in file, files[file], file)),
            *sorted(others),
        ]

    def _runs_at_import(self, path: Path, line: int) -> bool:
        """Also where the parameters of a test are made: no test runs yet, so any test of that file may be about it."""
        return "" in self._data.contexts_by_lineno(str(path.resolve())).get(line, ())

    def _reaching(self, path: Path, line: int | None = None) -> set[str]:
        by_line = self._data.contexts_by_lineno(str(path.resolve()))
        lines = by_line.values() if line is None else [by_line.get(line, [])]
        return {_id(context) for contexts in lines for context in contexts if context}

    def _reaching_module(self, path: Path) -> set[str]:
        """Where nothing in the module runs later, as with mere constants, those that reach a module that imports it."""
        name = f"from {'.'.join(path.with_suffix('').parts)} import"
        measured = (Path(file) for file in self._data.measured_files())
        found = self._reaching(path)
        return found or {
            test for one in measured if name in one.read_text(encoding="utf-8") for test in self._reaching(one)
        }

    def _reading(self, path: Path) -> dict[str, tuple[bool, int]]:
        """The test files that import the module, or the law as a whole; what sorts them, the likeliest to fail first.

        Those that import modules as such look at what stands in them; of the others short ones are soon run.
        """
        package, _, module = ".".join(path.with_suffix("").parts).rpartition(".")
        as_such = re.compile(
            rf"^(?:import {re.escape(LAW)}$|from {re.escape(package)} import .*\b{module}\b)", re.MULTILINE
        )
        by_name = f"from {package}.{module} import"
        return {
            str(file): (as_such.search(text) is None, len(text))
            for file, text in self._texts.items()
            if by_name in text or as_such.search(text)
        }


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

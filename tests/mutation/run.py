"""`make mutants`: how many changes to the law its own tests notice; at least ninety in a hundred must be.

Each mutant lives in a child of this process, which has everything imported but our own code. ``ONLY`` names files of
`services/law` (comma-separated, as `rules/basis.py`), ``SAMPLE`` takes one in so many, ``PROCESSES`` run at a time.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

from tests.mutation.children import exit_code, start_child
from tests.mutation.covering import QUIET, TESTS, Covering, measure
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.mutated_module import MutatedModule

LAW: Final = Path("services/law")
KILLED_MIN: Final = 0.9
SECONDS_MAX: Final = 60
LIKELIEST: Final = 5
"""So many of the tests of a mutant, or files of them, are run before the others."""

OURS: Final = ("services", "tests")
GREEN: Final = frozenset({int(pytest.ExitCode.OK), int(pytest.ExitCode.NO_TESTS_COLLECTED)})

settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=25,
    suppress_health_check=list(HealthCheck),
)


def main() -> int:
    """Print the survivors and how many were killed; exit 1 when fewer than ``KILLED_MIN``."""
    settings.load_profile("mutants")
    _import_others()
    mutants = _chosen()
    with TemporaryDirectory() as folder:
        covering = measure(Path(folder), [".".join(LAW.parts)])
        outcomes = list(_outcomes(mutants, covering))
    survivors = [mutant for mutant, code in outcomes if code in GREEN]
    for survivor in survivors:
        print(survivor)
    # Whoever reads the share must know how much of it is the alarm: an endless loop, or a machine that is too busy.
    print(f"ended by the alarm after {SECONDS_MAX} s: {sum(code == -signal.SIGALRM for _, code in outcomes)}")
    killed = len(mutants) - len(survivors)
    share = killed / len(mutants)
    print(f"killed {killed} of {len(mutants)} mutants, {share:.1%} (must {KILLED_MIN:.0%})")
    return 0 if share >= KILLED_MIN else 1


def _chosen() -> list[Mutant]:
    named = [LAW / name for name in os.environ.get("ONLY", "").split(",") if name]
    paths = named or sorted(LAW.rglob("*.py"))
    every = int(os.environ.get("SAMPLE", "1"))
    return [mutant for path in paths for mutant in mutants_of(path)][::every]


def _outcomes(mutants: list[Mutant], covering: Covering) -> Iterator[tuple[Mutant, int]]:
    """Each mutant with the exit code of its tests, several at a time, with progress on standard error."""
    running: dict[int, Mutant] = {}
    processes = int(os.environ.get("PROCESSES", "2"))
    for number, mutant in enumerate(mutants, start=1):
        if len(running) >= processes:
            yield _ended(running)
        tests = covering.tests_of(mutant.path, mutant.line)
        running[start_child(lambda m=mutant, t=tests: _try(m, t), seconds_max=SECONDS_MAX)] = mutant  # type: ignore[misc]
        if number % 50 == 0:
            print(f"{number} of {len(mutants)}", file=sys.stderr, flush=True)
    while running:
        yield _ended(running)


def _ended(running: dict[int, Mutant]) -> tuple[Mutant, int]:
    pid, status = os.wait()
    return running.pop(pid), exit_code(status)


def _try(mutant: Mutant, tests: list[str]) -> int:
    """Run the tests that reach the mutant until one fails: the likeliest by themselves, so that few are collected."""
    MutatedModule(mutant.path, mutant.render()).install()
    code = 0
    for some in filter(None, (tests[:LIKELIEST], tests[LIKELIEST:])):
        code = int(pytest.main([*QUIET, "-x", *some]))
        if code not in GREEN:
            break
    return code


def _import_others() -> None:
    """Import whatever the tests import that is not ours, once for all children."""
    reading, writing = os.pipe()

    def collect() -> int:
        pytest.main([*QUIET, "--collect-only", str(TESTS)])
        names = "\n".join(name for name in sys.modules if name.split(".", 1)[0] not in OURS)
        with os.fdopen(writing, "w") as pipe:
            pipe.write(names)
        return 0

    collecting = start_child(collect, seconds_max=SECONDS_MAX)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        names = pipe.read().splitlines()
    os.waitpid(collecting, 0)
    _import_all(names)


def _import_all(names: Iterable[str]) -> None:
    for name in names:
        # Some modules import only in their own order or with a terminal; a child imports those by itself.
        with suppress(BaseException):
            importlib.import_module(name)


if __name__ == "__main__":
    sys.exit(main())

"""The case of the seed, and mutated copies of it, go in through the public API of a real process and come out right."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from services.cli.home import Home
from services.cli.open_home import open_database
from services.ledger.contract.topics import DATA_READ
from tests.acceptance import case_oracle, duty_oracle

PROJECT = Path(__file__).parents[2]
CASE = PROJECT / "tests" / "cases" / "vechtpartijen.yaml"
Json = dict[str, Any]


def run_case(folder: Path, raw: Json) -> Json:
    """Run ``grootboek run --oneshot`` on a case in an empty folder and return its answers."""
    case = folder / "case.yaml"
    case.write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return run_file(folder, case)[0]


def run_file(folder: Path, case: Path) -> tuple[Json, str]:
    """Run a case file as it is in a folder and return its answers and what was told on the way."""
    command = [sys.executable, "-m", "services.cli.main", "run", "--oneshot", "--case", str(case)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    environment.pop("GROOTBOEK_HOME", None)
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return dict(json.loads((folder / "var" / "answers.json").read_text(encoding="utf-8"))), done.stderr


def read_raw() -> Json:
    """The case as written."""
    return dict(yaml.safe_load(CASE.read_text(encoding="utf-8")))


def leave_out_deletion(raw: Json) -> None:
    """The youth work never erased: it still holds y6, y7 and y8 when it leaks."""
    raw["acts"] = [act for act in raw["acts"] if act["n"] != 17]


def move_late_entry(raw: Json) -> None:
    """The guard's disclosure is entered in time, and happened a day later."""
    act = next(act for act in raw["acts"] if act["n"] == 9)
    act["at"] = "2026-09-13T23:30"
    act["recorded"] = "2026-09-14T09:00"
    act["expect"]["codes"].pop("late-entry")


def count_acts(folder: Path) -> int:
    """How many events other than reads and questions the ledger of the last run holds."""
    home = Home(folder / (folder / "var" / "current").read_text(encoding="utf-8"))
    with open_database(home) as conninfo, psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT count(*) FROM stored_events WHERE topic <> %s", (DATA_READ,)).fetchone()
    assert row is not None
    return int(row[0])


def test_the_case_gives_the_expected_answers(tmp_path: Path) -> None:
    """The answers equal what the case expects, in every key; a second run adds nothing and answers the same."""
    raw = read_raw()
    counts = set()
    for answers in (run_case(tmp_path, raw), run_case(tmp_path, raw)):
        counts.add(count_acts(tmp_path))
        assert answers == raw["expected"]
    assert len(counts) == 1


@pytest.mark.parametrize("mutate", [leave_out_deletion, move_late_entry])
def test_a_mutated_case_agrees_with_a_literal_reader(tmp_path: Path, mutate: Callable[[Json], None]) -> None:
    """A copy with an act left out or a date moved gives what a literal reader of the file finds."""
    raw = copy.deepcopy(read_raw())
    mutate(raw)
    answers = run_case(tmp_path, raw)
    questions = raw["questions"]
    for question, oracle in (
        (questions["replays"][0], case_oracle.replay),
        (questions["access"][0], case_oracle.access_lines),
        (questions["breaches"][0], case_oracle.breach),
        (questions["inform"][0], duty_oracle.inform),
    ):
        found = oracle(raw, question)
        assert found == {key: answers[question["key"]][key] for key in found}
    owed, erased = questions["erasureOwed"][0], questions["erasureOf"][0]
    assert answers["retention"][owed["key"]] == duty_oracle.erasure_owed(raw, owed)
    assert answers["retention"][erased["key"]] == duty_oracle.erasure_of(raw, erased)

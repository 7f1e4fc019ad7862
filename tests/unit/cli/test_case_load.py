"""Loading a case twice, through a door to a ledger that forgets."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.cli.case.door import Door, UnexpectedAnswer
from services.cli.case.journal import Journal
from services.cli.case.load import load_case
from services.cli.case.model import Case, read_case

Json = dict[str, Any]
FILE = """
case: c
parties: [{id: college, kind: public-body}]
subjects: {y1: {BSN: "999990019"}, y2: {BSN: "999990020"}}
acts:
  - {n: 1, at: "2015-09-07T10:15", by: college, operation: collect, subjects: [y1]}
  - {n: 2, at: "2015-09-07T11:15", tense: intent, by: college, operation: make-available, subjects: [y1], to: [om]}
  - {n: 3, at: "2015-09-07T12:15", by: college, exemption: {norm: UAVG 41, interest: x}, subjects: [y1, y2]}
  - {n: 4, at: "2015-09-07T13:15", breach: {party: college, operations: [1], description: x}}
"""


class ForgettingDoor:
    """Answers every post, until what stands in ``forgotten`` is answered with that problem instead."""

    def __init__(self) -> None:
        """Forget nothing yet."""
        self.forgotten: dict[str, str] = {}
        self.posted: list[tuple[str, Json]] = []

    def post(self, path: str, body: Json, **_how: Any) -> Any:
        """Answer with the body's id and how many were posted by now."""
        self.posted.append((path, body))
        problem = self.forgotten.get(path)
        if problem is not None:
            raise UnexpectedAnswer("It is gone.", problem)
        answer = {"id": body.get("id"), "count": len(self.posted)}
        return SimpleNamespace(status_code=403 if body.get("tense") == "intent" else 201, json=lambda: answer)

    @property
    def paths(self) -> list[str]:
        """Which calls were made, in order."""
        return [path.removeprefix("/v1/") for path, _ in self.posted]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A case of four acts, five calls."""
    path = tmp_path / "case.yaml"
    path.write_text(FILE, encoding="utf-8")
    return read_case(path)


def load(case: Case, door: ForgettingDoor, folder: Path) -> Any:
    """Load it, with a journal in the folder."""
    return load_case(case, cast("Door", door), folder / "posted.jsonl", lambda _: None)


def test_a_second_run_recognises_what_it_posted(case: Case, tmp_path: Path) -> None:
    """Nothing is registered again and the clock is left alone; the acts are asked again under their ids."""
    door = ForgettingDoor()
    load(case, door, tmp_path)
    assert door.paths[:4] == ["clock", "parties", "clock", "processing-operations"]
    assert door.posted[0][1] == {"now": "2015-09-07T00:00:00+02:00"}
    again = ForgettingDoor()
    load(case, again, tmp_path)
    assert again.paths == ["processing-operations", "processing-operations", "exemptions", "exemptions", "breaches"]


@pytest.mark.parametrize("problem", ["record-ended", "not-found", "breach-invalid"])
def test_what_has_ended_was_answered_before(case: Case, tmp_path: Path, problem: str) -> None:
    """After the last day of the records a second run has the answers that the first one got."""
    first = load(case, ForgettingDoor(), tmp_path)
    door = ForgettingDoor()
    door.forgotten = dict.fromkeys(("/v1/processing-operations", "/v1/exemptions", "/v1/breaches"), problem)
    assert load(case, door, tmp_path) == first
    assert first[2].refused


def test_what_was_posted_under_another_body_ends_the_run(case: Case, tmp_path: Path) -> None:
    """A conflict says that the file is not the one that was loaded; no earlier answer may hide that."""
    load(case, ForgettingDoor(), tmp_path)
    door = ForgettingDoor()
    door.forgotten = {"/v1/breaches": "idempotency-conflict"}
    with pytest.raises(UnexpectedAnswer):
        load(case, door, tmp_path)


def test_a_first_run_has_nothing_to_fall_back_on(case: Case, tmp_path: Path) -> None:
    """An answer that comes before anything was posted ends the run, as does one that an old journal did not keep."""
    door = ForgettingDoor()
    door.forgotten = {"/v1/processing-operations": "record-ended"}
    with pytest.raises(UnexpectedAnswer):
        load(case, door, tmp_path)
    lines = "".join(f'{{"posted": "{entry}"}}\n' for entry in ("governance", "1", "2", "3", "4"))
    (tmp_path / "posted.jsonl").write_text(lines, encoding="utf-8")
    with pytest.raises(UnexpectedAnswer):
        load(case, door, tmp_path)
    assert "clock" not in door.paths[-1:]


def test_the_journal_names_nobody(case: Case, tmp_path: Path) -> None:
    """It holds what was answered, not what was sent."""
    load(case, ForgettingDoor(), tmp_path)
    text = (tmp_path / "posted.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line)["posted"] for line in text.splitlines()] == ["governance", "1", "2", "3", "4"]
    assert "99999" not in text


def test_a_line_that_was_cut_off_is_none(tmp_path: Path) -> None:
    """Whoever was killed while writing posts that act again; later lines stand by themselves."""
    path = tmp_path / "posted.jsonl"
    path.write_text('{"posted": "1", "answers": [[201, {"id": "x"}]]}\n{"posted": "2", "ans', encoding="utf-8")
    journal = Journal(path)
    assert journal.answers("1") == ((201, {"id": "x"}),)
    assert journal.answers("2") is None
    journal.write("2", ((201, {"id": "y"}),))
    journal.write("3")
    assert Journal(path).answers("2") == ((201, {"id": "y"}),)
    assert Journal(path).answers("3") == ()

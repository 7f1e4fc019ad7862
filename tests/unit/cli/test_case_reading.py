"""A case file as it is read: ids as they are written, people, times, sections in any spelling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.cli.case.bodies import governance_calls
from services.cli.case.load import first_midnight
from services.cli.case.model import Case, CaseUnreadable, read_case, zoned
from services.cli.case.sections import unread_sections

ACTS = 'acts: [{n: 1, at: "2026-09-07T10:15", by: a, operation: collect}]\n'


def written(folder: Path, text: str) -> Case:
    """The case of a file with this text."""
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    return read_case(path)


def test_ids_stay_as_they_are_written(tmp_path: Path) -> None:
    """A number is an id too, with its zeros; what counts is a number: acts, versions and regimes."""
    case = written(
        tmp_path,
        """
case: 7
parties: [{id: 012, kind: public-body}]
covenants: [{id: 1.10, version: 2, regime: 3, annexes: [{id: 0x1F}]}]
subjects: {1: {BSN: 012345672}, y2: {V-number: 1_000}}
canaries: [4711]
acts:
  - {n: 1, at: 2026-09-07T10:15, by: 012, operation: erase, subjects: [1], status: {1: listed}, confirms: 3, caseId: 12,
     list: {kind: bruto, id: 2026}, system: {version: 2}, expect: {codes: {inform-overdue: [1]}}}
  - {n: 2, at: 2026-09-07T10:20, breach: {party: 012, operations: [1], description: x}}
questions: {replays: [{key: r, subject: 1, bound: 2026-09-15}], holdingEnds: [{key: h, act: 1, subject: 1}]}
""",
    )
    act = case.act(1).fields
    assert (case.name, act["by"], act["caseId"], act["list"]["id"], act["system"]) == (
        "7",
        "012",
        "12",
        "2026",
        {"version": "2"},
    )
    assert (act["n"], act["confirms"], case.act("2").fields["breach"]["operations"]) == (1, 3, [1])
    (covenant,) = case.section("covenants")
    assert (covenant["id"], covenant["version"], covenant["regime"], covenant["annexes"]) == (
        "1.10",
        2,
        3,
        [{"id": "0x1F"}],
    )
    assert case.subject("1") == {"idType": "BSN", "id": "012345672"}
    assert case.identifier("y2")["id"] == "1_000"
    assert (act["subjects"], act["status"], act["expect"]["codes"]) == (
        ["1"],
        {"1": "listed"},
        {"inform-overdue": ["1"]},
    )
    assert (case.raw["canaries"], case.questions("holdingEnds")[0]["act"]) == (["4711"], 1)


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ({"BSN": "1", "birthDate": None, "municipality": None}, {"idType": "BSN", "id": "1"}),
        ({"role": "neighbour", "BSN": "1"}, {"idType": "BSN", "id": "1", "role": "neighbour"}),
        ({"idType": "V-number", "id": "2"}, {"idType": "V-number", "id": "2"}),
        ({"BSN": None, "V-number": "3"}, {"idType": "V-number", "id": "3"}),
    ],
)
def test_a_person_says_what_is_known(person: dict[str, Any], expected: dict[str, Any]) -> None:
    """What is left empty is left out; the identifier stands by its kind, or as the contract spells it."""
    assert Case(name="c", raw={"subjects": {"y1": person}}, acts=()).subject("y1") == expected


def test_a_birthday_of_yaml_is_a_day(tmp_path: Path) -> None:
    """A date without quotes is the same date."""
    case = written(tmp_path, f"{ACTS}subjects: {{y1: {{BSN: 1, birthDate: 2011-02-03}}}}\n")
    assert case.subject("y1")["birthDate"] == "2011-02-03"


def test_local_times_in_every_spelling() -> None:
    """With a space, with seconds and parts of them: a time without a zone is one of Amsterdam."""
    times = zoned(["2026-07-01 10:00", "2026-07-01T10:00:30.25", "2026-07-01T10:00Z", "on 2026-07-01 10:00"])
    assert times == [
        "2026-07-01T10:00:00+02:00",
        "2026-07-01T10:00:30.250000+02:00",
        "2026-07-01T10:00Z",
        "on 2026-07-01 10:00",
    ]


@pytest.mark.parametrize(
    "name", ["activities", "processing-activities", "processingActivities", "processing_activities"]
)
def test_the_register_of_activities_has_several_names(tmp_path: Path, name: str) -> None:
    """The art. 30 register is loaded under the name of its call too."""
    case = written(tmp_path, f"{ACTS}{name}: [{{id: x, version: 1, controller: a}}]\n")
    (call,) = governance_calls(case)
    assert (call.path, call.body["id"]) == ("/v1/processing-activities", "x")
    assert list(unread_sections(case)) == []


def test_what_nobody_reads_is_named(tmp_path: Path) -> None:
    """Sections with another name are told, and what a subject says besides; another spelling of a name is read."""
    case = written(
        tmp_path,
        ACTS
        + "holds: [1]\nsubjects: {y1: {name: x, BSN: 1, role: y}}\nparties: []\n"
        + "questions: {holding-ends: [], holdings: [], Inform: []}\n",
    )
    assert list(unread_sections(case)) == ["holds", "questions.holdings", "subjects.y1.name"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("acts: [", "is no YAML"),
        ("- 1", "has no acts"),
        ("case: c", "has no acts"),
        ("acts: [{n: 1}]", "no time"),
        ('acts: [{n: one, at: "2026-09-07"}]', "no number"),
    ],
)
def test_what_is_no_case_is_told(tmp_path: Path, text: str, told: str) -> None:
    """A file of another shape ends in a sentence and not in a stack."""
    with pytest.raises(CaseUnreadable, match=told):
        written(tmp_path, text)
    with pytest.raises(CaseUnreadable, match="cannot be read"):
        read_case(tmp_path / "absent.yaml")


def test_what_is_not_in_the_case_is_told(tmp_path: Path) -> None:
    """A person, an act or an actor that is missing is named by its place in the file."""
    case = written(tmp_path, 'acts: [{n: 1, at: "2026-09-07"}]\nsubjects: {y1: {municipality: Middelstad}}\n')
    for asked, told in (
        (lambda: case.identifier("y9"), "no subject y9"),
        (lambda: case.identifier("y1"), "y1 has no identifier"),
        (lambda: case.act(9), "no act 9"),
        (lambda: case.act(1).place_of("y1"), "not about y1"),
        (lambda: case.act(1).by, "who acts"),
    ):
        with pytest.raises(CaseUnreadable, match=told):
            asked()


def test_governance_comes_before_everything(tmp_path: Path) -> None:
    """An intent is posted before it happens: the first midnight is that of its posting, in Amsterdam."""
    case = written(
        tmp_path,
        """
acts:
  - {n: 1, at: "2026-09-10T10:00", recorded: "2026-09-06T23:30Z", by: a, tense: intent, operation: make-available}
  - {n: 2, at: "2026-09-08T10:00", by: a, operation: collect}
""",
    )
    assert first_midnight(case).isoformat() == "2026-09-07T00:00:00+02:00"

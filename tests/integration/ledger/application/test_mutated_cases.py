"""Copies of the case with something changed: the answers follow the file, as a literal reader of it finds them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.cli.case.model import Case, read_case
from tests.acceptance import case_oracle, duty_oracle
from tests.support.case_ledger import case_ledger

CASE = Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml"
Json = dict[str, Any]
Change = Callable[[Json], None]


def act(raw: Json, number: int) -> Json:
    """The act of that number, to be changed."""
    return next(act for act in raw["acts"] if act["n"] == number)


def leave_out(number: int) -> Change:
    """The case without one act."""

    def change(raw: Json) -> None:
        raw["acts"] = [act for act in raw["acts"] if act["n"] != number]

    return change


def move(number: int, at: str) -> Change:
    """The case with one act on another moment."""

    def change(raw: Json) -> None:
        act(raw, number)["at"] = at

    return change


def ask_about(label: str) -> Change:
    """The case with the questions about somebody else."""

    def change(raw: Json) -> None:
        act(raw, 21)["access_request"]["subject"] = label
        raw["questions"]["replays"][0]["subject"] = label

    return change


def leak_everything(raw: Json) -> None:
    """The case with a breach at the mayor's that names no operations."""
    act(raw, 20)["breach"] = {"party": "burgemeester-middelstad", "description": "laptop stolen"}


def name_at(party: str) -> Change:
    """The case with a breach at the college or its guard that names act 9, which they did: of y5 they held nothing."""

    def change(raw: Json) -> None:
        act(raw, 20)["breach"] = {"party": party, "operations": [9], "description": "mailed to the wrong police"}

    return change


def share_on(raw: Json) -> None:
    """The case with the youth work sharing on, and erasing one person itself."""
    extra = {"by": "jongerenwerk-middelstad", "subjects": ["y1", "y9"], "dataCategories": ["name"]}
    raw["acts"] += [
        {"n": 31, "at": "2026-09-15T10:00", "operation": "make-available", "to": ["school-bijzonder"], **extra},
        {"n": 32, "at": "2026-09-22T10:00", "operation": "erase", **extra, "subjects": ["y2"]},
    ]


def set_field(number: int, field: str, value: Any) -> Change:
    """The case with one field of an act otherwise."""

    def change(raw: Json) -> None:
        act(raw, number)[field] = value

    return change


def tell_in_time(raw: Json) -> None:
    """The case with a letter before the moment to tell, and the rest told to somebody who knew a part."""
    letter = dict(act(raw, 14))
    raw["acts"] += [
        letter | {"n": 33, "at": "2026-09-13T09:00", "subjects": ["y6", "y9"]},
        letter | {"n": 34, "at": "2026-09-18T09:00", "subjects": ["y5"]},
    ]


def ask_later(raw: Json) -> None:
    """The case with its questions on the day after the exemption ended by itself."""
    raw["questions"]["erasureOwed"][0]["asOf"] = "2026-10-16"
    raw["questions"]["inform"][0]["asOf"] = "2026-10-16"


def end_parties(raw: Json) -> None:
    """The case with mayor and college valid in the register until before they did most of it."""
    for party in raw["parties"]:
        if party["id"] in ("burgemeester-middelstad", "college-middelstad"):
            party["validUntil"] = "2026-09-08"


CHANGES: dict[str, Change] = {
    "without the gross list made available": leave_out(10),
    "without the net list made available": leave_out(13),
    "without the erasure by the police": leave_out(18),
    "erasure after the breach": move(17, "2026-09-26T12:00"),
    "the guard's report known at once": lambda raw: act(raw, 9).pop("recorded"),
    "about somebody the police knows": ask_about("y3"),
    "about the bystander": ask_about("y9"),
    "a breach without named operations": leak_everything,
    "a breach that names what its party sent": name_at("college-middelstad"),
    "a breach that names what a processor sent": name_at("beveiliger"),
    "shared on": share_on,
    "the police erased the names only": set_field(18, "dataCategories", ["name"]),
    "the youth work erased the bystander too": set_field(17, "subjects", ["y6", "y7", "y8", "y9"]),
    "the bystander is listed again": set_field(19, "subjects", ["y1", "y9"]),
    "the mayor erased names only": set_field(12, "dataCategories", ["name"]),
    "the mayor erased under another annex": set_field(12, "list", {"kind": "netto", "id": "other"}),
    "without the letter": leave_out(14),
    "without the exemption": leave_out(16),
    "the letter left something out": lambda raw: act(raw, 14)["notice"].update(elements=["controller", "rights"]),
    "told in time": tell_in_time,
    "asked a month later": ask_later,
    "mayor and college are not valid any more": end_parties,
}


@pytest.mark.parametrize("name", CHANGES)
def test_answers_follow_the_file(database: str, tmp_path: Path, name: str) -> None:
    """Breach, access, replay, erasure and the duty to inform of the changed case equal what the file says."""
    raw = copy.deepcopy(read_case(CASE).raw)
    CHANGES[name](raw)
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    case: Case = read_case(path)
    with case_ledger(database, case) as ledger:
        answers = ledger.ask(ledger.play(), check=False)
    questions = raw["questions"]
    breach = answers["breach_20"]
    assert {key: breach[key] for key in ("exposed", "held", "sources", "report_before")} == case_oracle.breach(
        raw, questions["breaches"][0]
    )
    access = answers["access_21"]
    assert {key: access[key] for key in ("lines", "recipients", "source_named")} == case_oracle.access_lines(
        raw, questions["access"][0]
    )
    assert access["leaked"] == []
    assert answers["replay_y2"] == case_oracle.replay(raw, questions["replays"][0])
    owed, told = questions["erasureOwed"][0], questions["inform"][0]
    assert answers["retention"][owed["key"]] == duty_oracle.erasure_owed(raw, owed)
    assert answers["retention"]["erasure_of_act_12_y9"] == duty_oracle.erasure_of(raw, questions["erasureOf"][0])
    assert answers[told["key"]] == duty_oracle.inform(raw, told)

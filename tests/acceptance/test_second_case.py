"""The table of a Zorg- en Veiligheidshuis goes in through the public API of a real process and comes out right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.acceptance import case_oracle, duty_oracle
from tests.acceptance.test_case import count_acts, run_case

CASE = Path(__file__).parents[1] / "cases" / "zorg-en-veiligheidshuis.yaml"
Json = dict[str, Any]


def test_the_second_case_gives_the_answers_worked_out_by_hand(tmp_path: Path) -> None:
    """The answers equal what the case expects, in every key; a second run adds nothing and answers the same."""
    raw: Json = yaml.safe_load(CASE.read_text(encoding="utf-8"))
    counts = set()
    for answers in (run_case(tmp_path, raw), run_case(tmp_path, raw)):
        counts.add(count_acts(tmp_path))
        assert answers == raw["expected"]
    assert len(counts) == 1


def test_a_mutated_copy_agrees_with_a_literal_reader(tmp_path: Path) -> None:
    """Without the decision about the father, and with the child told in time, the duties stand as a reader says."""
    raw: Json = yaml.safe_load(CASE.read_text(encoding="utf-8"))
    raw["acts"] = [act for act in raw["acts"] if act["n"] != 11]
    told = next(act for act in raw["acts"] if act["n"] == 13)
    told["at"] = "2025-03-14T10:30"
    answers = run_case(tmp_path, raw)
    question = raw["questions"]["inform"][0]
    assert answers[question["key"]] == duty_oracle.inform(raw, question)
    assert answers[question["key"]]["state"] == {"f": "open", "k": "done", "m": "done", "o": "lapsed-unmet"}
    assert answers["breach_17"]["inform"] == {"f": "yes", "m": "yes"}


def test_a_literal_reader_finds_the_same() -> None:
    """Who knows nothing of the product, and has the file and a pencil, finds the same replay, breach and duties."""
    raw: Json = yaml.safe_load(CASE.read_text(encoding="utf-8"))
    questions, expected = raw["questions"], raw["expected"]
    for question, oracle in (
        (questions["replays"][0], case_oracle.replay),
        (questions["breaches"][0], case_oracle.breach),
        (questions["inform"][0], duty_oracle.inform),
    ):
        found = oracle(raw, question)
        assert found == {key: expected[question["key"]][key] for key in found}
    erased = questions["erasureOf"][0]
    assert expected["retention"][erased["key"]] == duty_oracle.erasure_of(raw, erased)

"""``grootboek run``: what ``make run`` calls. Load a case through the public API, print the answers, serve."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Final

from services.cli.case.door import Door
from services.cli.case.load import load_case
from services.cli.case.model import Case, read_case
from services.cli.case.questions import Answers, ask_questions
from services.cli.case.sections import unread_sections
from services.cli.case.show import render_answers
from services.cli.home import VAR, Home, home_of_case, issuer_folder
from services.cli.ports import choose_port
from services.embedded import Embedded
from services.gateway.auth.issuer import TokenIssuer

DEFAULT_CASE: Final = Path("tests/cases/vechtpartijen.yaml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags for those who do not come through make, which sets the environment instead."""
    parser.add_argument("--case", type=Path, default=Path(os.environ.get("CASE") or DEFAULT_CASE))
    parser.add_argument("--oneshot", action="store_true", default=os.environ.get("ONESHOT") == "1")


def run(arguments: argparse.Namespace) -> int:
    """Load and ask; then exit (oneshot) or let the clock follow the wall and serve until stopped."""
    case = read_case(arguments.case)
    for section in unread_sections(case):
        _tell(f"Passed over: {section} is nothing that is read of a case file.")
    home = home_of_case(arguments.case)
    home.make()
    port = choose_port(free=arguments.oneshot)
    with Embedded(home.path, issuer=issuer_folder(), clock="scenario", port=port) as ledger:
        answers = _answers(case, home, ledger)
        if answers.differences:
            _tell("The judgement differs from what the case expects:\n" + "\n".join(answers.differences))
            return 1
        if not arguments.oneshot:
            if os.environ.get("GROOTBOEK_CLOCK") != "scenario":
                ledger.follow_wall_clock()
            _say(f"\nServing at {ledger.base_url} (API description: {ledger.base_url}/openapi.json).")
            _say(f"Open {ledger.base_url}/ in a browser: may I share this, and the quick log. Ctrl-C stops.")
            ledger.wait()
    return 0


def _answers(case: Case, home: Home, ledger: Embedded) -> Answers:
    issuer = TokenIssuer.open(issuer_folder())
    with Door(ledger.base_url, issuer.issue) as door:
        posted = load_case(case, door, home.journal, lambda text: _tell(f"  {text}"))
        answers = ask_questions(case, door, posted)
    for question in answers.ended:
        _tell(f"  {question}: the record it asks about has ended; nothing is told of it any more.")
    target = VAR / "answers.json"
    target.write_text(json.dumps(answers.answers, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _say(f"\n{render_answers(case, answers.answers)}\n\nThe answers stand in {target}.")
    return answers


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _say(text: str) -> None:
    print(text, flush=True)

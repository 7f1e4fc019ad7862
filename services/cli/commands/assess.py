"""``grootboek assess``: may I share this? Asks the running ledger; nothing is stored."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from services.cli.assessing.show import render_assessment
from services.cli.assessing.words import LANGUAGES, Language
from services.cli.home import current_home, issuer_folder
from services.gateway.auth.issuer import TokenIssuer
from services.ledger.contract.messages import Assessment
from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind

STANDARD_INPUT: Final = "-"
NOT_ALLOWED: Final = 2


class LedgerNotServed(GrootboekError):
    """No ledger answers here."""

    code = "ledger-not-served"
    kind = Kind.UNAVAILABLE
    remedy = "Start it with `make run` and ask again."


class ActUnreadable(GrootboekError):
    """The act cannot be read as JSON, or names no controller."""

    code = "act-unreadable"
    kind = Kind.REJECTED
    remedy = "Give one JSON object as in docs/example-act.json, or say with --party who asks."


class FileMissing(GrootboekError):
    """This file cannot be read."""

    code = "file-missing"
    kind = Kind.NOT_FOUND
    remedy = "Name a file with an act, or give the act on standard input."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The act as a file or on standard input, who asks (default: its controller), and how to answer."""
    parser.add_argument("file", nargs="?", default=STANDARD_INPUT, help="the act as JSON; - for standard input")
    parser.add_argument("--party", help="who asks; the act's controller when left out")
    parser.add_argument("--language", choices=[*LANGUAGES, "both"], default="both", help="Dutch, English, or both")
    parser.add_argument("--json", action="store_true", help="print the answer as the ledger gives it")


def run(arguments: argparse.Namespace) -> int:
    """Print the assessment; 0 when nothing forbids the act, 2 when it is a violation or malformed."""
    answer = ask(read_act(arguments.file), arguments.party)
    if answer.status_code != httpx.codes.OK:
        print(_json(answer.json()) if arguments.json else render_problem(answer.json()), file=sys.stderr)
        return NOT_ALLOWED
    if arguments.json:
        print(_json(answer.json()))
    else:
        print(render_assessment(msgspec.json.decode(answer.content, type=Assessment), languages(arguments.language)))
    return NOT_ALLOWED if answer.json()["verdict"]["outcome"] == "violation" else 0


def read_act(file: str) -> str:
    """The text of the file, or of standard input for ``-``; FileMissing names a file that cannot be read."""
    if file == STANDARD_INPUT:
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise FileMissing(f"{file} cannot be read.") from error


def ask(text: str, party: str | None) -> httpx.Response:
    """Ask the ledger that was served last, in the name of ``party`` or of the act's controller."""
    base_url = (current_home().path / "base-url").read_text(encoding="utf-8")
    token = TokenIssuer.open(issuer_folder()).issue(party or controller_of(text), "processing:write", None)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    url = f"{base_url}/v1/processing-operations/_assess"
    try:
        return httpx.post(url, content=text.encode(), headers=headers, timeout=limits.COMMAND_ANSWER_SECONDS_MAX)
    except httpx.TransportError as error:
        raise LedgerNotServed from error


def controller_of(text: str) -> str:
    """Whom the act names as its controller; ActUnreadable when it names none."""
    try:
        controller = json.loads(text)["controller"]
    except (ValueError, TypeError, KeyError) as error:
        raise ActUnreadable from error
    if not isinstance(controller, str) or not controller:
        raise ActUnreadable
    return controller


def languages(chosen: str) -> tuple[Language, ...]:
    """The languages to answer in, in order."""
    return tuple(language for language in LANGUAGES if chosen in (language, "both"))


def render_problem(problem: dict[str, Any]) -> str:
    """What is wrong with the act, each fault on a line with what repairs it."""
    lines = list(dict.fromkeys(problem[name] for name in ("title", "detail") if name in problem))
    lines += [f"  {e['pointer'] or '/'}: {e['message']} {e['remedy']}" for e in problem.get("errors", ())]
    return "\n".join(lines)


def _json(body: object) -> str:
    return json.dumps(body, ensure_ascii=False, indent=2)

"""``grootboek assess``: may I share this? Asks the running ledger; nothing is stored."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import httpx

from services.cli.home import current_home, issuer_folder
from services.gateway.auth.issuer import TokenIssuer
from services.runtime.errors import GrootboekError, Kind


class LedgerNotServed(GrootboekError):
    """No ledger answers here."""

    code = "ledger-not-served"
    kind = Kind.UNAVAILABLE
    remedy = "Start it with `make run` and ask again."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The act as a file or on standard input, and who asks (default: its controller)."""
    parser.add_argument("file", type=Path, nargs="?", help="the act as JSON; standard input when left out")
    parser.add_argument("--party", help="who asks; the act's controller when left out")


def run(arguments: argparse.Namespace) -> int:
    """Print the assessment; 0 when nothing forbids the act, 2 when it is a violation or malformed."""
    text = arguments.file.read_text(encoding="utf-8") if arguments.file else sys.stdin.read()
    act = json.loads(text)
    party = arguments.party or act["controller"]
    base_url = (current_home().path / "base-url").read_text(encoding="utf-8")
    token = TokenIssuer.open(issuer_folder()).issue(party, "processing:write", None)
    try:
        answer = httpx.post(
            f"{base_url}/v1/processing-operations/_assess",
            json=act,
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
    except httpx.TransportError as error:
        raise LedgerNotServed from error
    print(json.dumps(answer.json(), ensure_ascii=False, indent=2))
    forbidden = answer.status_code != 200 or answer.json()["verdict"]["outcome"] == "violation"
    return 2 if forbidden else 0

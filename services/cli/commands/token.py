"""``grootboek token``: a development token of the embedded shape."""

from __future__ import annotations

import argparse

from services.cli.home import VAR, issuer_folder
from services.gateway.auth.issuer import TokenIssuer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose token, for what, and for which person when it is a citizen's."""
    parser.add_argument("--party", required=True)
    parser.add_argument("--scope", required=True, help="scopes, separated by spaces")
    parser.add_argument("--subject", metavar="IDTYPE:ID", help="the person a citizen's token is for")


def run(arguments: argparse.Namespace) -> int:
    """Print the token and nothing else."""
    VAR.mkdir(exist_ok=True)
    subject = None
    if arguments.subject:
        id_type, _, identifier = arguments.subject.partition(":")
        subject = (id_type, identifier)
    print(TokenIssuer.open(issuer_folder()).issue(arguments.party, arguments.scope, subject))
    return 0

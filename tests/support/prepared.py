"""A database made ready as ``grootboek migrate`` does it, with the two roles that the services log in with."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg.conninfo import make_conninfo

from services.cli.prepare_database import LEDGER_ROLE, NOTIFIER_ROLE, Passwords, prepare_database
from services.ledger.storage.open_ledger import ClockKind

PASSWORDS = Passwords(ledger="for-the-ledger", notifier="for-notifier")


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """How the owner and the two roles reach one database."""

    owner: str
    ledger: str
    notifier: str


def prepare(owner: str, *, lanes: int = 2, clock_kind: ClockKind = "scenario") -> Prepared:
    """Make a database ready and say how to reach it."""
    prepare_database(owner, lanes=lanes, clock_kind=clock_kind, passwords=PASSWORDS)
    return Prepared(
        owner=owner,
        ledger=as_role(owner, LEDGER_ROLE, PASSWORDS.ledger),
        notifier=as_role(owner, NOTIFIER_ROLE, PASSWORDS.notifier),
    )


def as_role(owner: str, role: str, password: Any) -> str:
    """The same database with another role."""
    return make_conninfo(owner, user=role, password=password)

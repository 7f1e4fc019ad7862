"""Makes a database ready for services that may not do so themselves: schema, settings, roles and their rights."""

from __future__ import annotations

from importlib.resources import files
from typing import Final, Literal

import msgspec
import psycopg

from services.ledger.storage.open_ledger import MIGRATIONS as LEDGER_MIGRATIONS
from services.ledger.storage.open_ledger import ClockKind, make_ledger
from services.notifier.storage.open_notifier import make_notifier
from services.runtime.postgres import connection_arguments
from services.runtime.postgres_check import check_migrated
from services.runtime.postgres_roles import grant_rights, set_password

LEDGER_ROLE: Final = "grootboek_ledger"
NOTIFIER_ROLE: Final = "grootboek_notifier"
RIGHTS: Final = (
    files("services.ledger.storage").joinpath("roles.sql"),
    files("services.notifier.storage").joinpath("roles.sql"),
)

Phase = Literal["pre", "post"]


class Passwords(msgspec.Struct, frozen=True, kw_only=True):
    """What the two roles log in with; None leaves it as it is."""

    ledger: str | None = None
    notifier: str | None = None

    def __repr__(self) -> str:
        """Show nothing of them."""
        return "Passwords(...)"


def prepare_database(
    conninfo: str,
    *,
    lanes: int,
    clock_kind: ClockKind,
    phase: Phase = "pre",
    passwords: Passwords | None = None,
) -> dict[str, int]:
    """Migrate with the role of the owner and grant each service its rights; how many migrations of each were applied.

    Safe to run again, also while the services work. Phase ``post`` takes away what only the former release used.
    """
    with psycopg.connect(conninfo, **connection_arguments("migrate")) as connection:
        if phase == "post":
            check_migrated(connection, LEDGER_MIGRATIONS, name="ledger")
            connection.commit()
        applied = {
            "ledger": make_ledger(connection, lanes, clock_kind, (phase,)),
            "notifier": make_notifier(connection, (phase,)),
        }
        for file in RIGHTS:
            grant_rights(connection, file)
        given = passwords or Passwords()
        for role, password in ((LEDGER_ROLE, given.ledger), (NOTIFIER_ROLE, given.notifier)):
            if password is not None:
                set_password(connection, role, password)
    return applied

"""``grootboek migrate``: make a database ready for services that may not do so themselves, with the owner's role."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping
from typing import Final

import msgspec
import psycopg

from services.cli.prepare_database import Passwords, Phase, prepare_database
from services.ledger.entrypoints.environment import CLOCK, LANES
from services.ledger.storage.open_ledger import ClockKind
from services.runtime import limits
from services.runtime.database_settings import DATABASE, read_database
from services.runtime.environment import Environment, Setting, SettingsInvalid, names_of, required_of
from services.runtime.log import StructuredLog
from services.runtime.log_events import MIGRATED
from services.runtime.postgres import DatabaseAway
from services.runtime.service import lines_of
from services.runtime.service_settings import MESH_ENCRYPTS

LEDGER_PASSWORD_FILE: Final = "GROOTBOEK_LEDGER_PASSWORD_FILE"  # noqa: S105 - the name of a setting
NOTIFIER_PASSWORD_FILE: Final = "GROOTBOEK_NOTIFIER_PASSWORD_FILE"  # noqa: S105 - the name of a setting
SETTINGS: Final = (
    *DATABASE,
    Setting(MESH_ENCRYPTS),
    Setting(LANES, is_required=True),
    Setting(CLOCK),
    Setting(LEDGER_PASSWORD_FILE),
    Setting(NOTIFIER_PASSWORD_FILE),
)
KNOWN: Final = names_of(SETTINGS)
REQUIRED: Final = required_of(SETTINGS)


class MigrateSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the command needs to know."""

    conninfo: str
    lanes: int
    clock_kind: ClockKind
    passwords: Passwords

    def __repr__(self) -> str:
        """Show nothing: the conninfo holds a password."""
        return "MigrateSettings(...)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which half of the migrations."""
    parser.add_argument(
        "--phase",
        choices=("pre", "post"),
        default="pre",
        help="pre: before the new release starts (default); post: when nothing of the former one runs any more",
    )


def run(arguments: argparse.Namespace) -> int:
    """Wait for the database, migrate, and grant the two roles their rights; may be repeated."""
    try:
        settings = read_settings(os.environ)
    except SettingsInvalid as error:
        print("\n".join(lines_of("migrate", error)), file=sys.stderr)
        return os.EX_CONFIG
    applied = prepare_when_reachable(settings, arguments.phase)
    log = StructuredLog()
    for folder, count in applied.items():
        log.write(MIGRATED, folder=folder, count=count)
    print(f"{sum(applied.values())} migrations applied; the roles have their rights.", flush=True)
    return 0


def read_settings(values: Mapping[str, str]) -> MigrateSettings:
    """Read and check all of it; SettingsInvalid with every fault."""
    environment = Environment(values, SETTINGS)
    settings = MigrateSettings(
        conninfo=read_database(environment),
        lanes=environment.number(LANES, 1, 1, limits.LANES_MAX),
        clock_kind=environment.choice(CLOCK, ("system", "scenario"), "system"),
        passwords=Passwords(
            ledger=environment.secret(LEDGER_PASSWORD_FILE), notifier=environment.secret(NOTIFIER_PASSWORD_FILE)
        ),
    )
    environment.refuse_faults()
    return settings


def prepare_when_reachable(settings: MigrateSettings, phase: Phase) -> dict[str, int]:
    """How many migrations of each service were applied; DatabaseAway when the database is not there in time."""
    deadline = time.monotonic() + limits.POSTGRES_START_SECONDS_MAX
    while True:
        try:
            return prepare_database(
                settings.conninfo,
                lanes=settings.lanes,
                clock_kind=settings.clock_kind,
                phase=phase,
                passwords=settings.passwords,
            )
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise DatabaseAway from error
            print(f"Waiting for the database ({type(error).__name__}).", file=sys.stderr, flush=True)
            time.sleep(limits.DEPENDENCY_RETRY_SECONDS_MAX)

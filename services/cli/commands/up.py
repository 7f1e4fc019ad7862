"""``grootboek up --distributed``: the four processes on this machine, against a PostgreSQL and a Kafka."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from services.cli.distributed.layout import SERVICES, Layout, free_ports
from services.cli.distributed.processes import Distributed
from services.cli.home import VAR, Home, issuer_folder
from services.cli.ports import choose_port
from services.embedded import write_private
from services.ledger.entrypoints.environment import CLOCK, LANES
from services.ledger.storage.open_ledger import ClockKind
from services.runtime import limits
from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.environment import Environment, Setting, SettingsInvalid
from services.runtime.kafka_environment import PREFIX, SERVERS
from services.runtime.log import StructuredLog
from services.runtime.process import StopSignal, stop_on_signals
from services.runtime.service import lines_of

PASSWORDS: Final = frozenset({"password", "sslpassword"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Against what, how many lanes, and where everything is kept."""
    parser.add_argument("--distributed", action="store_true", required=True, help="as four processes")
    parser.add_argument(
        "--postgres",
        metavar="CONNINFO",
        type=without_password,
        help="as the owner, its password in the file that PGPASSFILE names; left out: an embedded one in the home",
    )
    parser.add_argument(
        "--kafka",
        metavar="SERVERS",
        default=os.environ.get(SERVERS),
        help=f"host:port,…; or {SERVERS}, with the other GROOTBOEK_KAFKA_… settings beside it",
    )
    parser.add_argument("--lanes", type=int, default=os.environ.get(LANES) or "1")
    parser.add_argument("--home", type=Path, default=VAR / "distributed")


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped."""
    try:
        clock = read_clock(os.environ)
    except SettingsInvalid as error:
        print("\n".join(lines_of("up", error)), file=sys.stderr)
        return os.EX_CONFIG
    home = Home(arguments.home.absolute())
    home.make()
    with stop_on_signals() as stop, database(arguments.postgres, home) as owner:
        layout = plan(arguments, home, owner, clock)
        write_private(home.path / "base-url", layout.base_url)
        with Distributed(layout, StructuredLog()) as shape:
            print(f"Serving at {shape.base_url}, by {', '.join(SERVICES)}. Ctrl-C stops.", flush=True)
            watch(shape, stop)
    return 0


def watch(shape: Distributed, stop: StopSignal) -> None:
    """Wait until told to stop; raises ProcessRefused when a process will not run any more."""
    while not stop.wait(limits.PROCESS_WATCH_SECONDS):
        shape.raise_refused()


def read_clock(values: Mapping[str, str]) -> ClockKind:
    """The clock that a new ledger gets for good, so that a slip of the pen is refused; SettingsInvalid."""
    environment = Environment(values, (Setting(CLOCK),))
    clock: ClockKind = environment.choice(CLOCK, ("system", "scenario"), "system")
    environment.refuse_faults()
    return clock


def without_password(conninfo: str) -> str:
    """How to reach a database, from the command line, which everybody on the machine can read."""
    try:
        parts = conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError:
        raise argparse.ArgumentTypeError("give a postgresql:// address, or host=… dbname=… user=…") from None
    if PASSWORDS & parts.keys():
        raise argparse.ArgumentTypeError("leave the password out, and name a file with it in PGPASSFILE")
    return conninfo


def plan(arguments: argparse.Namespace, home: Home, owner: str, clock: ClockKind) -> Layout:
    """Who listens where, and keeps what."""
    return Layout(
        home=home.path,
        issuer=issuer_folder().absolute(),
        owner=owner,
        lanes=arguments.lanes,
        clock=clock,
        port=choose_port(),
        kafka={SERVERS: arguments.kafka or "", PREFIX: os.environ.get(PREFIX) or "grootboek"},
        internal=dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True)),
    )


@contextmanager
def database(given: str | None, home: Home) -> Iterator[str]:
    """How the owner reaches the database: the one that was given, or an embedded one that lives as long as we do."""
    if given is not None:
        write_private(home.conninfo_file, given)
        yield given
        return
    connections_max = 2 * limits.POSTGRES_CONNECTIONS_MAX
    server = EmbeddedPostgres(home.postgres, {"max_connections": str(connections_max)})
    try:
        conninfo = server.start()
        write_private(home.conninfo_file, conninfo)
        yield conninfo
    finally:
        server.stop()

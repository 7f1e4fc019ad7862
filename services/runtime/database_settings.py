"""How a process is told to reach its database; apart, since some of our processes have none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from services.runtime.environment import Environment, Setting
from services.runtime.hosts import is_loopback
from services.runtime.service_settings import MESH_ENCRYPTS

POSTGRES: Final = "GROOTBOEK_POSTGRES"
POSTGRES_PASSWORD_FILE: Final = "GROOTBOEK_POSTGRES_PASSWORD_FILE"  # noqa: S105 - the name of a setting
DATABASE: Final = (Setting(POSTGRES, is_required=True), Setting(POSTGRES_PASSWORD_FILE))
# How the way to a database on another machine may be encrypted.
ENCRYPTED: Final = frozenset({"require", "verify-ca", "verify-full"})


def read_database(environment: Environment) -> str:
    """Read how to reach the database: without a password in the environment, and not in the clear over a network."""
    text, password = environment.text(POSTGRES), environment.secret(POSTGRES_PASSWORD_FILE)
    try:
        parts = conninfo_to_dict(text)
    except psycopg.ProgrammingError:
        remedy = "Give a postgresql:// address, or host=… port=… dbname=… user=…."
        environment.note(POSTGRES, "no-conninfo", "This does not say how to reach a database.", remedy)
        return ""
    if ways_in(parts) & {"password", "sslpassword"}:
        remedy = f"Write it in a file with mode 0600 and name that in {POSTGRES_PASSWORD_FILE}."
        environment.note(POSTGRES, "password-in-environment", "Every program we start could read the password.", remedy)
    if text and not is_encrypted(parts) and not environment.flag(MESH_ENCRYPTS):
        remedy = f"Add sslmode=verify-full, or set {MESH_ENCRYPTS}=true where the network itself encrypts."
        environment.note(POSTGRES, "plain-postgres-refused", "The way to the database is not encrypted.", remedy)
    return make_conninfo(text, **({} if password is None else {"password": password}))


def is_encrypted(parts: Mapping[str, str | int | None]) -> bool:
    """Whether nobody on a network can read what goes to the database: it is on this machine, or TLS is demanded.

    What is not said here libpq takes from variables of its own; a file of services could say anything.
    """
    known = {**defaults(), **parts}
    hosts = [host for name in ("host", "hostaddr") for host in str(known.get(name) or "").split(",") if host]
    is_here = "service" not in parts and all(host.startswith("/") or is_loopback(host) for host in hosts)
    return is_here or known.get("sslmode") in ENCRYPTED


def ways_in(parts: Mapping[str, str | int | None]) -> set[str]:
    """What the environment says of how to get in, by itself or in a variable of libpq."""
    return {*parts, *defaults()}


def defaults() -> dict[str, str]:
    """What libpq takes from its own variables (PGHOST, PGPASSWORD, …) where a conninfo says nothing."""
    found = {option.keyword.decode(): option.val for option in Conninfo.get_defaults() if option.val}
    return {name: value.decode() for name, value in found.items()}

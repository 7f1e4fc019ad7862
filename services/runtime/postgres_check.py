"""What a service looks at before it works on a database that others made ready for it: schema and rights."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Any, LiteralString

import psycopg
from psycopg import Connection

from services.runtime.errors import GrootboekError, Kind
from services.runtime.postgres import MigrationChanged, MigrationMissing, read_migrations

APPLIED: LiteralString = "SELECT number, phase, sha256 FROM schema_migration WHERE folder = %s"
# Whoever may make or own a table can give himself every right on it; whoever makes roles, or is a member of one, can
# become another. Who logged in counts as well: he may return to what he was.
SELECT_STRENGTH: LiteralString = """
SELECT bool_or(
    rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
    OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
    OR has_database_privilege(pg_roles.oid, current_database(), 'CREATE')
    OR EXISTS (SELECT FROM pg_namespace WHERE has_schema_privilege(pg_roles.oid, pg_namespace.oid, 'CREATE'))
    OR EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)
)
FROM pg_roles WHERE rolname IN (current_user, session_user)"""


class SchemaBehind(GrootboekError):
    """This database lacks a migration that this software needs."""

    code = "schema_behind"
    kind = Kind.UNAVAILABLE
    retryable = True
    remedy = "Run `grootboek migrate --phase pre` of this release with the role that owns the database."


class RoleTooStrong(GrootboekError):
    """The role with which this service reaches the database may do more than the service needs."""

    code = "role_too_strong"
    kind = Kind.FORBIDDEN
    remedy = "Connect with the role that `grootboek migrate` made for it: grootboek_ledger or grootboek_notifier."


def check_migrated(connection: Connection[Any], folder: Traversable, *, name: str) -> None:
    """Raise SchemaBehind unless everything of phase pre in ``folder`` was applied, as it stands there.

    A newer release may have applied more: what it added we need not know, what it took away (post) we may still need,
    and so MigrationMissing tells us to go.
    """
    try:
        applied = {number: (phase, bytes(digest)) for number, phase, digest in connection.execute(APPLIED, (name,))}
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        raise SchemaBehind from None
    known = {migration.number: migration for migration in read_migrations(folder)}
    if any(phase == "post" and number not in known for number, (phase, _) in applied.items()):
        raise MigrationMissing
    for number, migration in known.items():
        if number not in applied:
            if migration.phase == "pre":
                raise SchemaBehind
        elif applied[number][1] != migration.sha256:
            raise MigrationChanged


def refuse_strong_role(connection: Connection[Any]) -> None:
    """Raise RoleTooStrong when the connected role is more than a user of tables."""
    row = connection.execute(SELECT_STRENGTH).fetchone()
    assert row is not None
    if row[0]:
        raise RoleTooStrong

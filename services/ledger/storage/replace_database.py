"""A database beside the one that is served, and the swap of the two: the old one is there until the new one is."""

from __future__ import annotations

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

MAINTENANCE = "postgres"


def make_database(conninfo: str, name: str) -> str:
    """Make an empty database of that name on the same server, in place of any that was left there; its conninfo."""
    with psycopg.connect(make_conninfo(conninfo, dbname=MAINTENANCE), autocommit=True) as connection:
        connection.execute(drop(name))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return make_conninfo(conninfo, dbname=name)


def drop_database(conninfo: str, name: str) -> None:
    """Remove a database of that name on the same server, with whoever is still connected to it."""
    with psycopg.connect(make_conninfo(conninfo, dbname=MAINTENANCE), autocommit=True) as connection:
        connection.execute(drop(name))


def swap_databases(conninfo: str, fresh: str) -> None:
    """Put the database ``fresh`` in the place of the one of ``conninfo``, at once, and remove what was there."""
    current = str(conninfo_to_dict(conninfo)["dbname"])
    replaced = f"{current}_replaced"
    drop_database(conninfo, replaced)
    with psycopg.connect(make_conninfo(conninfo, dbname=MAINTENANCE)) as connection, connection.transaction():
        connection.execute(rename(current, replaced))
        connection.execute(rename(fresh, current))
    drop_database(conninfo, replaced)


def drop(name: str) -> sql.Composed:
    """The statement that removes a database, if it is there."""
    return sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))


def rename(before: str, after: str) -> sql.Composed:
    """The statement that gives a database another name."""
    return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(before), sql.Identifier(after))

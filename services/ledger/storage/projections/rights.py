"""Who may do what with the projections: a schema that takes the place of another one gives the same rights."""

from __future__ import annotations

from typing import Any, Final

import psycopg

# What was granted on the schema, its tables and their columns, to everybody but the owner, as statements.
GRANTS: Final = """
WITH granted AS (
    SELECT acl.grantee, acl.privilege_type, '' AS columns, 'SCHEMA ' || quote_ident(%(to)s) AS place
    FROM pg_namespace, aclexplode(nspacl) AS acl
    WHERE nspname = %(from)s AND acl.grantee <> nspowner
    UNION ALL
    SELECT acl.grantee, acl.privilege_type, '', quote_ident(%(to)s) || '.' || quote_ident(relname)
    FROM pg_class, aclexplode(relacl) AS acl
    WHERE relnamespace = %(from)s::regnamespace AND acl.grantee <> relowner
    UNION ALL
    SELECT
        acl.grantee, acl.privilege_type, ' (' || quote_ident(attname) || ')',
        quote_ident(%(to)s) || '.' || quote_ident(relname)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid, aclexplode(attacl) AS acl
    WHERE relnamespace = %(from)s::regnamespace AND acl.grantee <> relowner
)
SELECT format('GRANT %%s%%s ON %%s TO %%I', privilege_type, columns, place, rolname)
FROM granted JOIN pg_roles ON pg_roles.oid = granted.grantee
"""


def copy_rights(connection: psycopg.Connection[Any], live: str, other: str) -> None:
    """Grant on the schema ``other`` what is granted on ``live``, within the transaction at hand."""
    for (statement,) in connection.execute(GRANTS, {"from": live, "to": other}).fetchall():
        connection.execute(statement.encode())

"""Whether the account that reads the force's records could also write: what its grants say. Asks; never tries.

SQLite has no accounts: there it is the file that may be writable. PostgreSQL's answer is tried in the tests; those of
SQL Server, Oracle, MariaDB and MySQL are written from their manuals and untried.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from dacompliance.records import complaints
from dacompliance.records.dialects import ask, driver_errors
from dacompliance.records.queries import escaped

_POSTGRESQL: Final = """
SELECT 'the server, as its superuser' AS what, COUNT(*) AS number
FROM pg_roles WHERE rolname = current_user AND rolsuper
UNION ALL
SELECT 'tables', COUNT(*)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
       OR has_any_column_privilege(c.oid, 'INSERT, UPDATE'))
UNION ALL
SELECT 'schemas, by making tables in them', COUNT(*)
FROM pg_namespace
WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' AND has_schema_privilege(oid, 'CREATE')
"""
_MSSQL: Final = """
SELECT 'the server, as its administrator' AS what, COALESCE(IS_SRVROLEMEMBER('sysadmin'), 0) AS number
UNION ALL
SELECT 'tables', COUNT(*)
FROM sys.objects o
WHERE o.type IN ('U', 'V') AND (
  HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME(o.schema_id)) + '.' + QUOTENAME(o.name), 'OBJECT', 'INSERT') = 1
  OR HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME(o.schema_id)) + '.' + QUOTENAME(o.name), 'OBJECT', 'UPDATE') = 1
  OR HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME(o.schema_id)) + '.' + QUOTENAME(o.name), 'OBJECT', 'DELETE') = 1)
"""
_ORACLE: Final = """
SELECT 'tables of others' AS what, COUNT(*) AS number FROM user_tab_privs
WHERE privilege IN ('INSERT', 'UPDATE', 'DELETE')
UNION ALL
SELECT 'tables of its own', COUNT(*) FROM user_tables
UNION ALL
SELECT 'any table', COUNT(*) FROM session_privs
WHERE privilege IN ('INSERT ANY TABLE', 'UPDATE ANY TABLE', 'DELETE ANY TABLE', 'CREATE TABLE')
"""
_MYSQL: Final = """
SELECT 'every database' AS what, COUNT(*) AS number FROM information_schema.user_privileges
WHERE privilege_type IN ('INSERT', 'UPDATE', 'DELETE')
UNION ALL
SELECT 'databases', COUNT(DISTINCT table_schema) FROM information_schema.schema_privileges
WHERE privilege_type IN ('INSERT', 'UPDATE', 'DELETE')
UNION ALL
SELECT 'tables', COUNT(DISTINCT table_schema, table_name) FROM information_schema.table_privileges
WHERE privilege_type IN ('INSERT', 'UPDATE', 'DELETE')
"""

GRANTS: Final[Mapping[str, str]] = {
    "postgresql": _POSTGRESQL,
    "mssql": _MSSQL,
    "oracle": _ORACLE,
    "mariadb": _MYSQL,
    "mysql": _MYSQL,
}
"""By kind of database, a query of rows (what could be written, of how many)."""


def could_write(connection: sa.Connection, address: str) -> dict[str, int] | str:
    """Return what the account could write, of how many; or in words why its grants could not be read."""
    kind = connection.dialect.name
    if kind == "sqlite":
        file = Path((sa.make_url(address).database or "").removeprefix("file:").partition("?")[0])
        return {"the file": 1} if os.access(file, os.W_OK) else {}
    try:
        with ask(connection, escaped(GRANTS[kind]), {}) as answer:
            return {str(what): int(number) for what, number in answer.fetch(100) if number}
    except driver_errors(connection) as error:
        return complaints.of_query(error)

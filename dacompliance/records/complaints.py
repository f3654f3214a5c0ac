"""What a database complains of, in words that hold nothing of the records, of a person or of the address.

A driver's message may quote the value it choked on, the account or the host. So its own words are given only where it
speaks of the query: a name it does not know, its grammar. Everything else is named by its code.
"""

from __future__ import annotations

import re
from typing import Final

_NAMES_AND_GRAMMAR: Final = "42"  # the class of SQLSTATEs for syntax, unknown names and missing grants
_NO_GRANT: Final = "42501"
_CANCELLED: Final = "57014"
_VALUES: Final = "22"

_SQLITE_QUERY: Final = re.compile(
    r"no such (table|column|function|collation sequence)|near \".*\": syntax error|ambiguous column name"
    r"|unrecognized token|incomplete input|misuse of|wrong number of arguments|only a single result allowed"
    r"|cannot join using column|sub-select returns|a GROUP BY clause is required|circular reference"
    r"|SELECTs to the left and right|You can only execute one statement",
    re.DOTALL,
)
_SQLITE_CODES: Final = {
    "SQLITE_NOTADB": "the file is not a SQLite database. Correct the address",
    "SQLITE_CANTOPEN": "the file cannot be opened. Let the monitor's account read it and its folder",
    "SQLITE_BUSY": "somebody else keeps the file locked. Try again when the copy has been loaded",
    "SQLITE_CORRUPT": "the file is damaged. Load the copy again",
    "SQLITE_AUTH": "it does something other than read. Write it as one plain SELECT",
}
_SLOW: Final = (
    "it was stopped, because it took longer than source.statement_timeout_seconds or by the database's keeper. "
    "Make it quicker, or raise the limit"
)
_LOGIN: Final = re.compile(
    r"password|authentication|login failed|access denied|permission denied|role .* does not exist|ORA-01017|ORA-28000",
    re.IGNORECASE,
)
_NO_DATABASE: Final = re.compile(
    r"database .* does not exist|unknown database|cannot open database|ORA-12514", re.IGNORECASE
)


def of_query(error: BaseException) -> str:
    """Return what is wrong with a query, and what to do, from the driver's error or SQLAlchemy's around it."""
    error = getattr(error, "orig", None) or error
    code = _code(error)
    if code in ("SQLITE_INTERRUPT", _CANCELLED):
        return _SLOW
    if code in _SQLITE_CODES:
        return _SQLITE_CODES[code]
    if hasattr(error, "diag") and code == _NO_GRANT:
        return f"the database says: {_words(error)}. Grant SELECT on it to the monitor's account"
    if _SQLITE_QUERY.match(str(error)) or (hasattr(error, "diag") and code.startswith(_NAMES_AND_GRAMMAR)):
        return f"the database says: {_words(error)}. Correct the query"
    if code.startswith(_VALUES):
        return (
            f"the database could not work with a value ({_named(error, code)}). "
            "Return the column as it is: the monitor reads it, and lists what cannot be read"
        )
    return f"the database refuses it ({_named(error, code)}). Try the query in its own tool, as the monitor's account"


def of_connection(error: BaseException) -> str:
    """Return why there is no connection, and what to do, from the driver's error or SQLAlchemy's around it."""
    error = getattr(error, "orig", None) or error
    if _LOGIN.search(str(error)):
        return "the database refused the login. Correct the account or its password in the address"
    if _NO_DATABASE.search(str(error)):
        return "the server has no such database. Correct its name in the address"
    return f"the database cannot be reached ({_named(error, _code(error))}). See that it is up, and the address right"


def _code(error: BaseException) -> str:
    """Return SQLSTATE, SQLite's name or Oracle's number for an error, as far as the driver tells."""
    for name in ("sqlite_errorname", "sqlstate", "pgcode"):
        if isinstance(code := getattr(error, name, None), str):
            return code
    found = re.search(r"\b(ORA-\d{5}|DPY-\d{4})\b", str(error))
    if found is not None:
        return found[1]
    first = error.args[0] if error.args else None
    return first if isinstance(first, str) and re.fullmatch(r"[0-9A-Z]{5}", first) else ""


def _words(error: BaseException) -> str:
    """Return the driver's own words about the query, on one line."""
    told = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
    return " ".join(told.split()).rstrip(".")


def _named(error: BaseException, code: str) -> str:
    return f"{type(error).__name__} {code}".strip()

"""What a database complains of is told in words that hold nothing of the records, of a person or of the address."""

import sqlite3

import pytest

from dacompliance.records.complaints import of_connection, of_query


def sqlite_says(*script):
    """Return the error that SQLite raises at the last of these statements."""
    connection = sqlite3.connect(":memory:")
    try:
        for statement in script:
            connection.execute(statement).fetchall()
    except sqlite3.Error as error:
        return error
    finally:
        connection.close()
    raise AssertionError("nothing went wrong")


class OfADriver(Exception):  # noqa: N818 - stands for several drivers' own
    """An error as drivers we have no server for raise it."""


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param(["SELECT 1 FROM occurence"], "says: no such table: occurence. Correct the query", id="a table"),
        pytest.param(["SELECT reported"], "says: no such column: reported. Correct the query", id="a column"),
        pytest.param(["SELEC 1"], 'says: near "SELEC": syntax error. Correct the query', id="grammar"),
        pytest.param(
            ["SELECT 1 FROM (SELECT 1 AS a) JOIN (SELECT 1 AS b) USING (a)"],
            "says: cannot join using column a",
            id="a join",
        ),
        pytest.param(["SELECT abs(-9223372036854775808)"], "refuses it (OperationalError SQLITE_ERROR)", id="a value"),
        pytest.param(["SELECT json('secret')"], "refuses it (OperationalError SQLITE_ERROR)", id="a malformed value"),
    ],
)
def test_sqlites_own_words_are_repeated_only_where_they_are_of_the_query(script, said):
    told = of_query(sqlite_says(*script))
    assert said in told
    assert "secret" not in told


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(OfADriver("42S02", "[42S02] Invalid object name 'dbo.secret'. (208)"), "(OfADriver 42S02)", id="ODBC"),
        pytest.param(OfADriver("22018", "Conversion failed when converting 'secret'"), "with a value (OfADriver 22018)", id="a value"),
        pytest.param(OfADriver("ORA-00942: table or view SECRET does not exist"), "(OfADriver ORA-00942)", id="Oracle"),
        pytest.param(OfADriver("secret"), "refuses it (OfADriver)", id="a driver that names no code"),
        pytest.param(OfADriver(3952, "secret"), "refuses it (OfADriver)", id="a code of another kind"),
    ],
)  # fmt: skip
def test_other_drivers_are_named_by_their_code_alone(error, said):
    told = of_query(error)
    assert said in told
    assert "secret" not in told.lower()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param('FATAL: password authentication failed for user "secret"', "refused the login", id="a password"),
        pytest.param("Login failed for user 'secret'. (18456)", "refused the login", id="SQL Server's login"),
        pytest.param("ORA-01017: invalid username/password; logon denied", "refused the login", id="Oracle's login"),
        pytest.param('FATAL: role "secret" does not exist', "refused the login", id="an account that is not"),
        pytest.param('FATAL: database "secret" does not exist', "has no such database", id="a database that is not"),
        pytest.param("connection to secret, port 5432 refused", "cannot be reached (OfADriver)", id="nobody there"),
    ],
)
def test_why_there_is_no_connection_is_told_without_account_or_host(words, said):
    told = of_connection(OfADriver(words))
    assert said in told
    assert "secret" not in told

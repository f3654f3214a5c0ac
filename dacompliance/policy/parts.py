"""Tables of a TOML file, each knowing where it stands, so that every fault says file, table and key.

Knows TOML's types and no rule. A fault names keys and forms, never what a record or a case holds.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from dacompliance.errors import RuleError

Word = TypeVar("Word", bound=str)


@dataclass(frozen=True, slots=True)
class Part:
    """One table, and where it stands: `rules/REF-01-high-risk-to-mash.toml, version 2015-11-01`."""

    where: str
    table: Mapping[str, Any]

    def fault(self, key: str, said: str) -> RuleError:
        """Make the error for one key, in one line: what was found, why it cannot work and what to do."""
        line = f"{self.where}, {key}: {said}" if key else f"{self.where}: {said}"
        return RuleError("".join(each if each.isprintable() else " " for each in line))

    def only(self, *known: str) -> None:
        """Refuse a key that is not among `known`."""
        for key in self.table:
            if key not in known:
                remedy = did_you_mean(key, known) or f" Remove it; the keys here are {', '.join(known)}."
                raise self.fault(key, f"unknown key.{remedy}")

    def need(self, *keys: str) -> None:
        """Refuse a table without one of `keys`."""
        for key in keys:
            if key not in self.table:
                raise self.fault(key, "is missing. Add it.")

    def text(self, key: str) -> str:
        """Return text that must be there and must say something."""
        self.need(key)
        found = self.table[key]
        if not isinstance(found, str):
            raise self.fault(key, f"is {type_words(found)}. Write text, in quotes.")
        if not found.strip():
            raise self.fault(key, "is empty. Write text, in quotes.")
        return found.strip()

    def word(self, key: str, words: Collection[Word]) -> Word:
        """Return one of `words`, which must be there."""
        found = self.text(key)
        for word in words:
            if word == found:
                return word
        raise self.fault(key, f"is not one of {either(words)}.{did_you_mean(found, words)}")

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false; `default` where the key is left out."""
        found = self.table.get(key, default)
        if not isinstance(found, bool):
            raise self.fault(key, f"is {type_words(found)}. Write true or false, without quotes.")
        return found

    def date(self, key: str) -> dt.date:
        """Return a date that must be there."""
        self.need(key)
        found = self.table[key]
        if type(found) is not dt.date:  # a datetime is a date to Python, not to a reader
            raise self.fault(key, f"is {type_words(found)}. Write a date without quotes, as 2026-01-31.")
        return found

    def date_or_none(self, key: str) -> dt.date | None:
        """Return a date, or None where the key is left out."""
        return self.date(key) if key in self.table else None

    def whole_number(self, key: str) -> int:
        """Return a whole number that must be there."""
        self.need(key)
        found = self.table[key]
        if type(found) is not int:  # true is a number to Python, not to a reader
            raise self.fault(key, f"is {type_words(found)}. Write a whole number, without quotes.")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts that must be there and not be empty."""
        self.need(key)
        found = self.table[key]
        if not isinstance(found, list) or not found or not all(isinstance(each, str) for each in found):
            raise self.fault(key, 'is not a list of texts. Write one, as ["…", "…"].')
        return tuple(found)

    def part(self, key: str) -> Part:
        """Return the table under `key`, which must be there."""
        self.need(key)
        found = self.table[key]
        if not isinstance(found, dict):
            raise self.fault(key, f"is {type_words(found)}. Write a table, as {{ … }}.")
        return Part(f"{self.where}, {key}", found)

    def parts(self, key: str, name: str) -> Iterator[Part]:
        """Yield the tables listed under `key`, each as `name` and its place in the list."""
        found = self.table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise self.fault(key, f"is {type_words(found)}. Write a list of tables, [[{key}]] or {key} = [ {{ … }} ].")
        for place, table in enumerate(found, start=1):
            yield Part(f"{self.where}, {name} {place}", table)


def read_part(path: Path) -> tuple[Part, str]:
    """Read a TOML file; return its table and its text. Raises RuleError where it is not TOML."""
    where = f"{path.parent.name}/{path.name}" if path.parent.name else path.name
    try:
        text = path.read_text(encoding="utf-8-sig")
        return Part(where, tomllib.loads(text)), text
    except FileNotFoundError:
        raise RuleError(f"{where}: there is no such file. Name one that is there.") from None
    except OSError as error:
        raise RuleError(f"{where}: cannot be read ({error.strerror}). Let the monitor read it.") from None
    except UnicodeDecodeError:
        raise RuleError(f"{where}: is not UTF-8 text. Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{where}: is not TOML: {_plainly(str(error))}. Mend that line.") from None


def _plainly(message: str) -> str:
    """Say what tomllib says, and what it means by overwriting."""
    message = re.sub(r"^Cannot (overwrite a value|declare \(.*\) twice)", "a key or table stands twice", message)
    return message[:1].lower() + message[1:]


def did_you_mean(found: str, known: Collection[str]) -> str:
    """Return a sentence with the nearest known word, with a space before it; nothing where none is near."""
    close = difflib.get_close_matches(found, known, n=1)
    return f' Did you mean "{close[0]}"?' if close else ""


def either(words: Collection[str]) -> str:
    """Return words as a choice: `"a", "b" or "c"`."""
    quoted = [f'"{word}"' for word in words]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def type_words(found: object) -> str:
    """Return the kind of a TOML value in words, never the value."""
    if isinstance(found, bool):
        return "true or false"
    if isinstance(found, list) and found and all(isinstance(each, dict) for each in found):
        return "a list of tables"
    kinds: dict[type, str] = {
        str: "text",
        int: "a whole number",
        float: "a number with a point",
        dt.datetime: "a date and time without quotes",
        dt.date: "a date",
        dt.time: "a time without quotes",
        list: "a list",
        dict: "a table",
    }
    return kinds.get(type(found), "something else")

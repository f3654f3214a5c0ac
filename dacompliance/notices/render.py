"""Digests made into text and HTML by Jinja2, strict: a misspelt name is an error, every value is escaped in HTML.

A force may own its templates: they are looked for in its folder first, then in the bundled one, and run in a sandbox
that lets them read what they are given and change nothing. It sends nothing.
"""

from __future__ import annotations

import re
import textwrap
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dacompliance.compiled import Compiled
from dacompliance.config import Settings
from dacompliance.errors import ConfigError
from dacompliance.notices.model import Digest, House
from dacompliance.resources import templates_folder

WIDTH: Final = 78
"""Columns of the text part: what a mail program shows unwrapped, quoted once."""

_COMPILED: Final = Compiled()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A notice ready for the outbox. `importance` is `high` or empty."""

    subject: str
    text: str
    html: str
    importance: str


def house(settings: Settings, *, full_list: str = "") -> House:
    """Return what the force has set of its notices. `full_list` says where a reader finds what a list leaves out."""
    return House(
        force=settings.force.name,
        marking=settings.force.marking,
        record_link=settings.force.record_link,
        policy_contact=settings.mail.policy_contact,
        max_rows=settings.mail.max_rows,
        full_list=full_list,
        rehearsal=settings.mail.mode == "shadow",
    )


def environment(templates: Path | None) -> Environment:
    """Return the templates of a force's own folder, where it has one, before the bundled ones. Made once a run.

    Names that end in `.txt.j2` are not escaped, all others are. Raises ConfigError when the force's folder is missing.
    """
    folders = [templates_folder()]
    if templates is not None:
        if not templates.is_dir():
            raise ConfigError(f"{templates}: reports.templates: is not a folder. Create it, or remove the key.")
        folders.insert(0, templates)
    made = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=lambda name: name is None or not name.endswith(".txt.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_COMPILED,
    )
    made.filters["wrap"] = wrap
    return made


def render(digest: Digest, templates: Environment) -> Rendered:
    """Return the digest as subject, text at `WIDTH` columns and HTML.

    Raises ConfigError, with the template and the line, when a template cannot be used.
    """
    return Rendered(
        subject=digest.subject,
        text=tidy(_filled(templates, "digest.txt.j2", digest)),
        html=_filled(templates, "digest.html.j2", digest),
        importance="high" if digest.important else "",
    )


def wrap(text: str, first: str = "", rest: str | None = None) -> str:
    """Wrap a paragraph at `WIDTH` columns, with `first` before its first line and `rest` (or `first`) before others."""
    after = first if rest is None else rest
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=after, break_on_hyphens=False, replace_whitespace=False
    )


def tidy(text: str) -> str:
    """Drop spaces at the ends of lines, and every blank line but the first of several."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def _filled(templates: Environment, name: str, digest: Digest) -> str:
    try:
        return templates.get_template(name).render(digest=digest, width=WIDTH)
    except TemplateError as error:
        raise ConfigError(
            f"{_where(error, name)}: {error.message or type(error).__name__}. Mend the template."
        ) from None
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
        # Their text may quote a value, so only their kind is told.
        raise ConfigError(f"{_where(error, name)}: {type(error).__name__}. Mend the template.") from None


def _where(error: Exception, name: str) -> str:
    """Return the template and line in which an error arose."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    if frames:
        return f"{frames[-1].filename}, line {frames[-1].lineno}"
    line = getattr(error, "lineno", None)
    return f"{getattr(error, 'filename', None) or name}{f', line {line}' if line else ''}"

"""config.toml and the secrets it names, as frozen settings. Reads the file it is given; never the clock or the records.

Every error is reported at once, each with its key and never with its value. Secrets come from the environment or from
a file, never from the configuration itself. Paths in the file are relative to the file's own folder.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)

from dacompliance.errors import ConfigError
from dacompliance.records import queries
from dacompliance.records.contract import RECORD_SETS, Kind


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError('is not a time zone this machine knows; write a name such as "Europe/London"')
    return name


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+", text):
        raise ValueError("is not an e-mail address")
    return text


def _time_of_day(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError('is not a time of day; write "06:30"')
    return text


ZoneName = Annotated[str, AfterValidator(_zone)]
Address = Annotated[str, AfterValidator(_address)]
TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Force(_Part):
    """Who the force is and how its people are shown things."""

    name: str
    time_zone: ZoneName = "Europe/London"
    marking: str = "OFFICIAL-SENSITIVE"
    record_link: str | None = None
    """An address with `{occurrence_ref}` or `{incident_ref}` in it, for the link from a row to the record."""

    @property
    def zone(self) -> ZoneInfo:
        """The force's zone: what *local* means everywhere."""
        return ZoneInfo(self.time_zone)


class Source(_Part):
    """Where the records are. Exactly one of `url`, `url_env` and `url_file`."""

    url: SecretStr | None = None
    url_env: str | None = None
    url_file: Path | None = None
    records_from: dt.date
    statement_timeout_seconds: PositiveInt = 300
    slice_days: PositiveInt = 92

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if sum(each is not None for each in (self.url, self.url_env, self.url_file)) != 1:
            raise ValueError("needs exactly one of url, url_env and url_file")
        return self


class Query(_Part):
    """How one record set is read: a SELECT whose result columns have the contract's names.

    The query names `:since`, the start of `records_from`, and so brings the children of the incidents reported since;
    those without a report time must come too, to be set aside. If it names `:until` and `:undated` as well, it is
    asked once for each slice of `slice_days`, with `:undated` 1 in the first and 0 in the others. Staff are read whole.

    `values` maps a column's own words to the contract's (`answers` there: those of every question); `columns` declares
    a force's own columns by kind; `dates` lists columns whose times are really dates; `time_format` is a strptime
    format for times kept as text.
    `known_to` is "now" (a live database), "newest" (the newest recorded time) or "query" (then `known_to_query`).
    """

    query: str
    time_zone: ZoneName | None = None
    time_format: str | None = None
    dates: tuple[str, ...] = ()
    known_to: Literal["now", "newest", "query"] = "now"
    known_to_query: str | None = None
    values: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    columns: Mapping[str, Kind] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_to_has_its_query(self) -> Self:
        if (self.known_to == "query") != (self.known_to_query is not None):
            raise ValueError('known_to = "query" and known_to_query come together or not at all')
        return self


class RecordQueries(_Part):
    """The four record sets. Only incidents must be read; a rule that needs another is then off and says so."""

    incidents: Query
    assessments: Query | None = None
    referrals: Query | None = None
    staff: Query | None = None

    def mapped(self) -> Iterator[tuple[str, Query]]:
        """Yield each record set that has a query, incidents first."""
        for name in RECORD_SETS:
            query = getattr(self, name)
            if query is not None:
                yield name, query


class Rules(_Part):
    """Which rules are run. Without `folder`, the bundled pack, which is nobody's approved policy."""

    folder: Path | None = None
    completion_rule: str = "RA-01"
    destinations: tuple[str, ...] = ("MASH",)
    chase_from: dt.date | None = None
    """Exceptions are opened for incidents reported from this day on; None: from `records_from`."""


class Ledger(_Part):
    """The monitor's own database."""

    url: SecretStr = SecretStr("sqlite:///ledger.db")


class Gates(_Part):
    """When a record set is not to be trusted."""

    stale_hours: PositiveInt = 36
    short_share: Share = 0.9
    unreadable_share: Share = 0.2


class Exceptions(_Part):
    """How exceptions are looked after.

    A rule that would open, or close other than as done, more than `hold_number` at once and more than `hold_share` of
    those it has open is held until an operator accepts it. Once a rule has gone unchecked for `unchecked_hours`, the
    operator is told what will have fallen due unseen. `escalate_after_days` is by severity; a severity that is left out
    is never escalated.
    """

    longest_waiver_days: PositiveInt = 28
    hold_number: PositiveInt = 100
    hold_share: Annotated[float, Field(ge=0)] = 0.5
    unchecked_hours: PositiveInt = 48
    escalate_after_days: Mapping[Literal["critical", "major", "minor"], PositiveInt] = Field(default_factory=dict)


class Readers(_Part):
    """Who hears. `teams` are team mailboxes by team name; `escalation` hears where there is no manager to."""

    unit: Address
    fallback: Address
    data_quality: Address | None = None
    operator: Address | None = None
    escalation: Address | None = None
    teams: Mapping[str, Address] = Field(default_factory=dict)


class Mail(_Part):
    """How notices leave. `mode = "off"` writes each notice as an .eml file into `folder` instead."""

    mode: Literal["off", "shadow", "on"] = "off"
    folder: Path = Path("outbox")
    sender: Address
    sender_name: str = "DA compliance monitor"
    policy_contact: Address | None = None
    shadow_reader: Address | None = None
    host: str = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    auth: Literal["password", "xoauth2", "none"] = "none"
    login: str | None = None
    secret_env: str | None = None
    secret_file: Path | None = None
    ca_file: Path | None = None
    timeout_seconds: PositiveInt = 30
    allowed_domains: tuple[str, ...] = ()
    max_rows: PositiveInt = 50

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.mode == "shadow" and self.shadow_reader is None:
            raise ValueError('mode = "shadow" needs shadow_reader, the one person who sees everything')
        if self.auth != "none" and self.security == "none":
            raise ValueError('auth without TLS would send a secret in the clear; write security = "starttls" or "tls"')
        if self.auth != "none" and (self.secret_env is None) == (self.secret_file is None):
            raise ValueError("auth needs exactly one of secret_env and secret_file")
        if self.mode != "off" and not self.allowed_domains:
            raise ValueError('mode other than "off" needs allowed_domains, the domains notices may go to')
        return self


class Job(_Part):
    """One daily job of the scheduler, at a local time of day."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    at: TimeOfDay

    @model_validator(mode="after")
    def _not_in_the_hour_that_repeats(self) -> Self:
        if "01:00" <= self.at < "02:00":
            raise ValueError(
                "is between 01:00 and 02:00, an hour that is missing in March and happens twice in October; "
                'write a time outside it, such as "06:30"'
            )
        return self


class Schedule(_Part):
    """When the jobs run."""

    jobs: tuple[Job, ...] = (Job(name="morning", at="06:30"),)

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        if not self.jobs:
            raise ValueError("has no job, so nothing would ever run; leave schedule out for one each morning")
        names = [job.name for job in self.jobs]
        if len(set(names)) < len(names):
            raise ValueError(
                "has two jobs of one name; a job's name is what its slots are kept under: give each its own"
            )
        return self


class Reports(_Part):
    """Where pages and CSV files are written, and whose templates are used (None: the bundled ones)."""

    folder: Path = Path("reports-out")
    templates: Path | None = None


class Settings(_Part):
    """Everything config.toml says. `folder` is where the file lies; paths in it are already resolved against it."""

    folder: Path
    force: Force
    source: Source
    records: RecordQueries
    rules: Rules = Rules()
    ledger: Ledger = Ledger()
    gates: Gates = Gates()
    exceptions: Exceptions = Exceptions()
    readers: Readers
    mail: Mail
    schedule: Schedule = Schedule()
    reports: Reports = Reports()
    secrets: Mapping[str, SecretStr] = Field(default_factory=dict)
    """What the environment and files held: `source_url`, and `mail` when mail needs one."""

    @property
    def zone(self) -> ZoneInfo:
        """The force's zone."""
        return self.force.zone

    @property
    def own_columns(self) -> dict[str, dict[str, Kind]]:
        """The force's own columns and their kinds, by record set."""
        return {name: dict(query.columns) for name, query in self.records.mapped()}

    @property
    def chase_from(self) -> dt.date:
        """The first day whose incidents can open exceptions."""
        return self.rules.chase_from or self.source.records_from


def load_settings(path: Path, environment: Mapping[str, str]) -> Settings:
    """Read `path` into settings, with the secrets it names taken from `environment` or from files.

    Raises ConfigError with every fault of the file at once, one a line.
    """
    table = _read(path)
    folder = path.resolve().parent
    try:
        settings = Settings.model_validate({**table, "folder": folder})
    except ValidationError as error:
        raise ConfigError("\n".join(_faults(path, error))) from None
    if wrong := [f"{path}: {fault}." for fault in queries.faults(settings.records.mapped())]:
        raise ConfigError("\n".join(wrong))
    secrets = dict(_secrets(path, settings, environment))
    settings = _resolved(settings.model_copy(update={"secrets": secrets}))
    if settings.reports.templates is not None and not settings.reports.templates.is_dir():
        raise ConfigError(f"{path}: reports.templates: is not a folder. Create it, or remove the key.")
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: there is no such file. Copy config.example.toml to it, or name another with --config."
        ) from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text. Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {_without_value(str(error))}.") from None
    for reserved in ("folder", "secrets"):
        if reserved in table:
            raise ConfigError(f"{path}: {reserved}: unknown key. Remove it.")
    return table


def _without_value(message: str) -> str:
    """Keep where and what of a TOML error, drop what it quotes."""
    return re.sub(r"'[^']*'|\"[^\"]*\"", "a value", message)


def _faults(path: Path, error: ValidationError) -> Iterator[str]:
    """One line a fault: file, key, what is wrong, what to do. A key that is only misspelt is not also missing."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    meant = {each["loc"]: _near(each["loc"]) for each in faults if each["type"] == "extra_forbidden"}
    misspelt = {(*location[:-1], near) for location, near in meant.items() if near}
    for fault in faults:
        where = f"{path}: {_key(fault['loc'])}"
        if fault["type"] == "extra_forbidden":
            near = meant[fault["loc"]]
            yield f'{where}: unknown key (did you mean "{near}"?).' if near else f"{where}: unknown key. Remove it."
        elif fault["type"] != "missing":
            yield f"{where}: {fault['msg'].removeprefix('Value error, ')}."
        elif fault["loc"] not in misspelt:
            yield f"{where}: is missing. Add it."


def _key(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".") or "the file"


def _near(location: tuple[int | str, ...]) -> str:
    """Return the key that an unknown one comes nearest to, "" for none."""
    model: Any = Settings
    for part in location[:-1]:
        if isinstance(part, str) and isinstance(model, type) and issubclass(model, BaseModel):
            model = _model_of(model.model_fields[part].annotation) if part in model.model_fields else None
    if model is None or not isinstance(location[-1], str):
        return ""
    close = difflib.get_close_matches(location[-1], model.model_fields, n=1)
    return close[0] if close else ""


def _model_of(annotation: Any) -> type[BaseModel] | None:
    candidates = [annotation, *getattr(annotation, "__args__", ())]
    return next((each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)), None)


def _secrets(path: Path, settings: Settings, environment: Mapping[str, str]) -> Iterator[tuple[str, SecretStr]]:
    source, mail = settings.source, settings.mail
    if source.url is not None:
        yield "source_url", source.url
    elif source.url_env is not None:
        yield "source_url", _from_environment(path, "source.url_env", source.url_env, environment)
    elif source.url_file is not None:
        yield "source_url", _from_file(path, "source.url_file", settings.folder / source.url_file)
    if mail.mode == "off" or mail.auth == "none":
        return
    if mail.secret_env is not None:
        yield "mail", _from_environment(path, "mail.secret_env", mail.secret_env, environment)
    elif mail.secret_file is not None:
        yield "mail", _from_file(path, "mail.secret_file", settings.folder / mail.secret_file)


def _from_environment(path: Path, key: str, name: str, environment: Mapping[str, str]) -> SecretStr:
    value = environment.get(name, "")
    if not value:
        raise ConfigError(f"{path}: {key}: the environment has no {name}. Set it where the monitor runs.")
    return SecretStr(value)


def _from_file(path: Path, key: str, file: Path) -> SecretStr:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f"{path}: {key}: the file it names cannot be read. Create it, readable by the monitor."
        ) from None
    if not text:
        raise ConfigError(f"{path}: {key}: the file it names is empty. Put the secret in it.")
    return SecretStr(text)


def _resolved(settings: Settings) -> Settings:
    """Make every path absolute, and sqlite URLs relative to the file's folder too."""
    folder = settings.folder
    rules, mail, reports = settings.rules, settings.mail, settings.reports
    secrets = {
        name: SecretStr(resolved_url(secret.get_secret_value(), folder)) if name == "source_url" else secret
        for name, secret in settings.secrets.items()
    }
    return settings.model_copy(
        update={
            "rules": rules.model_copy(update={"folder": folder / rules.folder if rules.folder else None}),
            "mail": mail.model_copy(
                update={"folder": folder / mail.folder, "ca_file": folder / mail.ca_file if mail.ca_file else None}
            ),
            "reports": reports.model_copy(
                update={
                    "folder": folder / reports.folder,
                    "templates": folder / reports.templates if reports.templates else None,
                }
            ),
            "ledger": Ledger(url=SecretStr(resolved_url(settings.ledger.url.get_secret_value(), folder))),
            "secrets": secrets,
        }
    )


def resolved_url(url: str, folder: Path) -> str:
    """Return a database URL with a relative SQLite path made absolute against `folder`; any other URL as it is."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url in (prefix, prefix + ":memory:") or url.startswith(prefix + "file:"):
        return url
    return prefix + str((folder / url.removeprefix(prefix)).resolve())

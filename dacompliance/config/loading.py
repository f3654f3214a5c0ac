"""config.toml and the secrets it names → settings. Reads the file it is given; never the clock or the records.

Every error is reported at once, each with its key and never with its value. Secrets come from the environment or from
a file, never from the configuration itself. Paths in the file are relative to the file's own folder.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from dacompliance.config.settings import Ledger, Settings
from dacompliance.errors import ConfigError
from dacompliance.records import queries


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
    there = {"reports.templates": settings.reports.templates, "source.scratch_folder": settings.source.scratch_folder}
    if wrong := [name for name, each in there.items() if each is not None and not each.is_dir()]:
        faults = (f"{path}: {name}: is not a folder. Create it, or remove the key." for name in wrong)
        raise ConfigError("\n".join(faults))
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
    def of(key: str, name: str | None, file: Path | None) -> Iterator[SecretStr]:
        """Yield the secret that is in the environment under `name`, or in `file`; none where neither is given."""
        if name is not None:
            yield _from_environment(path, f"{key}_env", name, environment)
        elif file is not None:
            yield _from_file(path, f"{key}_file", settings.folder / file)

    databases = {"source": settings.source, "reports.control": settings.reports.control}
    for key, database in databases.items():
        if database is not None:
            found = of(f"{key}.url", database.url_env, database.url_file) if database.url is None else (database.url,)
            yield from ((f"{key.rpartition('.')[2]}_url", secret) for secret in found)
    mail = settings.mail
    if mail.mode != "off" and mail.auth != "none":
        yield from (("mail", secret) for secret in of("mail.secret", mail.secret_env, mail.secret_file))


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
    rules, mail, reports, schedule = settings.rules, settings.mail, settings.reports, settings.schedule
    scratch = settings.source.scratch_folder
    secrets = {
        name: SecretStr(resolved_url(secret.get_secret_value(), folder)) if name.endswith("_url") else secret
        for name, secret in settings.secrets.items()
    }
    return settings.model_copy(
        update={
            "source": settings.source.model_copy(update={"scratch_folder": folder / scratch if scratch else None}),
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
            "schedule": schedule.model_copy(
                update={"heartbeat_file": folder / schedule.heartbeat_file if schedule.heartbeat_file else None}
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

"""Where the bundled rules, migrations, templates and example configuration are: in the wheel, or in the checkout.

Knows places only; it opens nothing and reads nothing.
"""

from __future__ import annotations

from pathlib import Path

from dacompliance.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent


def rules_folder() -> Path:
    """Return the folder of the bundled rule pack."""
    return _bundled("_rules", "rules")


def migrations_folder() -> Path:
    """Return the folder of the Alembic environment and its versions."""
    return _bundled("_migrations", "migrations")


def templates_folder() -> Path:
    """Return the folder of the bundled Jinja2 templates and styles."""
    return _bundled("_reports", "reports")


def example_config() -> Path:
    """Return the example configuration, every key of it explained."""
    return _bundled("_config.example.toml", "config.example.toml")


def _bundled(in_wheel: str, in_checkout: str) -> Path:
    """Return the wheel's copy; where there is none, as in a checkout, the top-level original.

    Raises ConfigError when neither is there, which only a damaged installation can bring about.
    """
    for place in (_PACKAGE / in_wheel, _PACKAGE.parent / in_checkout):
        if place.exists():
            return place
    raise ConfigError(f"{in_checkout}: is missing from this installation of dacompliance. Install it again.")

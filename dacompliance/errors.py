"""Errors raised on purpose, each with the exit code of its kind. Anything else that is raised is a bug.

A message says where, what was found, why it cannot work and what to do. It names files, keys, columns, rules
and our own numbers; never a cell value, a name, an address or a database URL.
"""


class MonitorError(Exception):
    """Something the person at the keyboard can mend; shown as one line, with no traceback."""

    exit_code = 1


class UsageError(MonitorError):
    """The command was asked for something that cannot be."""

    exit_code = 2


class ConfigError(MonitorError):
    """The configuration, or a secret it names, is missing or wrong."""

    exit_code = 3


class RuleError(MonitorError):
    """A rule, calendar or instrument file cannot be understood, or a worked case fails."""

    exit_code = 4


class SourceError(MonitorError):
    """The records cannot be read, or do not have the shape the configuration promises."""

    exit_code = 5


class LedgerError(MonitorError):
    """The ledger cannot be opened, is of another version, or is in use."""

    exit_code = 6


class ReadOnlyError(LedgerError):
    """The ledger can be read here and not written: a copy, a standby server, an account that may only look."""


class OvertakenError(LedgerError):
    """Another run finished between this one's reading of the ledger and its commit. Nothing of it was kept."""


class TakenOverError(LedgerError):
    """A slot is another process's now: this one took longer than its claim. Nothing of it was kept."""


class MailError(MonitorError):
    """A notice could not be handed over."""

    exit_code = 7


class NotCheckedError(MonitorError):
    """The run could check nothing: no record set was to be trusted, or every rule is switched off."""

    exit_code = 8


class ReplayError(MonitorError):
    """A past run, judged again, does not say what it said."""

    exit_code = 9

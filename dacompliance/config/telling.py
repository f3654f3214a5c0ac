"""Who hears, and how notices leave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from dacompliance.config.parts import Address, Part


class Readers(Part):
    """Who hears. `teams` are team mailboxes by team name; `escalation` hears where there is no manager to."""

    unit: Address
    fallback: Address
    data_quality: Address | None = None
    operator: Address | None = None
    escalation: Address | None = None
    teams: Mapping[str, Address] = Field(default_factory=dict)


class Mail(Part):
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
    messages_a_minute: PositiveInt = 30
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

# ruff: noqa: N802 - aiosmtpd finds its hooks by these names
"""A real SMTP relay on loopback, with certificates made when the tests run, and faults that can be asked of it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

logging.getLogger("mail.log").disabled = True  # the server's own thread speaks when a test is over

LOGIN, PASSWORD, TOKEN = "monitor-login", "correct horse", "a-token-of-the-hour"


@dataclass(frozen=True)
class Papers:
    """A certificate authority's file, and a server's context with a certificate it signed for `localhost`."""

    ca_file: Path
    server: ssl.SSLContext


SIGNS_CERTIFICATES = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


def make_papers(folder: Path, *, expired: bool = False) -> Papers:
    """Make an authority and a certificate for `localhost` (and for no address), of today or long expired."""
    now = dt.datetime.now(dt.UTC) - dt.timedelta(days=400 if expired else 1)
    until = now + dt.timedelta(days=30)

    def name(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

    def certificate(
        subject: str, issuer: str, key: Any, extension: x509.ExtensionType, signer: Any
    ) -> x509.Certificate:
        is_authority = isinstance(extension, x509.BasicConstraints)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(until)
            .add_extension(extension, critical=is_authority)
            # From 3.13 on Python trusts no chain without these.
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )
        if is_authority:
            builder = builder.add_extension(SIGNS_CERTIFICATES, critical=True)
        return builder.sign(signer, hashes.SHA256())

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = certificate("test authority", "test authority", ca_key, x509.BasicConstraints(True, 0), ca_key)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("192.0.2.1"))])
    own = certificate("localhost", "test authority", key, names, ca_key)
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    (folder / "server.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + own.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return Papers(folder / "ca.pem", context)


Answer = Callable[[SMTP, Envelope], Awaitable[str]]


@dataclass
class Handler:
    """What the relay does with a recipient and with a message, and what it was handed."""

    taken: list[Envelope] = field(default_factory=list)
    recipients: dict[str, str] = field(default_factory=dict)
    at_data: Answer | None = None
    users: list[str] = field(default_factory=list)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        answer = self.recipients.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.at_data is not None:
            return await self.at_data(server, envelope)
        self.taken.append(envelope)
        return "250 2.0.0 queued"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """Check the token as Microsoft's servers do: a refusal is a challenge first, then 535."""
        given = base64.b64decode(args[1]).decode()
        if given == f"user={LOGIN}\x01auth=Bearer {TOKEN}\x01\x01":
            self.users.append(LOGIN)
            return AuthResult(success=True)
        await server.challenge_auth(b'{"status":"401"}')
        return AuthResult(success=False, handled=False)

    def check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        """Check a password, by whichever mechanism it came."""
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (LOGIN.encode(), PASSWORD.encode())
        self.users += [LOGIN] if good else []
        return AuthResult(success=good, handled=False)

    @property
    def messages(self) -> list[EmailMessage]:
        """The messages taken, read back."""
        return [message_from_bytes(each.content, policy=policy.default) for each in self.taken]  # type: ignore[misc]


@contextlib.contextmanager
def relay(handler: Handler, *, implicit: ssl.SSLContext | None = None, **options: Any) -> Iterator[int]:
    """Run a relay in a thread of its own and yield its port; always stop it, whatever happened."""
    loop = asyncio.new_event_loop()
    options = {"hostname": "relay.test", **options}
    starting = loop.create_server(lambda: SMTP(handler, loop=loop, **options), "127.0.0.1", 0, ssl=implicit)
    server = loop.run_until_complete(starting)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextlib.contextmanager
def dripping(words: bytes, every: float) -> Iterator[int]:
    """Take connections, and say `words` to each byte by byte, with a pause after each; then nothing more."""
    ended = threading.Event()

    def drip(taken: socket.socket) -> None:
        with contextlib.suppress(OSError), taken:
            for byte in words:
                taken.sendall(bytes((byte,)))
                if ended.wait(every):
                    return
            ended.wait()

    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=drip, args=(server.accept()[0],), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


async def _stop(server: asyncio.Server) -> None:
    server.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def listener(first_words: bytes = b"") -> Iterator[int]:
    """Take connections, say `first_words` and nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        open_sockets: list[socket.socket] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    taken, _ = server.accept()
                    open_sockets.append(taken)
                    if first_words:
                        taken.sendall(first_words)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for each in open_sockets:
                each.close()

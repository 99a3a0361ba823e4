"""Real mail servers on this machine: one that takes mail under every condition a test sets, and broken ones."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "robot", "p4ss-wörd-of-the-robot"


@dataclass(slots=True)
class Taken:
    """A mail that a server took."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    encrypted: bool
    user: str | None

    def text(self) -> str:
        """The plain part."""
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")  # on the wire every line ends in two

    def html(self) -> str:
        """The HTML part."""
        part = self.message.get_body(("html",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")  # on the wire every line ends in two

    def files(self) -> dict[str, bytes]:
        """The attachments' bytes by name."""
        found: dict[str, bytes] = {}
        for part in self.message.iter_attachments():
            data: Any = part.get_payload(decode=True)
            found[part.get_filename() or ""] = data
        return found


@dataclass(slots=True)
class MailHouse:
    """What the server does: its answers to a recipient and to a message, one after another; then it takes mail."""

    port: int = 0
    rcpt_answers: list[str] = field(default_factory=list[str])
    data_answers: list[str] = field(default_factory=list[str])
    mail_answers: list[str] = field(default_factory=list[str])
    taken: list[Taken] = field(default_factory=list[Taken])
    tries: int = 0
    most_at_once: int = 0
    hold: asyncio.Event | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _now: int = 0

    # The names are the library's hooks.
    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tries += 1
        if self.mail_answers:
            return self.mail_answers.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_answers:
            return self.rcpt_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        self.arrived.set()
        try:
            if self.hold is not None:
                await self.hold.wait()
        finally:
            self._now -= 1
        if self.data_answers:
            return self.data_answers.pop(0)
        content = cast(bytes, envelope.content)
        message = message_from_bytes(content, policy=policy.default)
        login = cast(LoginPassword | None, session.auth_data)
        self.taken.append(
            Taken(
                sender=envelope.mail_from or "",
                recipients=list(envelope.rcpt_tos),
                message=message,
                encrypted=server.transport is not None and server.transport.get_extra_info("ssl_object") is not None,
                user=None if login is None else login.login.decode(),
            )
        )
        return "250 Taken"


def login_of(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any) -> AuthResult:
    """Let in exactly one user."""
    right = login == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False, auth_data=login)


@asynccontextmanager
async def mail_house(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    sign_in: bool = False,
    utf8: bool = True,
) -> AsyncGenerator[MailHouse]:
    """A mail server on a free port of this loop."""
    house = MailHouse()

    def protocol() -> SMTP:
        return SMTP(
            house,
            hostname="mail.test",
            enable_SMTPUTF8=utf8,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=sign_in,
            auth_require_tls=starttls is not None,
            authenticator=login_of if sign_in else None,
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    house.port = server.sockets[0].getsockname()[1]
    try:
        yield house
    finally:
        server.close()


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talking(talk: Talk) -> AsyncGenerator[int]:
    """A server that says whatever `talk` says to each client; gives its port."""
    open_ones: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.add(writer)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            open_ones.discard(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in tuple(open_ones):
            writer.transport.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                while open_ones:
                    await asyncio.sleep(0)


def certificate(folder: Path, host: str = "127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    """A certificate that signs itself, for a server on this machine: its PEM file, and the server's context."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "server.pem", folder / "server.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context

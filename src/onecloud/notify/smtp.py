"""One conversation with the mail server, blocking, in a thread of the sender's own; never in plain text by accident."""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.generator import BytesGenerator
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

from onecloud.infra.settings import Settings
from onecloud.kernel.secret import Secret, redact
from onecloud.notify.message import address
from onecloud.notify.model import NotSent, Sent, TryOutcome
from onecloud.notify.rules.texts import reason

# Each wait for the server has `timeout_s`; a server that drips its answers is ended after so many of them.
WAITS: Final = 8
SIGNED_IN: Final = 235  # RFC 4954 4
NOT_SET_UP: Final = (
    "E-mail is not set up on this server. Set ONECLOUD_SMTP_HOST and ONECLOUD_SMTP_FROM (and, if the mail server asks "
    "for them, ONECLOUD_SMTP_USER and ONECLOUD_SMTP_PASSWORD or ONECLOUD_SMTP_PASSWORD_FILE), then start it again."
)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and how."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"]
    sender: str
    user: str
    password: Secret
    password_file: Path | None
    ca_file: Path | None
    timeout_s: float

    @property
    def name(self) -> str:
        """How a sentence names it."""
        return f"the mail server {self.host}:{self.port}"


def server_of(settings: Settings) -> MailServer | None:
    """The mail server of the settings; None when none is set up."""
    if not settings.smtp_host or not settings.smtp_from:
        return None
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        sender=settings.smtp_from,
        user=settings.smtp_user,
        password=Secret(settings.smtp_password.get_secret_value()),
        password_file=settings.smtp_password_file,
        ca_file=settings.smtp_ca_file,
        timeout_s=settings.smtp_timeout_seconds,
    )


@dataclass(slots=True)
class Conversation:
    """What another thread may end: the socket of a conversation that is under way."""

    ended: str = ""
    _abort: Callable[[], None] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def opened(self, abort: Callable[[], None]) -> None:
        """The conversation is under way."""
        with self._lock:
            self._abort = abort
            if self.ended:
                abort()

    def end(self, why: str) -> None:
        """Make the conversation fail at once; `why` becomes its reason."""
        with self._lock:
            self.ended = self.ended or why
            if self._abort is not None:
                self._abort()


def send(server: MailServer, message: EmailMessage, conversation: Conversation) -> TryOutcome:
    """Hand one message over."""
    try:
        password = _password(server)
    except OSError as error:
        return NotSent(
            f"The file of ONECLOUD_SMTP_PASSWORD_FILE cannot be read ({error.strerror}). Let the server read it."
        )
    waited = server.timeout_s * WAITS
    watchdog = threading.Timer(
        waited, conversation.end, [f"{_capital(server.name)} took longer than {waited:g} s in all."]
    )
    watchdog.daemon = True
    watchdog.start()
    try:
        _converse(server, password, message, conversation)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        found = NotSent(conversation.ended) if conversation.ended else explained(error, server)
        return NotSent(reason(redact(found.reason, _traces(server.user, password))), final=found.final)
    else:
        return Sent()
    finally:
        watchdog.cancel()


class _Endable(smtplib.SMTP):
    """A client whose conversation can be ended from another thread, from its first moment on."""

    def __init__(self, conversation: Conversation, host: str, port: int, **options: Any) -> None:
        self._conversation = conversation
        # The library would ask the network for this machine's whole name, which can take long.
        own_name = socket.gethostname()
        super().__init__(host, port, local_hostname=own_name if "." in own_name else "[127.0.0.1]", **options)

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        self._conversation.opened(self.cut)
        return super().connect(host, port, source_address)

    def cut(self) -> None:
        """Break the connection: whoever waits for it fails at once."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class _EndableTls(_Endable, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


def _converse(server: MailServer, password: Secret, message: EmailMessage, conversation: Conversation) -> None:
    client = _connect(server, conversation)
    try:
        client.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            client.starttls(context=_context(server))
        if server.user:
            _sign_in(client, server.user, password)
        sender, to = address(server.sender).addr_spec, address(str(message["To"])).addr_spec
        options: list[str] = []
        if not to.isascii():
            client.ehlo_or_helo_if_needed()
            if not client.has_extn("smtputf8"):
                raise smtplib.SMTPRecipientsRefused({to: (553, b"it takes only addresses in ASCII (no SMTPUTF8)")})
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        client.sendmail(sender, [to], _bytes(message), mail_options=options)
    except BaseException:
        client.close()
        raise
    # It is sent by now: a server that cannot say good-bye changes nothing.
    with suppress(smtplib.SMTPException, OSError):
        client.quit()
    client.close()


def _connect(server: MailServer, conversation: Conversation) -> smtplib.SMTP:
    if server.security == "tls":
        context = _context(server)
        return _EndableTls(conversation, server.host, server.port, timeout=server.timeout_s, context=context)
    return _Endable(conversation, server.host, server.port, timeout=server.timeout_s)


def _sign_in(client: smtplib.SMTP, user: str, password: Secret) -> None:
    plain = password.reveal()
    if user.isascii() and plain.isascii():
        client.login(user, plain)
        return
    # The library speaks ASCII only; PLAIN is UTF-8 (RFC 4616).
    client.ehlo_or_helo_if_needed()
    if "PLAIN" not in client.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError("it offers no AUTH PLAIN, which characters beyond ASCII need.")
    code, words = client.docmd("AUTH", "PLAIN " + base64.b64encode(f"\0{user}\0{plain}".encode()).decode())
    if code != SIGNED_IN:
        raise smtplib.SMTPAuthenticationError(code, words)


def _context(server: MailServer) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if server.ca_file is None else str(server.ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ValueError(
            f"The certificates of ONECLOUD_SMTP_CA_FILE cannot be read ({error}); give a PEM file."
        ) from error


def _bytes(message: EmailMessage) -> bytes:
    stream = BytesIO()
    BytesGenerator(stream, policy=message.policy).flatten(message)
    return stream.getvalue()


def _password(server: MailServer) -> Secret:
    if server.password_file is None:
        return server.password
    # One line end belongs to the editor that wrote it.
    return Secret(server.password_file.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r"))


def _traces(user: str, password: Secret) -> frozenset[str]:
    """The password, in every spelling in which a server could repeat it."""
    plain = password.reveal()
    if not plain:
        return frozenset()
    whole = base64.b64encode(f"\0{user}\0{plain}".encode()).decode()
    return frozenset({plain, base64.b64encode(plain.encode()).decode(), whole})


def explained(error: Exception, server: MailServer) -> NotSent:
    """Why the server did not take the message, and whether trying again can help.

    A 5xx to the recipient or to the message is the server's last word (RFC 5321 4.2.1). What is about the way there
    or our own account is tried again: an operator mends it while the letter waits.
    """
    name = server.name
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=recipients):
            code, words = next(iter(recipients.values()))
            return NotSent(f"{_capital(name)} refused the recipient: {code} {_words(words)}", final=code >= 500)
        case smtplib.SMTPSenderRefused(smtp_code=code, smtp_error=words):
            sentence = (
                f"{_capital(name)} refused the sender {server.sender} (ONECLOUD_SMTP_FROM): {code} {_words(words)}"
            )
            return NotSent(sentence)
        case smtplib.SMTPAuthenticationError(smtp_code=code, smtp_error=words):
            return NotSent(
                f"{_capital(name)} refused the user {server.user}: {code} {_words(words)} "
                "Set ONECLOUD_SMTP_USER and the password right."
            )
        case smtplib.SMTPDataError(smtp_code=code, smtp_error=words):
            return NotSent(f"{_capital(name)} refused the message: {code} {_words(words)}", final=code >= 500)
        case smtplib.SMTPNotSupportedError() if server.security == "starttls" and "STARTTLS" in str(error):
            return NotSent(
                f"{_capital(name)} offers no STARTTLS, and without it nothing is sent. "
                "Set ONECLOUD_SMTP_SECURITY to tls or none if that is right for this server."
            )
        case smtplib.SMTPNotSupportedError():
            return NotSent(f"{_capital(name)} does not take a user and password: {error}")
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError() | smtplib.SMTPResponseException():
            return NotSent(f"{_capital(name)} takes no mail now: {error.smtp_code} {_words(error.smtp_error)}")
        case smtplib.SMTPServerDisconnected(__context__=TimeoutError()):
            return _unreachable(TimeoutError(), server)
        case smtplib.SMTPServerDisconnected():
            return NotSent(f"{_capital(name)} ended the conversation: {error}")
        case _:
            return _unreachable(error, server)


def _unreachable(error: Exception, server: MailServer) -> NotSent:
    name = server.name
    match error:
        case ssl.SSLCertVerificationError():
            return NotSent(
                f"The certificate of {name} is not trusted: {error.verify_message}. "
                "Give the certificate of its issuer in ONECLOUD_SMTP_CA_FILE."
            )
        case ssl.SSLError():
            return NotSent(
                f"No TLS with {name}: {error.reason or error}. ONECLOUD_SMTP_SECURITY is {server.security}; "
                "port 587 is usually starttls, port 465 tls."
            )
        case TimeoutError():
            return NotSent(f"{_capital(name)} did not answer within {server.timeout_s:g} s.")
        case socket.gaierror():
            return NotSent(f"There is no host {server.host} (ONECLOUD_SMTP_HOST): {error.strerror}.")
        case OSError():
            return NotSent(f"{_capital(name)} cannot be reached: {error.strerror or error}.")
        case _:
            return NotSent(str(error))


def _words(text: bytes | str) -> str:
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return shown if shown.rstrip().endswith((".", "!", "?")) else shown.rstrip() + "."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

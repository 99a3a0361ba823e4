"""Whom a request trusts, and the certificate that it shows."""

from __future__ import annotations

import os
import secrets
import ssl
from functools import lru_cache
from pathlib import Path

import httpx2

from onecloud.connector import CommandFailed
from onecloud.connectors.http.connection import HttpConnection


@lru_cache(maxsize=2)
def _plain(verify: bool) -> ssl.SSLContext:  # noqa: FBT001 - a cache key
    """The context without certificates of our own; reading the well-known ones takes tens of milliseconds."""
    return httpx2.create_ssl_context(verify=verify)


@lru_cache(maxsize=1)
def no_trust() -> ssl.SSLContext:
    """A context that trusts nobody, quickly made: for addresses that need no TLS."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def tls_context(connection: HttpConnection, *, verify: bool, folder: Path) -> ssl.SSLContext:
    """How to speak TLS. Blocking: reads certificates.

    Raises: CommandFailed (exit code 1) when a certificate or key cannot be read.
    """
    if not connection.ca_certificate and not connection.client_certificate:
        return _plain(verify)
    context = httpx2.create_ssl_context(verify=verify)
    try:
        if connection.ca_certificate:
            context.load_verify_locations(cadata=connection.ca_certificate)
    except (ssl.SSLError, ValueError) as error:
        message = (
            "The CA certificate of the connection cannot be read. It must be PEM text, which begins with -----BEGIN."
        )
        raise CommandFailed(1, message, retryable=False) from error
    if connection.client_certificate:
        _show(context, connection, folder)
    return context


def _show(context: ssl.SSLContext, connection: HttpConnection, folder: Path) -> None:
    """Load the client certificate, which the ssl module takes from a file only."""
    pair = f"{connection.client_certificate}\n{connection.client_key.get_secret_value()}\n"
    path = folder / f"{secrets.token_hex(8)}.pem"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(pair)
        context.load_cert_chain(path, password=connection.client_key_password.get_secret_value)
    except (ssl.SSLError, ValueError) as error:
        message = "The client certificate of the connection, its key or the key's password is wrong. Give PEM text."
        raise CommandFailed(1, message, retryable=False) from error
    finally:
        path.unlink(missing_ok=True)

"""Certificates: whom a request trusts, and whom it shows itself to."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from onecloud.connector.testing import Ended, FakeContext, run_command
from onecloud.connectors import find_command
from onecloud.connectors.http.connection import HttpConnection
from tests.connectors.server import Service, running

_PEM = serialization.Encoding.PEM


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key, and the object to sign others with."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> str:
        return self.certificate.public_bytes(_PEM).decode()

    def key_pem(self, password: str = "") -> str:
        shut = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
        return self.key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, shut).decode()


def issue(name: str, by: Issued | None = None) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((by.key if by else key).public_key()), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if by is None:
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(usage, critical=True)
    return Issued(builder.sign((by or Issued(None, key)).key, hashes.SHA256()), key)  # pyright: ignore[reportArgumentType]


@pytest.fixture(scope="module")
def authority() -> Issued:
    return issue("Test Authority")


@pytest.fixture
def server_context(authority: Issued, tmp_path: Path) -> ssl.SSLContext:
    issued = issue("localhost", authority)
    path = tmp_path / "server.pem"
    path.write_text(issued.pem() + issued.key_pem())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


@pytest.fixture
def safe(server_context: ssl.SSLContext) -> Iterator[Service]:
    """A service over TLS whose certificate only its own authority vouches for."""
    with running(server_context) as service:
        yield service


@pytest.fixture
def strict(server_context: ssl.SSLContext, authority: Issued) -> Iterator[Service]:
    """A service that wants to see a certificate of the same authority."""
    server_context.load_verify_locations(cadata=authority.pem())
    server_context.verify_mode = ssl.CERT_REQUIRED
    with running(server_context) as service:
        yield service


async def get(tmp_path: Path, server: str, connection: dict[str, Any], **inputs: Any) -> Ended:
    command = find_command("http.request")
    assert command is not None
    ctx = FakeContext(tmp_path / "ctx", HttpConnection.model_validate(connection))
    ended = await run_command(command, ctx, {"url": f"{server}/echo", **inputs})
    assert list(ctx.workdir.iterdir()) == [], "a key was left on disk"
    return ended


async def test_a_strange_certificate_is_refused_with_the_mend(tmp_path: Path, safe: Service) -> None:
    ended = await get(tmp_path, safe.url, {})
    assert (ended.exit_code, ended.retryable) == (4, False)
    assert "certificate is not trusted" in ended.message
    assert safe.seen == []


async def test_the_connections_own_authority_is_trusted(tmp_path: Path, safe: Service, authority: Issued) -> None:
    assert (await get(tmp_path, safe.url, {"ca_certificate": authority.pem()})).means == "success"
    other = issue("Another Authority").pem()
    assert (await get(tmp_path, safe.url, {"ca_certificate": other})).exit_code == 4


async def test_the_check_can_be_switched_off(tmp_path: Path, safe: Service) -> None:
    assert (await get(tmp_path, safe.url, {}, verify_tls=False)).means == "success"
    assert (await get(tmp_path, safe.url, {"verify_tls": False})).means == "success"


async def test_a_client_certificate_is_shown(tmp_path: Path, strict: Service, authority: Issued) -> None:
    ann = issue("ann", authority)
    trust = {"ca_certificate": authority.pem()}
    assert (await get(tmp_path, strict.url, trust)).exit_code == 4
    shown = {**trust, "client_certificate": ann.pem(), "client_key": ann.key_pem()}
    assert (await get(tmp_path, strict.url, shown)).means == "success"
    shut = {**shown, "client_key": ann.key_pem("passphrase"), "client_key_password": "passphrase"}
    assert (await get(tmp_path, strict.url, shut)).means == "success"
    wrong = await get(tmp_path, strict.url, {**shut, "client_key_password": "wrong-one"})
    assert (wrong.exit_code, wrong.retryable) == (1, False)


@pytest.mark.parametrize("fault", [{"ca_certificate": "nonsense"}, {"client_certificate": "nonsense"}])
async def test_what_is_no_certificate_is_a_sentence(tmp_path: Path, safe: Service, fault: dict[str, str]) -> None:
    ended = await get(tmp_path, safe.url, fault)
    assert (ended.exit_code, ended.retryable) == (1, False)
    assert "PEM" in ended.message


async def test_a_redirect_may_lead_from_plain_http_to_tls(
    tmp_path: Path, service: Service, safe: Service, authority: Issued
) -> None:
    url = f"{service.url}/redirect/302?to={safe.url}/"
    assert (await get(tmp_path, "", {"ca_certificate": authority.pem()}, url=url)).outputs.url == f"{safe.url}/"
    assert (await get(tmp_path, "", {}, url=url)).exit_code == 4

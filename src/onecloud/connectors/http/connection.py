"""A connection to a web service: where it is, how to sign in, whom to trust."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from onecloud.connector import MULTILINE, Inputs


class HttpConnection(Inputs):
    """What requests to one service have in common; every field may stay empty."""

    base_url: str = Field(
        default="",
        title="Base URL",
        description="The beginning of every address; a request's URL is appended to it.",
        examples=["https://api.example.com/v1"],
    )
    auth: Literal["none", "basic", "bearer", "api_key"] = Field(
        default="none", title="Sign-in", description="How requests prove who they are."
    )
    username: str = Field(default="", title="User name", description="For basic sign-in.")
    password: SecretStr = Field(default=SecretStr(""), title="Password", description="For basic sign-in.")
    token: SecretStr = Field(default=SecretStr(""), title="Token", description="For bearer sign-in.")
    api_key: SecretStr = Field(default=SecretStr(""), title="API key", description="For sign-in by an API key.")
    api_key_header: str = Field(
        default="X-API-Key", min_length=1, title="API key header", description="The header that carries the API key."
    )
    headers: dict[str, str] = Field(
        default_factory=dict,
        title="Headers",
        description="Sent with every request, unless the request has its own of that name. They are stored in the "
        "open: a key belongs into the API key field.",
        examples=[{"Accept": "application/json"}],
    )
    verify_tls: bool = Field(
        default=True, title="Check certificates", description="Refuse servers whose certificate is not trusted."
    )
    ca_certificate: str = Field(
        default="",
        title="CA certificate",
        description="Certificates to trust besides the well-known ones, in PEM text.",
        json_schema_extra=MULTILINE,
    )
    client_certificate: str = Field(
        default="",
        title="Client certificate",
        description="The certificate that we show to the server, in PEM text.",
        json_schema_extra=MULTILINE,
    )
    client_key: SecretStr = Field(
        default=SecretStr(""),
        title="Client certificate key",
        description="The private key of the client certificate, in PEM text.",
        json_schema_extra=MULTILINE,
    )
    client_key_password: SecretStr = Field(
        default=SecretStr(""),
        title="Client key password",
        description="The password of the private key, if any.",
    )

    @field_validator("base_url")
    @classmethod
    def _is_absolute(cls, value: str) -> str:
        if value and not value.lower().startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value

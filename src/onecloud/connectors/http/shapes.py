"""What an HTTP request takes and gives."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field, JsonValue, SecretStr, model_validator

from onecloud.connector import MULTILINE, FileOrPath, FileRef, Inputs, Outputs

Scalar: TypeAlias = str | int | float | bool | None
Fields: TypeAlias = dict[str, Scalar | list[Scalar]]


class FilePart(Inputs):
    """One file of a form."""

    field: str = Field(min_length=1, title="Field", description="The name of the form field.", examples=["file"])
    file: FileOrPath = Field(
        title="File",
        description="A file of an earlier command, or the path of a file in the allowed folders.",
        examples=["outbox/report.xlsx"],
    )
    name: str = Field(default="", title="File name", description="The name to send; empty for the file's own.")
    media_type: str = Field(default="", title="Media type", description="Empty for the file's own.")


class RequestInputs(Inputs):
    """One request. At most one kind of body: text, JSON, a form (with or without files), or a file as it is."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] = Field(
        default="GET", title="Method", description="What to do with the resource."
    )
    url: str = Field(
        default="",
        title="URL",
        description="The address: whole, or the part after the connection's base URL.",
        examples=["https://api.example.com/v1/orders"],
    )
    query: Fields = Field(
        default_factory=dict,
        title="Query",
        description="Parameters to add to the address; a list repeats its parameter, null leaves it out.",
        examples=[{"page": 1}],
    )
    headers: dict[str, str] = Field(
        default_factory=dict,
        title="Headers",
        description="Headers of this request; they win over the connection's.",
        examples=[{"Accept": "application/json"}],
    )
    auth: Literal["connection", "none", "basic", "bearer"] = Field(
        default="connection", title="Sign-in", description="As the connection says, not at all, or as given here."
    )
    username: str = Field(default="", title="User name", description="For basic sign-in.")
    password: SecretStr = Field(default=SecretStr(""), title="Password", description="For basic sign-in.")
    token: SecretStr = Field(default=SecretStr(""), title="Token", description="For bearer sign-in.")
    body_text: str | None = Field(
        default=None, title="Body: text", description="Send this text.", json_schema_extra=MULTILINE
    )
    body_json: JsonValue = Field(
        default=None, title="Body: JSON", description="Send this value as JSON.", json_schema_extra=MULTILINE
    )
    body_form: Fields = Field(
        default_factory=dict, title="Body: form", description="Send these fields as a web form does."
    )
    body_files: list[FilePart] = Field(
        default_factory=list[FilePart],
        title="Body: files of a form",
        description="Send files, and the form's fields, as a multipart form.",
    )
    body_file: FileOrPath | None = Field(
        default=None, title="Body: file", description="Send a file as it is: of an earlier command, or by its path."
    )
    content_type: str = Field(
        default="", title="Content type", description="The body's media type; empty for the usual one of its kind."
    )
    send_idempotency_key: Literal["auto", "always", "never"] = Field(
        default="auto",
        title="Idempotency-Key",
        description="Send a key that stays the same when this request is tried again, so that a server that knows the "
        "header does the work once: with POST and PATCH, with every method that changes something, or never.",
    )
    repeat_after_crash: Literal["auto", "yes", "no"] = Field(
        default="auto",
        title="Repeat after a crash",
        description="Whether a request that was under way when the platform crashed is sent again. Auto: yes for "
        "methods that are safe to repeat, and for POST and PATCH only when an Idempotency-Key goes with them. Choose "
        "no for a server that ignores that header.",
    )
    response: Literal["auto", "value", "file"] = Field(
        default="auto",
        title="Response",
        description="Give the answer as a value, as a file, or as fits: text up to the limit as a value, all else as "
        "a file.",
    )
    response_name: str = Field(
        default="", title="Response file name", description="Empty for the name that the server or the address gives."
    )
    value_limit_bytes: int = Field(
        default=1 << 20,
        ge=0,
        le=32 << 20,
        title="Largest value",
        description="An answer of more bytes becomes a file (or fails, when a value is asked for).",
    )
    max_response_bytes: int = Field(
        default=16 << 30, ge=1, title="Largest answer", description="A longer answer is cut off and fails."
    )
    expected_status: list[int] = Field(
        default_factory=list[int],
        title="Expected status codes",
        description="Status codes that count as success besides 200 to 399, such as 404.",
    )
    follow_redirects: bool = Field(
        default=True, title="Follow redirects", description="Go on to the address that a redirect names."
    )
    max_redirects: int = Field(
        default=10, ge=1, le=50, title="Most redirects", description="Give up after this many in a row."
    )
    connect_timeout_s: float = Field(
        default=10, gt=0, title="Connection timeout (s)", description="How long to wait for a connection."
    )
    read_timeout_s: float = Field(
        default=60, gt=0, title="Silence timeout (s)", description="How long the server may be silent."
    )
    verify_tls: bool = Field(
        default=True, title="Check certificates", description="Refuse servers whose certificate is not trusted."
    )

    @model_validator(mode="after")
    def _one_body(self) -> RequestInputs:
        kinds = {
            "body_text": self.body_text is not None,
            "body_json": self.body_json is not None,
            "body_form/body_files": bool(self.body_form or self.body_files),
            "body_file": self.body_file is not None,
        }
        given = [name for name, is_given in kinds.items() if is_given]
        if len(given) > 1:
            raise ValueError(f"only one kind of body can be sent, and there are {' and '.join(given)}")
        return self


class RequestOutputs(Outputs):
    """The answer."""

    status_code: int = Field(title="Status code", description="The number of the answer, such as 200.", examples=[200])
    headers: dict[str, str] = Field(title="Headers", description="The answer's headers; names in lower case.")
    text: str = Field(title="Text", description="The answer as text; empty when it is a file.")
    json_body: JsonValue = Field(title="JSON", description="The answer as a JSON value, when it is JSON and no file.")
    file: FileRef | None = Field(title="File", description="The answer as a file, when it is one.")
    size_bytes: int = Field(title="Size in bytes", description="How long the answer is, unpacked.")
    url: str = Field(title="Final address", description="Where the answer came from, after redirects.")

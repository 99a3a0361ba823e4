"""Every setting of the server in one place; each is an environment variable `ONECLOUD_<NAME>`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SHARED_SECRET_CHARS: Final = 32  # what a person types can be guessed; what `openssl rand -hex 32` gives cannot


def _long_or_empty(secret: SecretStr) -> SecretStr:
    if 0 < len(secret.get_secret_value()) < SHARED_SECRET_CHARS:
        raise ValueError(f"needs {SHARED_SECRET_CHARS} characters or more")
    return secret


class Settings(BaseSettings):
    """What an operator may choose. The defaults suit one machine and one person."""

    model_config = SettingsConfigDict(env_prefix="ONECLOUD_", frozen=True, extra="ignore", hide_input_in_errors=True)

    data: Path = Field(
        default=Path("data"), description="Folder for the databases, files and the key; created at start."
    )
    database_url: str = Field(
        default="",
        description="PostgreSQL address such as postgresql://user@host/name. Empty: SQLite in the data folder.",
    )
    public_url: str = Field(
        default="", description="Address that people reach the server by; used in links and as the OAuth issuer."
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses of reverse proxies whose X-Forwarded-For and -Proto are believed (comma list, or *).",
    )
    key_file: Path | None = Field(
        default=None, description="File with the secret key. Empty: `key` in the data folder."
    )
    chain_file_key: Annotated[SecretStr, AfterValidator(_long_or_empty)] = Field(
        default=SecretStr(""),
        description="Secret that servers of one company share to import each other's .chain files; 32 characters or "
        "more. Empty: only files of this server.",
    )
    file_roots: list[Path] = Field(
        default_factory=list[Path],
        description="Folders that file commands may use besides `files` in the data folder (JSON list).",
    )
    watch_stores: list[str] = Field(
        default_factory=list[str],
        description="Folders of object stores that file triggers may watch, such as s3://bucket/in (JSON list). The "
        "store's fsspec package must be installed; it finds its credentials by itself.",
    )
    log_format: Literal["console", "json"] = Field(default="console", description="How log lines look.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe line logged."
    )
    session_idle_minutes: int = Field(
        default=60, ge=1, le=43_200, description="A session ends after this long without use."
    )
    session_max_days: int = Field(default=30, ge=1, le=365, description="A session ends after this long in any case.")
    secure_cookies: bool = Field(
        default=False, description="Send cookies over HTTPS only; set it when the public address is https."
    )
    token_default_days: int = Field(
        default=1, ge=1, le=3650, description="Life of an access token unless chosen otherwise."
    )
    token_max_days: int = Field(
        default=90, ge=1, le=3650, description="Longest life of an access token that may be chosen."
    )
    refresh_idle_days: int = Field(
        default=90, ge=1, le=3650, description="A token family ends when not refreshed this long."
    )
    refresh_max_days: int = Field(
        default=365, ge=1, le=3650, description="A token family ends after this long in any case."
    )
    refresh_retry_seconds: int = Field(
        default=0, ge=0, le=300, description="Window in which a spent refresh token gets the same pair without a key."
    )
    rate_limit_daily: int = Field(default=50_000, ge=1, description="API requests per user in 24 hours.")
    rate_limit_burst: int = Field(default=100, ge=1, description="API requests per user in 20 seconds.")
    rate_limit_status: Literal[429, 422] = Field(default=429, description="Status of an answer over the rate limit.")
    node_slots: int = Field(default=64, ge=1, description="Commands that may run at the same time in one process.")
    run_slots: int = Field(default=200, ge=1, description="Runs that may be under way at the same time in one process.")
    queue_poll_ms: int = Field(
        default=1000,
        ge=10,
        le=5000,
        description="How often waiting runs are looked for; runs start at once while slots are free.",
    )
    mask_outputs: bool = Field(
        default=False, description="Hide the outputs of commands from people, unless a node says otherwise."
    )
    schedule_grace_seconds: int = Field(
        default=300,
        ge=10,
        le=86_400,
        description="A schedule's time that a server comes to later than this was missed; `missed` then decides.",
    )
    schedule_history_days: int = Field(
        default=90, ge=1, le=3650, description="How long it is kept what became of a schedule's times."
    )
    trigger_history_days: int = Field(
        default=90, ge=1, le=3650, description="How long it is kept what became of a trigger's times."
    )
    hook_body_kb: int = Field(
        default=1024, ge=1, le=102_400, description="Largest body that a webhook takes, in kilobytes."
    )
    hook_calls_per_minute: int = Field(
        default=600, ge=1, description="Requests that one webhook takes in any minute, in one process."
    )
    script_memory_mb: int = Field(default=1024, ge=64, description="Most memory that a script command may use.")
    max_log_mb: int = Field(
        default=50, ge=1, description="Longest log of one command result; over it the command fails."
    )

    smtp_host: str = Field(
        default="", description="Mail server that notifications are handed to. Empty: no e-mail is sent."
    )
    smtp_port: int = Field(
        default=587, ge=1, le=65_535, description="Its port: usually 587 with starttls, 465 with tls."
    )
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the way to the mail server is encrypted; never left out silently."
    )
    smtp_user: str = Field(default="", description="User to sign in to the mail server with. Empty: no sign-in.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password of that user.")
    smtp_password_file: Path | None = Field(
        default=None, description="File that holds the password instead; read anew for each mail."
    )
    smtp_from: str = Field(
        default="", description="Sender of every mail, as `name@example.com` or `OneCloud <name@example.com>`."
    )
    smtp_timeout_seconds: int = Field(
        default=30, ge=1, le=300, description="How long to wait for each answer of the mail server."
    )
    smtp_ca_file: Path | None = Field(
        default=None,
        description="Certificates (PEM) that the mail server's own is checked against. Empty: the system's.",
    )
    mail_attachments_mb: int = Field(
        default=10, ge=1, le=100, description="Most that the attachments of one mail may have in total."
    )
    delivery_slots: int = Field(
        default=4, ge=1, le=64, description="Mails and messages that may be sent at the same time."
    )
    delivery_first_pause_seconds: int = Field(
        default=60, ge=1, le=86_400, description="Wait before the second try to send; each later wait is twice as long."
    )
    delivery_longest_pause_minutes: int = Field(
        default=360, ge=1, le=1440, description="Longest wait between two tries to send."
    )
    delivery_give_up_hours: int = Field(
        default=24, ge=1, le=240, description="A delivery is given up this long after its first try."
    )
    delivery_history_days: int = Field(
        default=30, ge=1, le=3650, description="How long sent and given up deliveries stay in the list."
    )
    upload_file_mb: int = Field(
        default=500, ge=1, le=100_000, description="Largest file that a person may upload for a run."
    )

    @property
    def files_folder(self) -> Path:
        """Folder that file commands use by default."""
        return self.data / "files"

    @property
    def open_folders(self) -> tuple[Path, ...]:
        """The folders that file commands and file triggers may use; relative paths begin at the first."""
        return (self.files_folder.resolve(), *self.file_roots)

    @property
    def blobs_folder(self) -> Path:
        """Folder of the blob store."""
        return self.data / "blobs"

"""Every setting of the studio: name, default, meaning. Read once at the start; a wrong value stops it and says why."""

from __future__ import annotations

import os
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from store.dsn import LOOPBACK, server_of, shared

PREFIX = "PIXCOSMOS_"
# Where a container or systemd puts secrets, a file for each, named like its variable in small letters.
SECRET_FOLDERS = ("/run/secrets", "$CREDENTIALS_DIRECTORY")
DSNS = ("content_dsn", "identity_dsn", "keys_dsn")
SECRETS = ("access_token", "metrics_token", "smtp", "oauth_client_secret", *DSNS)  # never shown in an error


class SettingsError(Exception):
    """The key, the value and what was expected, a line for each."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    home: Literal["personal", "hosted", "space"] = Field(
        "personal",
        description="`personal`: one person, no sign-in. `hosted`: many visitors. `space`: a Hugging Face Space.",
    )
    data: Path = Field(
        Path("~/.pixcosmos"), description="Folder of the databases, the keys and the encrypted pictures."
    )
    models: Path | None = Field(None, description="Folder of your own models; `models` in the data folder if unset.")
    content_dsn: SecretStr | None = Field(
        None,
        description="PostgreSQL database of pictures, jobs and notebooks, such as "
        "`postgresql://role:password@host/name?sslmode=verify-full`; a file in the data folder if unset.",
    )
    identity_dsn: SecretStr | None = Field(
        None, description="The same for names and addresses, with a role and a database of its own."
    )
    keys_dsn: SecretStr | None = Field(None, description="The same for the wrapped keys, in a database of its own.")
    blobs: str | None = Field(
        None, description="Where the encrypted pictures lie, such as `s3://bucket/folder`; the data folder if unset."
    )
    host: str = Field("127.0.0.1", description="Address to listen on; on a Space `0.0.0.0`.")
    port: int = Field(7860, ge=1, le=65535, description="Port; a personal home takes the next free one.")
    access_token: SecretStr | None = Field(
        None,
        min_length=8,
        description="Secret of 8 characters or more that a personal home asks for; needed beyond loopback.",
    )
    public_url: str | None = Field(None, description="Address that visitors type, such as `https://studio.example`.")
    open_browser: bool = Field(True, description="Whether a personal home opens the page at the start.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where models run.")
    attention: Literal["auto", "flash", "efficient", "cudnn", "math"] = Field(
        "auto", description="How attention is computed; `auto` leaves it to torch. Moves pixels by the last bits."
    )
    offload: Literal["auto", "none", "model", "group"] = Field(
        "auto",
        description="What leaves a GPU while it is not needed: nothing, whole parts of a model, or its layers one by "
        "one; `auto` decides by memory.",
    )
    fuse_qkv: bool = Field(
        False, description="One projection for query, key and value: a little faster; moves pixels by the last bits."
    )
    compile: bool = Field(
        False,
        description="Compile the repeated blocks of models with a C++ compiler: slow once, faster after that.",
    )
    tiny_decoder: bool = Field(
        False,
        description="Decode results with the tiny decoder in `decoders/sd` or `decoders/sdxl` of the models folder: "
        "faster, with less fine detail.",
    )
    previews: bool = Field(True, description="Whether pictures are shown while they form, at 2% of the steps' time.")
    max_count: int = Field(8, ge=1, le=64, description="Pictures that one job may ask for.")
    max_queued: int = Field(200, ge=1, description="Jobs that one person may have waiting.")
    max_running: int = Field(8, ge=1, description="Jobs of one person that are drawn at once; the others wait.")
    job_days: int = Field(30, ge=1, description="Days that ended jobs without pictures are kept.")
    max_upload_bytes: int = Field(32 * 2**20, ge=2**10, description="Largest file that may be dropped on the page.")
    guest_days: int = Field(
        30, ge=1, description="Days that a visitor of a hosted home is known again; what they make goes after one day."
    )
    guest_jobs: int = Field(20, ge=0, description="Jobs a day that a visitor without an account may start.")
    smtp: SecretStr | None = Field(
        None,
        description="Mail server, such as `smtps://user:password@mail.example:465` or `smtp+starttls://...:587`; "
        "without one, mails are printed.",
    )
    mail_from: str | None = Field(None, description="Sender of mails; `pixcosmos@` and the public host name if unset.")
    address_days: int = Field(7, ge=0, description="Days after which the addresses of sessions are cut to a network.")
    policy_effective: date | None = Field(
        None, description="Day from which the privacy policy holds, such as `2026-12-01`; a public studio needs it."
    )
    policy_updated: date | None = Field(None, description="Day of its last change; the effective day if unset.")
    contact_email: str | None = Field(
        None, description="Address for questions about privacy; it stands in the policy. A public studio needs it."
    )
    provider: str | None = Field(None, description="Who runs this studio, as the policy names them.")
    website: str | None = Field(None, description="Website that the policy names; the public address if unset.")
    certificate: Path | None = Field(
        None, description="PEM chain that signs pictures, yours first; the home's own from the first start if unset."
    )
    certificate_key: Path | None = Field(None, description="PEM key of that certificate: P-256, PKCS 8, unencrypted.")
    scan: bool = Field(True, description="Whether drawn pictures are scanned. Only a personal home may switch it off.")
    scan_explicit: float = Field(
        0.95, ge=0, le=1, description="Score from which a picture counts as explicit and is held back; 1 is never."
    )
    scan_suggestive: float = Field(
        1.0, ge=0, le=1, description="Score from which a picture counts as suggestive and is held back; 1 is never."
    )
    # What a Space with `hf_oauth: true` sets by itself, under its own names.
    oauth_client_id: str | None = Field(
        None, validation_alias="oauth_client_id", description="Set by a Space with `hf_oauth: true`: its number."
    )
    oauth_client_secret: SecretStr | None = Field(
        None, validation_alias="oauth_client_secret", description="Set by the same Space: its secret."
    )
    oauth_scopes: str = Field(
        "openid profile",
        validation_alias="oauth_scopes",
        description="Set by the same Space: what is asked for; with `email`, accounts get their confirmed address.",
    )
    openid_provider_url: str = Field(
        "https://huggingface.co",
        validation_alias="openid_provider_url",
        description="Set by the same Space: who confirms who people are.",
    )
    space_host: str | None = Field(
        None, validation_alias="space_host", description="Set by a Space: the names that it is reached under."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="How much is logged.")
    log_format: Literal["text", "json"] = Field("text", description="Lines for people, or JSON for a collector.")
    metrics_token: SecretStr | None = Field(
        None,
        min_length=8,
        description="Bearer token for `/metrics`; without one only this machine itself may read it.",
    )

    @model_validator(mode="before")
    @classmethod
    def _know_a_space(cls, values: dict[str, Any]) -> dict[str, Any]:
        """A Hugging Face Space says that it is one, and is reached from outside its container."""
        if "SPACE_ID" in os.environ:
            values.setdefault("home", "space")
        if values.get("home") == "space":
            values.setdefault("host", "0.0.0.0")
        return values

    @field_validator("data", "models", "certificate", "certificate_key")
    @classmethod
    def _expand(cls, folder: Path | None) -> Path | None:
        try:
            return folder.expanduser().absolute() if folder else None
        except RuntimeError:
            raise ValueError("a path, or ~ for a user of this machine") from None

    @field_validator("data", "models", "certificate", "certificate_key", mode="before")
    @classmethod
    def _empty_is_no_path(cls, given: object, info: ValidationInfo) -> object:
        """As a path it would be the folder that the studio was started in."""
        if given != "":
            return given
        if info.field_name == "data":
            raise ValueError("the path of a folder")
        return None

    @field_validator("public_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url and not (url.startswith(("http://", "https://")) and urlsplit(url).hostname):
            raise ValueError("an address that begins with http:// or https://")
        return url.rstrip("/") if url else None

    @field_validator("smtp")
    @classmethod
    def _mail_travels_encrypted(cls, url: SecretStr | None) -> SecretStr | None:
        """Mails hold links that open accounts: in plain text they reach a server on this machine only."""
        if url is None or not url.get_secret_value():
            return None
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in ("smtp", "smtps", "smtp+starttls") or not parts.hostname:
            raise ValueError("smtps://, smtp+starttls:// or, on this machine, smtp:// with a host")
        if parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
            raise ValueError("smtps:// or smtp+starttls:// for a mail server on another machine")
        return url

    @field_validator("openid_provider_url")
    @classmethod
    def _provider_is_reached_encrypted(cls, url: str) -> str:
        parts = urlsplit(url)
        near = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not parts.hostname or not (parts.scheme == "https" or near):
            raise ValueError("an address that begins with https://")
        return url.rstrip("/")

    @field_validator("content_dsn", "identity_dsn", "keys_dsn")
    @classmethod
    def _database_is_reached_encrypted(cls, dsn: SecretStr | None) -> SecretStr | None:
        if dsn is None or not dsn.get_secret_value():
            return None
        parts = server_of(dsn)
        if parts is None:
            raise ValueError("postgresql:// with a role, a host and the name of a database")
        if not parts.is_near and parts.sslmode not in ("verify-full", "verify-ca"):
            raise ValueError("sslmode=verify-full or verify-ca for a database on another machine")
        return dsn

    @model_validator(mode="after")
    def _databases_are_apart(self) -> Self:
        """Two roles at least: who reads pictures' rows must not read names; and no two share a database."""
        given = {name: server_of(dsn) for name in DSNS if (dsn := getattr(self, name)) is not None}
        for one, other in combinations(given, 2):
            here, there = given[one], given[other]
            if here is not None and there is not None and (why := shared(one, here, other, there)):
                raise ValueError(f"{PREFIX}{other.upper()}: {why} {PREFIX}{one.upper()}. Expected one of its own.")
        return self

    @model_validator(mode="after")
    def _personal_stays_private(self) -> Self:
        if self.home == "personal" and self.host not in LOOPBACK and self.access_token is None:
            raise ValueError(
                f"{PREFIX}HOST: {self.host!r} opens a personal home to other machines. "
                f"Expected {', '.join(LOOPBACK)}, or {PREFIX}ACCESS_TOKEN beside it."
            )
        return self

    @model_validator(mode="after")
    def _both_halves(self) -> Self:
        if (self.certificate is None) != (self.certificate_key is None):
            raise ValueError(
                f"{PREFIX}CERTIFICATE: {str(self.certificate)!r} stands beside {PREFIX}CERTIFICATE_KEY: "
                f"{str(self.certificate_key)!r}. Expected both, or neither."
            )
        return self

    @model_validator(mode="after")
    def _many_are_scanned(self) -> Self:
        if self.home != "personal" and not self.scan:
            raise ValueError(f"{PREFIX}SCAN: False is not allowed for a {self.home} home. Expected true.")
        return self

    @property
    def has_accounts(self) -> bool:
        return self.home == "hosted" or self.signs_in_elsewhere

    @property
    def signs_in_elsewhere(self) -> bool:
        """On a Space people sign in with Hugging Face, if its front matter says `hf_oauth: true`."""
        return self.home == "space" and self.oauth_client_id is not None and self.oauth_client_secret is not None

    @property
    def is_https(self) -> bool:
        return str(self.public_url or "").startswith("https:")

    @property
    def address(self) -> str:
        """Where the studio is reached, without a slash at the end."""
        if self.public_url is None and self.space_host:
            return f"https://{self.space_host.split(',')[0].strip()}"
        shown = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return self.public_url or f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}"

    @property
    def is_public(self) -> bool:
        """Whether strangers can reach it: a Space, or a home for many that is open beyond this machine."""
        reachable = self.host not in LOOPBACK or self.public_url is not None
        return self.home == "space" or (self.home == "hosted" and reachable)

    def require_encrypted_way(self) -> None:
        """Strangers reach a home over HTTPS alone; a Space's platform sees to that. Raises SettingsError."""
        if self.is_public and self.home != "space" and not self.is_https:
            raise SettingsError(
                f"{PREFIX}PUBLIC_URL: {self.public_url!r} lets a public studio be reached in plain text. Expected the "
                "https:// address of the proxy in front of it, which sends X-Forwarded-Proto."
            )

    def require_published_policy(self) -> None:
        """A public studio publishes its policy without blanks. Raises SettingsError, which names the settings."""
        wanted = {"policy_effective": "a day, such as 2026-12-01", "contact_email": "an address for questions"}
        if not self.is_public:
            return
        blanks = [
            f"{PREFIX}{name.upper()}: unset, so the privacy policy of a public studio would have a blank. "
            f"Expected {expected}."
            for name, expected in wanted.items()
            if not getattr(self, name)
        ]
        if blanks:
            raise SettingsError("\n".join(blanks))

    @property
    def models_dir(self) -> Path:
        return self.models or self.data / "models"

    @classmethod
    def load(cls) -> Settings:
        """The settings of this process's environment, then those of files of secrets. Raises SettingsError."""
        folders = [folder for name in SECRET_FOLDERS if (folder := Path(os.path.expandvars(name))).is_dir()]
        try:
            return cls(_secrets_dir=folders or None)
        except ValidationError as error:
            raise SettingsError("\n".join(map(explain, error.errors(include_url=False)))) from None


def explain(error: object) -> str:
    """One pydantic error as 'KEY: value is not allowed. Expected ...', without showing secrets."""
    details = dict(error)  # type: ignore[call-overload]
    if not details["loc"]:
        return str(details["msg"]).removeprefix("Value error, ")
    name = str(details["loc"][0])
    shown = "the value" if name.lower() in SECRETS else repr(details["input"])
    expected = str(details["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{variable(name)}: {shown} is not allowed. Expected {expected}."


def variable(name: str) -> str:
    """The environment's name of a setting: ours, or the one that a Space gave it."""
    field = Settings.model_fields.get(name.lower())
    return name.upper() if field is not None and field.validation_alias else f"{PREFIX}{name.upper()}"


def shown_default(value: object) -> str:
    if value is None:
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def table() -> str:
    """All settings as a Markdown table, for the README."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `{variable(name)}` | {shown_default(field.default)} | {field.description} |")
    return "\n".join(rows)

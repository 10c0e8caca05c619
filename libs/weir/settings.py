"""Every setting of the platform: one class, read once at start, frozen.

A setting comes from the environment (`WEIR_<NAME>`) or else from one TOML file
(`WEIR_CONFIG`, otherwise `weir.toml` in the working directory) or else from its
default. Without any of them the platform runs embedded: it starts a NATS server
and a Postgres of its own and keeps everything under `data_dir`.
"""

from __future__ import annotations

import os
import re
import socket
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BeforeValidator,
    ByteSize,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from weir.contract.errors import SettingsInvalidError
from weir.core.rates import Rate, parse_limits, parse_quotas
from weir.settings_values import Duration, Words
from weir.settings_values import default as _default
from weir.settings_values import number as _number

PREFIX = "WEIR_"
CONFIG = "WEIR_CONFIG"
DEFAULT_FILE = "weir.toml"
_ADDRESS = re.compile(r"https?://[^/\s@]+/?")
MASK = "********"


class Settings(BaseSettings):
    """The effective settings; a name here is a key of the file and, upper-cased, a variable."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix=PREFIX,
        extra="forbid",
        frozen=True,
        validate_default=True,
        env_ignore_empty=True,
    )

    data_dir: Path = Field(
        default=Path(".weir"),
        description="Where the embedded servers, keys and blobs are kept; relative to the working "
        "directory. Two platforms cannot share one.",
    )
    memory: bool = Field(
        default=False,
        description="Keep everything in memory: no servers, and nothing is left after the end.",
    )

    http_host: str = Field(
        default="127.0.0.1", description="Address the HTTP server listens on; 0.0.0.0 for all."
    )
    http_port: int = Field(
        default=8484, ge=0, le=65535, description="Port of the HTTP server; 0 takes any free one."
    )
    body_limit: ByteSize = Field(
        default=_default("1MiB"), description="Largest HTTP request body that is read."
    )
    tls_cert_file: Path | None = Field(
        default=None,
        description="Certificate (PEM, with its chain) of the HTTP server, which then speaks TLS "
        "1.3 and nothing older; empty leaves TLS to a proxy.",
    )
    tls_key_file: Path | None = Field(default=None, description="Its private key (PEM).")
    trusted_proxies: Words = Field(
        default=(),
        description="Networks of proxies whose `X-Forwarded-For` is believed, e.g. `10.0.0.0/8`.",
    )
    origins: Words = Field(
        default=(),
        description="Origins of web pages that may call the API with a key or token of their own, "
        "e.g. `https://app.example.com`; each tenant can have more. Cookies never cross origins.",
    )
    limits: Words = Field(
        default=(),
        description="Rate limits of a tenant that differ from `api=1000/1m`, `hooks=5000/1m`, "
        "`start=100/1m`, `credentials=50/1m`, and `address=300/1m` for whoever is nobody; "
        "`api=off` is none, `off` alone none at all.",
    )
    quotas: Words = Field(
        default=(),
        description="How much of something a tenant may have, e.g. `runs_per_day=100000,"
        "workflows=500`; also `webhooks`, `schedules`, `credentials`, `members`. What is not "
        "named is free.",
    )
    metrics_public: bool = Field(
        default=False,
        description="Whether `/metrics` answers other machines than this one.",
    )

    public_url: str = Field(
        default="",
        description="Address people reach Weir at, e.g. https://weir.example.com: links in mails "
        "begin with it, and signed-in browsers must come from there. Set it for all services "
        "alike; empty takes what each request came to.",
    )
    registration: Literal["closed", "invited", "open"] = Field(
        default="invited",
        description="Who may get an account: `closed` nobody, `invited` whoever is invited to a "
        "tenant, `open` everybody whose address can be mailed to.",
    )
    smtp_url: SecretStr = Field(
        default=SecretStr(""),
        description="Mail server, as smtp://user:password@host:587 or smtps://…:465; empty writes "
        "mails to `outbox` in the data directory.",
    )
    mail_from: str = Field(
        default="",
        description="Sender of mails, e.g. `Weir <weir@example.com>`; also whom push services of "
        "browsers may turn to.",
    )

    nats_url: str = Field(
        default="",
        description="NATS servers, separated by commas; empty starts an embedded server.",
    )
    nats_seed_file: Path | None = Field(
        default=None, description="File with the nkey seed this process signs in to NATS with."
    )
    nats_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port of the embedded NATS server; 0 keeps the last one or takes a free one.",
    )
    replicas: Annotated[Literal[1, 3, 5], BeforeValidator(_number)] = Field(
        default=1,
        description="Copies of every stream: 1 for a single NATS server, 3 or 5 for a cluster.",
    )
    sync: Literal["kill-safe", "power-safe"] = Field(
        default="kill-safe",
        description="What an acknowledged message survives: `kill-safe` the death of any process, "
        "`power-safe` a power cut too (every write is flushed to disk). Outside servers "
        "must be configured alike: `sync_interval: always`.",
    )
    shards: int = Field(
        default=32,
        ge=1,
        le=1024,
        description="Shards of the run log; fixed when the streams are first made.",
    )

    postgres_dsn: SecretStr = Field(
        default=SecretStr(""),
        description="Postgres for the projections, as postgresql://user:password@host:port/name; "
        "empty starts an embedded server.",
    )
    postgres_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port of the embedded Postgres; 0 keeps the last one or takes a free one.",
    )

    blob_dir: Path | None = Field(
        default=None,
        description="Directory of values kept outside the log, shared by all services; empty is "
        "`blobs` in the data directory.",
    )
    key_file: Path | None = Field(
        default=None,
        description="File with the keys that wrap the data keys of secrets; empty is "
        "`secrets.keys` in the data directory, made at the first start.",
    )
    key_provider: Literal["file", "vault", "kms"] = Field(
        default="file",
        description="Who wraps the data keys of secrets: the key file, the transit engine of a "
        "Vault, or AWS KMS. What is set for the others goes on unwrapping what they wrapped.",
    )
    vault_url: str = Field(
        default="", description="Vault, or OpenBao, e.g. https://vault.example:8200."
    )
    vault_key: str = Field(default="weir", description="Name of the transit key.")
    vault_mount: str = Field(default="transit", description="Where the transit engine is mounted.")
    vault_namespace: str = Field(default="", description="Namespace of it, where Vault has such.")
    vault_token: SecretStr = Field(
        default=SecretStr(""), description="Token for Vault; it is renewed while it can be."
    )
    vault_token_file: Path | None = Field(
        default=None,
        description="File with the token, read again when Vault refuses the old one; instead of "
        "`vault_token`.",
    )
    vault_ca_file: Path | None = Field(
        default=None,
        description="Certificates that Vault's is checked against; empty: public ones.",
    )
    kms_key_id: str = Field(
        default="", description="Id, ARN or alias of the AWS KMS key; needs `weir[kms]`."
    )
    kms_region: str = Field(
        default="", description="Region of the KMS key; empty: as the environment has it."
    )
    kms_endpoint: str = Field(
        default="", description="Another address of KMS, as of a VPC endpoint; empty: AWS's own."
    )

    bus_age: Duration = Field(
        default=_default("7d"),
        description="How long events stay on the bus, read or not; all services alike.",
    )
    bus_events: int = Field(
        default=1_000_000,
        ge=100,
        description="How many events of a tenant stay on the bus; beyond them the oldest go.",
    )
    bus_subjects: Words = Field(
        default=(),
        description="Subjects of the embedded NATS server that belong to a tenant's bus too, as "
        "`factory.>=acme`: what is published on `factory.x` lies on `bus.acme.factory.x`.",
    )
    bus_issuer_seed_file: Path | None = Field(
        default=None,
        description="File with the nkey seed (of an account) by which identity lets publishers of "
        "tenants in at NATS; the embedded server has its own.",
    )
    bus_system_seed_file: Path | None = Field(
        default=None,
        description="File with the nkey seed of the user of NATS' system account by which identity "
        "ends connections of publishers whose key counts no more.",
    )

    idempotency_horizon: Duration = Field(
        default=_default("24h"),
        description="How long a repeated start with the same key finds the first run.",
    )
    hot_period: Duration = Field(
        default=_default("1h"),
        description="How long an ended, archived run stays in the log before it is purged.",
    )
    collab_rooms: int = Field(
        default=500,
        ge=1,
        description="How many documents one process of collab holds open; beyond that the one that "
        "is idle longest is let go, and where none is, others have to come back.",
    )
    erasure_grace: Duration = Field(
        default=_default("0s"),
        description="How long after a tenant's deletion nothing of it is removed yet; nothing of "
        "it is answered from the deletion on.",
    )
    blob_grace: Duration = Field(
        default=_default("24h"),
        description="How long a value kept outside the log stays although no run in log or archive "
        "refers to it; longer than any writer needs from the value to its message.",
    )
    log_retention: Duration = Field(
        default=_default("30d"), description="How long the log lines of steps are kept."
    )
    webhook_probe: Duration = Field(
        default=_default("1s"),
        description="How long publishing waits to hear that each webhook of the version is served; "
        "0s asks nobody.",
    )
    delivery_retention: Duration = Field(
        default=_default("30d"),
        description="How long the history of webhooks goes back; bodies and headers of deliveries "
        "that started no run are kept for 30 days at most.",
    )
    rebuild_views: bool = Field(
        default=False,
        description="Whether the query service empties its views at start and makes them again "
        "from archive and log; lists are incomplete meanwhile.",
    )
    env_allow: Words = Field(
        default=(),
        description="Environment variables that expressions may read as `env.<NAME>`, by name.",
    )

    worker_name: str = Field(
        default="", description="How this process signs its results; empty is the host's name."
    )
    executor_queues: Words = Field(
        default=("default",), description="Task queues the executor takes from."
    )
    executor_capacity: int = Field(
        default=64, ge=1, le=10_000, description="Tasks the executor runs at once, per queue."
    )
    executor_deliveries: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="How often a task is handed to workers before it is failed without being run.",
    )
    outbound_allow: Words = Field(
        default=(),
        description="Addresses beside the public ones that nodes may call, e.g. `10.0.0.0/8` or "
        "`127.0.0.1:9000`.",
    )
    oidc_allow: Words = Field(
        default=(),
        description="Addresses beside the public ones at which sign-in providers may be, e.g. "
        "`10.0.0.0/8`; only at such an address, written as a number, is http taken.",
    )

    audit_syslog: str = Field(
        default="",
        description="Receiver of audit entries as syslog (RFC 5424), tcp://host:601 or "
        "tls://host:6514; empty tells none.",
    )
    audit_syslog_ca: Path | None = Field(
        default=None,
        description="Authorities that the syslog receiver's certificate is checked against, as a "
        "PEM file; empty takes the system's.",
    )
    audit_otlp: str = Field(
        default="",
        description="Collector of audit entries as OpenTelemetry logs (OTLP over HTTP), e.g. "
        "http://localhost:4318; empty tells none.",
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important log line that is written."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto",
        description="Form of log lines; `auto` is `console` on a terminal and `json` elsewhere.",
    )
    otlp_endpoint: str = Field(
        default="",
        description="OpenTelemetry collector (OTLP over HTTP), e.g. http://localhost:4318; empty "
        "exports no traces.",
    )
    stop_deadline: Duration = Field(
        default=_default("2s"), description="How long services may finish their work when stopping."
    )

    @field_validator(
        *(
            "data_dir",
            "blob_dir",
            "key_file",
            "nats_seed_file",
            "bus_issuer_seed_file",
            "bus_system_seed_file",
            "vault_token_file",
            "vault_ca_file",
        ),
        *("tls_cert_file", "tls_key_file"),
    )
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().absolute()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        parse_limits(self.limits)
        parse_quotas(self.quotas)
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_cert_file and tls_key_file belong together: set both or neither")
        if self.replicas > 1 and not self.nats_url:
            raise ValueError(
                "replicas above 1 needs a NATS cluster: set nats_url, or leave replicas at 1"
            )
        if self.smtp_url.get_secret_value() and not self.mail_from:
            raise ValueError("smtp_url needs mail_from: the sender of mails")
        if self.public_url and not _ADDRESS.fullmatch(self.public_url):
            raise ValueError("public_url is an address like https://weir.example.com, without path")
        if self.key_provider == "vault" and not (
            self.vault_url and (self.vault_token.get_secret_value() or self.vault_token_file)
        ):
            raise ValueError(
                "key_provider vault needs vault_url, and vault_token or vault_token_file"
            )
        if self.key_provider == "kms" and not self.kms_key_id:
            raise ValueError("key_provider kms needs kms_key_id")
        return self

    @property
    def worker(self) -> str:
        """How this process signs its results."""
        return self.worker_name or socket.gethostname()

    @property
    def atomic_from(self) -> int | None:
        """How many messages are committed as one atomic batch; None: none ever are.

        Several nodes agree on a batch once. A single one makes files for each batch and removes
        them again, 2 to 3 ms, in which it syncs some forty messages one by one (0.08 ms each on
        a fast disk, fewer on a slow one); without syncs that never pays.
        """
        if self.replicas > 1:
            return 4
        return 16 if self.sync == "power-safe" else None

    @property
    def blobs(self) -> Path:
        """Where blobs lie."""
        return self.blob_dir or self.data_dir / "blobs"

    @property
    def keys(self) -> Path:
        """The key file of the secrets."""
        return self.key_file or self.data_dir / "secrets.keys"

    @property
    def rates(self) -> Mapping[str, Rate | None]:
        """Rate limits by name."""
        return parse_limits(self.limits)

    @property
    def quota_counts(self) -> Mapping[str, int]:
        """Quotas by name."""
        return parse_quotas(self.quotas)

    @property
    def env(self) -> dict[str, str]:
        """The environment as expressions may see it."""
        return {name: os.environ[name] for name in self.env_allow if name in os.environ}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before environment before file."""
        path = config_file()
        if path is None:
            return init_settings, env_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, path)


def config_file() -> Path | None:
    """The TOML file that is read, None if there is none; SettingsInvalidError if one is named."""
    named = os.environ.get(CONFIG)
    path = Path(named or DEFAULT_FILE)
    if path.is_file():
        return path
    if named:
        raise SettingsInvalidError(f"{CONFIG} names {named}, and there is no such file.")
    return None


def load(**overrides: Any) -> Settings:
    """The settings of this process. SettingsInvalidError names each wrong one and its source."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [_explain(dict(problem), overrides) for problem in error.errors()]
        raise SettingsInvalidError(
            "The settings cannot be used:\n" + "\n".join(f"  {line}" for line in lines),
            details={"errors": lines},
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalidError(f"{config_file()} is no TOML: {error}") from None


def _explain(problem: Mapping[str, Any], overrides: Mapping[str, Any]) -> str:
    name = str(problem["loc"][0]) if problem["loc"] else ""
    if not name:
        return str(problem["msg"]).removeprefix("Value error, ")
    where = source_of(name, overrides, file_keys())
    if problem["type"] == "extra_forbidden":
        return f"{name} (from {where}): there is no such setting; `weir doctor` lists them"
    said = str(problem["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{name.upper()} (from {where}): {said}"


def file_keys() -> Mapping[str, Any]:
    """What the file holds; nothing if there is none."""
    path = config_file()
    return tomllib.loads(path.read_text()) if path else {}


def source_of(name: str, overrides: Mapping[str, Any], file: Mapping[str, Any]) -> str:
    """Where the value of a setting came from."""
    if name in overrides:
        return "argument"
    if any(key.lower() == f"{PREFIX}{name}".lower() and os.environ[key] for key in os.environ):
        return "env"
    return f"file {config_file()}" if name in file else "default"

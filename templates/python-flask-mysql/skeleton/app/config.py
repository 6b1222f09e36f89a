"""Settings, read once from the environment. Secrets are never among them: see `credentials`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class ConfigurationError(Exception):
    """The environment holds a value that cannot be used; the message names the variable."""


@dataclass(frozen=True)
class Gateway:
    """The Akeyless gateway, as a pod logs in to it: by the token of its service account."""

    url: str
    access_id: str
    auth_config: str
    # The dynamic secret that issues database users.
    secret: str
    token_file: Path
    # Of the authority that signed the gateway's certificate; None: one that the system knows.
    ca_file: Path | None = None


@dataclass(frozen=True)
class Settings:
    database_host: str
    database_port: int
    database_name: str
    # Where the credential comes from: the gateway, else files that the cluster mounts and replaces.
    credential_folder: Path
    gateway: Gateway | None = None
    # How long to stay with a credential. None: two thirds of its life; files are looked at every few seconds.
    refresh_seconds: float | None = None
    pool_size: int = 8
    connect_timeout_seconds: int = 3
    log_level: str = "INFO"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        return cls(
            database_host=environment.get("DATABASE_HOST", "127.0.0.1"),
            database_port=_whole(environment, "DATABASE_PORT", 3306),
            database_name=_required(environment, "DATABASE_NAME"),
            credential_folder=Path(environment.get("DATABASE_CREDENTIAL", "/var/run/secrets/database")),
            gateway=_gateway(environment),
            refresh_seconds=_seconds(environment, "DATABASE_CREDENTIAL_REFRESH_SECONDS"),
            pool_size=_whole(environment, "DATABASE_POOL_SIZE", 8),
            connect_timeout_seconds=_whole(environment, "DATABASE_CONNECT_TIMEOUT", 3),
            log_level=_level(environment, "LOG_LEVEL"),
        )


def _gateway(environment: Mapping[str, str]) -> Gateway | None:
    url = environment.get("AKEYLESS_GATEWAY_URL")
    if not url:
        return None
    if not url.startswith(("https://", "http://")):
        raise ConfigurationError("AKEYLESS_GATEWAY_URL must start with https:// or http://.")
    ca_file = environment.get("AKEYLESS_CA_FILE")
    return Gateway(
        url=url.rstrip("/"),
        access_id=_required(environment, "AKEYLESS_ACCESS_ID"),
        auth_config=_required(environment, "AKEYLESS_K8S_AUTH_CONFIG"),
        secret=_required(environment, "DATABASE_SECRET"),
        token_file=Path(environment.get("AKEYLESS_TOKEN_FILE", "/var/run/secrets/akeyless/token")),
        ca_file=Path(ca_file) if ca_file else None,
    )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise ConfigurationError(f"{name} must be set.")
    return value


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name)
    if not value:
        return default
    if not value.isdecimal() or int(value) == 0:
        raise ConfigurationError(f"{name} must be a whole number above zero, not {value!r}.")
    return int(value)


def _seconds(environment: Mapping[str, str], name: str) -> float | None:
    value = environment.get(name)
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0
    # A comparison that NaN and infinity fail too.
    if not 0 < seconds < 10**9:
        raise ConfigurationError(f"{name} must be a number of seconds above zero, not {value!r}.")
    return seconds


def _level(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "INFO").upper()
    if value not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ConfigurationError(f"{name} must be DEBUG, INFO, WARNING or ERROR, not {value!r}.")
    return value

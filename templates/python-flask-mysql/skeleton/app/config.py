"""Settings, read once from the environment. Secrets are never among them: see `credentials`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class ConfigurationError(Exception):
    """The environment holds a value that cannot be used; the message names the variable."""


@dataclass(frozen=True)
class Settings:
    database_host: str
    database_port: int
    database_name: str
    # The folder into which the cluster mounts the credential, one file per key. It may be empty at first.
    credential_folder: Path
    pool_size: int = 5
    connect_timeout_seconds: int = 3
    log_level: str = "INFO"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        return cls(
            database_host=environment.get("DATABASE_HOST", "127.0.0.1"),
            database_port=_integer(environment, "DATABASE_PORT", 3306),
            database_name=_required(environment, "DATABASE_NAME"),
            credential_folder=Path(environment.get("DATABASE_CREDENTIAL", "/var/run/secrets/database")),
            pool_size=_integer(environment, "DATABASE_POOL_SIZE", 5),
            connect_timeout_seconds=_integer(environment, "DATABASE_CONNECT_TIMEOUT", 3),
            log_level=environment.get("LOG_LEVEL", "INFO").upper(),
        )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise ConfigurationError(f"{name} must be set.")
    return value


def _integer(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name)
    if not value:
        return default
    if not value.isdecimal() or int(value) == 0:
        raise ConfigurationError(f"{name} must be a whole number above zero, not {value!r}.")
    return int(value)

"""The database credential. It is issued for a while, and replaced where it lies while the service runs."""

import json
from dataclasses import dataclass, field
from pathlib import Path


class CredentialMissing(Exception):
    """There is no credential yet, or half of one. Not fatal: whoever issues it may need a minute."""


@dataclass(frozen=True)
class Credential:
    user: str
    # Kept out of tracebacks and logs.
    password: str = field(repr=False)
    ttl_minutes: int | None = None


def read_credential(source: Path) -> Credential:
    """Read a credential: a folder with the files `user` and `password`, or one JSON file that holds both.

    `ttl_in_minutes` may stand beside them. Raises CredentialMissing when there is nothing to read yet.
    """
    values = _from_folder(source) if source.is_dir() else _from_json(source)
    user, password = values.get("user"), values.get("password")
    if not user or not password:
        raise CredentialMissing(f"There is no database credential at {source} yet.")
    return Credential(user=user, password=password, ttl_minutes=_minutes(values.get("ttl_in_minutes")))


def _from_folder(folder: Path) -> dict[str, str]:
    # Kubernetes swaps `..data` as a whole. Resolved once, all files are of the same issue.
    current = (folder / "..data").resolve() if (folder / "..data").exists() else folder
    values = {}
    for name in ("user", "password", "ttl_in_minutes"):
        try:
            values[name] = (current / name).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            continue
    return values


def _from_json(file: Path) -> dict[str, str]:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {key: str(value) for key, value in values.items()} if isinstance(values, dict) else {}


def _minutes(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() else None

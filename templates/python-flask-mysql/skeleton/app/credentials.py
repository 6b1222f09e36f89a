"""The database credential. It is issued for a while; whoever uses it must look for the next one in time."""

import time
from dataclasses import dataclass, field
from typing import Protocol


class CredentialUnavailable(Exception):
    """There is no credential now. Not fatal: whoever issues it may need a minute. The message holds no secret."""


@dataclass(frozen=True)
class Credential:
    user: str
    # Kept out of tracebacks and logs.
    password: str = field(repr=False)
    # None: not told.
    lifetime_seconds: float | None = None
    issued_at: float = field(default_factory=time.monotonic, compare=False)


class CredentialSource(Protocol):
    def fetch(self) -> Credential:
        """The credential to use from now on. Raises CredentialUnavailable."""

    def seconds_until_next(self, credential: Credential) -> float:
        """How long from now to stay with this one before asking again."""


def lifetime_of(ttl_in_minutes: str | int | None) -> float | None:
    """Seconds, of what Akeyless calls `ttl_in_minutes`: a text."""
    try:
        minutes = float(ttl_in_minutes or 0)
    except ValueError:
        return None
    return minutes * 60 if minutes > 0 else None

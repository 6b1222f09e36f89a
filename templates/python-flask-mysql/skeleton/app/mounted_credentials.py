"""A credential in files, as the cluster mounts a Secret that External Secrets keeps fresh."""

from pathlib import Path

from app.credentials import Credential, CredentialUnavailable, lifetime_of

LOOK_EVERY_SECONDS = 5.0


class MountedCredentials:
    """Whoever writes the files decides when to renew; reading three small ones every few seconds costs nothing."""

    def __init__(self, folder: Path, refresh_seconds: float | None = None):
        self._folder = folder
        self._look_every = refresh_seconds or LOOK_EVERY_SECONDS

    def fetch(self) -> Credential:
        # Kubernetes swaps `..data` as a whole. Resolved once, all files are of the same issue.
        linked = self._folder / "..data"
        current = linked.resolve() if linked.exists() else self._folder
        user, password = _read(current / "user"), _read(current / "password")
        if not user or not password:
            raise CredentialUnavailable(f"There is no database credential in {self._folder} yet.")
        return Credential(user, password, lifetime_of(_read(current / "ttl_in_minutes")))

    def seconds_until_next(self, credential: Credential) -> float:
        return self._look_every


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CredentialUnavailable(f"{file} cannot be read: {error.strerror}.") from error

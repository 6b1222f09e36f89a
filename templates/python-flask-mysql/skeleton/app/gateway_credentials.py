"""A credential from the Akeyless gateway, which makes a database user for each that asks."""

import base64
import json
import ssl
import time
import urllib.error
import urllib.request

from app.config import Gateway
from app.credentials import Credential, CredentialUnavailable, lifetime_of

# Of a credential's life: what remains is for work under way, and for trying again while the gateway is away.
REFRESH_AFTER = 2 / 3
# Where the gateway does not say how long it lives.
ASSUMED_LIFETIME_SECONDS = 600.0
ANSWER_WITHIN_SECONDS = 15
LONGEST_ANSWER = 64 * 1024


class GatewayCredentials:
    """Logs in as the pod's service account: nothing that lasts is kept in the service or in its repository."""

    def __init__(self, gateway: Gateway, refresh_seconds: float | None = None):
        self._gateway = gateway
        self._refresh_seconds = refresh_seconds

    def fetch(self) -> Credential:
        issued = self._post("/dynamic-secret-get-value", {"name": self._gateway.secret, "token": self._log_in()})
        user, password = issued.get("user"), issued.get("password")
        if not isinstance(user, str) or not isinstance(password, str) or not user or not password:
            raise CredentialUnavailable(f"{self._gateway.secret} is no dynamic secret of a database.")
        return Credential(user, password, lifetime_of(issued.get("ttl_in_minutes")))

    def seconds_until_next(self, credential: Credential) -> float:
        due = (credential.lifetime_seconds or ASSUMED_LIFETIME_SECONDS) * REFRESH_AFTER
        age = time.monotonic() - credential.issued_at
        return max(min(due, self._refresh_seconds or due) - age, 0.0)

    def _log_in(self) -> str:
        try:
            # Read anew each time: the kubelet replaces it well before its end.
            account_token = self._gateway.token_file.read_bytes().strip()
        except OSError as error:
            raise CredentialUnavailable(f"The service account's token cannot be read: {error.strerror}.") from error
        answer = self._post(
            "/auth",
            {
                "access-type": "k8s",
                "access-id": self._gateway.access_id,
                "k8s-auth-config-name": self._gateway.auth_config,
                "k8s-service-account-token": base64.b64encode(account_token).decode(),
                "gateway-url": self._gateway.url,
            },
        )
        token = answer.get("token")
        if not isinstance(token, str):
            raise CredentialUnavailable("The gateway answered /auth without a token.")
        return token

    def _post(self, path: str, body: dict[str, str]) -> dict:
        """Bodies hold tokens and passwords either way: none of them goes into a message."""
        request = urllib.request.Request(  # noqa: S310 (the settings allow http and https alone)
            self._gateway.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_WITHIN_SECONDS, context=self._tls()) as response:  # noqa: S310
                answer = json.loads(response.read(LONGEST_ANSWER))
        except urllib.error.HTTPError as error:
            with error:
                raise CredentialUnavailable(_refusal(path, error.code)) from None
        except OSError as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise CredentialUnavailable(f"The gateway cannot be reached: {reason}.") from error
        except ValueError:
            raise CredentialUnavailable(f"The gateway answered {path} with something other than JSON.") from None
        return answer if isinstance(answer, dict) else {}

    def _tls(self) -> ssl.SSLContext | None:
        if not self._gateway.url.startswith("https://"):
            return None
        # Read anew each time, for the day the authority is replaced.
        return ssl.create_default_context(cafile=self._gateway.ca_file)


def _refusal(path: str, status: int) -> str:
    if status in (401, 403, 404):
        # Akeyless says the same of what is not there and of what is not allowed.
        return f"The gateway refused {path} with {status}: it is not there yet, or this service may not read it."
    return f"The gateway answered {path} with {status}."

import base64
import json
import os
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pymysql
import pytest

from app.config import Gateway
from app.credentials import Credential, CredentialUnavailable
from app.gateway_credentials import GatewayCredentials

ISSUED = {"id": "tmp_1", "user": "tmp_1", "password": "p@ss", "ttl_in_minutes": "60"}


class FakeGateway:
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self):
        self.answers = {"/auth": (200, {"token": "t-1"}), "/dynamic-secret-get-value": (200, ISSUED)}
        self.asked: list[tuple[str, dict]] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                gateway.asked.append((self.path, json.loads(body)))
                status, answer = gateway.answers[self.path]
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def fake():
    fake = FakeGateway()
    yield fake
    fake.close()


@pytest.fixture
def gateway(fake, tmp_path) -> Gateway:
    token = tmp_path / "token"
    token.write_text("account-token\n")
    return Gateway(fake.url, "p-1", "cluster", "/apps/shop/database", token)


def test_logs_in_as_the_service_account_and_asks_for_a_user(fake, gateway):
    assert GatewayCredentials(gateway).fetch() == Credential("tmp_1", "p@ss", 3600)
    (login, asked), (read, secret) = fake.asked
    assert login == "/auth"
    assert (asked["access-type"], asked["access-id"], asked["k8s-auth-config-name"]) == ("k8s", "p-1", "cluster")
    assert base64.b64decode(asked["k8s-service-account-token"]) == b"account-token"
    assert (read, secret) == ("/dynamic-secret-get-value", {"name": "/apps/shop/database", "token": "t-1"})


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/auth", (401, {"error": "secret-value"}), "401"),
        ("/dynamic-secret-get-value", (404, {"error": "secret-value"}), "not there yet"),
        ("/dynamic-secret-get-value", (500, {"error": "secret-value"}), "500"),
        ("/auth", (200, {}), "without a token"),
        ("/auth", (200, []), "without a token"),
        ("/dynamic-secret-get-value", (200, {"user": "tmp_1"}), "no dynamic secret"),
        ("/dynamic-secret-get-value", (200, b"<secret-value>"), "other than JSON"),
    ],
)
def test_says_why_there_is_none(fake, gateway, path, answer, said):
    fake.answers[path] = answer
    with pytest.raises(CredentialUnavailable, match=said) as failure:
        GatewayCredentials(gateway).fetch()
    assert "secret-value" not in str(failure.value)
    assert "account-token" not in str(failure.value)


def test_waits_for_what_is_not_there(gateway, tmp_path):
    with pytest.raises(CredentialUnavailable, match="token cannot be read"):
        GatewayCredentials(replace(gateway, token_file=tmp_path / "nowhere")).fetch()
    with pytest.raises(CredentialUnavailable, match="cannot be reached"):
        GatewayCredentials(replace(gateway, url="http://127.0.0.1:1")).fetch()
    with pytest.raises(CredentialUnavailable, match="cannot be reached"):
        GatewayCredentials(replace(gateway, url="https://127.0.0.1:1", ca_file=tmp_path / "no-ca")).fetch()


@pytest.mark.parametrize(
    ("lifetime", "refresh", "seconds"),
    [(3600, None, 2400), (3600, 60, 60), (60, 3600, 40), (None, None, 400)],
)
def test_asks_again_at_two_thirds_of_its_life_or_sooner(gateway, lifetime, refresh, seconds):
    credential = Credential("tmp_1", "secret", lifetime)
    assert GatewayCredentials(gateway, refresh).seconds_until_next(credential) == pytest.approx(seconds, abs=1)


def test_counts_from_when_it_was_issued(gateway):
    old = Credential("tmp_1", "secret", 3600)
    old = replace(old, issued_at=old.issued_at - 2000)
    assert GatewayCredentials(gateway).seconds_until_next(old) == pytest.approx(400, abs=1)


def test_a_real_gateway_issues_a_user_of_the_database(server):
    """Give TEST_AKEYLESS_GATEWAY_URL, _ACCESS_ID, _K8S_AUTH_CONFIG, _TOKEN_FILE and _SECRET of that database."""
    names = ("GATEWAY_URL", "ACCESS_ID", "K8S_AUTH_CONFIG", "SECRET", "TOKEN_FILE")
    given = [os.environ.get(f"TEST_AKEYLESS_{name}") for name in names]
    if not all(given):
        pytest.skip("no TEST_AKEYLESS_* in the environment")
    *texts, token_file = given
    credential = GatewayCredentials(Gateway(*texts, Path(token_file))).fetch()
    login = {"host": server.host, "port": server.port, "database": server.schema}
    with pymysql.connect(**login, user=credential.user, password=credential.password) as connection:
        assert connection.open
    assert credential.lifetime_seconds > 0

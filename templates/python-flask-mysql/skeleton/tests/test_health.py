import time

from tests.conftest import write_credential


def test_is_alive_without_a_database(client):
    assert client.get("/healthz").status_code == 200


def test_is_unready_until_its_credential_exists(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "no database credential" in answer.json["reason"]


def test_stays_unready_and_alive_while_the_database_is_away(client, credential_folder):
    write_credential(credential_folder, "tmp_1", "secret-value")
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "secret-value" not in answer.text
        assert "tmp_1" not in answer.text
    assert client.get("/healthz").status_code == 200


def test_becomes_ready(database_client):
    assert database_client.get("/readyz").json == {"status": "ready"}


def test_becomes_unready_when_its_user_is_gone_for_good(database_client, server):
    server.revoke_all()
    answer = database_client.get("/readyz")
    assert (answer.status_code, answer.json["reason"]) == (503, "The database does not answer.")

import io
import json
import logging

import pytest
from pymysql.err import IntegrityError, OperationalError

from app import create_app
from app.config import Settings
from app.logs import JsonFormatter


@pytest.fixture
def logged(credential_folder):
    """A service whose routes fail in various ways. Answers its client, and what it has logged so far."""
    app = create_app(Settings("127.0.0.1", 1, "todo", credential_folder))
    written = io.StringIO()
    handler = next(each for each in logging.getLogger().handlers if isinstance(each.formatter, JsonFormatter))
    handler.setStream(written)

    @app.get("/fails/<what>")
    def fail(what: str):
        raise {
            "duplicate": IntegrityError(1062, "Duplicate entry 'secret-value' for key"),
            "denied": OperationalError(1045, "Access denied for user 'secret-value'"),
            "column": OperationalError(1054, "Unknown column 'secret-value'"),
            "bug": RuntimeError("the cause is a secret-cause"),
        }[what]

    yield app.test_client(), lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    app.extensions["database"].close()


@pytest.mark.parametrize(
    ("what", "status", "error"),
    [
        ("duplicate", 500, "internal"),
        ("column", 500, "internal"),
        ("denied", 503, "unavailable"),
        ("bug", 500, "internal"),
    ],
)
def test_never_shows_what_failed(logged, what, status, error):
    client, log = logged
    answer = client.get(f"/fails/{what}?token=secret-value")
    assert (answer.status_code, answer.json["error"]) == (status, error)
    assert "secret-value" not in answer.text
    assert "secret-cause" not in answer.text
    assert f"/fails/{what}" in json.dumps(log())
    assert "secret-value" not in json.dumps(log())


def test_logs_where_it_failed(logged):
    client, log = logged
    client.get("/fails/bug", headers={"X-Request-ID": "abc-1"})
    lines = log()
    failure = next(line for line in lines if line["level"] == "error")
    assert "RuntimeError: the cause is a secret-cause" in failure["exception"]
    assert "test_errors.py" in failure["exception"]
    request = next(line for line in lines if line["message"] == "request")
    assert (request["request_id"], request["path"], request["status"]) == ("abc-1", "/fails/bug", 500)


def test_refuses_in_json(client):
    missing = client.get("/nowhere")
    assert (missing.status_code, missing.json["error"]) == (404, "not_found")
    wrong = client.delete("/todos")
    assert (wrong.status_code, wrong.json["error"]) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["Allow"]


def test_answers_with_a_request_id(client):
    assert client.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    assert len(client.get("/healthz", headers={"X-Request-ID": 'a b"c'}).headers["X-Request-ID"]) == 32

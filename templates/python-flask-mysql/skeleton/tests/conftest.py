import os
from pathlib import Path

import pytest

from app import create_app
from app.config import Settings


@pytest.fixture
def credential_folder(tmp_path: Path) -> Path:
    """An empty folder, as the cluster mounts it before the credential exists."""
    folder = tmp_path / "database"
    folder.mkdir()
    return folder


@pytest.fixture
def app(credential_folder: Path):
    """The service, pointed at a port where nothing listens."""
    return create_app(Settings("127.0.0.1", 1, "todo", credential_folder, connect_timeout_seconds=1))


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def database_client(credential_folder: Path):
    """The service on a real database. Give TEST_DATABASE_HOST, _PORT, _NAME, _USER and _PASSWORD."""
    names = ("HOST", "PORT", "NAME", "USER", "PASSWORD")
    given = {name: os.environ.get(f"TEST_DATABASE_{name}") for name in names}
    if not all(given.values()):
        pytest.skip("no TEST_DATABASE_* in the environment")
    write_credential(credential_folder, given["USER"], given["PASSWORD"])
    settings = Settings(given["HOST"], int(given["PORT"]), given["NAME"], credential_folder)
    client = create_app(settings).test_client()
    assert client.get("/readyz").status_code == 200
    return client


def write_credential(folder: Path, user: str, password: str) -> None:
    (folder / "user").write_text(user)
    (folder / "password").write_text(password)

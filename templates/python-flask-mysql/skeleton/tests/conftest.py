import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pymysql
import pytest

from app import create_app
from app.config import Settings
from app.database import Database
from app.mounted_credentials import MountedCredentials


@pytest.fixture
def credential_folder(tmp_path: Path) -> Path:
    """An empty folder, as the cluster mounts it before the credential exists."""
    folder = tmp_path / "database"
    folder.mkdir()
    return folder


@pytest.fixture
def app(credential_folder: Path):
    """The service, pointed at a port where nothing listens."""
    app = create_app(Settings("127.0.0.1", 1, "todo", credential_folder, refresh_seconds=0.05))
    yield app
    app.extensions["database"].close()


@pytest.fixture
def client(app):
    return app.test_client()


class Server:
    """A real MySQL or MariaDB, by its administrator."""

    def __init__(self, host: str, port: int, schema: str, user: str, password: str):
        self.host, self.port, self.schema = host, port, schema
        self._login = {"host": host, "port": port, "user": user, "password": password}
        self._issued: set[str] = set()

    def issue_user(self) -> tuple[str, str]:
        """A user that may use the schema alone, as a dynamic secret makes one."""
        user, password = f"t_{secrets.token_hex(6)}", secrets.token_urlsafe(12)
        self._run(
            f"CREATE USER '{user}'@'%' IDENTIFIED BY '{password}'",
            f"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON `{self.schema}`.* TO '{user}'@'%'",
        )
        self._issued.add(user)
        return user, password

    def revoke_user(self, user: str) -> None:
        """Takes the user away, and with it what it has open."""
        self._run(f"DROP USER '{user}'@'%'")
        self._issued.remove(user)
        with closing(pymysql.connect(**self._login)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM information_schema.processlist WHERE user = %s", (user,))
            for (session,) in cursor.fetchall():
                cursor.execute(f"KILL {session}")

    def revoke_all(self) -> None:
        for user in list(self._issued):
            self.revoke_user(user)

    def _run(self, *statements: str) -> None:
        with closing(pymysql.connect(**self._login)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@pytest.fixture
def server() -> Iterator[Server]:
    """Give TEST_DATABASE_HOST, _PORT, _NAME, and _ADMIN_USER and _ADMIN_PASSWORD of one who may make users."""
    names = ("HOST", "PORT", "NAME", "ADMIN_USER", "ADMIN_PASSWORD")
    given = [os.environ.get(f"TEST_DATABASE_{name}") for name in names]
    if not all(given):
        pytest.skip("no TEST_DATABASE_* in the environment")
    host, port, schema, user, password = given
    server = Server(host, int(port), schema, user, password)
    yield server
    server.revoke_all()


@pytest.fixture
def settings(server: Server, credential_folder: Path) -> Settings:
    return Settings(server.host, server.port, server.schema, credential_folder, pool_size=4)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """On the real server, renewed by the tests themselves."""
    database = Database(settings, MountedCredentials(settings.credential_folder))
    yield database
    database.close()


@pytest.fixture
def issue(server: Server, credential_folder: Path) -> Callable[[], str]:
    """Makes a user and puts its credential where the service looks. Answers its name."""

    def issue() -> str:
        user, password = server.issue_user()
        write_credential(credential_folder, user, password)
        return user

    return issue


@pytest.fixture
def database_client(settings: Settings, database: Database, issue):
    issue()
    database.renew()
    client = create_app(settings, database).test_client()
    assert client.get("/readyz").status_code == 200
    return client


def write_credential(folder: Path, user: str, password: str) -> None:
    (folder / "user").write_text(user)
    (folder / "password").write_text(password)

"""Connections to the service's own database, with a credential that changes under way."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, Full, LifoQueue

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import DictCursor

from app.config import Settings
from app.credentials import Credential, read_credential

log = logging.getLogger(__name__)

ACCESS_DENIED = 1045

SCHEMA = """
CREATE TABLE IF NOT EXISTS todos (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    title VARCHAR(200) NOT NULL,
    done BOOLEAN NOT NULL DEFAULT FALSE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
) CHARACTER SET utf8mb4
"""


class Database:
    """A small pool. Every connection belongs to the credential it was opened with.

    Once the credential has changed, connections in use finish their work; none opened with the old one is used again.
    """

    def __init__(self, settings: Settings):
        self._settings = settings
        self._credential: Credential | None = None
        self._idle: LifoQueue[tuple[Credential, Connection]] = LifoQueue(settings.pool_size)
        self._lock = threading.Lock()
        self._schema_ready = False

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection inside one transaction: committed when the block ends well, rolled back otherwise.

        Raises CredentialMissing or pymysql's OperationalError when there is no database to be had.
        """
        credential, connection = self._take()
        try:
            self._prepare(connection)
            yield connection
            connection.commit()
        except BaseException:
            # Whatever state it is in, a fresh one is cheaper than finding out.
            connection.close()
            raise
        self._give_back(credential, connection)

    def check(self) -> None:
        """Prove that a statement can be run, and that the tables are there. Raises as `connection` does."""
        with self.connection() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def refresh(self) -> Credential:
        """Look for a newer credential. Called before every connection; reading two small files costs little."""
        current = read_credential(self._settings.credential_folder)
        with self._lock:
            if current != self._credential:
                if self._credential is not None:
                    log.info("The database credential was renewed.")
                self._credential = current
            return current

    def _prepare(self, connection: Connection) -> None:
        """Make the tables, once per process. Doing it twice is harmless."""
        if self._schema_ready:
            return
        with connection.cursor() as cursor:
            cursor.execute(SCHEMA)
        self._schema_ready = True

    def _take(self) -> tuple[Credential, Connection]:
        credential = self.refresh()
        while True:
            try:
                opened_with, connection = self._idle.get_nowait()
            except Empty:
                return credential, self._open(credential)
            if opened_with == credential and _is_alive(connection):
                return credential, connection
            connection.close()

    def _open(self, credential: Credential) -> Connection:
        try:
            return self._connect(credential)
        except pymysql.err.OperationalError as error:
            # It may have been replaced between reading and using it: look once more.
            renewed = self.refresh()
            if error.args[0] != ACCESS_DENIED or renewed == credential:
                raise
            return self._connect(renewed)

    def _connect(self, credential: Credential) -> Connection:
        return pymysql.connect(
            host=self._settings.database_host,
            port=self._settings.database_port,
            user=credential.user,
            password=credential.password,
            database=self._settings.database_name,
            charset="utf8mb4",
            cursorclass=DictCursor,
            connect_timeout=self._settings.connect_timeout_seconds,
            read_timeout=30,
            write_timeout=30,
        )

    def _give_back(self, credential: Credential, connection: Connection) -> None:
        try:
            self._idle.put_nowait((credential, connection))
        except Full:
            connection.close()


def _is_alive(connection: Connection) -> bool:
    try:
        connection.ping(reconnect=False)
    except pymysql.err.Error:
        return False
    return True

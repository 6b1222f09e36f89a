"""Connections that were opened with one credential."""

import threading

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import DictCursor

from app.config import Settings
from app.credentials import Credential

WAIT_SECONDS = 5


class PoolExhausted(Exception):
    """Every connection stayed in use for too long."""


class Pool:
    """At most `pool_size` connections at a time. Once retired it keeps none, while those in use finish their work."""

    def __init__(self, settings: Settings, credential: Credential):
        self.credential = credential
        self._settings = settings
        self._free = threading.BoundedSemaphore(settings.pool_size)
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._retired = False

    def take(self) -> Connection:
        """A connection that answers. Raises PoolExhausted, or pymysql's errors when none can be opened."""
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise PoolExhausted(f"No connection became free within {WAIT_SECONDS} s.")
        try:
            return self._take_idle() or self._open()
        except BaseException:
            self._free.release()
            raise

    def give_back(self, connection: Connection) -> None:
        with self._lock:
            keep = not self._retired
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()
        self._free.release()

    def discard(self, connection: Connection) -> None:
        """Whatever state it is in, a fresh one is cheaper than finding out."""
        try:
            connection.close()
        except pymysql.err.Error:
            pass  # It was closed from the other side.
        self._free.release()

    def retire(self) -> None:
        with self._lock:
            self._retired = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take_idle(self) -> Connection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            try:
                connection.ping(reconnect=False)
            except (pymysql.err.Error, OSError):
                continue  # The server ended it, as one does after a restart or a revocation.
            return connection

    def _open(self) -> Connection:
        return pymysql.connect(
            host=self._settings.database_host,
            port=self._settings.database_port,
            user=self.credential.user,
            password=self.credential.password,
            database=self._settings.database_name,
            charset="utf8mb4",
            cursorclass=DictCursor,
            connect_timeout=self._settings.connect_timeout_seconds,
            read_timeout=30,
            write_timeout=30,
        )

"""Connections to the service's own database, with a credential that changes under way."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pymysql.connections import Connection
from pymysql.err import MySQLError, OperationalError

from app.config import Settings
from app.credentials import Credential, CredentialSource, CredentialUnavailable
from app.logs import describe
from app.pool import Pool
from app.schema import create_tables

log = logging.getLogger(__name__)

ACCESS_DENIED = 1045
FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 30.0


class Database:
    """Hands out connections of the newest credential that was seen to work.

    Pools overlap: a new one is opened and tried before it takes over, and the connections of the one before finish what
    they are at. Renewal happens beside the requests, long before an expiry. Should a credential be revoked without
    notice, the first request to be refused asks for another one and carries on, where there is one to be had.
    """

    def __init__(self, settings: Settings, source: CredentialSource):
        self._settings = settings
        self._source = source
        self._pool: Pool | None = None
        # Issued and not yet seen to work: tried again before another user is asked for.
        self._candidate: Credential | None = None
        self._renewing = threading.Lock()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Keep the credential fresh from now on, in a thread of its own that ends with the process."""
        threading.Thread(target=self._keep_fresh, name="credential", daemon=True).start()

    def close(self) -> None:
        self._stopped.set()
        if self._pool:
            self._pool.retire()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection inside one transaction: committed when the block ends well, rolled back otherwise.

        Raises CredentialUnavailable, PoolExhausted or pymysql's OperationalError when there is none to be had.
        """
        pool, connection = self._take()
        try:
            yield connection
            connection.commit()
        except BaseException:
            pool.discard(connection)
            raise
        pool.give_back(connection)

    def check(self) -> None:
        """Prove that a statement can be run. Raises as `connection` does."""
        with self.connection() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def renew(self) -> Credential:
        """Fetch the credential of the hour and go over to it. On any error, which is raised, all stays as it was."""
        with self._renewing:
            return self._renew()

    def _take(self) -> tuple[Pool, Connection]:
        pool = self._pool
        if pool is None:
            raise CredentialUnavailable("There is no database credential yet.")
        try:
            return pool, pool.take()
        except OperationalError as error:
            if error.args[0] != ACCESS_DENIED:
                raise
            successor = self._successor_of(pool)
            if successor is None:
                raise
            return successor, successor.take()

    def _successor_of(self, refused: Pool) -> Pool | None:
        """The pool to use instead of one whose user is gone. Of many requests that ask at once, one fetches."""
        with self._renewing:
            if self._pool is refused:
                log.warning("The database refused the credential before its time: asking for another.")
                self._renew()
            return self._pool if self._pool is not refused else None

    def _renew(self) -> Credential:
        credential = self._candidate or self._source.fetch()
        before = self._pool
        if before and before.credential == credential:
            return credential
        self._candidate = credential
        try:
            pool = self._open(credential, first=before is None)
        except OperationalError as error:
            if error.args[0] == ACCESS_DENIED:
                self._candidate = None
            raise
        self._candidate = None
        self._pool = pool
        if before:
            before.retire()
            log.info("The database credential was renewed.")
        return credential

    def _open(self, credential: Credential, first: bool) -> Pool:
        """A pool whose first connection is there. The first of all makes the tables: doing it twice is harmless."""
        pool = Pool(self._settings, credential)
        connection = pool.take()
        try:
            if first:
                create_tables(connection)
        except BaseException:
            pool.discard(connection)
            raise
        pool.give_back(connection)
        return pool

    def _keep_fresh(self) -> None:
        wait, failures = 0.0, 0
        while not self._stopped.wait(wait):
            try:
                wait, failures = self._source.seconds_until_next(self.renew()), 0
            except Exception as error:
                # Whatever it is: nobody would start this thread again.
                failures += 1
                wait = _backoff(failures)
                expected = isinstance(error, (CredentialUnavailable, MySQLError))
                log.warning(
                    "No new database credential, next try in %.1f s: %s", wait, describe(error), exc_info=not expected
                )


def _backoff(failures: int) -> float:
    return min(FIRST_RETRY_SECONDS * 2 ** min(failures - 1, 10), LONGEST_RETRY_SECONDS)

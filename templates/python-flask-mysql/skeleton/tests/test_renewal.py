import threading
import time

import pytest
from pymysql.err import OperationalError

from app import create_app
from app.credentials import CredentialUnavailable
from app.database import Database
from app.mounted_credentials import MountedCredentials
from app.pool import Pool, PoolExhausted
from tests.conftest import write_credential


def user_of(connection) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_USER() AS name")
        return cursor.fetchone()["name"].split("@")[0]


def current_user(database: Database) -> str:
    with database.connection() as connection:
        return user_of(connection)


def test_has_none_before_the_first(database):
    with pytest.raises(CredentialUnavailable), database.connection():
        pass


def test_takes_up_a_renewed_credential(database, issue):
    first = issue()
    database.renew()
    assert current_user(database) == first
    second = issue()
    database.renew()
    assert current_user(database) == second


def test_an_unchanged_credential_keeps_its_connections(database, issue):
    issue()
    database.renew()
    with database.connection() as before:
        pass
    database.renew()
    with database.connection() as after:
        assert after is before


def test_work_under_way_finishes_on_the_old_pool(database, issue):
    first = issue()
    database.renew()
    with database.connection() as old:
        second = issue()
        database.renew()
        assert user_of(old) == first
        assert current_user(database) == second
        assert user_of(old) == first
    assert not old.open


def test_a_credential_that_does_not_work_takes_over_nothing(database, issue, credential_folder):
    first = issue()
    database.renew()
    write_credential(credential_folder, "nobody", "nothing")
    with pytest.raises(OperationalError):
        database.renew()
    assert current_user(database) == first
    second = issue()
    database.renew()
    assert current_user(database) == second


def test_no_request_fails_when_a_credential_is_revoked_without_notice(settings, server, issue):
    source = Counting(settings.credential_folder)
    database = Database(settings, source)
    first = issue()
    database.renew()
    client = create_app(settings, database).test_client()
    assert client.get("/todos").status_code == 200
    issue()
    server.revoke_user(first)
    source.fetched = 0
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(client.get("/todos").status_code)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
    assert source.fetched == 1
    database.close()


def test_renews_by_itself(settings, issue):
    database = Database(settings, MountedCredentials(settings.credential_folder, refresh_seconds=0.05))
    database.start()
    for _ in range(3):
        wait_until_used(database, issue())
    database.close()


def test_gives_out_no_more_connections_than_it_may(database, issue, monkeypatch):
    monkeypatch.setattr("app.pool.WAIT_SECONDS", 0.05)
    issue()
    database.renew()
    held = [database.connection() for _ in range(4)]
    for each in held:
        each.__enter__()
    with pytest.raises(PoolExhausted), database.connection():
        pass
    for each in held:
        each.__exit__(None, None, None)
    assert current_user(database)


def test_a_failure_rolls_back_and_costs_no_place_in_the_pool(database, issue):
    issue()
    database.renew()
    for _ in range(5):
        with pytest.raises(RuntimeError), database.connection() as connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO todos (title) VALUES ('never seen')")
            raise RuntimeError
    with database.connection() as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT id FROM todos WHERE title = 'never seen'") == 0


def test_a_retired_pool_keeps_nothing(settings, database, issue):
    issue()
    credential = database.renew()
    pool = Pool(settings, credential)
    held, idle = pool.take(), pool.take()
    pool.give_back(idle)
    pool.retire()
    assert not idle.open
    assert user_of(held) == credential.user
    pool.give_back(held)
    assert not held.open


class Counting(MountedCredentials):
    fetched = 0

    def fetch(self):
        self.fetched += 1
        return super().fetch()


def wait_until_used(database: Database, user: str) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if current_user(database) == user:
                return
        except CredentialUnavailable:
            pass
        time.sleep(0.02)
    raise AssertionError(f"{user} was not taken up within 5 s")

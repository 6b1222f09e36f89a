import os

import pymysql
import pytest

from tests.conftest import write_credential


@pytest.fixture
def second_user():
    """Another user of the same database, as a renewed dynamic secret would be. Needs TEST_DATABASE_ADMIN_PASSWORD."""
    password = os.environ.get("TEST_DATABASE_ADMIN_PASSWORD")
    if not password:
        pytest.skip("no TEST_DATABASE_ADMIN_PASSWORD in the environment")
    admin = pymysql.connect(
        host=os.environ["TEST_DATABASE_HOST"],
        port=int(os.environ["TEST_DATABASE_PORT"]),
        user="root",
        password=password,
    )
    schema = os.environ["TEST_DATABASE_NAME"]
    with admin, admin.cursor() as cursor:
        cursor.execute("CREATE USER 'renewed'@'%' IDENTIFIED BY 'renewed-password'")
        cursor.execute(f"GRANT ALL ON `{schema}`.* TO 'renewed'@'%'")
        yield "renewed", "renewed-password"
        cursor.execute("DROP USER 'renewed'@'%'")


def test_takes_up_a_renewed_credential(database_client, credential_folder, second_user):
    database = database_client.application.extensions["database"]

    def current_user() -> str:
        with database.connection() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT CURRENT_USER() AS name")
            return cursor.fetchone()["name"].split("@")[0]

    assert current_user() != "renewed"
    write_credential(credential_folder, *second_user)
    assert current_user() == "renewed"

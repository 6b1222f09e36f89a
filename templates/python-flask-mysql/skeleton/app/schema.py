"""The tables. They are made when the service first reaches its database; a tool for migrations may take over here."""

from pymysql.connections import Connection

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS todos (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        title VARCHAR(200) NOT NULL,
        done BOOLEAN NOT NULL DEFAULT FALSE,
        created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
    ) CHARACTER SET utf8mb4
    """,
)


def create_tables(connection: Connection) -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(table)

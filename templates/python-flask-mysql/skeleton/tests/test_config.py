from pathlib import Path

import pytest

from app.config import ConfigurationError, Settings

REFRESH = "DATABASE_CREDENTIAL_REFRESH_SECONDS"
GATEWAY = {
    "DATABASE_NAME": "todo",
    "AKEYLESS_GATEWAY_URL": "https://gateway.example.com/api/v2/",
    "AKEYLESS_ACCESS_ID": "p-1",
    "AKEYLESS_K8S_AUTH_CONFIG": "cluster",
    "DATABASE_SECRET": "/apps/shop/database",
}


def test_reads_the_environment():
    environment = {"DATABASE_NAME": "todo", "DATABASE_PORT": "3307", REFRESH: "1.5"}
    settings = Settings.from_environment(environment)
    assert (settings.database_name, settings.database_port, settings.refresh_seconds) == ("todo", 3307, 1.5)
    assert settings.gateway is None


def test_reads_where_the_gateway_is():
    gateway = Settings.from_environment({**GATEWAY, "AKEYLESS_CA_FILE": "/etc/akeyless/ca.crt"}).gateway
    assert gateway.url == "https://gateway.example.com/api/v2"
    assert gateway.ca_file == Path("/etc/akeyless/ca.crt")
    assert Settings.from_environment(GATEWAY).gateway.ca_file is None


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "DATABASE_NAME"),
        ({"DATABASE_NAME": "todo", "DATABASE_PORT": "many"}, "DATABASE_PORT"),
        ({"DATABASE_NAME": "todo", "DATABASE_POOL_SIZE": "0"}, "DATABASE_POOL_SIZE"),
        ({"DATABASE_NAME": "todo", REFRESH: "nan"}, REFRESH),
        ({"DATABASE_NAME": "todo", REFRESH: "-1"}, REFRESH),
        ({"DATABASE_NAME": "todo", "LOG_LEVEL": "loud"}, "LOG_LEVEL"),
        ({**GATEWAY, "AKEYLESS_ACCESS_ID": ""}, "AKEYLESS_ACCESS_ID"),
        ({**GATEWAY, "DATABASE_SECRET": ""}, "DATABASE_SECRET"),
        ({**GATEWAY, "AKEYLESS_GATEWAY_URL": "file:///etc/passwd"}, "AKEYLESS_GATEWAY_URL"),
    ],
)
def test_names_the_variable_that_is_wrong(environment, named):
    with pytest.raises(ConfigurationError, match=named):
        Settings.from_environment(environment)

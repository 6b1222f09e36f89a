import pytest

from app.config import ConfigurationError, Settings


def test_reads_the_environment():
    settings = Settings.from_environment({"DATABASE_NAME": "todo", "DATABASE_PORT": "3307"})
    assert (settings.database_name, settings.database_port) == ("todo", 3307)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "DATABASE_NAME"),
        ({"DATABASE_NAME": "todo", "DATABASE_PORT": "many"}, "DATABASE_PORT"),
        ({"DATABASE_NAME": "todo", "DATABASE_POOL_SIZE": "0"}, "DATABASE_POOL_SIZE"),
    ],
)
def test_names_the_variable_that_is_wrong(environment, named):
    with pytest.raises(ConfigurationError, match=named):
        Settings.from_environment(environment)

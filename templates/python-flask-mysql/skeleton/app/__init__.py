"""The service: `create_app` puts it together."""

from flask import Flask, current_app, jsonify
from pymysql.err import InterfaceError, OperationalError

from app import health, todos
from app.config import Settings
from app.credentials import CredentialMissing
from app.database import Database
from app.logs import configure_logging


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application. It starts without a database, and says so on /readyz."""
    settings = settings or Settings.from_environment()
    configure_logging(settings.log_level)

    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.extensions["database"] = Database(settings)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(todos.blueprint)
    app.register_error_handler(CredentialMissing, _unavailable)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(InterfaceError, _unavailable)
    return app


def _unavailable(error: Exception):
    """The database is away for now: the caller may try again. Details are for the log only."""
    # A driver's message may hold the name of the database user, hence the type alone.
    current_app.logger.warning("The database is not available: %s", type(error).__name__)
    return jsonify(error="unavailable", message="The database is not available right now."), 503

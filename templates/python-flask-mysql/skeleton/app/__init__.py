"""The service: `create_app` puts it together."""

from flask import Flask

from app import health, todos
from app.config import Settings
from app.credentials import CredentialSource
from app.database import Database
from app.errors import register_error_handlers
from app.gateway_credentials import GatewayCredentials
from app.logs import configure_logging, log_requests
from app.mounted_credentials import MountedCredentials


def create_app(settings: Settings | None = None, database: Database | None = None) -> Flask:
    """Build the application. It starts without a database, and says so on /readyz until it has one."""
    settings = settings or Settings.from_environment()
    configure_logging(settings.log_level)

    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    log_requests(app)
    register_error_handlers(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(todos.blueprint)

    if database is None:
        database = Database(settings, _credential_source(settings))
        database.start()
    app.extensions["database"] = database
    return app


def _credential_source(settings: Settings) -> CredentialSource:
    if settings.gateway:
        return GatewayCredentials(settings.gateway, settings.refresh_seconds)
    return MountedCredentials(settings.credential_folder, settings.refresh_seconds)

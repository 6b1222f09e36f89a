"""What Kubernetes asks: is the process alive, and can it serve?"""

from flask import Blueprint, current_app, jsonify
from pymysql.err import MySQLError

from app.credentials import CredentialUnavailable
from app.logs import describe
from app.pool import PoolExhausted

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive():
    """Alive means only that the process answers: a restart would mend nothing that is outside it."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready():
    """Ready once the database answers. Unready is an ordinary state, at the start above all."""
    try:
        current_app.extensions["database"].check()
    except CredentialUnavailable as unavailable:
        return jsonify(status="unready", reason=str(unavailable)), 503
    except (MySQLError, PoolExhausted) as error:
        current_app.logger.warning("Not ready: %s", describe(error))
        return jsonify(status="unready", reason="The database does not answer."), 503
    return jsonify(status="ready")

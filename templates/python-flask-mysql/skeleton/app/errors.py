"""What a caller is told when something fails: JSON, and never the words of an exception."""

import json
import logging

from flask import Flask, g, jsonify
from pymysql.err import MySQLError
from werkzeug.exceptions import HTTPException

from app.credentials import CredentialUnavailable
from app.logs import describe
from app.pool import PoolExhausted

log = logging.getLogger(__name__)

# Errors of MySQL that pass by themselves: too many connections, a refused user, a server that starts or stops, a lock
# that was waited for in vain, a deadlock, a connection that broke or was ended.
PASSING = {1040, 1045, 1053, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1317, 1927, 2002, 2003, 2006, 2013, 2055}


def register_error_handlers(app: Flask) -> None:
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(CredentialUnavailable, _unavailable)
    app.register_error_handler(PoolExhausted, _unavailable)
    app.register_error_handler(MySQLError, _database_error)
    app.register_error_handler(Exception, _unexpected)


def _refused(error: HTTPException):
    answer = error.get_response()
    if answer.status_code >= 400:
        code = (error.name or "error").lower().replace(" ", "_")
        answer.data = json.dumps({"error": code, "message": error.description})
        answer.content_type = "application/json"
    return answer


def _database_error(error: MySQLError):
    return _unavailable(error) if is_passing(error) else _unexpected(error)


def _unavailable(error: Exception):
    """The database is away for now: the caller may try again. Details are for the log only."""
    log.warning("The database is not available: %s", describe(error))
    answer = jsonify(error="unavailable", message="The database is not available right now.")
    return answer, 503, {"Retry-After": "2"}


def _unexpected(error: Exception):
    log.error("The request failed.", exc_info=error)
    message = f"Something went wrong here. The request's id is {g.get('request_id')}."
    return jsonify(error="internal", message=message), 500


def is_passing(error: MySQLError) -> bool:
    return bool(error.args) and error.args[0] in PASSING

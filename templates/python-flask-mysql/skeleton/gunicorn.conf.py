"""How gunicorn serves: `gunicorn wsgi:app` reads this file."""

import os

bind = os.environ.get("BIND", "0.0.0.0:8080")
# One process and several threads: the pool of connections and the credential are per process.
workers = 1
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "gthread"
# Heartbeat files go to memory: the container's file system is read-only.
worker_tmp_dir = "/dev/shm"  # noqa: S108
# Requests under way when the pod is to stop get this long; Kubernetes waits longer (deploy/deployment.yaml).
graceful_timeout = 25
# The service logs its own requests, as JSON.
accesslog = None
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "app.logs.JsonFormatter"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}},
    "root": {"level": "INFO", "handlers": ["stdout"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["stdout"], "propagate": False, "qualname": "gunicorn.error"},
        "gunicorn.access": {"level": "INFO", "handlers": [], "propagate": False, "qualname": "gunicorn.access"},
    },
}

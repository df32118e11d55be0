"""How does the portal listen: gunicorn inside our own process, with every time limit in one place."""

from __future__ import annotations

import gc
import logging
import socket
import struct
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.http import wsgi  # type: ignore[import-untyped]

Application = Callable[..., Any]

#: Seconds of `security.md` 6.2: a stuck worker, a silent sender, a slow reader, an idle connection, a polite end.
STUCK = 30
SILENT = 10
SLOW_READER = 60
KEEP_ALIVE = 5
GRACE = 25
#: A worker is replaced after so many requests, a little earlier or later so that not all go at once.
RECYCLE, JITTER = 20_000, 2_000


class QuietLogger(Logger):  # type: ignore[misc]
    """Gunicorn's own log without addresses: what it says about a request carries no path and no traceback."""

    def setup(self, cfg: Any) -> None:
        self.error_log = logging.getLogger("portal.server")
        self.access_log = logging.getLogger("portal.server.access")
        self.error_log.setLevel(logging.WARNING)
        self.access_log.disabled = True

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Says nothing; `portal.web.logs` writes one line per request."""

    def exception(self, msg: str, *args: Any, **more: Any) -> None:
        self.error_log.warning("a connection ended early, or a request could not be read")

    def reopen_files(self) -> None:
        """There are none."""

    def close_on_exec(self) -> None:
        """There are none."""


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn with threads; `make` is called once in every worker, after the fork, so that nothing is shared."""

    def __init__(self, make: Callable[[], Application], settings: dict[str, Any]) -> None:
        self._make = make
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Application:
        """The application in this worker; what it stands on is never looked through for rubbish again."""
        application = self._make()
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        return application


def serve(
    make: Callable[[], Application], *, host: str = "127.0.0.1", port: int = 8000, workers: int = 2, threads: int = 4
) -> None:
    """The portal answers on this address until SIGTERM or SIGINT; requests under way are finished first (25 s)."""
    wsgi.SERVER = "portal"
    Server(make, options(host, port, workers, threads)).run()


def options(host: str, port: int, workers: int, threads: int) -> dict[str, Any]:
    """Gunicorn's settings."""
    return {
        "bind": [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"],
        "worker_class": "gthread",
        "workers": workers,
        "threads": threads,
        "timeout": STUCK,
        "graceful_timeout": GRACE,
        "keepalive": KEEP_ALIVE,
        "max_requests": RECYCLE,
        "max_requests_jitter": JITTER,
        "limit_request_line": 4094,
        "limit_request_fields": 60,
        "limit_request_field_size": 8190,
        "control_socket_disable": True,
        "logger_class": QuietLogger,
        "proc_name": "portal",
        "when_ready": _limit_patience,
        "forwarded_allow_ips": "",
    }


def _limit_patience(arbiter: Any) -> None:
    """Connections take these limits over from the listening socket (Linux, `socket(7)`)."""
    for listener in arbiter.LISTENERS:
        for option, seconds in ((socket.SO_RCVTIMEO, SILENT), (socket.SO_SNDTIMEO, SLOW_READER)):
            listener.sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", seconds, 0))

"""How slowly may a body arrive, and how many uploads may be read at once, so that the others still get an answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.exceptions import RequestTimeout

GRACE_SECONDS = 10.0
BYTES_PER_SECOND = 20 * 1024
LARGE = 64 * 1024

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class TrickleGuard:
    """A request body that gives up on a sender who is slower than 20 KiB/s on average after ten seconds."""

    def __init__(self, stream: Any, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._started = clock()
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        return self._counted(self._stream.read(size))

    def readline(self, size: int = -1) -> bytes:
        return self._counted(self._stream.readline(size))

    def readlines(self, hint: int = -1) -> list[bytes]:
        return [self._counted(line) for line in self._stream.readlines(hint)]

    def __iter__(self) -> Iterable[bytes]:
        return (self._counted(line) for line in self._stream)

    def _counted(self, data: bytes) -> bytes:
        self._read += len(data)
        spent = self._clock() - self._started
        if spent > GRACE_SECONDS and self._read < (spent - GRACE_SECONDS) * BYTES_PER_SECOND:
            raise RequestTimeout
        return data


class SlowBodies:
    """Wraps every request body, and lets at most half of the threads read large ones (`decisions.md` 33)."""

    def __init__(self, application: Callable[..., Iterable[bytes]], *, threads: int) -> None:
        self._application = application
        self._places = threading.BoundedSemaphore(max(1, threads // 2))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"] = TrickleGuard(environ["wsgi.input"])
        environ["portal.places"] = self._places
        return self._application(environ, start_response)


def is_large(environ: Environ) -> bool:
    """True for a body that may take a while: more than 64 KiB, or of unknown length."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length:
        return bool(environ.get("HTTP_TRANSFER_ENCODING"))
    return not length.isdigit() or int(length) > LARGE

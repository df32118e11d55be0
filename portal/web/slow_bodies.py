"""How slowly may a body arrive, and how many uploads may be read at once, so that the others still get an answer."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from werkzeug.exceptions import RequestTimeout, ServiceUnavailable

GRACE_SECONDS = 10.0
BYTES_PER_SECOND = 20 * 1024
SILENCE_SECONDS = 10.0
LARGE = 64 * 1024
PIECE = 8 * 1024
LOOK_EVERY_SECONDS = 1.0

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class TrickleGuard:
    """A request body that gives up on a sender who is slower than 20 KiB/s on average after ten seconds.

    `line` is the connection, where the server tells it (gunicorn does): silence on it ends after ten seconds, and a
    read that waits for more of a trickle is ended by the watch.
    """

    def __init__(
        self, stream: Any, *, line: socket.socket | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._line = line
        self._clock = clock
        self._started = clock()
        self._gave_up = False
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(PIECE), b""))
        pieces: list[bytes] = []
        while size > 0:
            piece = self._counted(self._stream.read, min(size, PIECE))
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def readline(self, size: int = -1) -> bytes:
        return self._counted(self._stream.readline, size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def too_slow(self) -> bool:
        """True once the sender has used up the ten seconds and is below 20 KiB/s since."""
        spent = self._clock() - self._started
        return spent > GRACE_SECONDS and self.count < (spent - GRACE_SECONDS) * BYTES_PER_SECOND

    def give_up(self) -> None:
        """Nothing more is read from this connection; whoever waits in a read gets an end."""
        self._gave_up = True
        self.close_reading()

    def close_reading(self) -> None:
        """What the sender still sends is thrown away by the system, so no thread has to read it."""
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_RD)

    def _counted(self, read: Callable[[int], bytes], size: int) -> bytes:
        if self._line is not None:
            self._line.settimeout(SILENCE_SECONDS)
        try:
            data = read(size)
        except (TimeoutError, BlockingIOError) as error:
            raise RequestTimeout from error
        finally:
            if self._line is not None:
                self._line.settimeout(None)
        self.count += len(data)
        if self._gave_up or self.too_slow():
            raise RequestTimeout
        return data


class Watch:
    """Looks once a second at the bodies being read and ends those that trickle; one thread per process, on demand."""

    def __init__(self) -> None:
        self._guards: set[TrickleGuard] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def over(self, guard: TrickleGuard) -> Iterator[None]:
        """While the block runs, this body is looked after."""
        with self._changed:
            self._guards.add(guard)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look, name="slow bodies", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._guards.discard(guard)

    def _look(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._guards))
                slow = [guard for guard in self._guards if guard.too_slow()]
            for guard in slow:
                guard.give_up()
            threading.Event().wait(LOOK_EVERY_SECONDS)


class SlowBodies:
    """Wraps every request body, and lets at most half of the threads read large ones (`decisions.md` 33)."""

    def __init__(self, application: Callable[..., Iterable[bytes]], *, threads: int) -> None:
        self._application = application
        self._places = threading.BoundedSemaphore(max(1, threads // 2))
        self._watch = Watch()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        guard = TrickleGuard(environ["wsgi.input"], line=environ.get("gunicorn.socket"))
        environ["wsgi.input"] = guard
        environ["portal.places"] = self._places
        if not _has_body(environ):
            return self._application(environ, start_response)
        with self._watch.over(guard):
            answer = self._application(environ, start_response)
        if guard.count < _length(environ):
            guard.close_reading()
        return answer


@contextlib.contextmanager
def place_to_read(environ: Environ) -> Iterator[None]:
    """While the block runs, this large body has one of the places; 503 with `Retry-After` when none is free."""
    places = environ.get("portal.places")
    if places is None or not is_large(environ):
        yield
        return
    if not places.acquire(blocking=False):
        raise ServiceUnavailable(retry_after=5)
    try:
        yield
    finally:
        places.release()


def is_large(environ: Environ) -> bool:
    """True for a body that may take a while: more than 64 KiB, or of unknown length."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length:
        return bool(environ.get("HTTP_TRANSFER_ENCODING"))
    return not (length.isascii() and length.isdigit()) or int(length) > LARGE


def _has_body(environ: Environ) -> bool:
    return _length(environ) > 0 or bool(environ.get("HTTP_TRANSFER_ENCODING"))


def _length(environ: Environ) -> int:
    length = environ.get("CONTENT_LENGTH") or ""
    return int(length) if length.isascii() and length.isdigit() else 0

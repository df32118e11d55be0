"""Where does the stand-in listen, and which part of it answers which path?"""

import socket
import threading
from collections.abc import Iterable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

from portal.demo.standin.accounts import Account
from portal.demo.standin.api import Api
from portal.demo.standin.faults import Faults
from portal.demo.standin.pages import Pages
from portal.demo.standin.refusals import Refused
from portal.demo.standin.state import Clock, State
from portal.demo.standin.switches import Switches
from portal.demo.standin.webhooks import Webhooks
from portal.demo.standin.wire import Answer, Cut, Request, as_json

MAX_BODY = 1_000_000
SECRET = "whsec_standin"


class StandIn:
    """A Stripe of our own on the loopback: accounts, objects, webhooks and switches, started in a thread.

    `port` 0 takes a free one; `data` is a folder in which everything survives a restart; `clock` a file with an
    offset in seconds, added to `offset`; `public_url` the address under which browsers see the pages, if another
    than `base_url`."""

    def __init__(
        self, port: int = 0, accounts: Iterable[Account] = (), webhook_url: str | Sequence[str] | None = None,
        webhook_secret: str = SECRET, data: Path | None = None, clock: Path | None = None,
        public_url: str | None = None, offset: int = 0,
    ) -> None:
        urls = [webhook_url] if isinstance(webhook_url, str) else list(webhook_url or ())
        self.state = State(accounts, Clock(clock, offset), data)
        self.faults = Faults()
        self.webhooks = Webhooks(self.state, urls, webhook_secret)
        self.switches = Switches(self.state, self.faults, self.webhooks)
        self._stopped = threading.Event()
        self._api = Api(self.state, self.faults, self._stopped, lambda: public_url or self.base_url)
        self._pages = Pages(self.state)
        self._server = Server(("127.0.0.1", port), Handler)
        self._server.standin = self
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> str:
        """It listens and delivers; answers with its `base_url`."""
        self.webhooks.start()
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self.base_url

    def stop(self) -> None:
        """It is silent: no thread of it runs, every connection is closed."""
        self._stopped.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.close_connections()
        self._server.server_close()
        self.webhooks.stop()

    def wait(self) -> None:
        """Returns when it has been stopped."""
        self._stopped.wait()

    def __enter__(self) -> "StandIn":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def answer(self, request: Request) -> Answer:
        """The answer of the API, the pay pages or the switches."""
        if request.path.startswith("/v1/"):
            return self._api.answer(request)
        if request.path.startswith(("/pay", "/connect/")):
            return self._pages.answer(request)
        if request.path.startswith("/_standin/"):
            return self.switches.answer(request)
        return as_json(Refused(f"Unrecognized request URL ({request.method}: {request.path}).").body(), 404)


class Server(ThreadingHTTPServer):
    """A thread per connection; open connections are known, so that they can be closed."""

    daemon_threads = True
    request_queue_size = 128
    standin: StandIn

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Nobody is connected any more."""
        with self._lock:
            for connection in self._open:
                _shut(connection)



class Handler(BaseHTTPRequestHandler):
    """Reads one request after the other from a connection and writes what the stand-in answers."""

    protocol_version = "HTTP/1.1"
    server_version = "Stripe-stand-in"
    timeout = 60
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def handle(self) -> None:
        """Serves until the other side has gone, whether politely or not."""
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (ConnectionError, ValueError):
            self.close_connection = True

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: what happened stands in `/_standin/state`."""

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            self._write(as_json(Refused("The request is too large.").body(), 413))
            return
        body = self.rfile.read(int(length)).decode("utf-8", "replace")
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, unquote(parts.path), parts.query, headers, body)
        self._write(self.server.standin.answer(request))

    def _write(self, answer: Answer) -> None:
        if answer.cut is Cut.DROP:
            self._hang_up()
            return
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if answer.cut is Cut.HALF else body)
        self.wfile.flush()
        if answer.cut is Cut.HALF:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        _shut(self.connection)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return

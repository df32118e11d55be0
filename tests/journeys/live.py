"""How does a whole portal run inside a test: web server, worker, Stripe stand-in, one clock, a real browser."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import BaseWSGIServer, make_server

from portal.app import create_app
from portal.demo.standin import Account, StandIn
from portal.web.parts import Parts
from portal.worker import Worker
from tests import examples
from tests.examples import Clock

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@dataclass
class Live:
    """A portal that answers over HTTP on this machine."""

    base: str
    parts: Parts
    clock: Clock
    standin: StandIn
    browser: Browser
    contexts: list[BrowserContext]

    def work(self) -> None:
        """The worker does everything that waits, webhooks included."""
        self.standin.webhooks.drain(10)
        Worker(self.parts, wall=lambda: datetime.now(UTC)).drain()

    def phone(self, *, scripts: bool = True, language: str = "de", dark: bool = False) -> Page:
        """A new phone in somebody's hand."""
        return self._page(PHONE, scripts=scripts, language=language, dark=dark, touch=True)

    def desk(self, *, scripts: bool = True, language: str = "de", dark: bool = False) -> Page:
        """A new browser at the desk."""
        return self._page(DESK, scripts=scripts, language=language, dark=dark, touch=False)

    def _page(self, size: dict[str, int], *, scripts: bool, language: str, dark: bool, touch: bool) -> Page:
        context = self.browser.new_context(
            base_url=self.base,
            viewport=size,  # type: ignore[arg-type]
            locale=f"{language}-CH",
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            has_touch=touch,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(database_url: str, folder: Path, clock: Clock, browser: Browser) -> Iterator[Live]:
    """The portal runs until the block ends; everything it started has ended then."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    clock_file = folder / "clock"
    standin = StandIn(
        port=0,
        accounts=[
            Account("acct_velo", currencies=("CHF",), methods=("card", "twint"), name="Velo Sutter AG"),
            Account("acct_rochat", currencies=("CHF",), methods=("card",), name="Cabinet dentaire Rochat"),
        ],
        webhook_url=f"{base}/webhooks/stripe",
        webhook_secret=examples.WEBHOOK_SECRET,
        clock=clock_file,
    )
    stripe_base = standin.start()
    settings = examples.settings_for(
        database_url, folder, base_url=base, stripe_api_base=stripe_base, stripe_page_origin=stripe_base
    )
    parts = examples.parts_for(settings, _Following(clock, clock_file))
    app = create_app(settings, parts=parts)
    server: BaseWSGIServer = make_server("127.0.0.1", port, app, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    live = Live(base, parts, clock, standin, browser, [])
    try:
        yield live
    finally:
        for context in live.contexts:
            context.close()
        server.shutdown()
        server.server_close()
        thread.join()
        standin.stop()
        parts.database.close()


class _Following:
    """The test's clock, written to the stand-in's clock file whenever somebody asks the time."""

    def __init__(self, clock: Clock, file: Path) -> None:
        self._clock, self._file, self._written = clock, file, 0

    def __call__(self) -> datetime:
        moment = self._clock()
        offset = round((moment - datetime.now(UTC)).total_seconds())
        if abs(offset - self._written) > 2:
            self._file.write_text(str(offset))
            self._written = offset
        return moment

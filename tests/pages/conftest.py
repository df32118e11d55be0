"""What does looking at pages stand on: one portal per file of tests, with every state in one SQLite database."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort, template_rendered
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from portal.app import create_app
from portal.demo.standin import Account, StandIn
from portal.gateways.hashing import TooBusy
from portal.web.errors import SomethingChanged
from portal.web.parts import Parts
from portal.web.security import Who, who
from tests import examples
from tests.journeys.live import free_port
from tests.pages import states
from tests.pages.stage import State, begin, cookie_for
from tests.pages.visits import Site

PAGES = ("debtor/", "creditor/", "errors/")


@pytest.fixture(scope="module")
def site(
    filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Site]:
    """The portal with everything that this file's `STATES` need, on a free port."""
    folder = tmp_path_factory.mktemp("pages")
    file = folder / "portal.db"
    shutil.copyfile(filled_sqlite, file)
    clock = examples.Clock()
    (folder / "clock").write_text(str(round(clock().timestamp() - time.time())))
    account = Account("acct_velo", currencies=("CHF",), methods=("card", "twint"), name="Velo Sutter AG")
    standin = StandIn(
        port=0, accounts=[account], webhook_url="http://127.0.0.1:9", webhook_secret=examples.WEBHOOK_SECRET,
        clock=folder / "clock",
    )  # fmt: skip
    stripe, port = standin.start(), free_port()
    base = f"http://127.0.0.1:{port}"
    settings = examples.settings_for(
        f"sqlite:///{file}", folder, base_url=base, stripe_api_base=stripe, stripe_page_origin=stripe
    )
    parts = examples.parts_for(settings, clock)
    paths, cookies = _fill(parts, getattr(request.module, "STATES", [*states.DEBTOR, *states.DESK]))
    app = create_app(settings, parts=parts)
    _add_broken_page(app)
    context = browser.new_context(locale="de-CH")
    found = Site(base, context.new_page(), paths, cookies)
    found.page.set_default_timeout(8000)
    with _answering(app, port), _noting(app, found.rendered):
        yield found
        context.close()
    standin.stop()
    parts.database.close()


def _fill(parts: Parts, wanted: list[State]) -> tuple[dict[str, str], dict[str, tuple[str, str] | None]]:
    paths: dict[str, str] = {}
    cookies: dict[str, tuple[str, str] | None] = {}
    for number, state in enumerate(wanted):
        assert state.name not in paths, state.name
        with parts.database.writing() as session:
            case = begin(session, parts, number, **state.begins)
            paths[state.name] = state.at(case)
            cookies[state.name] = cookie_for(session, state.who, case.known)
    return paths, cookies


def _add_broken_page(app: Flask) -> None:
    """An address that fails as it is told, to look at the error pages."""

    @who(Who.ANYONE)
    def broken(status: int) -> str:
        if status == 409:
            raise SomethingChanged
        if status == 429:
            raise TooBusy
        abort(status)

    app.add_url_rule("/broken/<int:status>", "broken", broken)


class _answering:
    """The application answers on this port inside the block."""

    def __init__(self, app: Flask, port: int) -> None:
        self.server = make_server("127.0.0.1", port, app, threaded=True)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *problem: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class _noting:
    """The name of each page's template is noted in the list."""

    def __init__(self, app: Flask, names: list[str]) -> None:
        self.app, self.names = app, names

    def _note(self, sender: Flask, template: Any, **more: Any) -> None:
        if template.name and template.name.startswith(PAGES):
            self.names.append(template.name)

    def __enter__(self) -> None:
        template_rendered.connect(self._note, self.app)

    def __exit__(self, *problem: object) -> None:
        template_rendered.disconnect(self._note, self.app)

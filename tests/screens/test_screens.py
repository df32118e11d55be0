"""The portal's pictures for the README, taken from the demo's people: `make screens` writes docs/screens."""

from __future__ import annotations

import io
import subprocess
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pyotp
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from portal.app import build_parts, create_app
from portal.demo import papers
from portal.demo.firms import FIRMS
from portal.demo.run import Place, create, offset_of, place_for
from portal.demo.standin import Account, StandIn

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
DAY = "2026-11-23"  # a Monday; each run draws the same day
LARGEST = 150 * 1024
COLOURS = (160, 64)
PHONE, FIRST_SCREEN, DESK = (390, 844), (390, 664), (1280, 900)

pytestmark = pytest.mark.screens


@dataclass
class Studio:
    """The demo, answering, and a browser to take its pictures with."""

    place: Place
    said: dict[str, Any]
    browser: Browser
    kept: dict[tuple[str, str], Any] = field(default_factory=dict)

    def debtor(self, reference: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.said["debtors"] if one["reference"] == reference)
        return found

    def window(self, size: tuple[int, int], language: str, *, dark: bool = False) -> Page:
        scheme: Any = "dark" if dark else "light"
        context = self.browser.new_context(
            base_url=self.place.base_url, viewport={"width": size[0], "height": size[1]}, locale=f"{language}-CH",
            color_scheme=scheme, device_scale_factor=2 if size[0] < 1000 else 1,
        )  # fmt: skip
        page = context.new_page()
        page.set_default_timeout(10_000)
        return page

    def reader(self, reference: str, *, size: tuple[int, int] = PHONE, dark: bool = False) -> Page:
        """Somebody opens the letter with its code, and then the whole file."""
        known = self.debtor(reference)
        page = self.window(size, known["language"], dark=dark)
        page.goto(known["link"])
        page.locator("[name=postcode]").fill(known["postcode"])
        press(page)
        if known["fact"]:
            page.goto(f"/claims/{reference}/open")
            page.locator("[name=fact]").fill(known["fact"]["value"])
            press(page)
        page.goto(f"/claims/{reference}")
        return page

    def clerk(self, slug: str, role: str, language: str) -> Page:
        """Somebody at the desk, who signs in once: the six digits count once."""
        page = self.window(DESK, language)
        if (slug, role) in self.kept:
            page.context.add_cookies(self.kept[slug, role])
            return page
        known = next(one for one in self.said["staff"] if (one["creditor"], one["role"]) == (slug, role))
        page.goto("/desk/sign-in")
        page.locator("[name=email]").fill(known["email"])
        page.locator("[name=password]").fill(known["password"])
        page.locator("[name=otp]").fill(pyotp.TOTP(known["totp_secret"]).at(self.place.clock()))
        press(page)
        self.kept[slug, role] = [one for one in page.context.cookies() if one["name"] == "a"]  # type: ignore[misc]
        return page


def press(page: Page, button: str = "main form button:not(.sr)") -> None:
    with page.expect_navigation():
        page.locator(button).first.click()


def keep(page: Page, name: str, *, whole: bool = True) -> None:
    """The picture is in docs/screens, small enough for a repository."""
    page.evaluate("document.fonts.ready")
    image = Image.open(io.BytesIO(page.screenshot(full_page=whole, animations="disabled"))).convert("RGB")
    data = io.BytesIO()
    for drawn, colours in product((image, image.reduce(2)), COLOURS):
        data = io.BytesIO()
        _with_few(drawn, colours).save(data, "PNG", optimize=True)
        if data.tell() <= LARGEST:
            break
    assert data.tell() <= LARGEST, (name, data.tell())
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.png").write_bytes(data.getvalue())
    page.context.close()


def _with_few(image: Image.Image, colours: int) -> Image.Image:
    """The picture in the colours that most of it has, exactly as they are."""
    seen: Any = sorted(image.getcolors(image.width * image.height) or [], reverse=True)[:colours]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in seen for part in colour])
    return image.quantize(palette=palette, dither=Image.Dither.NONE)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Studio]:
    place = place_for(tmp_path_factory.mktemp("screens"), 0, today=DAY)
    said = create(place)
    clock = place.folder / "standin-clock"
    clock.write_text(str(offset_of(place)))
    standin = StandIn(
        port=place.standin_port, accounts=[Account(firm.stripe_account, name=firm.name) for firm in FIRMS],
        webhook_url=f"{place.base_url}/webhooks/stripe", webhook_secret=place.secret, clock=clock,
    )  # fmt: skip
    standin.start()
    parts = build_parts(place.settings, clock=place.clock)
    server = make_server("127.0.0.1", place.port, create_app(place.settings, parts=parts), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield Studio(place, said, browser)
    server.shutdown()
    server.server_close()
    thread.join()
    standin.stop()
    parts.database.close()


def letter(studio: Studio) -> Page:
    page = studio.clerk("velo-sutter", "admin", "fr")
    page.goto("/desk/claims/2026-0402/letter-code")
    press(page, "main form button.button")
    page.set_viewport_size({"width": 794, "height": 1123})  # A4
    page.emulate_media(media="print")
    page.evaluate("document.body.style.padding = '15mm 20mm'")
    return page


def entry(studio: Studio) -> Page:
    page = studio.window(PHONE, "it")
    page.goto(studio.debtor("G-1187")["link"])
    return page


def claim(reference: str, **how: Any) -> Callable[[Studio], Page]:
    """The claim page, once everything in it has been read."""

    def opened(studio: Studio) -> Page:
        page = studio.reader(reference, **how)
        page.goto(f"/claims/{reference}/messages")
        page.goto(f"/claims/{reference}")
        return page

    return opened


def below(reference: str, place: str, **how: Any) -> Callable[[Studio], Page]:
    def opened(studio: Studio) -> Page:
        page = studio.reader(reference, **how)
        page.goto(f"/claims/{reference}/{place}")
        return page

    return opened


def plan_chosen(studio: Studio) -> Page:
    page = below("F-2098", "plan")(studio)
    page.locator("main [type=radio]").nth(1).check(force=True)
    return page


def plan_with_error(studio: Studio) -> Page:
    page = below("F-2098", "plan")(studio)
    press(page)
    return page


def dispute_with_file(studio: Studio) -> Page:
    """Without the words that this reason needs, so that the photo is kept and the field is marked."""
    page = below("G-1187", "dispute?reason=other")(studio)
    name, data = papers.photo(papers.PhotoKind.DAMAGE)
    photo: Any = {"name": name, "mimeType": "image/jpeg", "buffer": data}
    page.locator("main [type=file]").set_input_files(photo)
    press(page)
    return page


def dispute_sent(studio: Studio) -> Page:
    page = studio.reader("2026-0389")
    with page.expect_navigation():
        page.locator("main a[href*='/dispute/']").first.click()
    return page


def desk(place: str, language: str) -> Callable[[Studio], Page]:
    def opened(studio: Studio) -> Page:
        page = studio.clerk("velo-sutter", "agent", language)
        page.goto(f"{place}{'&' if '?' in place else '?'}lang={language}")
        return page

    return opened


def desk_decision(studio: Studio) -> Page:
    page = desk("/desk/claims/2026-0389", "fr")(studio)
    for wanted in ("main a[href*='/disputes/']", "main a[href*='to=upheld']"):
        with page.expect_navigation():
            page.locator(wanted).first.click()
    return page


def bank(studio: Studio) -> Page:
    """The demo's bank file, read: one credit found its case, two wait with what they could be for."""
    page = studio.clerk("velo-sutter", "lead", "de")
    page.goto("/desk/bank?lang=de")
    page.locator("main [type=file]").set_input_files(studio.place.folder / "bank" / "camt054.xml")
    press(page, "main form:has([type=file]) button")
    return page


def receipt(studio: Studio) -> Page:
    """The receipt's own page, as the PDF draws it."""
    page = studio.reader("2026-0352")
    page.goto("/claims/2026-0352/receipts")
    address = page.locator("main a[href$='.pdf']").first.get_attribute("href")
    paper = page.context.request.get(f"{studio.place.base_url}{address}").body()
    drawn = subprocess.run(
        ["pdftoppm", "-r", "192", "-png", "-singlefile", "-"], input=paper, capture_output=True, check=True
    )
    page.goto("about:blank")
    page.set_viewport_size({"width": 794, "height": 1123})  # A4
    source = f"data:image/png;base64,{b64encode(drawn.stdout).decode()}"
    page.set_content(f'<body style="margin: 0"><img src="{source}" width="794" style="display: block"></body>')
    return page


SCREENS: dict[str, tuple[Callable[[Studio], Page], bool]] = {
    "letter-fr": (letter, True),
    "entry-it": (entry, True),
    "claim-open-de": (claim("2026-0418", size=FIRST_SCREEN), False),
    "claim-open-whole-de": (claim("2026-0418"), True),
    "claim-open-dark-de": (claim("2026-0418", dark=True), False),
    "claim-open-narrow-it": (claim("F-2252", size=(320, 640)), False),
    "claim-paused-fr": (claim("F-2201"), False),
    "claim-plan-de": (claim("2026-0377"), False),
    "claim-settled-de": (claim("2026-0325"), False),
    "pay-it": (below("F-2252", "pay"), True),
    "receipts-de": (below("2026-0325", "receipts"), True),
    "receipt-it": (receipt, True),
    "plan-fr": (plan_chosen, True),
    "plan-error-fr": (plan_with_error, True),
    "plan-check-de": (below("2026-0418", "plan/check?instalments=3&day=25"), True),
    "plan-counter-fr": (below("2026-0402", "plan"), True),
    "dispute-it": (dispute_with_file, True),
    "dispute-sent-de": (dispute_sent, True),
    "conversation-it": (below("G-1187", "messages"), True),
    "conversation-fr": (below("F-2201", "messages"), True),
    "today-de": (desk("/desk", "de"), False),
    "desk-claim-de": (desk("/desk/claims/2026-0389", "de"), True),
    "desk-decision-fr": (desk_decision, True),
    "desk-bank-de": (bank, True),
}


@pytest.mark.parametrize("name", SCREENS)
def test_each_picture_is_taken(studio: Studio, name: str) -> None:
    take, whole = SCREENS[name]
    keep(take(studio), name, whole=whole)

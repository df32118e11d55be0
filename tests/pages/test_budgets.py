"""Does a page stay small, does everything important fit the first screen, and do the colours keep their contrast?"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Response, expect

from portal.actions.history import record
from portal.rules.history import EventKind
from portal.web.i18n import gettext_in
from tests.examples import START
from tests.pages.debtor_states import after, fixed
from tests.pages.stage import CLERK, Case, State
from tests.pages.visits import Site, Visit

ROOT = Path(__file__).resolve().parents[2]
KB = 1024
WAYS = ("/pay", "/plan", "/dispute", "/messages")


def busy(case: Case) -> str:
    """Somebody waits, so that Today has a row."""
    case.objects()
    return "/desk"


def long_story(case: Case) -> str:
    """Two years of a claim that was not forgotten."""
    for _ in range(40):
        record(case.session, case.claim, EventKind.REMINDER_SENT, actor=CLERK, now=START)
    case.is_answered()
    return case.path


STATES = [
    State("claim", "debtor/claims/claim.html", "letter", after()),
    State("claim with its file", "debtor/claims/claim.html", "file", after(Case.is_booked)),
    State("long claim", "debtor/claims/claim.html", "file", long_story),
    State("claim without costs", "debtor/claims/claim.html", "letter", after(), begins={"costs": 0}),
    State("offer", "debtor/claims/claim.html", "file", after(Case.is_offered)),
    State("offer without costs", "debtor/claims/claim.html", "letter", after(Case.is_offered), begins={"costs": 0}),
    State("pay", "debtor/payments/pay.html", "letter", after(place="/pay")),
    State("open the file", "debtor/access/open_file.html", "letter", after(place="/open")),
    State("open with a PIN", "debtor/access/open_file.html", "letter", after(
        lambda case: setattr(case.debtor, "pin_hash", "set"), place="/open"), begins={"fact": False}),
    *(State(f"today {number}", "creditor/today/inbox.html", "clara", busy) for number in range(12)),
    State("entry", "debtor/access/entry.html", "nobody", fixed("/velo-sutter")),
    State("sign in", "creditor/access/sign_in.html", "nobody", fixed("/desk/sign-in")),
    State("promise", "creditor/settings/goodwill.html", "adam", fixed("/desk/settings/goodwill")),
]  # fmt: skip
NAMED = {state.name: state for state in STATES}


@dataclass
class Loaded:
    """What one look at a page fetched."""

    base: str
    sizes: dict[str, int] = field(default_factory=dict)

    def __call__(self, answer: Response) -> None:
        if not answer.url.startswith("data:"):
            sizes = answer.request.sizes()
            self.sizes[answer.url] = sizes["responseBodySize"] + sizes["responseHeadersSize"]

    def of(self, part: str) -> int:
        """The bytes of the answers whose path holds this."""
        return sum(size for url, size in self.sizes.items() if part in urlsplit(url).path)


def fetched(site: Site, name: str, language: str = "de", width: int = 390) -> Loaded:
    """The page is opened with an empty cache."""
    loaded = Loaded(site.base)
    session = site.context.new_cdp_session(site.page)
    session.send("Network.clearBrowserCache")
    session.detach()
    answers: list[Response] = []
    note = lambda answer: answers.append(answer)  # noqa: E731
    site.page.on("response", note)
    assert site.opens(Visit(NAMED[name], language, "light", width)) == []
    site.page.wait_for_load_state("networkidle")
    site.page.evaluate("document.fonts.ready")
    site.page.remove_listener("response", note)
    for answer in answers:
        loaded(answer)
    return loaded


@pytest.mark.parametrize("name", ["claim", "claim with its file", "long claim", "offer"])
def test_the_claim_page_is_small_and_asks_nobody_else(site: Site, name: str) -> None:
    loaded = fetched(site, name)
    assert len(loaded.sizes) <= 4, sorted(loaded.sizes)
    assert all(url.startswith(site.base) for url in loaded.sizes)
    assert sum(loaded.sizes.values()) <= 40 * KB
    assert loaded.of("/claims/") <= (20 if name == "long claim" else 14) * KB
    assert 0 < loaded.of("/css/") <= 6.5 * KB  # with its headers
    assert 0 < loaded.of("/fonts/") <= 16 * KB


def test_the_style_sheet_is_small() -> None:
    assert len(gzip.compress((ROOT / "static" / "portal.css").read_bytes(), 9)) <= 6 * KB


def test_the_pay_page_is_small(site: Site) -> None:
    loaded = fetched(site, "pay")
    assert sum(loaded.sizes.values()) <= 55 * KB
    assert all(url.startswith(site.base) for url in loaded.sizes)


def test_today_is_small(site: Site) -> None:
    assert sum(fetched(site, "today 0", width=1280).sizes.values()) <= 90 * KB


@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
@pytest.mark.parametrize("name", ["claim", "claim without costs", "offer", "offer without costs"])
def test_all_four_ways_are_on_the_first_screen(site: Site, name: str, language: str) -> None:
    site.opens(Visit(NAMED[name], language, "light", 390))
    for way in WAYS:
        box = site.page.locator(f"main a[href^='{site.paths[name]}{way}']").first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 664, (way, box)


PURPOSES = {
    ("entry", "code"): "off",
    ("entry", "postcode"): "postal-code",
    ("open the file", "fact"): "bday",
    ("open with a PIN", "pin"): "current-password",
    ("sign in", "email"): "username",
    ("sign in", "password"): "current-password",
    ("sign in", "otp"): "one-time-code",
}


@pytest.mark.parametrize(("name", "field"), PURPOSES, ids=lambda part: part.replace(" ", "-"))
def test_fields_say_what_they_are_for_and_can_be_pasted_into(site: Site, name: str, field: str) -> None:
    site.opens(Visit(NAMED[name], "de", "light", 390))
    place = site.page.locator(f"main [name={field}]")
    assert place.get_attribute("autocomplete") == PURPOSES[name, field]
    place.focus()
    pasted = """field => {
      const given = new ClipboardEvent('paste', {bubbles: true, cancelable: true, clipboardData: new DataTransfer()});
      return field.dispatchEvent(given);
    }"""
    assert place.evaluate(pasted), "pasting is blocked"


def test_the_first_tab_leads_to_the_skip_link(site: Site) -> None:
    site.opens(Visit(NAMED["claim"], "de", "light", 390))
    site.page.keyboard.press("Tab")
    seen = site.page.evaluate("() => [document.activeElement.className, document.activeElement.offsetLeft >= 0]")
    assert seen == ["skip", True]


# --- colours ---

#: Which colour stands on which, and what it needs: 4.5 for text, 3 for borders and the focus ring.
PAIRS: tuple[tuple[str, str, float], ...] = (
    *(("ink", ground, 4.5) for ground in (
        "paper", "surface", "sunken", "accent-tint", "good-tint", "wait-tint", "pause-tint", "error-tint")),
    *(("muted", ground, 4.5) for ground in ("paper", "surface", "sunken", "accent-tint")),
    *(("accent", ground, 4.5) for ground in ("paper", "surface", "accent-tint")),
    *(("accent-strong", ground, 4.5) for ground in ("paper", "surface", "accent-tint")),
    ("on-accent", "accent", 4.5), ("on-accent", "accent-strong", 4.5),
    ("good", "good-tint", 4.5), ("wait", "wait-tint", 4.5), ("pause", "pause-tint", 4.5),
    ("error", "paper", 4.5), ("error", "surface", 4.5),
    ("edge", "paper", 3.0), ("edge", "surface", 3.0), ("focus", "focus-ink", 3.0),
)  # fmt: skip


def tokens() -> Iterator[dict[str, str]]:
    """The colours of the light and of the dark scheme."""
    css = (ROOT / "static" / "portal.css").read_text()
    light, dark = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", light))
    yield colours
    yield {**colours, **dict(re.findall(r"--([\w-]+): (#\w+)", dark))}


def brightness(colour: str) -> float:
    figures = colour.lstrip("#")
    if len(figures) == 3:
        figures = "".join(figure * 2 for figure in figures)
    parts = [int(figures[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((brightness(one), brightness(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_all_56_pairs_of_colours_keep_their_contrast() -> None:
    seen = [
        (scheme, text, ground, round(contrast(colours[text], colours[ground]), 2), least)
        for scheme, colours in enumerate(tokens())
        for text, ground, least in PAIRS
    ]
    assert len(seen) == 56
    assert [pair for pair in seen if pair[3] < pair[4]] == []


def test_a_promise_to_everybody_leaves_the_four_ways_on_the_first_screen(site: Site) -> None:
    """The last of this file, since what was promised stays promised."""
    site.opens(Visit(NAMED["promise"], "en", "light", 1280))
    site.page.locator("main [name=days]").fill("20")
    site.page.locator("label", has_text="Reminder fee").click()
    site.page.get_by_role("button", name="Switch the rule on").click()
    expect(site.page).to_have_url(f"{site.base}/desk/settings")
    for language in ("de", "fr", "it", "en"):
        site.opens(Visit(NAMED["claim"], language, "light", 390))
        expect(site.page.get_by_text(gettext_in(language, "Promised to everybody"))).to_be_visible()
        for way in WAYS:
            box = site.page.locator(f"main a[href^='{site.paths['claim']}{way}']").first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 664, (language, way, box)

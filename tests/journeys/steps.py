"""What do people do with a phone or at the desk, said in their verbs; works in every language."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import FilePayload, Page, Response, expect

from portal.store.claims import Claim
from tests import examples
from tests.examples import Known
from tests.journeys.live import PHONE, Live
from tests.journeys.manners import Manner

USUAL = Manner("de", scripts=True)
#: How far the page is wider than the screen, how many main headings it has, and its language.
LOOK = """() => [
  document.documentElement.scrollWidth - window.innerWidth,
  document.querySelectorAll("h1").length,
  document.documentElement.lang,
]"""
#: What is wider than the screen, for the person who has to find it.
STICKS_OUT = """() => [...document.querySelectorAll("body *")]
  .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
  .map(e => e.tagName + "." + e.className + ": " + e.textContent.trim().slice(0, 40)).slice(0, 6)"""
#: The narrowest phone; nothing may stick out there either.
NARROW = {"width": 320, "height": 664}


@dataclass
class Hand:
    """A person with a page open, counting taps as `ux.md` 1.4 does; every page that opens is looked at."""

    live: Live
    page: Page
    language: str = "de"
    taps: int = 0
    typed: int = 0
    status: int = 0

    def __post_init__(self) -> None:
        self.page.on("response", self._answered)

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.frame == self.page.main_frame:
            self.status = response.status

    def taps_on(self, selector: str, status: int = 200) -> None:
        """One activation of one control, and the page it leads to."""
        target = self.page.locator(selector).first
        expect(target).to_be_visible()
        with self.page.expect_navigation():
            target.click()
        self.taps += 1
        self.finds_a_good_page(status)

    def picks(self, selector: str) -> None:
        """One choice of several, by its words as a thumb does it; the page stays."""
        target = self.page.locator(selector).first
        identity = target.get_attribute("id")
        (self.page.locator(f"label[for='{identity}']") if identity else target).click()
        expect(target).to_be_checked()
        self.taps += 1

    def types(self, selector: str, text: str) -> None:
        self.page.locator(selector).first.fill(text)
        self.typed += 1

    def adds(self, selector: str, name: str, kind: str, data: bytes) -> None:
        """One tap on the field; what happens in the phone's own picker is not counted."""
        self.page.locator(selector).first.set_input_files(FilePayload(name=name, mimeType=kind, buffer=data))
        self.taps += 1

    def saves(self, selector: str) -> bytes:
        """One tap that saves a file to the phone."""
        with self.page.expect_download() as coming:
            self.page.locator(selector).first.click()
        self.taps += 1
        return Path(coming.value.path()).read_bytes()

    def goes_to(self, path: str, status: int = 200) -> None:
        self.page.goto(path)
        self.finds_a_good_page(status)

    def finds_a_good_page(self, status: int = 200) -> None:
        """The page answered as it should, has one heading, fits the screen, and speaks this person's language."""
        address = self.page.url
        assert self.status == status, (address, self.status, self.page.locator("body").inner_text()[:1500])
        too_wide, headings, speaks = self.page.evaluate(LOOK)
        assert headings == 1, (address, headings)
        assert too_wide <= 0, (address, too_wide)
        assert speaks.startswith(self.language), (address, speaks)
        self._is_looked_at_on_a_narrow_phone()

    def _is_looked_at_on_a_narrow_phone(self) -> None:
        """Only where the person holds a phone."""
        usual = self.page.viewport_size
        if usual is None or usual["width"] != PHONE["width"]:
            return
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        too_wide = self.page.evaluate(LOOK)[0]
        assert too_wide <= 0, (self.page.url, too_wide, self.page.evaluate(STICKS_OUT))
        self.page.set_viewport_size(usual)

    def is_at(self, path: str) -> None:
        """The page is the one at this address, whatever follows the question mark."""
        assert self.page.url.removeprefix(self.live.base).split("?")[0].split("#")[0] == path, self.page.url

    def reads(self) -> str:
        """The words of the page's main part."""
        return self.page.locator("main").inner_text()

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def sees_not(self, text: str) -> None:
        expect(self.page.locator("body")).not_to_contain_text(text)

    def has(self, selector: str, count: int | None = None) -> None:
        """This stands on the page, so many times or at least once."""
        found = self.page.locator(selector)
        if count is None:
            expect(found.first).to_be_visible()
        else:
            expect(found).to_have_count(count)

    def sends(self, form: str = "main form:has(button)", status: int = 200) -> None:
        """Presses the form's own button."""
        self.taps_on(f"{form} button:not([name=remove]):not([name=look]):not([hidden]):not(.sr)", status)


@dataclass
class Reader(Hand):
    """Somebody who got a letter."""

    known: Known = examples.DORA
    scripts: bool = True

    @property
    def path(self) -> str:
        return f"/claims/{self.known.reference}"

    def comes_in(self) -> None:
        """By the letter's link where scripts run, else by typing the code; then the claim is open."""
        if self.scripts:
            self.follows_the_letter()
        else:
            self.types_the_code()

    def follows_the_letter(self) -> None:
        """Opens the letter's link; the script fills the code in, the postcode is typed."""
        self.goes_to(f"{self._front()}#{self.known.code.replace(' ', '')}")
        expect(self.page.locator("[name=code]")).to_have_value(self.known.code)
        assert self.known.code.replace(" ", "") not in self.page.url
        self._enters()

    def types_the_code(self) -> None:
        """Types code and postcode; no script needed."""
        self.goes_to(self._front())
        self.types("[name=code]", self.known.code.lower())
        self._enters()

    def _front(self) -> str:
        """The letter's address; who reads another language has switched, else the firm's language stands there."""
        switched = "" if self.language == self.known.language else f"?lang={self.language}"
        return f"/{examples.slug_of(self.known)}{switched}"

    def _enters(self) -> None:
        self.types("[name=postcode]", self.known.postcode)
        self.sends()
        self.is_at(self.path)

    def opens_the_file(self) -> None:
        """Proves with the unprinted fact that the whole file is hers."""
        self.goes_to(f"{self.path}/open")
        self.gives_the_fact()

    def gives_the_fact(self) -> None:
        assert self.known.fact is not None
        self.types("[name=fact]", ".".join(reversed(self.known.fact.split("-"))))
        self.sends("main form:has([name=fact])")

    def looks(self) -> None:
        self.goes_to(self.path)

    def thread(self) -> str:
        """What was and what comes next, as the claim's page tells it."""
        self.looks()
        return self.page.locator("ol.thread").inner_text()

    def amount(self) -> str:
        """The large sum on the page."""
        return self.page.locator(".amount").first.inner_text()


@dataclass
class Deskhand(Hand):
    """Somebody at the desk."""

    name: str = "clara"

    def signs_in(self) -> None:
        self.goes_to(f"/desk/sign-in?lang={self.language}")
        self.types("[name=email]", examples.email_of(self.name))
        self.types("[name=password]", examples.PASSWORD)
        self.types("[name=otp]", examples.otp_at(self.live.clock()))
        self.sends()
        self.is_at("/desk")

    def today(self) -> list[str]:
        """Where the rows of Today lead, from the top."""
        self.goes_to("/desk")
        return [str(row.get_attribute("href")) for row in self.page.locator("main a.item").all()]

    def at(self, known: Known, below: str = "") -> str:
        return f"/desk/claims/{known.reference}{below}"

    def opens(self, known: Known, below: str = "") -> None:
        self.goes_to(self.at(known, below))

    def decides(self, choice: str, **words: str) -> None:
        """Chooses, fills in, looks at what will be read, and sends."""
        self.picks(f"[name=decision][value={choice}]")
        for name, text in words.items():
            self.types(f"main [name={name}]", text)
        self.taps_on("main button[name=look]")
        self.has("main .preview .said")
        self.sends("main form:has([name=decision])")

    def adds_the_invoice(self, known: Known, data: bytes) -> None:
        """The invoice stands beside the claim, and the letter opens it."""
        self.opens(known, "/evidence")
        self.adds("[name=files]", "rechnung.pdf", "application/pdf", data)
        self.picks("[name=kind][value=invoice]")
        self.types("[name=title]", "Rechnung")
        self.picks("[name=with_letter]")
        self.sends("main form:has([name=files])")
        self.live.work()


def reader(live: Live, known: Known = examples.DORA, manner: Manner = USUAL) -> Reader:
    """Somebody with a letter and a phone."""
    page = live.phone(scripts=manner.scripts, language=manner.language)
    return Reader(live, page, manner.language, known=known, scripts=manner.scripts)


def at_desk(live: Live, name: str = "clara", manner: Manner = USUAL) -> Deskhand:
    """Somebody who has signed in at the desk."""
    hand = Deskhand(live, live.desk(scripts=manner.scripts, language=manner.language), manner.language, name=name)
    hand.signs_in()
    return hand


@dataclass
class Books:
    """What the database says about a claim, beside what the pages say."""

    live: Live
    known: Known = examples.DORA
    kinds: list[str] = field(default_factory=list)

    def ask(self, question: Any) -> Any:
        with self.live.parts.database.reading() as session:
            return question(session)

    def claim(self, id: UUID | None = None) -> Claim:
        found: Claim = self.ask(lambda session: session.get(Claim, id or self.known.claim_id))
        return found

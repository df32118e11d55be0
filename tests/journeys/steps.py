"""What do people do with a phone or at the desk, said in their verbs; works in every language."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

from tests import examples
from tests.examples import Known
from tests.journeys.live import Live, address_of


@dataclass
class Hand:
    """A person with a page open, counting taps as `ux.md` 1.4 does."""

    live: Live
    page: Page
    taps: int = 0
    typed: int = 0
    seen: list[str] = field(default_factory=list)

    def taps_on(self, selector: str) -> None:
        """One activation of one control."""
        target = self.page.locator(selector).first
        expect(target).to_be_visible()
        target.click()
        self.taps += 1

    def types(self, selector: str, text: str) -> None:
        self.page.locator(selector).first.fill(text)
        self.typed += 1

    def goes_to(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status < 400, (path, answer.status)

    def reads(self) -> str:
        """The words of the page's main part."""
        return self.page.locator("main").inner_text()

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def sends(self, form: str = "main form:has(button)") -> None:
        """Presses the form's own button."""
        self.taps_on(f"{form} button:not([name=remove]):not([hidden]):not(.unseen)")


@dataclass
class Reader(Hand):
    """Somebody who got a letter."""

    known: Known = examples.DORA

    @property
    def path(self) -> str:
        return f"/claims/{self.known.reference}"

    def follows_the_letter(self) -> None:
        """Opens the letter's link; the script fills the code in, the postcode is typed."""
        self.goes_to(address_of(self.known, examples.slug_of(self.known)))
        expect(self.page.locator("[name=code]")).to_have_value(self.known.code)
        assert self.known.code.replace(" ", "") not in self.page.url
        self.types("[name=postcode]", self.known.postcode)
        self.sends()
        self._arrives()

    def types_the_code(self) -> None:
        """Types code and postcode; no script needed."""
        self.goes_to(f"/{examples.slug_of(self.known)}")
        self.types("[name=code]", self.known.code.lower())
        self.types("[name=postcode]", self.known.postcode)
        self.sends()
        self._arrives()

    def _arrives(self) -> None:
        expect(self.page).to_have_url(f"{self.live.base}{self.path}")

    def opens_the_file(self) -> None:
        """Proves with the unprinted fact that the whole file is hers."""
        if self.known.fact is None:
            return
        self.goes_to(f"{self.path}/open")
        self.types("[name=fact]", ".".join(reversed(self.known.fact.split("-"))))
        self.sends()

    def looks(self) -> None:
        self.goes_to(self.path)


@dataclass
class Deskhand(Hand):
    """Somebody at the desk."""

    name: str = "clara"

    def signs_in(self) -> None:
        self.goes_to("/desk/sign-in")
        self.types("[name=email]", examples.email_of(self.name))
        self.types("[name=password]", examples.PASSWORD)
        if self.page.locator("[name=otp]").count() == 0:
            self.sends()
        self.types("[name=otp]", examples.otp_at(self.live.clock()))
        self.sends()
        expect(self.page).to_have_url(f"{self.live.base}/desk")

    def opens(self, known: Known, below: str = "") -> None:
        self.goes_to(f"/desk/claims/{known.reference}{below}")


def reader(live: Live, known: Known = examples.DORA, *, scripts: bool = True, language: str = "de") -> Reader:
    return Reader(live, live.phone(scripts=scripts, language=language), known=known)


def at_desk(live: Live, name: str = "clara") -> Deskhand:
    hand = Deskhand(live, live.desk(), name=name)
    hand.signs_in()
    return hand

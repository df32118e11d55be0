"""Which page is looked at in which language, scheme and width, and what must be true of every one of them?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, product
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error, Page

from tests.pages.stage import State
from tests.services import axe

LANGUAGES = ("de", "fr", "it", "en")
SCHEMES = ("light", "dark")
WIDTHS = (320, 390, 1280)
HEIGHTS = {320: 568, 390: 664, 1280: 900}
LEAST, MAIN = 24, 44
#: How much wider than the screen the page is, and the last element that sticks out.
SIDEWAYS = """() => {
  const root = document.documentElement, wide = root.scrollWidth - root.clientWidth;
  if (wide <= 0) return [];
  const out = [...document.querySelectorAll('main *, header *, footer *')]
    .filter(e => e.getBoundingClientRect().right > root.clientWidth && !e.closest('.scroll, .sr'));
  return [`${wide} px wider than the screen: ${out.at(-1)?.outerHTML.slice(0, 120)}`];
}"""
MEASURE = """() => {
  const root = document.documentElement;
  const visible = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden'
    && !e.closest('.sr, [aria-hidden=true]');
  const size = e => { const b = e.getBoundingClientRect(); return [e.outerHTML.slice(0, 90), b.width, b.height]; };
  const all = q => [...document.querySelectorAll(q)].filter(visible).map(size);
  return {
    lang: root.lang, title: document.title, h1: [...document.querySelectorAll('h1')].map(e => e.textContent.trim()),
    brand: (document.querySelector('.brand img')?.alt ?? document.querySelector('.brand')?.textContent ?? '').trim(),
    sideways: (SIDEWAYS)(),
    fields: all('input:not([type=hidden]), select, textarea, button, a.alone'),
    main: all('.button, .row, .entry input, .date input, select, textarea, .languages a'),
    words: document.body.innerText,
  };
}""".replace("SIDEWAYS", SIDEWAYS)


@dataclass(frozen=True)
class Visit:
    """One look at one state."""

    state: State
    language: str
    scheme: str
    width: int

    def __str__(self) -> str:
        return f"{self.state.name} [{self.state.who}, {self.language}, {self.scheme}, {self.width}]"


def pairwise(states: Sequence[State]) -> Iterator[Visit]:
    """Per template at least four visits: each state, and each language, scheme and width with the template."""
    ordered = sorted(states, key=lambda one: one.template)
    for number, (_, group) in enumerate(groupby(ordered, key=lambda one: one.template)):
        own = list(group)
        for place in range(max(len(own), len(LANGUAGES))):
            turn = number + place
            scheme = SCHEMES[(turn + turn // len(LANGUAGES)) % 2]
            yield Visit(own[place % len(own)], LANGUAGES[turn % 4], scheme, WIDTHS[turn % 3])


@dataclass
class Site:
    """A portal that answers, with every state in its database, and a browser window to look through."""

    base: str
    page: Page
    paths: dict[str, str]
    cookies: dict[str, tuple[str, str] | None]
    rendered: list[str] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def opens(self, visit: Visit) -> list[str]:
        """The page stands before us as the visit wants it; what was unexpected on the way."""
        state, page = visit.state, self.page
        self.context.clear_cookies()
        cookie = self.cookies[state.name]
        if cookie is not None:
            self.context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": self.base}])
        self._fits(visit)
        path = self.paths[state.name]
        self.rendered.clear()
        answers: list[int] = []
        note = lambda answer: answers.append(answer.status) if answer.request.is_navigation_request() else None  # noqa: E731
        page.on("response", note)
        page.goto(f"{self.base}{path}{'&' if '?' in path else '?'}lang={visit.language}")
        if state.does is not None:
            try:
                state.does(page)
            except Error as problem:
                return [f"could not be done: {problem.message.splitlines()[-1]}"]
            finally:
                page.remove_listener("response", note)
        wrong = [] if answers[-1] == state.status else [f"answered {answers[-1]}, not {state.status}"]
        seen = self.rendered[-1] if self.rendered else None
        return wrong if seen == state.template else [*wrong, f"is {seen}, not {state.template}"]

    def looks(self, visit: Visit) -> list[str]:
        """One line per thing that is not right on this page; empty is good."""
        found = [*self.opens(visit), *self._judges(visit), *self._enlarges()]
        return [f"{visit}: {line}" for line in found]

    def looks_everywhere(self, state: State, language: str) -> list[str]:
        """The same for every scheme and width of a state in one language; the page is asked for once."""
        found = [f"{state.name} [{language}]: {line}" for line in self.opens(Visit(state, language, "light", 390))]
        for scheme, width in product(SCHEMES, WIDTHS):
            visit = Visit(state, language, scheme, width)
            self._fits(visit)
            found += [f"{visit}: {line}" for line in self._judges(visit)]
        return [*found, *(f"{state.name} [{language}]: {line}" for line in self._enlarges())]

    def _fits(self, visit: Visit) -> None:
        # Without motion, so that no colour is measured on its way.
        self.page.emulate_media(color_scheme=visit.scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        self.page.set_viewport_size({"width": visit.width, "height": HEIGHTS[visit.width]})

    def _judges(self, visit: Visit) -> list[str]:
        return [*_plain_faults(self.page.evaluate(MEASURE), visit), *axe.violations(self.page)]

    def _enlarges(self) -> list[str]:
        self.page.set_viewport_size({"width": 390, "height": 664})
        self.page.evaluate("document.documentElement.style.fontSize = '200%'")
        return [f"with letters twice as large {line}" for line in self.page.evaluate(SIDEWAYS)]


def all_good(site: Site, visits: Iterable[Visit]) -> None:
    """The test fails with one line per fault on any of these pages."""
    _none([line for visit in visits for line in site.looks(visit)])


def all_good_everywhere(site: Site, states: Iterable[State]) -> None:
    """The same for every state in every language, scheme and width."""
    _none([line for state, language in product(states, LANGUAGES) for line in site.looks_everywhere(state, language)])


def _none(found: list[str]) -> None:
    if found:
        pytest.fail("\n".join(dict.fromkeys(found)), pytrace=False)


def _plain_faults(seen: dict[str, Any], visit: Visit) -> Iterator[str]:
    yield from seen["sideways"]
    if not seen["lang"].startswith(visit.language):
        yield f"says it is in {seen['lang']!r}"
    heads = seen["h1"]
    if len(heads) != 1 or not heads[0]:
        yield f"has {len(heads)} h1: {heads}"
    elif " ".join(heads[0].split()) not in " ".join(seen["title"].split()):
        yield f"title {seen['title']!r} without the heading {heads[0]!r}"
    if seen["brand"] not in seen["title"]:
        yield f"title {seen['title']!r} without {seen['brand']!r}"
    yield from _too_small(seen)
    for sign in ("%(", "None", ", ,", "«»", "()", "{{", " ,", "  ·  ·"):
        if sign in seen["words"]:
            place = seen["words"].index(sign)
            yield f"says {sign!r}: …{seen['words'][max(0, place - 30) : place + 30]!r}…"


def _too_small(seen: dict[str, Any]) -> Iterator[str]:
    for words, width, height in seen["fields"]:
        if min(width, height) < LEAST:
            yield f"{width:.0f} × {height:.0f} px: {words}"
    for words, width, height in seen["main"]:
        if height < MAIN - 0.5 or width < MAIN - 0.5:
            yield f"main control of {width:.0f} × {height:.0f} px: {words}"

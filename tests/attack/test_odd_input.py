"""Does any form, at the door or behind it, answer odd input with an error of our own?"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from portal.store.access import Throttle
from portal.web.security import Who, policy_of
from tests.examples import DORA
from tests.objects import Objects, everything_for
from tests.people import Person, Portal, forms_of
from tests.test_routes import KINDS, browser_of, path_of, rules_of

pytestmark = pytest.mark.slow

ODD = (
    "a\x00b",
    "²",
    "-1",
    "99999999999999999999999",
    "9999-12-31",
    "31.12.9999",
    "\r\nX-Evil: 1\u202e\ufeff\U0010ffff%s%(name)s{0}",
    "x" * 15_000,
)
WRITERS = [kind for kind in KINDS if kind.name in {"anonymous", "room 1", "room 2", "clara", "lena", "adam"}]
#: Set this to try each field alone as well; that takes some minutes.
EVERY_FIELD = bool(os.environ.get("EVERY_FIELD"))
#: Fields that a page may show only in another state, so that they are tried as well.
MORE = ("code", "postcode", "letter", "op", "seen", "day", "amount", "text", "date", "kept", "remove", "lines", "needs")
#: What decides which part of a form is read; it stays as the page has it.
CHOICES = {
    "reason": ["amount", "paid", "other"],
    "decision": [],
    "method": ["card"],
    "why": ["unknown"],
}


def test_no_form_breaks_on_odd_words(portal: Portal, kind) -> None:  # type: ignore[no-untyped-def]
    logging.getLogger("portal.requests").setLevel(logging.WARNING)
    objects = everything_for(portal)
    assert list(_breaks(portal, kind, objects)) == []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("kind", WRITERS, ids=[kind.name.replace(" ", "-") for kind in WRITERS])


def _breaks(portal: Portal, kind, objects: Objects) -> Iterator[tuple[str, str, str, int]]:  # type: ignore[no-untyped-def]
    for rule in rules_of(portal):
        audience, _, _ = policy_of(portal.app, rule.endpoint)
        path = path_of(rule, DORA, objects)
        if "POST" not in (rule.methods or ()) or audience is Who.MACHINE or path is None:
            continue
        browser = browser_of(portal, kind)
        token = browser.token()
        usual = _fields(browser, path)
        for field in [None, *usual] if EVERY_FIELD else [None]:
            for odd in ODD:
                for choice in _choices(usual):
                    changed = {name: [odd, odd] for name in usual} if field is None else usual | {field: [odd]}
                    answer = _sent(portal, browser, path, changed | choice | {"csrf_token": [token]})
                    if answer >= 500 and answer != 503:
                        yield path, field or "*", odd[:12], answer


def _choices(usual: dict[str, list[str]]) -> list[dict[str, list[str]]]:
    found: list[dict[str, list[str]]] = [{}]
    for name, values in CHOICES.items():
        if name in usual:
            found += [{name: [value]} for value in values]
    return found


def _sent(portal: Portal, browser: Person, path: str, data: dict[str, list[str]]) -> int:
    with portal.writing() as session:
        session.execute(delete(Throttle))
    return browser.client.post(path, data=data).status_code


def _fields(browser: Person, path: str) -> dict[str, list[str]]:
    """Every field of the page's forms, with what a browser would send, and some that other states show."""
    answer = browser.opens(path)
    found: dict[str, list[str]] = {name: [""] for name in MORE}
    if answer.status_code == 200 and answer.mimetype == "text/html":
        for _, fields in forms_of(answer.get_data(as_text=True)):
            found |= fields
    found.pop("csrf_token", None)
    return found

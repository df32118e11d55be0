"""Who may open which address, and does everybody else get the same answer as for one that is not there?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import delete
from werkzeug.routing import Rule

from portal.app import create_app
from portal.rules.access import Room
from portal.store.access import Throttle
from portal.web.parts import Parts
from portal.web.security import Who, policy_of, refuse_unmarked
from tests import examples, snapshot
from tests.examples import COLETTE, DORA, STEFAN, Known
from tests.objects import Objects, everything_for
from tests.people import Person, Portal

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
NOWHERE = Known("Nobody", uuid4(), uuid4(), "NOPE-1", DORA.code, "4900", "de", None)
SLUGS = {"slug": "velo-sutter"}
MACHINES = {"digest", "name"}


@dataclass(frozen=True)
class Kind:
    """A kind of person: how the browser gets there, and whose pages are its own."""

    name: str
    audience: Who
    own: Known | None


KINDS = (
    Kind("anonymous", Who.ANYONE, None),
    Kind("expired", Who.ANYONE, None),
    Kind("room 1", Who.DEBTOR, DORA),
    Kind("room 2", Who.DEBTOR_FILE, DORA),
    Kind("stefan", Who.DEBTOR_FILE, STEFAN),
    Kind("colette", Who.DEBTOR_FILE, COLETTE),
    Kind("clara", Who.CLERK, DORA),
    Kind("lena", Who.CLERK, DORA),
    Kind("adam", Who.CLERK, DORA),
    Kind("otto", Who.CLERK, DORA),
    Kind("carl", Who.CLERK, COLETTE),
)


def browser_of(portal: Portal, kind: Kind) -> Person:
    """A browser in the hands of such a person."""
    if kind.name == "anonymous":
        return portal.dora
    if kind.name == "expired":
        dora = portal.dora.is_in()
        portal.clock.move(minutes=21)
        return dora
    if kind.name == "room 1":
        return portal.dora.is_in(Room.LETTER)
    if kind.name == "room 2":
        return portal.dora.is_in()
    if kind.name == "stefan":
        return portal.stefan.is_in()
    if kind.name == "colette":
        return portal.colette.is_in()
    return portal.staff(kind.name).is_in()


def rules_of(portal: Portal) -> list[Rule]:
    return sorted(portal.app.url_map.iter_rules(), key=lambda rule: rule.rule)


def path_of(rule: Rule, known: Known, objects: Objects) -> str | None:
    """The address of this rule for this person's things; None where there is nothing to fill in."""
    values: dict[str, str] = {}
    for argument in rule.arguments:
        if argument == "reference":
            values[argument] = known.reference
        elif argument in SLUGS:
            values[argument] = SLUGS[argument]
        elif argument in MACHINES:
            return None
        else:
            values[argument] = objects.id_for(rule.endpoint, argument, known)
    path = rule.rule
    for name, value in values.items():
        path = re.sub(rf"<(?:[^:<>]+:)?{name}>", value, path)
    return path


def test_every_page_has_its_file_and_its_row_in_the_table_of_features(portal: Portal) -> None:
    table = (ROOT / "docs" / "features.md").read_text()
    words = set(re.findall(r"^\| (\w+) \|", table, re.MULTILINE))
    for rule in rules_of(portal):
        side, _, rest = rule.endpoint.partition(".")
        if side not in {"debtor", "creditor"}:
            continue
        feature, _, view = rest.partition(".")
        assert feature in words, f"{rule.endpoint} has no row in docs/features.md"
        module = ROOT / "portal" / "web" / side / f"{feature}.py"
        assert module.is_file(), rule.endpoint
        assert re.search(rf"^def {view}\(", module.read_text(), re.MULTILINE), rule.endpoint


def test_no_slug_may_be_a_fixed_first_segment(portal: Portal) -> None:
    first = {rule.rule.split("/")[1] for rule in rules_of(portal)} - {""}
    fixed = {segment for segment in first if "<" not in segment}
    assert {"claims", "desk", "webhooks", "enter", "sign-out", "help", "paid", "files", "static", "css"} <= fixed


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.replace(" ", "-"))
def test_pages_open_for_those_they_are_meant_for_and_for_nobody_else(portal: Portal, kind: Kind) -> None:
    objects = everything_for(portal)
    browser = browser_of(portal, kind)
    before = portal.read(snapshot.of)
    missing = {side: browser.opens(f"{side}/claims/NOPE-1") for side in ("", "/desk")}
    wrong = [line for rule in rules_of(portal) for line in _faults(portal, kind, browser, rule, objects, missing)]
    assert wrong == []
    assert portal.read(snapshot.of) == before


def _faults(portal, kind, browser, rule, objects, missing) -> Iterator[str]:  # type: ignore[no-untyped-def]
    audience, right, _ = policy_of(portal.app, rule.endpoint)
    if audience is Who.MACHINE or "GET" not in (rule.methods or ()):
        return
    for whose in (DORA, STEFAN, COLETTE, NOWHERE):
        path = path_of(rule, whose, objects)
        if path is None:
            continue
        answer = browser.opens(path)
        expected = _expected(kind, audience, right, rule, whose)
        if answer.status_code not in expected:
            yield f"{kind.name} {path} ({whose.name}): {answer.status_code}, not {sorted(expected)}"
        body = answer.data.decode("utf-8", "replace")
        for foreign in _foreign(kind):
            if foreign in body:
                yield f"{kind.name} {path}: shows {foreign}"
        if answer.status_code == 404 and "reference" in rule.arguments:
            side = "/desk" if rule.rule.startswith("/desk") else ""
            if _plain(body) != _plain(missing[side].get_data(as_text=True)):
                yield f"{kind.name} {path}: another 404 than for what is not there"


def _expected(kind: Kind, audience: Who, right, rule: Rule, whose: Known) -> set[int]:  # type: ignore[no-untyped-def]
    """The answers that are right for this person on this address."""
    good = {200, 302, 303}
    if audience is Who.ANYONE:
        return good | {404} if rule.arguments - {"slug"} else good
    signed_in = kind.audience in ({Who.CLERK} if audience is Who.CLERK else {Who.DEBTOR, Who.DEBTOR_FILE})
    if not signed_in:
        return {303}
    if audience is Who.DEBTOR_FILE and kind.audience is Who.DEBTOR:
        return {404, 303}
    if audience is Who.CLERK and right is not None and not examples.may(kind.name, right):
        return {404}
    if not rule.arguments - {"slug"}:
        return good
    if kind.own is None or not _belongs(kind, whose):
        return {404}
    return good | {404} if _may_be_absent(rule, kind, whose) else good


def _belongs(kind: Kind, whose: Known) -> bool:
    if whose is NOWHERE:
        return False
    if kind.audience is Who.CLERK:
        firm = examples.STAFF[kind.name][1]
        return examples.firm_of(whose) == firm
    return kind.own is not None and kind.own.reference == whose.reference


def _may_be_absent(rule: Rule, kind: Kind, whose: Known) -> bool:
    """Some things exist for one person only, only in room 2, or only once a plan is agreed."""
    by_id = bool(rule.arguments - {"slug", "reference"})
    return by_id or rule.rule.endswith(("/dates.ics", "/confirmation.pdf")) or kind.audience is Who.DEBTOR


def _foreign(kind: Kind) -> list[str]:
    """Canaries that must never be seen by this kind of person."""
    if kind.audience is Who.CLERK:
        firm = examples.STAFF[kind.name][1]
        return [
            canary
            for known in (DORA, STEFAN, COLETTE)
            if examples.firm_of(known) != firm
            for canary in examples.canaries(known)
        ]
    own = kind.own.reference if kind.own else None
    found = [
        canary for known in (DORA, STEFAN, COLETTE) if known.reference != own for canary in examples.canaries(known)
    ]
    if kind.name == "room 1":
        found += examples.canaries(DORA)
    return found


def _plain(html: str) -> str:
    """The page without what differs by nature: tokens and the address in language links."""
    html = re.sub(r'value="[^"]{40,}"', "", html)
    return re.sub(r'href="[^"]*"', "", html)


def test_undeclared_methods_are_refused(portal: Portal) -> None:
    dora = portal.dora.is_in()
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        for path in ("/claims", dora.path, f"{dora.path}/messages", "/velo-sutter", "/desk"):
            assert dora.client.open(path, method=method).status_code in {404, 405}, (method, path)


def test_a_view_without_a_policy_stops_the_start(parts: Parts) -> None:
    app = create_app(parts.settings, parts=parts)
    app.view_functions["loose"] = lambda: ""
    with pytest.raises(RuntimeError, match="no policy"):
        refuse_unmarked(app)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.replace(" ", "-"))
def test_forms_work_for_those_they_are_meant_for_and_change_nothing_for_anybody_else(
    portal: Portal, kind: Kind
) -> None:
    objects = everything_for(portal)
    browser = browser_of(portal, kind)
    token = browser.token()
    before = portal.read(snapshot.of)
    wrong, tried = [], 0
    for whose, path in _not_theirs(portal, kind, objects):
        answer = browser.client.post(path, data={**FORM, "csrf_token": token})
        tried += 1
        if answer.status_code not in {303, 404}:
            wrong.append(f"{kind.name} POST {path} ({whose.name}): {answer.status_code}")
        if answer.status_code == 303 and not _to_a_door(answer.headers["Location"]):
            wrong.append(f"{kind.name} POST {path} ({whose.name}): went on to {answer.headers['Location']}")
        body = answer.data.decode("utf-8", "replace")
        wrong += [f"{kind.name} POST {path}: shows {word}" for word in _foreign(kind) if word in body]
    assert wrong == []
    assert portal.read(snapshot.of) == before
    assert tried > 40


#: What any of the forms could want, so that only the person stands between it and a change.
FORM = {
    "text": "Guten Tag", "instalments": "3", "day": "25", "amount": "20.00", "reason": "quality", "needs": "more_time",
    "date": "2026-12-18", "method": "card", "line": "all", "decision": "accept", "until": "18.12.2026", "seen": "32603",
    "part": "20.00", "note": "bank_transfer", "source": "Konto", "why": "unknown", "pin": "482915",
    "fact": "1987-03-14",
}  # fmt: skip


def _not_theirs(portal: Portal, kind: Kind, objects: Objects) -> Iterator[tuple[Known, str]]:
    """Every address that takes a form and must not take one of this person, with everybody's things filled in."""
    for rule in rules_of(portal):
        audience, right, _ = policy_of(portal.app, rule.endpoint)
        if "POST" not in (rule.methods or ()) or audience in {Who.MACHINE, Who.ANYONE}:
            continue
        for whose in (DORA, STEFAN, COLETTE, NOWHERE):
            path = path_of(rule, whose, objects)
            if path is not None and not _may_post(kind, audience, right, rule, whose):
                _forget_throttles(portal)
                yield whose, path


def _may_post(kind: Kind, audience: Who, right, rule: Rule, whose: Known) -> bool:  # type: ignore[no-untyped-def]
    if audience is Who.CLERK:
        if kind.audience is not Who.CLERK or (right is not None and not examples.may(kind.name, right)):
            return False
    elif audience not in {Who.DEBTOR: {Who.DEBTOR}, Who.DEBTOR_FILE: {Who.DEBTOR, Who.DEBTOR_FILE}}.get(
        kind.audience, set()
    ):
        return False
    return not rule.arguments or _belongs(kind, whose)


def _to_a_door(address: str) -> bool:
    return address.split("?")[0] in {"/", "/velo-sutter", "/cabinet-rochat", "/desk/sign-in"}


def _forget_throttles(portal: Portal) -> None:
    with portal.writing() as session:
        session.execute(delete(Throttle))


def test_an_auditor_posts_nothing_and_an_admin_decides_nothing(portal: Portal) -> None:
    objects = everything_for(portal)
    for name, allowed in (("otto", set()), ("adam", ADMINS_FORMS)):
        clerk = portal.staff(name).is_in()
        token, taken = clerk.token(), set()
        for rule in rules_of(portal):
            path = path_of(rule, DORA, objects)
            if path is None or "POST" not in (rule.methods or ()) or not path.startswith("/desk/"):
                continue
            if rule.endpoint in {"creditor.access.sign_in", "creditor.access.sign_out"}:
                continue
            _forget_throttles(portal)
            if clerk.client.post(path, data={**FORM, "csrf_token": token}).status_code != 404:
                taken.add(rule.endpoint)
        assert taken <= allowed, name


ADMINS_FORMS = {
    "creditor.accounts.agree", "creditor.accounts.change", "creditor.accounts.drop", "creditor.firm.change",
    "creditor.people.change", "creditor.people.new", "creditor.people.sign_in", "creditor.set_up.again",
    "creditor.set_up.keep", "creditor.set_up.letter", "creditor.set_up.put_away",
    "creditor.bank.upload", "creditor.connections.check", "creditor.connections.connect",
    "creditor.imports.check", "creditor.imports.columns", "creditor.imports.documents", "creditor.imports.drop",
    "creditor.imports.stop", "creditor.imports.take", "creditor.imports.undo", "creditor.imports.upload",
    "creditor.addresses.enter", "creditor.addresses.returned", "creditor.picks.choose", "creditor.reissues.reissue",
    "creditor.runs.drop", "creditor.runs.posted", "creditor.runs.print_out", "creditor.runs.revoke",
    "creditor.letters.letter_code", "creditor.openings.new", "creditor.people.absence", "creditor.people.back",
    "creditor.rates.enter", "creditor.refunds.approve", "creditor.refunds.decline", "creditor.settings.change",
    "creditor.settings.goodwill", "creditor.stationery.look", "creditor.stationery.texts", "creditor.today.done",
}  # fmt: skip

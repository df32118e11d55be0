"""What does the debtor see of a claim: who wants what, the ways out, what it rests on, what was and what comes."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, g, url_for

from portal.actions.goodwill import promise_of
from portal.actions.payments import PAYABLE
from portal.rules.claims import ClaimStatus, Standing
from portal.rules.goodwill import Goodwill, announced
from portal.store import claim_page, claims
from portal.store.claim_page import ClaimPage, Reader
from portal.store.people import Clerk
from portal.web import i18n, threads, traces
from portal.web.first_block import Look, first_block
from portal.web.i18n import gettext as _
from portal.web.labels.claims import STANDINGS, TINTS
from portal.web.login import creditor, debtor, visible_claims
from portal.web.pages import back_to, page
from portal.web.parts import calendar_of, today
from portal.web.security import Who, who
from portal.web.sums import Row, goodwill_row, offer_row, paper_rows, sum_rows
from portal.web.transaction import db

pages = Blueprint("claims", __name__)

#: Something is agreed or waits for an answer: nobody is told again that the invoice is open.
UNDER_WAY = frozenset(
    {
        Standing.CHECKING,
        Standing.PAUSED,
        Standing.COUNTER_OFFER,
        Standing.SUGGESTION_WAITING,
        Standing.INSTALMENT_LATE,
        Standing.INSTALMENTS_RUNNING,
        Standing.PAYMENT_ANNOUNCED,
        Standing.PAYMENT_IN_PROGRESS,
        Standing.DEFERRED,
    }
)


@pages.get("/claims")
@who(Who.DEBTOR)
def every() -> Response:
    """All claims this person may see; a single one opens by itself."""
    visitor = debtor()
    found = claims.claims_for(
        db(), creditor_id=visitor.creditor_id, debtor_id=visitor.debtor_id, only=visible_claims(visitor)
    )
    if len(found) == 1:
        return back_to("debtor.claims.claim", reference=found[0].reference)
    owed = claim_page.owed_on(db(), found, today=today())
    rows = []
    for one in found:
        word = claim_page.standing_of(one, owed[one.id], whole_file=visitor.in_file)
        amount = i18n.money(owed[one.id].total.open)
        about = [_("Invoice of %(day)s", day=i18n.day(one.invoice_on)), amount, _(STANDINGS[word])]
        href = url_for("debtor.claims.claim", reference=one.reference)
        rows.append({"href": href, "title": one.title, "detail": " · ".join(about)})
    return page(claims=rows)


@pages.get("/claims/<reference>")
@who(Who.DEBTOR)
def claim(reference: str) -> Response:
    """The claim with its four ways out."""
    shown = seen(reference)
    day = today()
    path = url_for("debtor.claims.claim", reference=reference)
    look = Look(shown, day, path, promised_on(shown, day))
    if look.offer is not None and look.offer.at is None:
        traces.later(traces.offer_shown, shown.claim.creditor_id, look.offer.id)
    word = shown.owed.standing
    return page(
        claim=shown.claim,
        name=g.get("debtor_name", ""),
        heading=heading_of(shown),
        word=_(STANDINGS[word]) if word is not Standing.STILL_OPEN else "",
        tint=TINTS[word],
        block=first_block(shown, day, path, look.promised),
        ways=ways_of(shown, path),
        above_ways=above_ways(shown),
        locked=shown.head.locked and not shown.whole_file,
        unprotected=shown.whole_file and not shown.head.locked,
        receipts=shown.whole_file,
        path=path,
        papers=paper_rows(shown.evidence, lambda id: url_for("debtor.evidence.document", reference=reference, id=id)),
        missing=claim_page.evidence_missing(shown),
        rows=_rows(look, reference),
        total={"label": _total_label(look), "money": look.due},
        entries=threads.for_debtor(shown, day),
        contact=person_of(shown.head.person, path),
        deputy_for=shown.head.clerk.name if shown.head.deputy else "",
    )


def seen(reference: str) -> ClaimPage:
    """The visitor's own claim, cut to the room that is open; else the same 404 as for any other address."""
    found = claim_page.for_debtor(db(), reader(), reference, today=today())
    if found is None:
        abort(404)
    return found


def reader() -> Reader:
    """The visitor as the store wants to know them."""
    visitor = debtor()
    letters = None if visitor.in_file else visitor.letters
    return Reader(visitor.creditor_id, visitor.debtor_id, visitor.session_id, letters, creditor().health)


def person_of(clerk: Clerk, path: str) -> Row:
    """The contact person with phone and hours, and the way to write."""
    firm = creditor()
    return {
        "name": clerk.name,
        "role": f"{clerk.function}, {firm.name}" if clerk.function else firm.name,
        "phone": clerk.phone or firm.phone,
        "hours": clerk.hours or firm.hours,
        "href": f"{path}/messages",
    }


def heading_of(shown: ClaimPage) -> str:
    """What stands above the claim's page."""
    day = i18n.day(shown.claim.invoice_on)
    if shown.claim.status == ClaimStatus.SETTLED:
        return _("Your invoice of %(day)s is paid", day=day)
    if shown.claim.status != ClaimStatus.OPEN or shown.owed.standing in UNDER_WAY:
        return _("Your invoice of %(day)s", day=day)
    return _("Your invoice of %(day)s is still open", day=day)


def above_ways(shown: ClaimPage) -> str:
    """What stands above the other ways out."""
    if shown.claim.status != ClaimStatus.OPEN:
        return _("Do you have a question?")
    if shown.owed.standing in UNDER_WAY:
        return _("Has something changed?")
    return _("Or tell us what is going on")


def ways_of(shown: ClaimPage, path: str) -> list[Row]:
    """The three ways beside paying, in the person's own words."""
    firm = creditor()
    day = calendar_of(firm).add_working_days(today(), firm.answer_days)
    answers = _("%(name)s answers by %(day)s", name=shown.head.person.name, day=i18n.month_day(day))
    question = {"href": f"{path}/messages", "title": _("I have a question"), "detail": answers}
    if shown.claim.status != ClaimStatus.OPEN:
        return [question]
    return [
        {
            "href": f"{path}/plan",
            "title": _("I cannot pay everything now"),
            "detail": _("Pay in instalments or later"),
        },
        {
            "href": f"{path}/dispute",
            "title": _("Something is not right"),
            "detail": _("Already paid, wrong, or not for me"),
        },
        question,
    ]


def _rows(look: Look, reference: str) -> list[Row]:
    shown = look.page
    open_ = shown.claim.status == ClaimStatus.OPEN
    papers: dict[UUID, str] = {
        row.id: url_for("debtor.evidence.document", reference=reference, id=row.id) for row, _file in shown.evidence
    }
    contest = f"{look.path}/dispute?reason=costs" if open_ else ""
    rows: list[dict[str, Any]] = sum_rows(shown.owed.total, shown.owed.matters, contest=contest, papers=papers)
    if look.goodwill:
        return [*rows, goodwill_row(look.goodwill)]
    return [*rows, offer_row(shown.owed.total, look.offer)] if look.offer else rows


def promised_on(shown: ClaimPage, day: date) -> Goodwill | None:
    """What the creditor promises everybody, for this claim on this day."""
    if shown.claim.status not in PAYABLE:
        return None
    letters = [row.from_on for row in shown.owed.matters.all("letter") if row.from_on is not None]
    return announced(shown.owed.total, promise_of(creditor(), min(letters, default=None)), day)


def _total_label(look: Look) -> str:
    if look.goodwill:
        return _("To pay by %(day)s", day=i18n.weekday(look.goodwill.until))
    if look.offer and look.offer.until_on:
        return _("To pay by %(day)s", day=i18n.weekday(look.offer.until_on))
    waits = look.page.owed.matters.open_pauses(look.today) or any(line.disputed for line in look.page.owed.total.lines)
    if look.page.claim.pay_by >= look.today and look.page.claim.status == ClaimStatus.OPEN and not waits:
        return _("To pay by %(day)s", day=i18n.weekday(look.page.claim.pay_by))
    return _("Still open")

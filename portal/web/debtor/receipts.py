"""How does a person get the papers of a claim: receipts, a statement for a day, the confirmation at the end?"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort, request
from wtforms import StringField

from portal.rules.receipts import day_problems
from portal.store.claims import Claim
from portal.store.receipts import paid_in_session
from portal.web import i18n, papers
from portal.web.forms import Form, day_of
from portal.web.i18n import N_
from portal.web.labels.receipts import DAY_PROBLEMS
from portal.web.login import debtor, debtor_claim
from portal.web.pages import back_to, page_of
from portal.web.parts import today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("receipts", __name__)
FIELDS = frozenset({"on_day", "on_month", "on_year"})


class StatementForm(Form):
    """The day that the statement is for."""

    on_day = StringField(N_("As of which day?"))
    on_month = StringField()
    on_year = StringField()


@pages.get("/claims/<reference>/receipts")
@who(Who.DEBTOR)
def every(reference: str) -> Response:
    """Every paper of the claim; in room 1 the receipts of what this very session paid."""
    claim, form = debtor_claim(reference), form_of()
    on = asked_day(claim, form) if debtor().in_file else None
    return back_to("debtor.receipts.statement", reference=reference, on=on) if on else _page(claim, form)


@pages.get("/claims/<reference>/receipts/<uuid:id>.pdf")
@who(Who.DEBTOR)
def receipt(reference: str, id: UUID) -> Response:
    """The receipt of one payment."""
    claim = debtor_claim(reference)
    if id not in _may_see(claim):
        abort(404)
    return papers.receipt(claim, id) or abort(404)


@pages.get("/claims/<reference>/receipts/statement.pdf")
@who(Who.DEBTOR_FILE)
def statement(reference: str) -> Response:
    """The claim as it stood on a day, today unless the address names another."""
    return statement_of(debtor_claim(reference)) or abort(404)


@pages.get("/claims/<reference>/receipts/confirmation.pdf")
@who(Who.DEBTOR_FILE)
def confirmation(reference: str) -> Response:
    """That nothing is claimed any more, once the claim is over."""
    return papers.settlement(debtor_claim(reference)) or abort(404)


def form_of() -> StatementForm:
    """The form as it was sent, else with today in it; a question that changes nothing is sent by GET."""
    if FIELDS & set(request.args):
        return StatementForm(request.args)
    day = today()
    return StatementForm(
        formdata=None, data={"on_day": str(day.day), "on_month": str(day.month), "on_year": str(day.year)}
    )


def asked_day(claim: Claim, form: StatementForm) -> str | None:
    """The day that was typed, as it stands in the address; None if none was sent, or with a sentence on the field."""
    if not FIELDS & set(request.args):
        return None
    on = day_of("", form.on_day.data, form.on_month.data, form.on_year.data)
    found = day_problems(on, first=claim.invoice_on, today=today())
    words = {"today": i18n.day(today()), "first": i18n.day(claim.invoice_on), "example": f"{today():%d.%m.%Y}"}
    if form.refuse(found, DAY_PROBLEMS, dict.fromkeys(found, "on_day"), **words) or on is None:
        return None
    return on.isoformat()


def statement_of(claim: Claim) -> Response | None:
    """The statement of the day in the address; None where that is no day for one."""
    typed = request.args.get("on", "")
    on = day_of(typed, "", "", "") if typed else today()
    if on is None or day_problems(on, first=claim.invoice_on, today=today()):
        return None
    return papers.statement(claim, on)


def _may_see(claim: Claim) -> frozenset[UUID]:
    """The payments whose receipts this session may see (`decisions.md` 1); what was allocated again counts as well."""
    made = papers.receipts_of(claim)
    if debtor().in_file:
        return frozenset(one.entry.id for one in made)
    seen = set(paid_in_session(db(), claim, debtor().session_id))
    for one in reversed(made):
        if one.entry.id in seen and one.replaced_by is not None:
            seen.add(one.replaced_by.id)
    return frozenset(seen)


def _page(claim: Claim, form: StatementForm) -> Response:
    whole, seen = debtor().in_file, _may_see(claim)
    path = f"/claims/{claim.reference}/receipts"
    return page_of(
        "debtor/receipts/every.html",
        form=form,
        reference=claim.reference,
        path=path,
        rows=[row for row in papers.rows(claim, path) if row["id"] in seen],
        whole=whole,
        confirmation=f"{path}/confirmation.pdf" if whole and papers.is_over(claim) else "",
    )

"""How does the desk get the papers of a claim, in the debtor's language as the debtor gets them?"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, abort

from portal.rules.access import Right
from portal.store.claims import Claim
from portal.store.people import debtor_by_id
from portal.web import i18n, papers
from portal.web.debtor.receipts import StatementForm, asked_day, form_of, statement_of
from portal.web.login import desk_claim
from portal.web.pages import back_to, page_of
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("receipts", __name__)


@pages.get("/claims/<reference>/receipts")
@who(Who.CLERK, Right.READ)
def every(reference: str) -> Response:
    """Every paper of a claim of this firm."""
    claim, form = desk_claim(reference), form_of()
    on = asked_day(claim, form)
    return _page(claim, form) if on is None else back_to("creditor.receipts.statement", reference=reference, on=on)


@pages.get("/claims/<reference>/receipts/<uuid:id>.pdf")
@who(Who.CLERK, Right.READ)
def receipt(reference: str, id: UUID) -> Response:
    """The receipt of one payment."""
    return _in_their_language(reference, lambda claim: papers.receipt(claim, id))


@pages.get("/claims/<reference>/receipts/statement.pdf")
@who(Who.CLERK, Right.READ)
def statement(reference: str) -> Response:
    """The claim as it stood on a day, today unless the address names another."""
    return _in_their_language(reference, statement_of)


@pages.get("/claims/<reference>/receipts/confirmation.pdf")
@who(Who.CLERK, Right.READ)
def confirmation(reference: str) -> Response:
    """That nothing is claimed any more, once the claim is over."""
    return _in_their_language(reference, papers.settlement)


def _in_their_language(reference: str, make: Callable[[Claim], Response | None]) -> Response:
    """The paper as the claim's debtor reads it; what is not there is the usual 404, in the clerk's own language."""
    claim, own = desk_claim(reference), i18n.language()
    person = debtor_by_id(db(), claim.creditor_id, claim.debtor_id)
    i18n.set_language(person.language if person is not None else own)
    made = make(claim)
    if made is None:
        i18n.set_language(own)
        abort(404)
    return made


def _page(claim: Claim, form: StatementForm) -> Response:
    path = f"/desk/claims/{claim.reference}/receipts"
    return page_of(
        "creditor/receipts/every.html",
        form=form,
        reference=claim.reference,
        path=path,
        rows=papers.rows(claim, path),
        confirmation=f"{path}/confirmation.pdf" if papers.is_over(claim) else "",
    )

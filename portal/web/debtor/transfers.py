"""How does a person pay by bank: the QR-bill to save, its code on the page, and the rows to copy?"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, request

from portal.gateways.qr import plain_svg, swiss_svg
from portal.rules.money import Money, parse_amount
from portal.rules.references import group_iban, group_reference
from portal.rules.transfers import Bill, Method, decimal_amount, epc_payload, method_for, swiss_payload
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.web import i18n
from portal.web.bills import bill_of
from portal.web.i18n import gettext as _
from portal.web.labels.transfers import PICTURES, qr_bill_words
from portal.web.login import creditor, debtor_claim
from portal.web.parts import parts, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("transfers", __name__)


@dataclass(frozen=True)
class Row:
    """One thing to copy into a banking app: what it is, how it is shown, and what is copied."""

    label: str
    value: str
    copied: str


@dataclass(frozen=True)
class Transfer:
    """Everything a page needs to show how this sum is paid by bank."""

    rows: list[Row]
    method: Method
    picture: str


def asked_amount(claim: Claim, owed: Money) -> Money:
    """The sum that the address names, if it can be paid on this claim, else everything that is owed."""
    minor = parse_amount(request.args.get("amount", "")[:20], currency=claim.currency)
    return Money(minor, claim.currency) if minor is not None and 0 < minor <= owed.minor else owed


def bill_for(claim: Claim, amount: Money) -> Bill | None:
    """The bill of this sum to the creditor's account; None where the creditor has named no account in this currency."""
    return bill_of(db(), creditor(), claim, amount)


def transfer_of(claim: Claim, amount: Money) -> Transfer | None:
    """The rows to copy and the kind of code that goes with them."""
    bill = bill_for(claim, amount)
    if bill is None:
        return None
    rows = [
        Row(_("Payee"), f"{bill.payee.name}, {bill.payee.postcode} {bill.payee.town}", bill.payee.name),
        Row(_("IBAN"), group_iban(bill.account.iban), bill.account.iban),
        Row(_("Amount"), i18n.money(amount), decimal_amount(amount)),
    ]
    if bill.reference:
        rows.append(Row(_("Reference"), group_reference(bill.reference), bill.reference))
    if bill.account.bic:
        rows.append(Row(_("BIC"), bill.account.bic, bill.account.bic))
    kind = method_for(bill)
    return Transfer(rows, kind, _(PICTURES[kind]))


def _asked_bill(reference: str) -> Bill:
    claim = debtor_claim(reference)
    owed = claim_sum(db(), claim, on=today()).open
    bill = bill_for(claim, asked_amount(claim, owed)) if owed.minor > 0 else None
    if bill is None:
        abort(404)
    return bill


@pages.get("/claims/<reference>/qr-bill.svg")
@who(Who.DEBTOR)
def code(reference: str) -> Response:
    """The QR code alone, for the page and for a second screen; 404 where no code fits the account."""
    bill = _asked_bill(reference)
    kind = method_for(bill)
    if kind is Method.PLAIN:
        abort(404)
    title = _(PICTURES[kind])
    drawn = swiss_svg(swiss_payload(bill), title) if kind is Method.SWISS_QR else plain_svg(epc_payload(bill), title)
    return Response(drawn, mimetype="image/svg+xml")


@pages.get("/claims/<reference>/qr-bill.pdf")
@who(Who.DEBTOR)
def bill(reference: str) -> Response:
    """The QR-bill as a PDF to save and to open in a banking app."""
    found = _asked_bill(reference)
    if method_for(found) is not Method.SWISS_QR:
        abort(404)
    language = i18n.language()
    made = parts().papers.qr_bill(found, qr_bill_words(language), language)
    answer = Response(made, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename="qr-bill.pdf")
    return answer

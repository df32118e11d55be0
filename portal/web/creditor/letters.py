"""How does the desk put a new code into a person's hands: one printable page, shown once."""

from __future__ import annotations

import base64
from uuid import uuid5

from flask import Blueprint, Response
from wtforms import BooleanField

from portal.actions.letters import issue_letter, new_code, revoke_codes_of
from portal.gateways.pdf import PaperFailed
from portal.gateways.qr import plain_svg
from portal.rules.access import Right
from portal.rules.claims import ClaimStatus, PositionKind
from portal.rules.history import Actor, ActorKind
from portal.rules.interest import RateMissing
from portal.rules.letter_code import Code
from portal.rules.letters import LetterKind, RevokeReason
from portal.rules.money import total
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.letters import Letter, claims_of_letter, last_letter, letter_by_id
from portal.store.people import Debtor, debtor_by_id, who_answers
from portal.web.forms import DecidingForm
from portal.web.i18n import N_, day, gettext_in, money, weekday
from portal.web.i18n import gettext as _
from portal.web.labels.letter_paper import WORDS
from portal.web.letter_paper import Writing, letter_data, letter_title
from portal.web.login import clerk, creditor, desk_claim
from portal.web.pages import page, page_of
from portal.web.parts import now, parts, today
from portal.web.security import Who, who
from portal.web.serving import POLICY, disposition
from portal.web.transaction import db

pages = Blueprint("letters", __name__)


#: A letter fixes a sum, so it waits until the sum can be counted.
NO_RATE = N_(
    "No rate of the law is known from %(day)s on, so the sum of this case can't be counted. Enter the rate under "
    "Settings, then print the letter."
)


#: A name is printed right or not at all; with the answer 422 nothing was issued.
UNPRINTABLE = N_(
    "A sign in the name, the address or the case can't be printed right. Correct it, or issue the code on a page."
)


class LetterForm(DecidingForm):
    """Whether the codes of earlier letters end at once, because a stranger may hold one."""

    stop_old = BooleanField()
    as_pdf = BooleanField()


@pages.route("/claims/<reference>/letter-code", methods=["GET", "POST"])
@who(Who.CLERK, Right.REISSUE)
def letter_code(reference: str) -> Response:
    """A code for a new letter, shown in this one answer and never again (`decisions.md` 8)."""
    form = LetterForm()
    sent = form.sent_well()
    made = None
    if sent:
        with parts().gate.enter():
            made = new_code(parts().codes)
    claim = desk_claim(reference)
    person = _person(claim)
    if not sent or made is None:
        return page(form=LetterForm(formdata=None), claim=claim, person_of=person)
    letter_id = uuid5(claim.id, str(form.op_id()))
    if letter_by_id(db(), claim.creditor_id, letter_id) is not None:
        return page_of("creditor/letters/_shown.html", status=409, claim=claim)
    actor = Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)
    if form.stop_old.data:
        revoke_codes_of(db(), claim.creditor_id, person.id, RevokeReason.STAFF, actor=actor, now=now())
    before = last_letter(db(), claim.creditor_id, claim.id)
    try:
        letter, code = issue_letter(
            db(), creditor(), person, _claims(claim, before[0] if before else None),
            LetterKind.REISSUE if before else LetterKind.FIRST, person.language,
            codes=parts().codes, actor=actor, now=now(), today=today(), letter_id=letter_id, op=form.op_id(), made=made,
        )  # fmt: skip
    except RateMissing as unknown:
        form.form_errors.append(_(NO_RATE, day=day(unknown.day)))
        return page(form=form, claim=claim, person_of=person)
    if not form.as_pdf.data:
        return _paper(letter, code, claim, person)
    try:
        return _pdf(letter, code, person)
    except PaperFailed:
        form.form_errors.append(_(UNPRINTABLE))
        return page(form=form, claim=claim, person_of=person)


def _person(claim: Claim) -> Debtor:
    found = debtor_by_id(db(), claim.creditor_id, claim.debtor_id)
    if found is None:
        raise LookupError("a claim without its debtor")
    return found


def _claims(claim: Claim, before: Letter | None) -> list[Claim]:
    """The claims that the earlier letter named and that are still open; this one in any case."""
    if before is None:
        return [claim]
    named = claims_of_letter(db(), claim.creditor_id, before.id)
    return [claim, *(other for other in named if other.id != claim.id and other.status == ClaimStatus.OPEN)]


def _pdf(letter: Letter, code: Code, person: Debtor) -> Response:
    """The whole letter with the sum line by line and the payment part, to print and post; kept nowhere."""
    firm = creditor()
    claims = claims_of_letter(db(), firm.id, letter.id)
    data = letter_data(db(), Writing(firm, letter, code, person, claims, parts().settings.base_url, today()))
    made = parts().papers.letters(letter_title(firm, letter.language), firm.name, [data])
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = disposition("letter.pdf")
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _paper(letter: Letter, code: Code, claim: Claim, person: Debtor) -> Response:
    tongue, address = person.language, f"{parts().settings.base_url}/{creditor().slug}"
    values = _values(letter, claim, person, address.split("//")[-1])
    words = {name: text for name, text in WORDS.items() if not name.endswith("_many")}
    if values["owed"] == values["amount"]:
        del words["today"]
    told = {name: gettext_in(tongue, text, **values) for name, text in words.items()}
    svg = plain_svg(f"{address}#{code.compact}", told["caption"])
    return page_of(
        "creditor/letters/_paper.html",
        paper={**told, "date": f"{creditor().town}, {day(today(), tongue)}"},
        tongue=tongue,
        code=code.printed,
        qr="data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode(),
        claim=claim,
        person_of=person,
        firm=creditor(),
        signs=who_answers(db(), claim.creditor_id, claim.clerk_id, today()),
    )


def _values(letter: Letter, claim: Claim, person: Debtor, address: str) -> dict[str, str]:
    """What the paper's words are filled with: the invoice as it was sent, and what is owed today."""
    tongue, owed = person.language, claim_sum(db(), claim, on=today())
    invoice = [line.claimed for line in owed.lines if line.position.kind == PositionKind.PRINCIPAL]
    return {
        "invoice": day(claim.invoice_on, tongue),
        "amount": money(total(invoice, owed.currency)),
        "owed": money(owed.open),
        "person": person.contact_name or person.name,
        "address": address,
        "until": weekday(letter.pay_by, tongue),
    }

"""What does a letter look like before it is printed, beside what the person will see on the phone?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, url_for

from portal.actions.letter_runs import Recipient, survey
from portal.gateways.pdf import PaperFailed
from portal.rules.access import Right
from portal.rules.letter_runs import RunState
from portal.store import claim_page
from portal.store.claims import Claim
from portal.store.letter_runs import LetterRun, claims_by_ids, run_at
from portal.store.letters import Wanted
from portal.store.people import Debtor, debtor_by_id
from portal.web import i18n
from portal.web.debtor.claims import above_ways, heading_of, promised_on, ways_of
from portal.web.first_block import first_block
from portal.web.i18n import gettext as _
from portal.web.letter_paper import letter_title
from portal.web.letter_prints import deadline, kind_of, specimen_data
from portal.web.login import clerk, creditor, desk_claim
from portal.web.pages import page
from portal.web.parts import now, parts, today
from portal.web.security import Who, who
from portal.web.serving import POLICY, disposition
from portal.web.transaction import db, release

pages = Blueprint("previews", __name__)

Row = dict[str, Any]


@pages.get("/letters/<uuid:run_id>/specimen/<reference>")
@who(Who.CLERK, Right.READ)
def one(run_id: UUID, reference: str) -> Response:
    """The letter page by page with a code that opens no case, and the first screen of the case in its language."""
    run, recipient = _recipient(run_id, reference)
    person, claims = _about(recipient)
    return page(
        run=run,
        recipient=recipient,
        person_of=person,
        pictures=[_place(run, reference, str(number)) for number in range(1, len(claims) + 2)],
        pdf=_place(run, reference, "pdf"),
        deadline=deadline(claims, today()),
        phone=_phone(claims, person),
    )


def _place(run: LetterRun, reference: str, part: str) -> str:
    return url_for("creditor.previews.sheet", run_id=run.id, reference=reference, part=part)


@pages.get("/letters/<uuid:run_id>/specimen/<reference>/<part>")
@who(Who.CLERK, Right.READ)
def sheet(run_id: UUID, reference: str, part: str) -> Response:
    """One page of the letter as a picture, or the whole as a PDF; made anew each time and kept nowhere."""
    _run, recipient = _recipient(run_id, reference)
    person, claims = _about(recipient)
    firm, have = creditor(), parts()
    data = specimen_data(db(), have, firm, person, claims, kind=kind_of(recipient), now=now(), today=today())
    title, name = letter_title(firm, person.language), firm.name
    release()
    try:
        if part == "pdf":
            return _answer(have.papers.letters(title, name, [data]), "application/pdf", f"{reference}.pdf")
        pictures = have.papers.pictures(title, name, data)
    except PaperFailed:
        abort(404)
    number = int(part) if part.isascii() and part.isdigit() and len(part) <= 2 else 0
    if not 1 <= number <= len(pictures):
        abort(404)
    return _answer(pictures[number - 1], "image/png", "")


def _answer(data: bytes, mimetype: str, name: str) -> Response:
    answer = Response(data, mimetype=mimetype)
    if name:
        answer.headers["Content-Disposition"] = disposition(name)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _recipient(run_id: UUID, reference: str) -> tuple[LetterRun, Recipient]:
    """The letter about this claim in a run that is not printed yet."""
    run = run_at(db(), clerk().creditor_id, run_id)
    if run is None or run.state != RunState.DRAFT:
        abort(404)
    about = desk_claim(reference)
    found = survey(db(), creditor(), today=today(), wanted=Wanted(run_id=run.id, debtor_id=about.debtor_id))
    fitting = [one for one in found.recipients if any(known == reference for _id, known in one.claims)]
    if not fitting:
        abort(404)
    return run, fitting[0]


def _about(recipient: Recipient) -> tuple[Debtor, list[Claim]]:
    person = debtor_by_id(db(), clerk().creditor_id, recipient.debtor_id)
    order = [claim_id for claim_id, _reference in recipient.claims]
    claims = claims_by_ids(db(), clerk().creditor_id, order)
    if person is None or len(claims) != len(order):
        abort(404)
    return person, sorted(claims, key=lambda claim: order.index(claim.id))


def _phone(claims: Sequence[Claim], person: Debtor) -> Row:
    """What stands on the first screen once the letter is there, in the person's language."""
    before, day = i18n.language(), today()
    i18n.set_language(person.language)
    try:
        shown = claim_page.at_desk(db(), person.creditor_id, claims[0].reference, today=day)
        if shown is None:
            abort(404)
        db().expunge(shown.claim)  # the day below is what the letter will name, and is kept nowhere
        shown.claim.pay_by = deadline(claims, day)
        block = first_block(shown, day, "", promised_on(shown, day))
        return {
            "lang": person.language,
            "name": person.name,
            "about": _("Case %(reference)s", reference=shown.claim.reference),
            "heading": heading_of(shown),
            "block": block,
            "above_ways": above_ways(shown),
            "ways": ways_of(shown, ""),
        }
    finally:
        i18n.set_language(before)

"""How does the desk take in a bank's file, and what does it do with money that names no case?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.datastructures import FileStorage
from wtforms import FileField, StringField

from portal.actions import bank, bank_decisions
from portal.actions.bank import Handed
from portal.actions.bank_decisions import MatchRefused
from portal.gateways.camt import read_bank_file
from portal.rules.access import Right
from portal.rules.attachments import spoken_name
from portal.rules.bank import ASIDE, TAKEN_BACK_FROM, BankState, FileFault, FileRefused, MatchProblem, Why
from portal.rules.history import Actor, ActorKind
from portal.store import bank as store
from portal.store import bank_desk as reads
from portal.store.bank import BankFileRow, BankTransaction
from portal.store.bank_candidates import Proposed, proposed
from portal.store.claims import claim_at_desk
from portal.store.people import clerk_by_id
from portal.web import i18n
from portal.web.forms import DecidingForm, Form
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels.bank import FAULTS, FIELDS, MATCHED, PROBLEMS, REASONS_TO_WAIT, STATES
from portal.web.login import clerk
from portal.web.pages import back_to, page_of
from portal.web.parts import now, parts, today
from portal.web.security import Who, who
from portal.web.transaction import commit_then, db

pages = Blueprint("bank", __name__)

#: So many amounts are worked through while the clerk waits; the worker does the rest.
WHILE_WAITING = 100
SHOWN = 10
Shown = dict[str, Any]


class UploadForm(Form):
    """The file as the bank has written it."""

    file = FileField(N_("The bank's file (camt.053 or camt.054)"))


class MatchForm(DecidingForm):
    """Which case this money is for."""

    reference = StringField(N_("Number of the case"))


class AsideForm(DecidingForm):
    """Money that is for no case, or a decision that was a mistake."""

    to = StringField()


@pages.get("/bank")
@who(Who.CLERK, Right.READ)
def overview() -> Response:
    """The last files with their figures, and the money that waits, each amount with the cases it could be for."""
    return _overview(UploadForm(formdata=None))


@pages.post("/bank")
@who(Who.CLERK, Right.IMPORT, uploads=True)
def upload() -> Response:
    """What names its case is booked, the rest waits; a file that can't be trusted is refused with the line."""
    form = UploadForm()
    db()
    try:
        handed = _handed(form.file.data)
        file_id = commit_then(lambda: _take(handed))
    except FileRefused as refused:
        form.say("file", _fault(refused))
        return _overview(form)
    return back_to("creditor.bank.overview", file=file_id)


def _handed(given: object) -> Handed:
    if not isinstance(given, FileStorage) or not given.filename:
        raise FileRefused(FileFault.EMPTY)
    sha256 = hashlib.file_digest(given.stream, "sha256").digest()  # type: ignore[arg-type]
    given.stream.seek(0)
    name = spoken_name(given.filename) or _("Bank file")
    return Handed(read_bank_file(given.stream), name, sha256, clerk().clerk_id)  # type: ignore[arg-type]


def _take(handed: Handed) -> UUID:
    """Noted in whole; booked as far as somebody can be asked to wait for it."""
    database, creditor_id = parts().database, clerk().creditor_id
    file_id = bank.take_file(database, creditor_id, handed, now=now())
    bank.work_through(database, creditor_id, file_id, now=now(), today=today(), most=WHILE_WAITING)
    return file_id


def _fault(refused: FileRefused) -> str:
    return _(FAULTS[refused.fault], line=refused.line, element=refused.element, said=refused.said)


def _overview(form: UploadForm) -> Response:
    creditor_id = clerk().creditor_id
    at = max(1, min(request.args.get("page", 1, type=int), 10_000))
    count = reads.count_unmatched(db(), creditor_id)
    rows = reads.waiting(db(), creditor_id, offset=(at - 1) * SHOWN, limit=SHOWN)
    found = proposed(db(), creditor_id, rows, today=today())
    files = reads.files_of(db(), creditor_id)
    decided = reads.settled_lately(db(), creditor_id)
    return page_of(
        "creditor/bank/overview.html",
        form=form,
        may_upload=clerk().may(Right.IMPORT),
        may_book=clerk().may(Right.BOOK),
        just=_just(request.args.get("file", ""), files),
        count=count,
        waiting=[{**_amount(row), "proposals": _proposals(row, found[row.id])} for row in rows],
        earlier=at - 1,
        later=at + 1 if count > at * SHOWN else 0,
        files=[_file(row) for row in files],
        decided=[_amount(row) for row in decided],
    )


def _just(asked: str, files: Iterable[BankFileRow]) -> str:
    """What came of the file that was handed in a moment ago."""
    file = next((row for row in files if str(row.id) == asked), None)
    if file is None:
        return ""
    if file.done_at is None:
        return _("The file is read and is being worked through. Look again in a moment.")
    return _(
        "%(name)s: %(booked)s booked, %(known)s already known, %(unmatched)s without a case.",
        name=file.name, booked=file.booked, known=file.known, unmatched=file.unmatched,
    )  # fmt: skip


def _file(row: BankFileRow) -> list[Any]:
    taken = i18n.moment(row.taken_at)
    state = "" if row.done_at else _("being worked through")
    return [row.name, f"{row.kind}.001.{row.version}", taken, row.booked, row.known, row.unmatched, row.reversed, state]


def _amount(row: BankTransaction) -> Shown:
    """One amount as the bank tells of it."""
    return {
        "id": row.id,
        "href": url_for("creditor.bank.money", id=row.id),
        "money": row.money,
        "credit": row.credit,
        "value_on": row.value_on,
        "payer": row.payer or _("The bank names no payer"),
        "message": row.message,
        "reference": row.reference,
        "why": _(REASONS_TO_WAIT[Why(row.why)]) if row.why else "",
        "state": _(STATES[BankState(row.status)]),
    }


def _proposals(row: BankTransaction, found: list[Proposed]) -> list[Shown]:
    return [
        {
            "reference": one.claim.reference,
            "name": one.debtor.name,
            "open": one.owed.total.open,
            "seen": one.owed.total.open.minor,
            "because": " ".join(_(MATCHED[reason]) for reason in one.reasons),
        }
        for one in found
    ]


@pages.get("/bank/<uuid:id>")
@who(Who.CLERK, Right.READ)
def money(id: UUID) -> Response:
    """One amount: what the bank says of it, the cases it could be for, and what was decided."""
    return _page(_row(id), MatchForm(formdata=None))


@pages.post("/bank/<uuid:id>/match")
@who(Who.CLERK, Right.BOOK)
def match(id: UUID) -> Response:
    """The money stands on this case with its value date."""
    row, form = _row(id), MatchForm()
    reference = str(form.reference.data or "").strip()[:40]
    claim = claim_at_desk(db(), creditor_id=row.creditor_id, reference=reference) if reference else None
    try:
        if claim is None:
            raise MatchRefused([MatchProblem.CLAIM_MISSING])
        bank_decisions.match(db(), row, claim, seen_minor=form.seen_minor(), actor=_actor(), now=now(), today=today())
    except MatchRefused as refused:
        form.refuse(refused.problems, PROBLEMS, FIELDS[MatchProblem])
        return _page(row, form)
    return back_to("creditor.bank.overview")


@pages.post("/bank/<uuid:id>/aside")
@who(Who.CLERK, Right.BOOK)
def aside(id: UUID) -> Response:
    """The money was sent back, or is none of ours."""
    row, form = _row(id), AsideForm()
    to = {state.value: state for state in ASIDE}.get(str(form.to.data or ""))
    if to is None:
        abort(404)
    bank_decisions.set_aside(db(), row, to, actor=_actor(), now=now())
    return back_to("creditor.bank.overview")


@pages.post("/bank/<uuid:id>/back")
@who(Who.CLERK, Right.BOOK)
def back(id: UUID) -> Response:
    """The decision was a mistake: the money waits again, once."""
    row, form = _row(id), MatchForm(formdata=None)
    try:
        bank_decisions.take_back(db(), row, actor=_actor(), now=now(), today=today())
    except MatchRefused as refused:
        form.refuse(refused.problems, PROBLEMS, FIELDS[MatchProblem])
        return _page(row, form)
    return back_to("creditor.bank.money", id=row.id)


def _page(row: BankTransaction, form: MatchForm) -> Response:
    waits = row.status == BankState.UNMATCHED
    may_book = clerk().may(Right.BOOK)
    found = proposed(db(), row.creditor_id, [row], today=today())[row.id] if waits else []
    file = reads.file_at(db(), row.creditor_id, row.file_id)
    by = clerk_by_id(db(), row.creditor_id, row.decided_by) if row.decided_by else None
    return page_of(
        "creditor/bank/money.html",
        form=form,
        aside_form=AsideForm(formdata=None),
        shown=_amount(row),
        booked_on=row.booked_on,
        file=file.name if file else "",
        waits=waits and may_book,
        may_match=waits and may_book and row.credit,
        may_take_back=may_book and row.taken_back_at is None and row.status in TAKEN_BACK_FROM,
        proposals=_proposals(row, found),
        claim=reads.reference_of(db(), row),
        decided=_("%(state)s by %(name)s on %(day)s", state=_(STATES[BankState(row.status)]), name=by.name,
                  day=i18n.moment(row.decided_at)) if by and row.decided_at else "",
    )  # fmt: skip


def _row(id: UUID) -> BankTransaction:
    found = store.transaction_at(db(), clerk().creditor_id, id)
    if found is None:
        abort(404)
    return found


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)

"""How does the desk book a payment that came another way, and how is a booking taken back once?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, abort, redirect, request
from wtforms import StringField

from portal.actions import bookings
from portal.actions.attachments import attach
from portal.actions.bookings import BookingRefused, Found
from portal.rules.access import Right
from portal.rules.attachments import FilePurpose
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.payments import BY_HAND, BookingProblem, NoteCode
from portal.store.attachments import Attachment, attachments_on
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.payments import Booking, booking_at, bookings_of
from portal.web import i18n
from portal.web.forms import AmountField, DayField, DecidingForm, no_longer_than
from portal.web.i18n import N_, gettext_in
from portal.web.i18n import gettext as _
from portal.web.labels.payments import BOOKING_PROBLEMS, FIELDS, NOTES
from portal.web.login import clerk, desk_claim
from portal.web.pages import back_to, page_of
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.transaction import db
from portal.web.uploads import FilesField, receive

pages = Blueprint("bookings", __name__)


class BookForm(DecidingForm):
    """How much came in, when, which way, and where it was seen."""

    amount = AmountField(N_("Amount"))
    day = DayField(N_("Day on which the money came in"))
    note = StringField(N_("Which way it came"))
    source = StringField(
        N_("Where you have seen it"), validators=[no_longer_than(200, N_("Enter at most %(limit)s characters."))]
    )

    files = FilesField(N_("Photos or PDFs"))

    def found(self, currency: str) -> Found:
        """The payment as it was typed; an unknown way counts as a bank transfer."""
        ways = {str(way): way for way in BY_HAND}
        return Found(
            amount=self.amount.money(currency),
            value_on=self.day.day(),
            source=str(self.source.data or "").strip(),
            note=ways.get(str(self.note.data or ""), NoteCode.BANK_TRANSFER),
        )


class ReverseForm(DecidingForm):
    """The booking was a mistake."""


@pages.route("/claims/<reference>/booking", methods=["GET", "POST"])
@who(Who.CLERK, Right.BOOK, uploads=True)
def book(reference: str) -> Response:
    """The payment stands on the claim with what shows it; below are the earlier bookings, each with its way back."""
    claim = desk_claim(reference)
    form = BookForm()
    files = receive(form.files, claim, purpose=FilePurpose.BOOKING) if request.method == "POST" else []
    if form.sent_well() and _booked(form, claim, files):
        return _to_claim(claim)
    return _page(form, claim)


def _booked(form: BookForm, claim: Claim, files: list[UUID]) -> bool:
    try:
        booking = bookings.book(
            db(), claim, form.found(claim.currency),
            op=form.op_id(), seen_minor=form.seen_minor() or 0, actor=_actor(), now=now(), today=today(),
        )  # fmt: skip
    except BookingRefused as refused:
        _say(form, refused)
        return False
    attach(db(), claim, files, purpose=FilePurpose.BOOKING, subject_id=booking.id, actor=_actor(), now=now())
    return True


@pages.post("/claims/<reference>/booking/<uuid:booking_id>/reverse")
@who(Who.CLERK, Right.BOOK)
def reverse(reference: str, booking_id: UUID) -> Response:
    """The booking is taken back; a second time it is the page with a sentence."""
    claim = desk_claim(reference)
    booking = booking_at(db(), claim.creditor_id, claim.id, booking_id)
    if booking is None:
        abort(404)
    form = BookForm(formdata=None)
    try:
        bookings.take_back(db(), claim, booking, actor=_actor(), now=now(), today=today())
    except BookingRefused as refused:
        _say(form, refused)
        return _page(form, claim)
    return back_to("creditor.bookings.book", reference=reference)


def _say(form: BookForm, refused: BookingRefused) -> None:
    form.refuse(refused.problems, BOOKING_PROBLEMS, FIELDS[BookingProblem], example=i18n.day(today()))


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)


def _page(form: BookForm, claim: Claim) -> Response:
    total = claim_sum(db(), claim, on=today())
    owed = total.open
    if not form.is_submitted():
        form.note.data = form.note.data or NoteCode.BANK_TRANSFER.value
    form.seen.data = str(owed.minor)
    amount = form.amount.money(claim.currency)
    files = attachments_on(db(), claim.creditor_id, claim.id)
    return page_of(
        "creditor/bookings/book.html",
        form=form,
        reference=claim.reference,
        currency=claim.currency,
        owed=owed,
        counted_to=i18n.day(total.no_rate_from - timedelta(days=1)) if total.no_rate_from else None,
        ways=[(way.value, _(NOTES[way])) for way in BY_HAND],
        example=today().strftime("%d.%m.%Y"),
        earlier=[_row(booking, files) for booking in bookings_of(db(), claim.creditor_id, claim.id)],
        preview=_preview(claim, amount),
        preview_lang=claim.debtor.language,
        reversing=ReverseForm(formdata=None),
    )


def _row(booking: Booking, files: list[Attachment]) -> dict[str, object]:
    return {
        "files": [(file.name, f"/desk/files/{file.id}") for file in files if file.subject_id == booking.id],
        "id": booking.id,
        "money": Money(booking.amount_minor, booking.currency),
        "day": i18n.day(booking.value_on),
        "way": _(NOTES[NoteCode(booking.note_code)]),
        "source": booking.source,
        "reversed": None if booking.reversed_at is None else i18n.moment(booking.reversed_at),
    }


def _preview(claim: Claim, amount: Money | None) -> str:
    """What the debtor will read in the timeline."""
    if amount is None:
        return gettext_in(claim.debtor.language, N_("Payment received"))
    return gettext_in(claim.debtor.language, N_("We have received %(amount)s."), amount=i18n.money(amount))


def _to_claim(claim: Claim) -> Response:
    answer: Response = redirect(f"/desk/claims/{claim.reference}", 303)  # type: ignore[assignment]
    return answer

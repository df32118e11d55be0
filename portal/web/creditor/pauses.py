"""How does the desk let a case rest, and how does it let it go on?"""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, abort, redirect, request
from wtforms import StringField, TextAreaField

from portal.actions import pauses
from portal.rules.access import Right
from portal.rules.claims import ClaimStatus
from portal.rules.history import Actor, ActorKind
from portal.rules.pauses import LONGEST, RESUME_NOTICE, PauseProblem, PauseReason
from portal.store.claims import Claim
from portal.store.pauses import Pause, open_pauses
from portal.web.forms import DayField, DecidingForm, no_longer_than
from portal.web.i18n import N_, weekday
from portal.web.i18n import gettext as _
from portal.web.labels.pauses import FIELDS, PROBLEMS, REASONS, pause_words, resume_words
from portal.web.login import clerk, creditor, desk_claim
from portal.web.pages import page
from portal.web.parts import calendar_of, now, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("pauses", __name__)

UNTIL_DAY, UNTIL_DECIDED = "day", "decided"
LONGEST_TEXT = 1000
TOO_LONG = N_("That is more than %(limit)s characters.")


class PauseForm(DecidingForm):
    """Until when, and what rests with it."""

    how = StringField(N_("How long"))
    until = DayField(N_("Last day of the pause"))
    interest = StringField(N_("What else rests"))
    text = TextAreaField(N_("Your words to the person"), validators=[no_longer_than(LONGEST_TEXT, TOO_LONG)])

    def last_day(self) -> date | None:
        return self.until.day() if self.how.data == UNTIL_DAY else None


class ResumeForm(DecidingForm):
    """From when, and why."""

    resumes = DayField(N_("The case goes on from"))
    text = TextAreaField(N_("Why it goes on"), validators=[no_longer_than(LONGEST_TEXT, TOO_LONG)])


@pages.route("/claims/<reference>/pause", methods=["GET", "POST"])
@who(Who.CLERK, Right.PAUSE)
def pause(reference: str) -> Response:
    """Let the case rest, until a day or until somebody decides."""
    claim = _open_claim(reference)
    form = PauseForm()
    if request.method == "GET":
        form.how.data = UNTIL_DECIDED
        form.until.data = _written(calendar_of(creditor()).next_working_day(today() + timedelta(days=30)))
    elif form.sent_well() and "look" not in request.form and _paused(form, claim):
        return _to_claim(claim)
    return page(
        form=form,
        claim=claim,
        held=_shown(open_pauses(db(), claim.creditor_id, claim.id, today())),
        hows=[(UNTIL_DECIDED, _("Until we decide")), (UNTIL_DAY, _("Until a day"))],
        rests=[("1", _("Interest rests too"))],
        preview=_pause_words(form, claim),
        preview_lang=claim.debtor.language,
    )


@pages.route("/claims/<reference>/resume", methods=["GET", "POST"])
@who(Who.CLERK, Right.PAUSE)
def resume(reference: str) -> Response:
    """Let the case go on from a day, seven days ahead at least, with a reason."""
    claim = _open_claim(reference)
    form = ResumeForm()
    if request.method == "GET":
        form.resumes.data = _written(calendar_of(creditor()).next_working_day(today() + RESUME_NOTICE))
    elif form.sent_well() and "look" not in request.form and _resumed(form, claim):
        return _to_claim(claim)
    endable = pauses.endable(db(), claim, today())
    held = open_pauses(db(), claim.creditor_id, claim.id, today())
    day = form.resumes.day()
    return page(
        form=form,
        claim=claim,
        held=_shown(endable),
        others=_shown([row for row in held if row not in endable]),
        preview=_resume_words(form, claim, day) if day else None,
        preview_lang=claim.debtor.language,
    )


def _paused(form: PauseForm, claim: Claim) -> bool:
    if form.how.data == UNTIL_DAY and form.last_day() is None:
        example = _written(_in_a_month())
        form.say("until", _("Enter the last day of the pause, for example %(example)s", example=example))
        return False
    if form.how.data not in (UNTIL_DAY, UNTIL_DECIDED):
        form.say("how", _("Choose how long the case rests."))
        return False
    made = pauses.pause_by_hand(
        db(),
        claim,
        until=form.last_day(),
        interest=form.interest.data == "1",
        text=str(form.text.data or ""),
        words=_pause_words(form, claim),
        op=form.op_id(),
        actor=_actor(),
        now=now(),
        today=today(),
    )
    return isinstance(made, Pause) or not _refused(form, made)


def _resumed(form: ResumeForm, claim: Claim) -> bool:
    day = form.resumes.day()
    found = pauses.resume(
        db(),
        claim,
        resumes_on=day,
        reason=str(form.text.data or ""),
        words=_resume_words(form, claim, day or today()),
        op=form.op_id(),
        actor=_actor(),
        now=now(),
        today=today(),
    )
    return not _refused(form, found)


def _refused(form: DecidingForm, found: list[PauseProblem]) -> bool:
    return form.refuse(
        found,
        PROBLEMS,
        FIELDS[PauseProblem],
        example=_written(_in_a_month()),
        earliest=weekday(today() + RESUME_NOTICE),
        latest=weekday(today() + LONGEST),
    )


def _pause_words(form: PauseForm, claim: Claim) -> str:
    return pause_words(
        form.last_day(),
        interest=form.interest.data == "1",
        text=str(form.text.data or ""),
        name=clerk().name,
        language=claim.debtor.language,
    )


def _resume_words(form: ResumeForm, claim: Claim, day: date) -> str:
    last = day - timedelta(days=1)
    return resume_words(last, text=str(form.text.data or ""), name=clerk().name, language=claim.debtor.language)


def _shown(rows: list[Pause]) -> list[dict[str, str | None]]:
    """The pauses as the page lists them: why, since when, until when, what rests."""
    return [
        {
            "reason": _(REASONS[PauseReason(row.reason)]),
            "since": weekday(row.from_on),
            "until": weekday(row.until_on) if row.until_on else None,
            "interest": _("Interest rests too.") if row.stops_interest else _("Interest goes on."),
        }
        for row in rows
    ]


def _open_claim(reference: str) -> Claim:
    claim = desk_claim(reference)
    if claim.status != ClaimStatus.OPEN and request.method == "GET":
        abort(404)
    return claim


def _in_a_month() -> date:
    return today() + timedelta(days=30)


def _written(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)


def _to_claim(claim: Claim) -> Response:
    answer: Response = redirect(f"/desk/claims/{claim.reference}", 303)  # type: ignore[assignment]
    return answer

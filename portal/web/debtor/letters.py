"""What can somebody do about the letter itself: say that it is for another person, check it, ask for a new one?"""

from __future__ import annotations

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField

from portal.actions import access as door
from portal.actions.receipts import check_paper
from portal.actions.throttles import TooOften
from portal.rules.access import network_key
from portal.rules.letters import NotMeReason
from portal.rules.receipts import read_number
from portal.store.people import debtor_by_id
from portal.web import i18n
from portal.web.debtor.access import asked_for, creditor_at, read_code, too_often
from portal.web.forms import Form
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels.letters import NOT_ME
from portal.web.labels.receipts import GENUINE, NOT_GENUINE
from portal.web.login import address
from portal.web.pages import back_to, page
from portal.web.parts import now, parts, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("letters", __name__)


class NotMeForm(Form):
    """Why the letter is not for this person; the code is welcome and not needed."""

    why = StringField(N_("What applies?"))
    code = StringField(N_("Code from the letter, if you like"))

    def reason(self) -> NotMeReason | None:
        """What was chosen, or None with a sentence on the field."""
        if self.why.data in set(NotMeReason):
            return NotMeReason(self.why.data)
        self.say("why", _("Choose what applies."))
        return None


class PaperForm(Form):
    """The number at the foot of a receipt, a statement or a confirmation."""

    paper = StringField(N_("Number at the foot of the paper"))


@pages.route("/<slug>/new-letter", methods=["GET", "POST"])
@who(Who.ANYONE)
def new_letter(slug: str) -> BaseResponse:
    """Who held an expired letter gets a new one by post, to the address on file, once in seven days."""
    creditor = creditor_at(slug)
    if request.method != "POST":
        return page(creditor=creditor)
    asked = asked_for(request.form.get("letter", ""))
    if creditor is None or asked is None or debtor_by_id(db(), creditor.id, asked[0]) is None:
        return back_to("debtor.access.entry", slug=slug)
    door.ask_for_new_letter(db(), creditor.id, *asked, now=now())
    return back_to("debtor.letters.new_letter", slug=slug)


@pages.route("/<slug>/not-me", methods=["GET", "POST"])
@who(Who.ANYONE)
def not_me(slug: str) -> BaseResponse:
    """Somebody got a letter that is for another person, and says so without a name."""
    creditor = creditor_at(slug)
    if creditor is None:
        abort(404)
    form = NotMeForm(request.form)
    if request.method != "POST":
        return page(form=NotMeForm(formdata=None), reasons=_reasons(), done="done" in request.args)
    why = form.reason()
    raw = str(form.code.data or "")
    code = read_code(form, raw) if raw.strip() else None
    if why is None or form.errors:
        return page(form=form, reasons=_reasons(), done=False)
    try:
        door.not_me(
            parts().database,
            code,
            why,
            creditor_id=creditor.id,
            codes=parts().codes,
            gate=parts().gate,
            network=network_key(address()),
            now=now(),
            today=today(),
        )
    except TooOften as error:
        return too_often(error)
    return back_to("debtor.letters.not_me", slug=slug, done=1)


def _reasons() -> list[tuple[str, str]]:
    return [(reason.value, _(NOT_ME[reason])) for reason in NotMeReason]


@pages.get("/<slug>/specimen")
@who(Who.ANYONE)
def specimen(slug: str) -> BaseResponse:
    """Where a test letter's code leads: there is no case behind it, and nobody owes anything."""
    creditor = creditor_at(slug)
    if creditor is None:
        abort(404)
    return page(creditor=creditor)


@pages.get("/<slug>/genuine")
@who(Who.ANYONE)
def genuine(slug: str) -> BaseResponse:
    """How somebody finds out whether a letter, or a paper with a number, really came from this firm."""
    creditor = creditor_at(slug)
    if creditor is None:
        abort(404)
    typed = request.args.get("paper", "").strip()
    form, said = PaperForm(request.args if typed else None), ""
    if typed and read_number(typed) is None:
        form.say("paper", _("This is not a number of ours. It has 18 letters and digits in three groups of six."))
    elif typed:
        have = parts()
        try:
            found = check_paper(
                have.database, have.numbers, creditor.id, typed, network=network_key(address()), now=now()
            )
        except TooOften as error:
            return too_often(error)
        said = _(GENUINE[found.kind], day=i18n.day(found.day)) if found else _(NOT_GENUINE)
    return page(creditor=creditor, form=form, said=said)

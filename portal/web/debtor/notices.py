"""How does somebody choose how to be reached, show that an address is hers, and end e-mails without signing in?"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from wtforms import RadioField, StringField

from portal.actions import contacts
from portal.actions.notices import wants_mail
from portal.actions.throttles import TooOften
from portal.rules.history import Actor, ActorKind
from portal.rules.notices import ContactWay, read_address, read_code
from portal.store.claims import Claim
from portal.store.notices import newest_code, reader_of_mail
from portal.store.people import Debtor, debtor_by_id
from portal.store.settings import creditor_by_id
from portal.web.debtor.access import too_often
from portal.web.forms import Form
from portal.web.i18n import N_, language
from portal.web.i18n import gettext as _
from portal.web.labels.notices import WAY_DETAILS, WAYS
from portal.web.login import choose_language, creditor, debtor, debtor_claim, remember_creditor
from portal.web.pages import back_to, page
from portal.web.parts import now, parts
from portal.web.security import Who, who
from portal.web.transaction import db, release

pages = Blueprint("notices", __name__)


class ContactForm(Form):
    """One of three ways, and an address for one of them."""

    way = RadioField(N_("How should we tell you that there is an answer?"), choices=[], validate_choice=False)
    email = StringField(N_("E-mail address"))

    def read(self, offered: list[ContactWay]) -> tuple[ContactWay, str] | None:
        """The way, with an address for e-mail; or None with a sentence on the field."""
        way = next((one for one in offered if one == self.way.data), None)
        if way is None:
            self.say("way", _("Choose one of the ways."))
            return None
        if way is not ContactWay.EMAIL:
            return way, ""
        address = read_address(str(self.email.data or ""))
        if address is None:
            self.say("email", _("Enter an e-mail address, for example name@example.ch."))
            return None
        return way, address


class CodeForm(Form):
    """The eight figures from the e-mail."""

    code = StringField(N_("Code from the e-mail"))


@pages.route("/claims/<reference>/contact", methods=["GET", "POST"])
@who(Who.DEBTOR_FILE)
def contact(reference: str) -> Response:
    """How the person hears of answers; an e-mail address counts only once its code was typed."""
    claim, person = debtor_claim(reference), _person()
    form, offered = ContactForm(), _offered()
    if request.method == "GET":
        form.way.data = person.contact_way or ContactWay.POST.value
        form.email.data = person.email if wants_mail(person) else ""
        return _contact(form, claim, person, offered)
    chosen = form.read(offered)
    if chosen is None:
        return _contact(form, claim, person, offered)
    way, address = chosen
    if way is not ContactWay.EMAIL:
        contacts.choose(db(), claim, person, way, actor=_actor(), now=now())
    elif not (wants_mail(person) and person.email == address):
        try:
            contacts.ask_code(db(), claim, person, address, language=language(), now=now())
        except TooOften as error:
            return too_often(error)
        return back_to("debtor.notices.confirm", reference=reference)
    return back_to("debtor.notices.contact", reference=reference, saved=1)


def _contact(form: ContactForm, claim: Claim, person: Debtor, offered: list[ContactWay]) -> Response:
    ways = [(way.value, _(WAYS[way]), _(WAY_DETAILS[way])) for way in offered]
    told_at = person.email if wants_mail(person) else ""
    saved = "saved" in request.args and request.method == "GET"
    by_mail = ContactWay.EMAIL in offered
    return page(form=form, claim=claim, ways=ways, told_at=told_at, saved=saved, by_mail=by_mail)


@pages.route("/claims/<reference>/contact/confirm", methods=["GET", "POST"])
@who(Who.DEBTOR_FILE)
def confirm(reference: str) -> Response:
    """The typed code shows that the address is the person's own."""
    claim = debtor_claim(reference)
    asked = newest_code(db(), claim.creditor_id, claim.debtor_id)
    form = CodeForm()
    if asked is None or asked.used_at is not None or (request.method == "GET" and not contacts.works(asked, now())):
        return back_to("debtor.notices.contact", reference=reference)
    values: dict[str, Any] = {"form": form, "reference": reference, "address": asked.address}
    if request.method == "GET":
        return page(**values)
    typed = read_code(str(form.code.data or ""))
    if typed is None:
        form.say("code", _("Enter the 8 figures from the e-mail."))
        return page(**values)
    creditor_id, debtor_id, actor = claim.creditor_id, claim.debtor_id, _actor()
    release()
    good = contacts.confirm(
        parts().database, creditor_id, debtor_id, typed, proofs=parts().contact, actor=actor, now=now()
    )
    if good:
        return back_to("debtor.notices.contact", reference=reference, saved=1)
    if good is None:
        form.say("code", _("This code does not work any more. Have a new one sent."))
    else:
        form.say("code", _("This is not the code from the newest e-mail. Check the 8 figures."))
    return page(**values)


@pages.post("/claims/<reference>/contact/later")
@who(Who.DEBTOR)
def later(reference: str) -> Response:
    """The question how to be reached is not asked again; answers come by post, and in the case it can be changed."""
    debtor_claim(reference)
    contacts.put_away(db(), _person(), now=now())
    return back_to("debtor.claims.claim", reference=reference)


@pages.app_context_processor
def question() -> dict[str, Any]:
    """What a confirmation page asks once: where the choice is made, or nothing."""
    return {"contact_question": _question}


def _question(reference: str) -> dict[str, str] | None:
    if not parts().mail.configured or not contacts.is_asked(db(), _person()):
        return None  # without e-mail there is nothing to choose but the letter, and the page says so anyway
    whole = debtor().in_file
    place = url_for("debtor.notices.contact", reference=reference)
    opens = url_for("debtor.access.open_file", reference=reference, next="contact")
    return {"choose": place if whole else opens, "later": url_for("debtor.notices.later", reference=reference)}


@pages.get("/stop/<token>")
@who(Who.ANYONE)
def stop(token: str) -> Response:
    """A button that ends the e-mails; looking at the page ends nothing, since mail programs open it by themselves."""
    _reader(token)
    return page(token=token)


@pages.post("/stop/<token>")
@who(Who.MACHINE)
def stopped(token: str) -> Response:
    """The e-mails have ended, by the button or by the mail program's own (RFC 8058: no cookie, no redirect)."""
    person = _reader(token)
    contacts.stop(db(), person, actor=Actor(ActorKind.DEBTOR), now=now())
    return page()


def _reader(token: str) -> Debtor:
    debtor_id = parts().contact.who_stops(token)
    person = None if debtor_id is None else reader_of_mail(db(), debtor_id)
    if person is None:
        abort(404)
    remember_creditor(creditor_by_id(db(), person.creditor_id))
    choose_language()
    return person


def _offered() -> list[ContactWay]:
    return [way for way in ContactWay if way is not ContactWay.EMAIL or parts().mail.configured]


def _person() -> Debtor:
    found = debtor_by_id(db(), creditor().id, debtor().debtor_id)
    if found is None:
        abort(404)
    return found


def _actor() -> Actor:
    return Actor(ActorKind.DEBTOR, signed_in_id=debtor().session_id)

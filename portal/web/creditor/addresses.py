"""What does the desk do when a letter comes back, and how does it enter the person's address anew?"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for
from wtforms import StringField

from portal.actions import addresses
from portal.actions.addresses import envelope_of
from portal.rules.access import Right
from portal.rules.addresses import COUNTRIES, AddressProblem, Envelope, sign_in
from portal.rules.history import Actor, ActorKind
from portal.rules.transfers import Address
from portal.store.access import LetterCode, code_of_letter
from portal.store.claims import Claim
from portal.store.letters import Letter, letters_naming
from portal.store.people import Debtor, debtor_by_id
from portal.web import i18n
from portal.web.forms import DecidingForm, no_longer_than
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels.addresses import COUNTRIES as COUNTRY_NAMES
from portal.web.labels.addresses import FIELDS, PROBLEMS
from portal.web.labels.letters import KINDS, REVOKED
from portal.web.login import clerk, desk_claim
from portal.web.pages import back_to, page
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("addresses", __name__)

LONGEST = 200
LINES = ("name", "street", "house_number", "postcode", "town", "country")
TOO_LONG = N_("That is more than %(limit)s characters.")


def _line(words: str) -> StringField:
    return StringField(words, validators=[no_longer_than(LONGEST, TOO_LONG)])


class AddressForm(DecidingForm):
    """Where letters to this person go."""

    name = _line(N_("Name"))
    contact_name = _line(N_("Contact person at the company"))
    street = _line(N_("Street"))
    house_number = _line(N_("Number"))
    postcode = _line(N_("Postcode"))
    town = _line(N_("Town"))
    country = _line(N_("Country"))

    def envelope(self) -> Envelope:
        """The form as the rules see it."""
        return Envelope(Address(*(self._typed(name) for name in LINES)), self._typed("contact_name"))

    def _typed(self, name: str) -> str:
        return " ".join(str(self[name].data or "").split())


class ReturnedForm(DecidingForm):
    """Which of the letters about this claim came back."""

    letter = StringField(N_("Which letter came back"))


@pages.route("/claims/<reference>/address", methods=["GET", "POST"])
@who(Who.CLERK, Right.ADDRESS)
def enter(reference: str) -> Response:
    """The address anew: what waited for it goes on, and codes sent to another address are dead."""
    claim = desk_claim(reference)
    person = _person(claim)
    form = AddressForm()
    if request.method == "GET":
        known = envelope_of(person)
        form.contact_name.data = known.contact_name
        for name in LINES:
            form[name].data = getattr(known.address, name)
    elif form.sent_well():
        typed = form.envelope()
        found = addresses.enter(db(), person, typed, actor=_actor(), now=now(), today=today())
        if not found:
            return back_to("creditor.claims.claim", reference=reference)
        form.refuse(found, PROBLEMS, FIELDS[AddressProblem], what=sign_in(typed) or "")
    return page(
        form=form,
        claim=claim,
        person_of=person,
        countries=[(code, _(COUNTRY_NAMES[code])) for code in COUNTRIES],
    )


@pages.route("/claims/<reference>/returned", methods=["GET", "POST"])
@who(Who.CLERK, Right.ADDRESS)
def returned(reference: str) -> Response:
    """A letter came back: its code is dead, the case rests, and the address waits to be entered anew."""
    claim = desk_claim(reference)
    person = _person(claim)
    letters = _letters(claim)
    form = ReturnedForm()
    if request.method == "GET":
        form.letter.data = request.args.get("letter", "") or next((str(letter.id) for letter, _code in letters), "")
    elif form.sent_well():
        found = next((one for one in letters if str(one[0].id) == str(form.letter.data or "")), None)
        if found is not None:
            addresses.came_back(db(), *found, person, actor=_actor(), now=now(), today=today())
            return back_to("creditor.claims.claim", reference=reference)
        form.say("letter", _("Choose which letter came back."))
    return page(
        form=form,
        claim=claim,
        person_of=person,
        letters=[_choice(letter, code) for letter, code in letters],
        address_href=url_for("creditor.addresses.enter", reference=reference),
    )


def _letters(claim: Claim) -> list[tuple[Letter, LetterCode]]:
    """The letters that name the claim, the newest first."""
    found = []
    for letter, _named in letters_naming(db(), claim.creditor_id, claim.id):
        code = code_of_letter(db(), claim.creditor_id, letter.id)
        if code is not None:
            found.append((letter, code))
    return found


def _choice(letter: Letter, code: LetterCode) -> tuple[str, str, str]:
    posted = _("posted on %(day)s", day=i18n.day(letter.posted_on)) if letter.posted_on else ""
    ended = next((_(words) for reason, words in REVOKED.items() if reason == code.revoke_reason), "")
    words = _("Letter of %(day)s", day=i18n.day(letter.dated_on))
    kind = next((_(said) for one, said in KINDS.items() if one == letter.kind), "")
    return str(letter.id), words, " · ".join(part for part in (kind, posted, ended) if part)


def _person(claim: Claim) -> Debtor:
    found = debtor_by_id(db(), claim.creditor_id, claim.debtor_id)
    if found is None:
        abort(404)
    return found


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)

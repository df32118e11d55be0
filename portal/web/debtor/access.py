"""How does a person come in with a letter, open her whole file, protect it with a PIN, and leave again?"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from flask import Blueprint, Response, abort, g, request
from werkzeug.wrappers import Response as BaseResponse
from wtforms import PasswordField, StringField

from portal.actions import access as door
from portal.actions import rooms, sessions
from portal.actions.access import Entered, Expired
from portal.actions.rooms import Proof, proof_of
from portal.actions.set_up import letter_arrived
from portal.actions.throttles import TooOften
from portal.gateways.vault import CannotOpen
from portal.rules.access import (
    FactKind,
    PinProblem,
    Room,
    network_key,
    normalise_fact,
    normalise_pin,
    normalise_postcode,
    pin_problems,
)
from portal.rules.letter_code import Code, CodeProblem, normalise
from portal.store.access import newest_draft, session_by_id
from portal.store.people import Debtor, debtor_by_id
from portal.store.settings import Creditor, creditor_by_id, creditor_by_slug, only_creditor
from portal.web import traces
from portal.web.errors import error_page
from portal.web.forms import Form
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels.access import CODE_REASONS, FACT_HINTS, FACT_MISSING, FACTS, FIELDS, PIN_PROBLEMS
from portal.web.login import (
    DebtorVisitor,
    address,
    choose_language,
    creditor,
    debtor,
    debtor_claim,
    drop_cookie,
    hash_token,
    new_token,
    remember_creditor,
    set_cookie,
)
from portal.web.pages import back_to, page, page_of
from portal.web.parts import now, parts
from portal.web.security import Who, who
from portal.web.transaction import db, release

pages = Blueprint("access", __name__)
#: How long the button "send me a new letter" works after code and postcode were right.
NEW_LETTER_FOR = timedelta(minutes=30)
PURPOSE = b"new letter"


class EntryForm(Form):
    """The letter's code and the postcode of its address."""

    code = StringField(N_("Code from the letter"))
    postcode = StringField(N_("Postcode of the address on the letter"))

    def read(self) -> tuple[Code, str] | None:
        """Code and postcode as they are compared, or None with a sentence on each field that can't be one."""
        code = read_code(self, str(self.code.data or ""))
        postcode = normalise_postcode(str(self.postcode.data or ""))
        if postcode is None:
            self.say("postcode", _("Enter the postcode of the address on the letter, for example 4900."))
        return None if code is None or postcode is None else (code, postcode)


def read_code(form: Form, raw: str) -> Code | None:
    """The code, or None with a sentence that says which character to check; typing errors count nowhere."""
    found = normalise(raw)
    if isinstance(found, CodeProblem):
        form.say("code", _(CODE_REASONS[found.reason], position=found.position, count=found.count))
        return None
    return found


def creditor_at(slug: str | None) -> Creditor | None:
    """The creditor whose page this is; an unknown name is the usual 404, no name at all may be fine."""
    with parts().database.reading() as session:
        found = only_creditor(session) if slug is None else creditor_by_slug(session, slug)
        if found is not None:
            session.expunge(found)
    if found is None and slug is not None:
        abort(404)
    if found is not None:
        remember_creditor(found)
        choose_language()
    return found


def too_often(error: TooOften) -> Response:
    """The one answer to everything that was tried too often: no counts, no reasons, a phone number."""
    answer = error_page(
        429,
        _("That was too often"),
        _("For your protection we take no more tries at the moment. Try again later."),
        _("If the letter is for you, call us. You find the number on your first invoice."),
    )
    answer.headers["Retry-After"] = str(max(1, int(error.wait.total_seconds())))
    return answer


#: Where somebody wanted to go who first had to open the whole file: names, never addresses.
NEXT = {"plan": "/plan", "messages": "/messages", "dispute": "/dispute", "hardship": "/hardship", "contact": "/contact"}


@pages.get("/")
@pages.get("/<slug>")
@who(Who.ANYONE)
def entry(slug: str | None = None) -> Response:
    """Where the letter's address leads: nothing is looked up, nothing is counted, nothing is opened."""
    return _entry(EntryForm(formdata=None), creditor_at(slug))


def _entry(form: EntryForm, firm: Creditor | None) -> Response:
    base = "" if firm is None else f"/{firm.slug}"
    return page_of("debtor/access/entry.html", form=form, creditor=firm, base=base, ended="ended" in request.args)


@pages.route("/enter", methods=["GET", "POST"])
@pages.route("/<slug>/enter", methods=["GET", "POST"])
@who(Who.ANYONE)
def enter(slug: str | None = None) -> BaseResponse:
    """Code and postcode open the case; everything that is not right is answered in the same way."""
    firm = creditor_at(slug)
    if request.method != "POST":
        return back_to("debtor.access.entry", slug=slug)
    form = EntryForm(request.form)
    typed = form.read()
    if typed is None:
        return _entry(form, firm)
    if firm is not None and parts().specimens.is_one(firm.id, typed[0]):
        letter_arrived(parts().database, firm.id, now=now())
        return back_to("debtor.letters.specimen", slug=firm.slug)
    token = new_token()
    visitor = g.get("visitor")
    try:
        outcome = door.enter(
            parts().database,
            *typed,
            codes=parts().codes,
            gate=parts().gate,
            network=network_key(address()),
            current=visitor.session_id if isinstance(visitor, DebtorVisitor) else None,
            token_hash=hash_token(token),
            now=now(),
        )
    except TooOften as error:
        return too_often(error)
    g.pop("visitor", None)
    if isinstance(outcome, Entered):
        return set_cookie(_to_claims(outcome), token, desk=False)
    if isinstance(outcome, Expired):
        return _expired(outcome)
    form.say(
        "code",
        _(
            "We cannot find a case with this code and this postcode. Check the 16 characters and the postcode. "
            "The code contains no letter O and no letter I."
        ),
    )
    return _entry(form, firm)


def _to_claims(entered: Entered) -> Response:
    _bring_drafts(entered)
    with parts().database.reading() as session:
        begun = session_by_id(session, entered.session_id)
        only = None if begun is not None and begun.room == Room.FILE else entered.session_id
        draft = newest_draft(session, entered.creditor_id, entered.debtor_id, now=now(), only_session=only)
    if draft is not None:
        return _to(draft.path)
    one = len(entered.references) == 1
    return _to(f"/claims/{entered.references[0]}" if one else "/claims")


def _bring_drafts(entered: Entered) -> None:
    """The same browser, the same person, the session only ended: what was typed with the letter alone comes along."""
    if g.get("ended_room") == Room.LETTER and g.ended == (entered.creditor_id, entered.debtor_id, False):
        traces.drafts_move_on(parts().database, g.ended_session, entered.session_id)


def _expired(outcome: Expired) -> Response:
    """Only behind code and postcode may the page say more; the button carries who asked, sealed for half an hour."""
    with parts().database.reading() as session:
        firm = creditor_by_id(session, outcome.creditor_id)
        session.expunge(firm)
    remember_creditor(firm)
    plain = f"{outcome.debtor_id} {outcome.letter_id} {now().isoformat()}"
    sealed = base64.urlsafe_b64encode(parts().data_keys.seal(plain.encode(), PURPOSE)).decode()
    return page_of("debtor/access/_expired.html", status=422, sealed=sealed, creditor=firm)


def asked_for(text: str) -> tuple[UUID, UUID] | None:
    """The debtor and the letter behind such a button; None if it is too old or not ours."""
    try:
        plain = parts().data_keys.open(base64.urlsafe_b64decode(text.encode()), PURPOSE).decode()
    except (CannotOpen, binascii.Error, ValueError):
        return None
    debtor_id, letter_id, sealed_at = plain.split(" ")
    if now() - datetime.fromisoformat(sealed_at) > NEW_LETTER_FOR:
        return None
    return UUID(debtor_id), UUID(letter_id)


class FactForm(Form):
    """What the creditor knows and the letter doesn't print, or the PIN that the person set herself."""

    fact = StringField("")
    pin = PasswordField(N_("Your PIN"))


class PinForm(Form):
    """A PIN that from now on protects the file."""

    pin = StringField(N_("New PIN"))


@pages.route("/claims/<reference>/open", methods=["GET", "POST"])
@who(Who.DEBTOR)
def open_file(reference: str) -> BaseResponse:
    """The person shows that she is more than somebody with the letter: all of her file opens."""
    claim = debtor_claim(reference)
    claim_id = claim.id
    person, visitor = _person(), debtor()
    proof = proof_of(person, strict=creditor().strict)
    if proof is Proof.LETTER or (request.method != "POST" and visitor.in_file and "again" not in request.args):
        return _to(f"/claims/{reference}")
    form = FactForm(request.form)
    field = form.pin if proof is Proof.PIN else form.fact
    form.fact.label.text = _fact_words(person, FACTS)
    value = _typed(form, person, proof) if request.method == "POST" else None
    release()
    if value is None:
        return page(form=form, field=field, proof=proof, hint=_fact_words(person, FACT_HINTS), reference=reference)
    token = new_token()
    try:
        opened = _opens(proof, claim_id, value, hash_token(token))
    except TooOften as error:
        return too_often(error)
    if opened:
        return set_cookie(_to(f"/claims/{reference}{NEXT.get(request.args.get('next', ''), '')}"), token, desk=False)
    form.say(field.name, _("This is not what we have on file. Check it, or call us."))
    return page(form=form, field=field, proof=proof, hint=_fact_words(person, FACT_HINTS), reference=reference)


def _opens(proof: Proof, claim_id: UUID, value: str, token_hash: bytes) -> bool:
    found, visitor = parts(), debtor()
    if proof is Proof.PIN:
        right = rooms.open_by_pin(
            found.database, session_id=visitor.session_id, claim_id=claim_id, pin=value, pins=found.pins,
            gate=found.gate, token_hash=token_hash, now=now(),
        )  # fmt: skip
    else:
        right = rooms.open_by_fact(
            found.database, session_id=visitor.session_id, claim_id=claim_id, value=value, facts=found.facts,
            token_hash=token_hash, now=now(),
        )  # fmt: skip
    if right:
        g.pop("visitor", None)
    return right


def _typed(form: FactForm, person: Debtor, proof: Proof) -> str | None:
    """What was typed as it is compared, or None with a sentence; what can't be a fact or a PIN costs no try."""
    if proof is Proof.PIN:
        pin = normalise_pin(str(form.pin.data or ""))
        if pin_problems(pin):
            form.say("pin", _("Enter your PIN. It has 6 to 12 figures."))
            return None
        return pin
    if proof is Proof.CLOSED or person.fact_kind is None:
        return None
    kind = FactKind(person.fact_kind)
    fact = normalise_fact(kind, str(form.fact.data or ""))
    if fact is None:
        form.say("fact", _(FACT_MISSING[kind]))
    return fact


def _fact_words(person: Debtor, words: Mapping[FactKind, str]) -> str:
    return _(words[FactKind(person.fact_kind)]) if person.fact_kind else ""


def _person() -> Debtor:
    found = debtor_by_id(db(), debtor().creditor_id, debtor().debtor_id)
    if found is None:
        abort(404)
    return found


@pages.route("/claims/<reference>/pin", methods=["GET", "POST"])
@who(Who.DEBTOR_FILE)
def pin(reference: str) -> BaseResponse:
    """The person sets the PIN that protects her file from whoever finds the letter."""
    form = PinForm(request.form)
    chosen = normalise_pin(str(form.pin.data or ""))
    refused = request.method == "POST" and form.refuse(pin_problems(chosen), PIN_PROBLEMS, FIELDS[PinProblem])
    hashed = None
    if request.method == "POST" and not refused:
        with parts().gate.enter():
            hashed = parts().pins.hash(debtor().debtor_id, chosen)
    claim, person = debtor_claim(reference), _person()
    if person.fact_hash is not None:
        if request.method == "POST":
            abort(404)
        return page(form=PinForm(formdata=None), needed=False, reference=reference)
    if person.pin_hash is not None and not rooms.is_fresh(debtor().proved_at, now()):
        return _to(f"/claims/{reference}/open?again=1")
    if hashed is None:
        return page(form=form, needed=True, reference=reference)
    rooms.set_pin(db(), claim, person, hashed, session_id=debtor().session_id, now=now())
    return _to(f"/claims/{reference}")


def _to(path: str) -> Response:
    answer = Response(status=303)
    answer.headers["Location"] = path
    return answer


@pages.post("/sign-out")
@who(Who.ANYONE)
def sign_out() -> BaseResponse:
    """The person leaves: the session is over, and the browser forgets these pages."""
    visitor = g.get("visitor")
    firm = g.get("creditor")
    if isinstance(visitor, DebtorVisitor):
        sessions.sign_out(db(), visitor.session_id, now=now())
    return drop_cookie(_to(f"/{firm.slug}" if firm is not None else "/"), desk=False)

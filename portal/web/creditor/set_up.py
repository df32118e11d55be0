"""What does a new firm do in its first hour, and which step is next?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, current_app, request, url_for
from wtforms import StringField

from portal.actions import set_up as actions
from portal.actions.specimens import NobodyAnswers, specimen_letter
from portal.gateways.pdf import PaperFailed
from portal.rules.access import Right
from portal.rules.set_up import MAY_STAY, Known, Step, StepState, leads, next_step, states
from portal.store.set_up import TRIED, known_of, marks_of
from portal.store.settings import creditor_by_id
from portal.store.stationery import Stationery
from portal.web import i18n
from portal.web.forms import Form
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels.set_up import DETAILS, STATES, TITLES
from portal.web.letter_paper import letter_title
from portal.web.login import clerk, creditor
from portal.web.pages import back_to, page, page_of
from portal.web.parts import now, parts, today
from portal.web.security import Who, who
from portal.web.serving import disposition
from portal.web.specimens import stamped, title_in
from portal.web.transaction import db, release

pages = Blueprint("set_up", __name__)

TINTS = {StepState.DONE: "good", StepState.KEPT: "good", StepState.OPEN: "wait"}
#: Where each step is done; the page stays there for later.
PLACES: Mapping[Step, str] = {
    Step.FIRM: "creditor.firm.change",
    Step.LOOK: "creditor.stationery.look",
    Step.PERSON: "creditor.people.overview",
    Step.BANK: "creditor.accounts.change",
    Step.CARD: "creditor.connections.overview",
    Step.LIMITS: "creditor.settings.change",
    Step.TEXTS: "creditor.stationery.overview",
    Step.IMPORT: "creditor.imports.overview",
    Step.LETTER: "creditor.set_up.letter",
}
#: Without these no letter can be set.
FOR_A_LETTER = (Step.FIRM, Step.PERSON, Step.BANK)


class StepForm(Form):
    """Nothing to fill in: pressing the button says it."""


class LetterForm(Form):
    """In which language the test letter speaks."""

    language = StringField(N_("Language of the letter"))


@pages.get("/set-up")
@who(Who.CLERK, Right.SETTINGS)
def overview() -> Response:
    """Every step with what the data says about it; they can be taken in any order, today or another day."""
    known = _known()
    found = states(known, _steps())
    steps = [_shown(step, state) for step, state in found.items()]
    return page(
        form=StepForm(formdata=None),
        steps=steps,
        may_stay=[step for step in steps if step["may_stay"]],
        done=_count(found),
        count=len(found),
        open=next_step(found) is not None,
        put_away=known.put_away,
    )


@pages.post("/set-up/keep/<step>")
@who(Who.CLERK, Right.SETTINGS)
def keep(step: str) -> Response:
    """This step stays as it came."""
    if step not in set(Step):
        abort(404)
    if not actions.keep(db(), creditor().id, Step(step), clerk_id=clerk().clerk_id, now=now()):
        abort(404)
    return back_to("creditor.set_up.overview")


@pages.post("/set-up/put-away")
@who(Who.CLERK, Right.SETTINGS)
def put_away() -> Response:
    """Today leads here no more."""
    actions.put_away(db(), creditor().id, clerk_id=clerk().clerk_id, now=now())
    return back_to("creditor.today.inbox")


@pages.post("/set-up/again")
@who(Who.CLERK, Right.SETTINGS)
def again() -> Response:
    """Today leads here again while something is open."""
    actions.show_again(db(), creditor().id)
    return back_to("creditor.set_up.overview")


@pages.route("/set-up/letter", methods=["GET", "POST"])
@who(Who.CLERK, Right.SETTINGS)
def letter() -> Response:
    """A test letter to whoever is at the desk, to print, fold and scan; its code opens a page that says so."""
    form = LetterForm()
    if request.method == "GET":
        form.language.data = creditor().language
        return _letter_page(form)
    if form.language.data not in i18n.LANGUAGES:
        form.say("language", _("Choose a language."))
        return _letter_page(form)
    tongue = str(form.language.data)
    release()
    made = specimen(form, tongue)
    return _letter_page(form) if made is None else pdf(made)


def specimen(form: Form, tongue: str, stationery: Stationery | None = None) -> bytes | None:
    """A letter to whoever is at the desk as a PDF, on paper that may not be kept yet; None with a sentence on the form.

    Called between two transactions, as nothing of it is written.
    """
    have, firm = parts(), creditor()
    write = stamped(have.settings.base_url, today(), stationery)
    try:
        with have.gate.enter():
            data = specimen_letter(
                have.database, firm.id, clerk().clerk_id, write, code=have.specimens.code(firm.id), codes=have.codes,
                language=tongue, title=title_in(tongue), now=now(), today=today(),
            )  # fmt: skip
        return have.papers.letters(letter_title(firm, tongue), firm.name, [data])
    except NobodyAnswers:
        form.form_errors.append(_("Nobody at the desk can be named as contact person yet."))
    except PaperFailed:
        form.form_errors.append(_("A sign in the firm's name or address can't be printed right. Correct it first."))
    return None


def _letter_page(form: LetterForm) -> Response:
    found = states(_known())
    tried = marks_of(db(), creditor().id).get(TRIED)
    return page_of(
        "creditor/set_up/letter.html",
        form=form,
        missing=[_shown(step, found[step]) for step in FOR_A_LETTER if found[step] is StepState.OPEN],
        tongues=[(code, i18n.NAMES[code]) for code in i18n.LANGUAGES],
        tried=i18n.moment(tried.at) if tried else "",
        postcode=creditor().postcode,
    )


def pdf(made: bytes) -> Response:
    """The test letter as a download that nobody keeps."""
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = disposition("test-letter.pdf")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _known() -> Known:
    return known_of(db(), creditor_by_id(db(), creditor().id))


def _shown(step: Step, state: StepState) -> dict[str, Any]:
    return {
        "key": step.value,
        "title": _(TITLES[step]),
        "detail": _(DETAILS[step]),
        "state": _(STATES[state]),
        "tint": TINTS[state],
        "href": url_for(PLACES[step]),
        "may_stay": state is StepState.OPEN and step in MAY_STAY,
    }


def _steps() -> list[Step]:
    """The steps that have a page in this portal."""
    return [step for step, place in PLACES.items() if place in current_app.view_functions]


def _count(found: Mapping[Step, StepState]) -> int:
    return sum(state is not StepState.OPEN for state in found.values())


def leading() -> dict[str, Any] | None:
    """What Today says of the first hour to whoever may set the firm up; None when it is over or put away."""
    if not clerk().may(Right.SETTINGS):
        return None
    known = _known()
    if not leads(known, _steps()):
        return None
    found = states(known, _steps())
    following = next_step(found)
    return {"done": _count(found), "count": len(found), "next": _(TITLES[following]) if following else ""}


def stays(step: Step) -> None:
    """Somebody has looked at this step and saved it, with or without a change."""
    actions.keep(db(), creditor().id, step, clerk_id=clerk().clerk_id, now=now())


def back_from_step(endpoint: str) -> Response:
    """On to the list of steps while it leads, else to this page."""
    return back_to("creditor.set_up.overview" if leading() is not None else endpoint)

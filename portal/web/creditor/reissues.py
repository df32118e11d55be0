"""How does the desk print one letter anew, so that the old code is dead?"""

from __future__ import annotations

from uuid import UUID, uuid5

from flask import Blueprint, Response, abort

from portal.actions import letter_posts
from portal.actions.letter_runs import survey
from portal.rules.access import Right
from portal.rules.history import Actor, ActorKind
from portal.store import letter_runs as store
from portal.store.letter_runs import LetterRun
from portal.store.letters import Wanted
from portal.web.creditor.runs import print_soon, run_here
from portal.web.forms import DecidingForm
from portal.web.i18n import gettext as _
from portal.web.labels.letter_hindrances import HINDRANCES
from portal.web.login import clerk, creditor
from portal.web.pages import back_to, page
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("reissues", __name__)


@pages.route("/letters/<uuid:run_id>/reissue/<uuid:letter_id>", methods=["GET", "POST"])
@who(Who.CLERK, Right.REISSUE)
def reissue(run_id: UUID, letter_id: UUID) -> Response:
    """One letter anew: the old code is dead, the new one stands in a PDF of its own."""
    run = run_here(run_id)
    sent = store.letter_of_run(db(), run.creditor_id, run.id, letter_id)
    if sent is None:
        abort(404)
    form = DecidingForm()
    if form.sent_well():
        new = _reissued(form, letter_id)
        if isinstance(new, LetterRun):
            return back_to("creditor.runs.one", run_id=new.id)
    return page(form=form, run=run, sent=sent)


def _reissued(form: DecidingForm, letter_id: UUID) -> LetterRun | None:
    firm = creditor()
    run_id = uuid5(firm.id, f"letters {form.op_id()}")
    if (known := store.run_at(db(), firm.id, run_id)) is not None:
        return known
    actor = Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)
    run = letter_posts.reissue(
        db(), firm.id, letter_id, run_id=run_id, clerk_id=clerk().clerk_id, actor=actor, now=now()
    )
    if run is None:
        abort(404)
    found = survey(db(), firm, today=today(), wanted=Wanted(run_id=run.id))
    if not found.recipients:
        for held in found.held:
            form.form_errors.append(_(HINDRANCES[held.why], what=held.what))
        if not found.held:
            form.form_errors.append(_("No case on this letter is open any more."))
        return None
    print_soon(run, few=True)
    return run

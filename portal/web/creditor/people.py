"""Who works at the desk, who is away, and who stands in?"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort, request
from wtforms import StringField

from portal.actions.people import add_absence, answerers, end_absence
from portal.rules.access import Right, Role
from portal.rules.people import AbsenceProblem
from portal.store.people import Absence, Clerk, absence_at, absences_from, clerks_of
from portal.web.forms import DayField, DecidingForm
from portal.web.i18n import N_, weekday
from portal.web.i18n import gettext as _
from portal.web.labels.people import ABSENCES, FIELDS, ROLES
from portal.web.login import creditor
from portal.web.pages import back_to, page
from portal.web.parts import today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("people", __name__)


class AbsenceForm(DecidingForm):
    """Who is away, from when until when, and who stands in."""

    clerk = StringField(N_("Who is away"))
    first = DayField(N_("First day"))
    last = DayField(N_("Last day"))
    deputy = StringField(N_("Who stands in"))


@pages.get("/people")
@who(Who.CLERK, Right.PEOPLE)
def overview() -> Response:
    """Everybody at the desk, and the absences of today and later."""
    staff = clerks_of(db(), creditor().id)
    names = {row.id: row.name for row in staff}
    return page(
        staff=[(row.name, row.function, _(ROLES[Role(row.role)]), row.email, row.phone) for row in staff],
        absences=[_shown(row, names) for row in absences_from(db(), creditor().id, today())],
    )


@pages.route("/people/absence", methods=["GET", "POST"])
@who(Who.CLERK, Right.PEOPLE)
def absence() -> Response:
    """Enter an absence; without a deputy it can't be saved."""
    form = AbsenceForm()
    staff = clerks_of(db(), creditor().id)
    if request.method == "POST" and form.sent_well() and _added(form):
        return back_to("creditor.people.overview")
    return page(form=form, staff=_choices(staff), deputies=_choices(answerers(staff)))


@pages.post("/people/absence/<uuid:absence_id>/end")
@who(Who.CLERK, Right.PEOPLE)
def back(absence_id: UUID) -> Response:
    """Somebody is back: the absence ends yesterday, or is gone if it had not begun."""
    row = absence_at(db(), creditor().id, absence_id)
    if row is None:
        abort(404)
    end_absence(db(), row, today=today())
    return back_to("creditor.people.overview")


def _added(form: AbsenceForm) -> bool:
    made = add_absence(
        db(),
        creditor().id,
        clerk_id=_chosen(form.clerk.data),
        deputy_id=_chosen(form.deputy.data),
        first=form.first.day(),
        last=form.last.day(),
        op=form.op_id(),
        today=today(),
    )
    if isinstance(made, Absence):
        return True
    return not form.refuse(made, ABSENCES, FIELDS[AbsenceProblem], example=f"{today():%d.%m.%Y}")


def _choices(staff: list[Clerk]) -> list[tuple[str, str]]:
    return [(str(row.id), row.name) for row in staff]


def _chosen(raw: str | None) -> UUID | None:
    try:
        return UUID(raw or "")
    except ValueError:
        return None


def _shown(row: Absence, names: dict[UUID, str]) -> dict[str, object]:
    return {
        "id": row.id,
        "name": names.get(row.clerk_id, ""),
        "deputy": names.get(row.deputy_id, ""),
        "first": weekday(row.from_on),
        "last": weekday(row.until_on),
    }

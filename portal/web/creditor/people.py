"""Who works at the desk, who is away, and who stands in?"""

from __future__ import annotations

import base64
import secrets
from uuid import UUID

from flask import Blueprint, Response, abort, request
from wtforms import StringField

from portal.actions.colleagues import Named, SignIn, add_colleague, name_colleague, renew_sign_in
from portal.actions.people import add_absence, answerers, end_absence
from portal.actions.sign_in import tidy_email
from portal.gateways.qr import plain_svg
from portal.gateways.totp import new_seed, setup_address
from portal.rules.access import Right, Role
from portal.rules.letter_code import ALPHABET
from portal.rules.people import AbsenceProblem, ClerkProblem, ColleagueProblem
from portal.store.people import Absence, Clerk, absence_at, absences_from, clerk_by_id, clerks_of
from portal.web.creditor.set_up import back_from_step
from portal.web.forms import DayField, DecidingForm, Form
from portal.web.i18n import LANGUAGES, N_, NAMES, weekday
from portal.web.i18n import gettext as _
from portal.web.labels.people import ABSENCES, CLERKS, COLLEAGUES, FIELDS, ROLES
from portal.web.login import clerk, creditor
from portal.web.pages import back_to, page, page_of
from portal.web.parts import now, parts, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("people", __name__)

#: What a password that is made up consists of: no sign that is read as another one, 100 bits in four groups of five.
SIGNS = ALPHABET.lower()


class AbsenceForm(DecidingForm):
    """Who is away, from when until when, and who stands in."""

    clerk = StringField(N_("Who is away"))
    first = DayField(N_("First day"))
    last = DayField(N_("Last day"))
    deputy = StringField(N_("Who stands in"))


class ColleagueForm(Form):
    """Who the colleague is, as letters name her or him, and what she or he may do."""

    name = StringField(N_("Name"))
    email = StringField(N_("E-mail address for signing in"))
    role = StringField(N_("What this person does"))
    function = StringField(N_("Function"))
    phone = StringField(N_("Direct phone number"))
    hours = StringField(N_("Hours in which this person answers"))
    language = StringField(N_("Language at the desk"))

    def named(self) -> Named:
        """What was typed, without needless spaces."""
        given = {name: " ".join(str(self[name].data or "").split()) for name in ("name", "function", "phone", "hours")}
        return Named(role=str(self.role.data or ""), language=str(self.language.data or ""), **given)


@pages.get("/people")
@who(Who.CLERK, Right.PEOPLE)
def overview() -> Response:
    """Everybody at the desk, and the absences of today and later."""
    staff = clerks_of(db(), creditor().id)
    names = {row.id: row.name for row in staff}
    return page(
        staff=[
            (
                {"href": f"/desk/people/{row.id}", "text": row.name},
                row.function,
                _(ROLES[Role(row.role)]),
                row.email,
                row.phone,
            )
            for row in staff
        ],
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


@pages.route("/people/new", methods=["GET", "POST"])
@who(Who.CLERK, Right.PEOPLE)
def new() -> Response:
    """Add a colleague; the sign-in is shown in this one answer and never again, as a letter's code is."""
    form = ColleagueForm()
    if request.method == "GET":
        form.language.data, form.hours.data = creditor().language, creditor().hours
        return _colleague(form, new=True)
    made, email = _sign_in(), tidy_email(str(form.email.data or ""))
    added = add_colleague(
        db(), creditor(), form.named(), email, made, vault=parts().data_keys, by=clerk().clerk_id, now=now()
    )
    if isinstance(added, list):
        for kind, sentences in ((ClerkProblem, CLERKS), (ColleagueProblem, COLLEAGUES)):
            form.refuse([one for one in added if isinstance(one, kind)], sentences, FIELDS[kind])
        return _colleague(form, new=True)
    return _shown_once(added, made)


@pages.route("/people/<uuid:id>", methods=["GET", "POST"])
@who(Who.CLERK, Right.PEOPLE)
def change(id: UUID) -> Response:
    """Say how a colleague is named on letters."""
    row, form = _clerk(id), ColleagueForm()
    if request.method == "GET":
        for name in ("name", "function", "phone", "hours", "language"):
            form[name].data = getattr(row, name)
    form.role.data = row.role
    if request.method == "POST" and not form.refuse(
        name_colleague(db(), creditor(), row, form.named()), COLLEAGUES, FIELDS[ColleagueProblem]
    ):
        return back_from_step("creditor.people.overview")
    return _colleague(form, new=False, row=row)


@pages.post("/people/<uuid:id>/sign-in")
@who(Who.CLERK, Right.PEOPLE)
def sign_in(id: UUID) -> Response:
    """A colleague who lost password or phone gets new ones, shown in this one answer."""
    made = _sign_in()
    row = renew_sign_in(db(), creditor().id, id, made, vault=parts().data_keys, by=clerk().clerk_id, now=now())
    return _shown_once(row, made) if row is not None else abort(404)


def _sign_in() -> SignIn:
    password = "-".join("".join(secrets.choice(SIGNS) for _ in range(5)) for _ in range(4))
    with parts().gate.enter():
        return SignIn(password, parts().passwords.hash(password), new_seed())


def _shown_once(row: Clerk, made: SignIn) -> Response:
    svg = plain_svg(setup_address(made.seed, row.email, creditor().name), _("For the authenticator on the phone"))
    return page_of(
        "creditor/people/_sign_in.html",
        colleague=row,
        password=made.password,
        seed=" ".join(made.seed[at : at + 4] for at in range(0, len(made.seed), 4)),
        qr="data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode(),
        place=f"{parts().settings.base_url}/desk/sign-in",
    )


def _colleague(form: ColleagueForm, *, new: bool, row: Clerk | None = None) -> Response:
    return page_of(
        "creditor/people/new.html" if new else "creditor/people/change.html",
        form=form,
        colleague=row,
        own=row is not None and row.id == clerk().clerk_id,
        roles=[(role.value, _(ROLES[role])) for role in Role],
        tongues=[(code, NAMES[code]) for code in LANGUAGES],
    )


def _clerk(id: UUID) -> Clerk:
    row = clerk_by_id(db(), creditor().id, id)
    if row is None or not row.active:
        abort(404)
    return row

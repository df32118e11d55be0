"""Who is the firm, as letters and pages name it, and how does an admin change it?"""

from __future__ import annotations

from flask import Blueprint, Response, request
from wtforms import StringField

from portal.actions.firm import change_firm
from portal.rules.access import Right
from portal.rules.countries import PROFILES
from portal.rules.firm import COLUMNS, LONGEST
from portal.web import i18n
from portal.web.creditor.set_up import back_from_step
from portal.web.forms import Form
from portal.web.i18n import gettext as _
from portal.web.labels.firm import COUNTRIES, NAMES, PROBLEMS
from portal.web.login import clerk, creditor
from portal.web.pages import page
from portal.web.parts import now
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("firm", __name__)


class FirmForm(Form):
    """Everything the firm says about itself; the fields are the columns."""

    name = StringField(NAMES["name"])
    street = StringField(NAMES["street"])
    house_number = StringField(NAMES["house_number"])
    postcode = StringField(NAMES["postcode"])
    town = StringField(NAMES["town"])
    country = StringField(NAMES["country"])
    canton = StringField(NAMES["canton"])
    language = StringField(NAMES["language"])
    phone = StringField(NAMES["phone"])
    hours = StringField(NAMES["hours"])
    website = StringField(NAMES["website"])


@pages.route("/settings/firm", methods=["GET", "POST"])
@who(Who.CLERK, Right.SETTINGS)
def change() -> Response:
    """Say who the firm is; letters and pages carry it from then on."""
    form = FirmForm()
    if request.method == "GET":
        for name in COLUMNS:
            form[name].data = getattr(creditor(), name)
    elif form.sent_well() and _changed(form):
        return back_from_step("creditor.settings.overview")
    return page(
        form=form,
        countries=[(code, _(COUNTRIES[code])) for code in PROFILES],
        tongues=[(code, i18n.NAMES[code]) for code in i18n.LANGUAGES],
    )


def _changed(form: FirmForm) -> bool:
    given = {name: str(form[name].data or "") for name in COLUMNS}
    found = change_firm(db(), creditor(), given, clerk_id=clerk().clerk_id, now=now())
    for name, problem in found:
        form.say(name, _(PROBLEMS[problem], what=_(NAMES[name]), most=LONGEST.get(name, 0)))
    return not found

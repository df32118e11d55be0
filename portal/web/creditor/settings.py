"""Which limits hold at this creditor, and how does an admin change them?"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from wtforms import StringField

from portal.actions.settings import change_limits
from portal.rules.access import Right
from portal.rules.money import Money, parse_amount
from portal.rules.settings import LIMITS
from portal.web.forms import Form
from portal.web.i18n import digits, money
from portal.web.i18n import gettext as _
from portal.web.labels.settings import LIMITS as NAMES
from portal.web.labels.settings import PROBLEMS
from portal.web.login import clerk, creditor
from portal.web.pages import back_to, page
from portal.web.parts import now
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("settings", __name__)

#: Limits are minor units of the claim's currency; the page shows them in francs.
CURRENCY = "CHF"


class LimitsForm(Form):
    """Every limit in one form; the fields are the columns."""

    answer_days = StringField(NAMES["answer_days"])
    plan_max_instalments = StringField(NAMES["plan_max_instalments"])
    plan_at_once_instalments = StringField(NAMES["plan_at_once_instalments"])
    plan_min_instalment_minor = StringField(NAMES["plan_min_instalment_minor"])
    plan_latest_start_days = StringField(NAMES["plan_latest_start_days"])
    small_claim_minor = StringField(NAMES["small_claim_minor"])
    deferral_at_once_days = StringField(NAMES["deferral_at_once_days"])
    deferral_latest_days = StringField(NAMES["deferral_latest_days"])
    rest_drop_minor = StringField(NAMES["rest_drop_minor"])
    grace_days = StringField(NAMES["grace_days"])
    agent_waive_minor = StringField(NAMES["agent_waive_minor"])
    lead_refund_minor = StringField(NAMES["lead_refund_minor"])

    def values(self) -> dict[str, int | None]:
        """What was typed, in days, instalments or minor units; None where it can't be read."""
        return {name: _read(str(self[name].data or ""), amount=bounds.amount) for name, bounds in LIMITS.items()}


@pages.get("/settings")
@who(Who.CLERK, Right.READ)
def overview() -> Response:
    """The limits that hold now, for everybody at the desk."""
    return page(
        rows=[(_(NAMES[name]), _written(name)) for name in LIMITS],
        may_change=clerk().may(Right.SETTINGS),
    )


@pages.route("/settings/change", methods=["GET", "POST"])
@who(Who.CLERK, Right.SETTINGS)
def change() -> Response:
    """Change the limits; they hold for what is decided from now on."""
    form = LimitsForm()
    if request.method == "GET":
        for name, bounds in LIMITS.items():
            value = getattr(creditor(), name)
            form[name].data = digits(value, CURRENCY) if bounds.amount else str(value)
    elif form.sent_well() and _changed(form):
        return back_to("creditor.settings.overview")
    fields: list[dict[str, Any]] = [{"field": form[name], "amount": LIMITS[name].amount} for name in LIMITS]
    return page(form=form, fields=fields, currency=CURRENCY)


def _changed(form: LimitsForm) -> bool:
    found = change_limits(db(), creditor(), form.values(), clerk_id=clerk().clerk_id, now=now())
    for name, problem in found:
        bounds = LIMITS[name]
        lowest, highest = (
            money(Money(value, CURRENCY)) if bounds.amount else str(value) for value in (bounds.lowest, bounds.highest)
        )
        form.say(name, _(PROBLEMS[problem], lowest=lowest, highest=highest))
    return not found


def _read(raw: str, *, amount: bool) -> int | None:
    text = raw.strip()
    if amount:
        return parse_amount(text, currency=CURRENCY)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _written(name: str) -> str:
    value: int = getattr(creditor(), name)
    return money(Money(value, CURRENCY)) if LIMITS[name].amount else str(value)

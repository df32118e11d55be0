"""Which limits hold at this creditor, what does it promise everybody, and how does an admin change both?"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from wtforms import SelectMultipleField, StringField

from portal.actions.goodwill import change_rule
from portal.actions.settings import change_limits
from portal.rules.access import Right
from portal.rules.claims import PositionKind
from portal.rules.goodwill import (
    DROPPABLE,
    LONGEST_DAYS,
    SHORTEST_DAYS,
    GoodwillProblem,
    StandingRule,
    in_force,
    rules_from,
)
from portal.rules.money import Money, parse_amount
from portal.rules.set_up import Step
from portal.rules.settings import LIMITS
from portal.web.creditor import set_up
from portal.web.forms import Form
from portal.web.i18n import N_, digits, money
from portal.web.i18n import day as day_words
from portal.web.i18n import gettext as _
from portal.web.labels.claims import POSITIONS
from portal.web.labels.goodwill import FIELDS as RULE_FIELDS
from portal.web.labels.goodwill import PROBLEMS as RULE_PROBLEMS
from portal.web.labels.goodwill import rule_sentence
from portal.web.labels.settings import LIMITS as NAMES
from portal.web.labels.settings import PROBLEMS
from portal.web.login import clerk, creditor
from portal.web.pages import back_to, page
from portal.web.parts import now, today
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


class RuleForm(Form):
    """For how many days the promise stands, and which lines it is about; no line chosen and no days switch it off."""

    days = StringField(N_("Days from the first letter"))
    kinds = SelectMultipleField(N_("What is dropped when the rest is paid in time"), choices=[], validate_choice=False)

    def chosen(self) -> frozenset[PositionKind]:
        """The lines that were ticked; what is none of ours is left out."""
        return frozenset(kind for kind in DROPPABLE if kind.value in (self.kinds.data or []))


@pages.get("/settings")
@who(Who.CLERK, Right.READ)
def overview() -> Response:
    """The limits that hold now, for everybody at the desk."""
    return page(
        rows=[(_(NAMES[name]), _written(name)) for name in LIMITS],
        may_change=clerk().may(Right.SETTINGS),
        rule=_rule_words(),
    )


@pages.route("/settings/goodwill", methods=["GET", "POST"])
@who(Who.CLERK, Right.SETTINGS)
def goodwill() -> Response:
    """Switch on, change or switch off what is promised to everybody; promises already made are kept."""
    form = RuleForm()
    rule = _rule()
    if request.method == "GET":
        form.days.data = str(rule.days) if rule else ""
        form.kinds.data = [kind.value for kind in rule.kinds] if rule else []
    elif form.sent_well() and _rule_changed(form):
        return back_to("creditor.settings.overview")
    return page(
        form=form,
        kinds=[(kind.value, _(POSITIONS[kind]), "") for kind in DROPPABLE],
        rule=rule,
        words=_rule_words(),
        shortest=SHORTEST_DAYS,
        longest=LONGEST_DAYS,
    )


def _rule() -> StandingRule | None:
    """The rule as it was set last, whether it holds today or from tomorrow on."""
    rules = rules_from(creditor().goodwill_rules or [])
    return rules[-1] if rules and rules[-1].on else None


def _rule_words() -> list[str]:
    """What holds today, and what from tomorrow on, in whole sentences."""
    rules = rules_from(creditor().goodwill_rules or [])
    holds = in_force(rules, today())
    words = [rule_sentence(holds) if holds else _("No costs are dropped by a standing rule.")]
    if rules and rules[-1].from_on > today():
        coming, when = rules[-1], day_words(rules[-1].from_on)
        words.append(
            _("For letters from %(day)s on: %(rule)s", day=when, rule=rule_sentence(coming))
            if coming.on
            else _("For letters from %(day)s on the rule is off. What was promised before is kept.", day=when)
        )
    return words


def _rule_changed(form: RuleForm) -> bool:
    found: list[GoodwillProblem] = change_rule(
        db(), creditor(), on="off" not in request.form, days=_read(str(form.days.data or ""), amount=False),
        kinds=form.chosen(), clerk_id=clerk().clerk_id, now=now(), today=today(),
    )  # fmt: skip
    bounds = {"lowest": SHORTEST_DAYS, "highest": LONGEST_DAYS}
    return not form.refuse(found, RULE_PROBLEMS, RULE_FIELDS[GoodwillProblem], **bounds)


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
        set_up.stays(Step.LIMITS)
        return set_up.back_from_step("creditor.settings.overview")
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

"""Which rates of the law does the portal know, and how does an admin enter the next one?"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, request
from wtforms import StringField

from portal.actions.rates import enter_rate
from portal.rules.access import Right
from portal.rules.countries import profile_of, rate_table
from portal.rules.rates import LONGEST_SOURCE, RateProblem, RateTable, read_percent
from portal.store.rates import own_rates, rates_entered
from portal.web.forms import DayField, DecidingForm, no_longer_than
from portal.web.i18n import N_, day
from portal.web.i18n import gettext as _
from portal.web.labels.countries import law_words, percent, rate_words
from portal.web.labels.rates import FIELDS, PROBLEMS
from portal.web.login import clerk, creditor
from portal.web.pages import back_to, page
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("rates", __name__)


class RateForm(DecidingForm):
    """A rate of the law for some days, and where it is published."""

    table = StringField(N_("Which rate"))
    first = DayField(N_("First day"))
    last = DayField(N_("Last day"))
    percent = StringField(N_("Percent a year"))
    source = StringField(
        N_("Where it is published"),
        validators=[no_longer_than(LONGEST_SOURCE, N_("That is more than %(limit)s characters."))],
    )


@pages.route("/rates", methods=["GET", "POST"])
@who(Who.CLERK, Right.SETTINGS)
def enter() -> Response:
    """Enter what a law's rate is on days of which the portal knows none; it holds for the firm's own claims."""
    form = RateForm()
    if request.method == "POST" and form.sent_well():
        found: list[RateProblem] = enter_rate(
            db(), creditor(), str(form.table.data or ""), form.first.day(), form.last.day(),
            read_percent(str(form.percent.data or "")), str(form.source.data or ""),
            op=form.op_id(), clerk_id=clerk().clerk_id, now=now(),
        )  # fmt: skip
        if not form.refuse(found, PROBLEMS, FIELDS[RateProblem], example=f"{today():%d.%m.%Y}"):
            return back_to("creditor.rates.enter")
    own, tables = own_rates(db(), creditor().id), profile_of(creditor().country).tables
    return page(
        form=form,
        tables=[(one.key, law_words(one.law), rate_words(one, own.get(one.key, ()), today())) for one in tables],
        known=[_known(one) for one in tables],
        entered=[
            (
                law_words(rate_table(row.table_key).law),
                f"{day(row.from_on)} – {day(row.until_on - timedelta(days=1))}",
                f"{row.percent} %",
                row.source,
            )
            for row in rates_entered(db(), creditor().id)
        ],
    )


def _known(table: RateTable) -> tuple[str, str, str, str]:
    """The last rate in the portal's own table, until when it holds, and where it was read."""
    last = table.changes[-1]
    until = _("without an end") if last.until is None else day(last.until - timedelta(days=1))
    return law_words(table.law), until, percent(last.rate), law_words(table.source)

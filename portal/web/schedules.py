"""How do instalments look in rows and in one line, on both sides?"""

from __future__ import annotations

from collections.abc import Sequence

from portal.rules import plans as rules
from portal.rules.plans import Instalment, InstalmentState
from portal.store.people import Clerk
from portal.store.plans import Progress
from portal.web.i18n import day, money, weekday
from portal.web.i18n import gettext as _
from portal.web.labels import plans as words
from portal.web.login import creditor
from portal.web.parts import today

Row = tuple[object, ...]


def table(instalments: Sequence[Instalment]) -> list[Row]:
    """Number, day and sum of each."""
    return [(str(one.number), weekday(one.due), one.amount) for one in instalments]


def state_rows(stands: Progress) -> list[Row]:
    """The same, with how each instalment stands today below its day: a fourth column is too wide for a phone."""
    states = rules.state_of(stands.instalments, stands.paid, today(), creditor().grace_days)
    return [
        (number, {"text": when, "below": _(words.INSTALMENTS[at]), "tint": words.TINTS.get(at, "")}, amount)
        for (number, when, amount), at in zip(table(stands.instalments), states, strict=True)
    ]


def paid_sentence(stands: Progress) -> str:
    """How many are paid."""
    states = rules.state_of(stands.instalments, stands.paid, today(), creditor().grace_days)
    paid = sum(1 for state in states if state is InstalmentState.PAID)
    return _("%(paid)s of %(count)s instalments are paid.", paid=paid, count=len(states))


def in_short(schedule: Sequence[Instalment]) -> str:
    """One line about a suggested plan: its sum, its first and its last day, and the last sum where it differs."""
    first, last = schedule[0], schedule[-1]
    days = {"first": day(first.due), "last": day(last.due)}
    told = _("%(amount)s a month, from %(first)s to %(last)s", amount=money(first.amount), **days)
    if last.amount == first.amount:
        return told
    return told + " " + _("(the last one %(amount)s)", amount=money(last.amount))


def contact_block(reference: str, clerk: Clerk) -> dict[str, str]:
    """The person who answers, with the page on which to write to her."""
    return {
        "name": clerk.name,
        "role": clerk.function,
        "phone": clerk.phone,
        "hours": clerk.hours,
        "href": f"/claims/{reference}/messages",
    }

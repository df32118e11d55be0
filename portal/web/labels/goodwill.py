"""How does a creditor's standing rule read: its problems, the rule itself, and the sentence that the debtor sees."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.goodwill import DROPPABLE, Goodwill, GoodwillProblem, StandingRule
from portal.web.i18n import N_, money, ngettext, weekday
from portal.web.i18n import gettext as _
from portal.web.labels.claims import POSITIONS

PROBLEMS = {
    GoodwillProblem.DAYS_OUT_OF_BOUNDS: N_("Enter a whole number from %(lowest)s to %(highest)s."),
    GoodwillProblem.KINDS_MISSING: N_("Choose what is dropped."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {GoodwillProblem: PROBLEMS}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    GoodwillProblem: {GoodwillProblem.DAYS_OUT_OF_BOUNDS: "days", GoodwillProblem.KINDS_MISSING: "kinds"}
}

DROPS_COSTS = N_("If you pay %(pays)s by %(day)s, the costs of %(drops)s are dropped. This holds for everybody.")
DROPS_REST = N_("If you pay %(pays)s by %(day)s, the other %(drops)s are dropped. This holds for everybody.")
SHORT_COSTS = N_("The costs of %(drops)s are then dropped.")
SHORT_REST = N_("The other %(drops)s are then dropped.")


def rule_sentence(rule: StandingRule) -> str:
    """The rule as the desk reads it."""
    names = ", ".join(_(POSITIONS[kind]) for kind in DROPPABLE if kind in rule.kinds)
    return ngettext(
        "Who pays the rest within %(num)s day of the first letter pays none of this: %(names)s.",
        "Who pays the rest within %(num)s days of the first letter pays none of this: %(names)s.",
        rule.days,
        names=names,
    )


def promise_in_short(goodwill: Goodwill) -> str:
    """What falls away, beside a sum and a day that stand there already."""
    return _(SHORT_COSTS if goodwill.only_costs else SHORT_REST, drops=money(goodwill.drops))


def promise_sentence(goodwill: Goodwill) -> str:
    """The promise as the debtor reads it: it speaks of costs if nothing but costs falls away."""
    text = DROPS_COSTS if goodwill.only_costs else DROPS_REST
    return _(text, pays=money(goodwill.pays), day=weekday(goodwill.until), drops=money(goodwill.drops))

"""How do a country's rules read: the rate of the law, what a consumer is not asked for, and how firm a line stands?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.rules.claims import Contestability
from portal.rules.interest import RateChange
from portal.rules.openings import rate_known_until
from portal.rules.rates import RateTable, filled
from portal.web import i18n
from portal.web.i18n import N_
from portal.web.i18n import gettext as _

CONTESTABILITY: Mapping[Contestability, str] = {
    Contestability.UNDISPUTED_BY_LAW: N_("Owed by law."),
    Contestability.NEEDS_CONTRACT: N_("Owed if it is agreed."),
    Contestability.NEEDS_PROOF: N_("Owed if it is proven."),
    Contestability.CONTESTED: N_("Courts judge differently whether this is owed."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {Contestability: CONTESTABILITY}
#: Switzerland's laws have a name in each of its languages.
LAWS = {
    "OR 104": N_("OR 104"),
    "OR 104(1), in force since 1912; the reform 16.470 was rejected": N_(
        "OR 104(1), in force since 1912; the reform 16.470 was rejected"
    ),
}


def law_words(law: str) -> str:
    """A law, or where its rate was read, as the reader's language names it; else as it stands in the table."""
    return _(LAWS[law]) if law in LAWS else law


def percent(rate: Decimal) -> str:
    """A rate as it is written: 5 %, 4.25 %."""
    return f"{rate.normalize():f}{i18n.NBSP}%"


def rate_words(table: RateTable | None, own: tuple[RateChange, ...], day: date) -> str:
    """The rate of the law on a day with its article, or that nobody has entered it yet."""
    if table is None:
        return _("The law's rate is not in the portal. Name your own one and what it rests on.")
    if rate_known_until(table, own, day, day) is not None:
        return _("%(law)s: no rate is known for %(day)s. An admin can enter it under Settings.",
                 law=law_words(table.law), day=i18n.day(day))  # fmt: skip
    rates = [change for change in filled(table.changes, own) if change.from_day <= day]
    rate = percent(rates[-1].rate)
    return _("%(law)s: %(rate)s on %(day)s", law=law_words(table.law), rate=rate, day=i18n.day(day))

"""How do offers and waivers read: their problems, their states, and the sentence that makes the offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from portal.rules.claims import COST_KINDS
from portal.rules.ledger import ClaimSum
from portal.rules.money import Money
from portal.rules.offers import (
    Drops,
    LeftOut,
    ManyProblem,
    OfferProblem,
    OfferStatus,
    WaiverProblem,
    effect_on,
)
from portal.web.i18n import N_, gettext_in, money, weekday
from portal.web.labels.claims import POSITIONS

PROBLEMS = {
    OfferProblem.ANOTHER_IS_LIVE: N_("Another offer stands already. It ends by itself on its last day."),
    OfferProblem.AMOUNT_MISSING: N_("Enter the amount to pay, for example 280.00"),
    OfferProblem.AMOUNT_NOT_LESS: N_("Enter less than %(owed)s, which is what is open today."),
    OfferProblem.UNTIL_MISSING: N_("Enter the last day of the offer, for example %(example)s"),
    OfferProblem.UNTIL_TOO_SOON: N_("The offer stands for at least seven days. Choose %(earliest)s or a later day."),
    OfferProblem.UNTIL_TOO_FAR: N_("Choose a day until %(latest)s."),
    OfferProblem.UNTIL_NO_BANK_DAY: N_("Banks are closed on that day. The next working day is %(next)s."),
    OfferProblem.COST_WITHOUT_BASIS: N_(
        "Nothing on file supports one of the costs. Waive it first: dropping what was not owed is no offer."
    ),
    OfferProblem.NOTHING_OWED: N_("Nothing is open any more."),
    OfferProblem.RATE_MISSING: N_(
        "The rate of the law is not known for every day. An admin enters it, then the sum can be fixed."
    ),
    OfferProblem.WAS_SHOWN: N_("The offer was read already. It stands until its last day."),
}
WAIVER_PROBLEMS = {
    WaiverProblem.NOTHING_CHOSEN: N_("Choose what is waived."),
    WaiverProblem.AMOUNT_MISSING: N_(
        "Enter an amount, for example 20.00, or leave the field empty for the whole line."
    ),
    WaiverProblem.MORE_THAN_OPEN: N_("That is more than is open on this line. Enter a smaller amount."),
    WaiverProblem.ONLY_AS_A_WHOLE: N_("Nothing on file supports this line. It can only be waived as a whole."),
    WaiverProblem.ABOVE_YOUR_LIMIT: N_("On one case you can waive up to %(limit)s yourself. Ask a team lead for more."),
}
STATUSES = {
    OfferStatus.LIVE: N_("Stands until its last day"),
    OfferStatus.TAKEN: N_("Used"),
    OfferStatus.EXPIRED: N_("Over"),
    OfferStatus.WITHDRAWN: N_("Taken back before it was read"),
}
DROPS = {
    Drops.COSTS: N_("All costs"),
    Drops.COSTS_AND_INTEREST: N_("All costs and the interest"),
    Drops.SHARE: N_("A part of everything that is open"),
}
MANY_PROBLEMS = {
    ManyProblem.DROPS_MISSING: N_("Choose what is waived."),
    ManyProblem.SHARE_OUT_OF_BOUNDS: N_("Enter a whole number from %(lowest)s to %(highest)s."),
    ManyProblem.AMOUNT_UNREADABLE: N_("Enter an amount, for example 20.00, or leave the field empty."),
    ManyProblem.DAYS_UNREADABLE: N_("Enter a whole number of days, or leave the field empty."),
    ManyProblem.NOTHING_CHOSEN: N_("Choose at least one case."),
}
LEFT_OUT = {
    LeftOut.CLOSED: N_("The case is closed."),
    LeftOut.ANOTHER_IS_LIVE: N_("An offer stands already"),
    LeftOut.COST_WITHOUT_BASIS: N_("Nothing on file supports one of the costs: waive it first."),
    LeftOut.OBJECTION: N_("An objection is under way."),
    LeftOut.PAUSED: N_("The case is paused."),
    LeftOut.WAITS_FOR_US: N_("A suggestion waits for an answer."),
    LeftOut.PLAN: N_("Instalments or a later day are agreed."),
    LeftOut.PAYMENT_UNDER_WAY: N_("A payment is under way or announced."),
    LeftOut.NOTHING_TO_DROP: N_("There is nothing of this to waive."),
    LeftOut.RATE_MISSING: N_("A rate of the law is not known: an admin enters it first."),
    LeftOut.SUM_CHANGED: N_("Something changed meanwhile. Look at the case again."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    Drops: DROPS,
    ManyProblem: MANY_PROBLEMS,
    LeftOut: LEFT_OUT,
    OfferProblem: PROBLEMS,
    WaiverProblem: WAIVER_PROBLEMS,
    OfferStatus: STATUSES,
}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    OfferProblem: {
        OfferProblem.ANOTHER_IS_LIVE: "",
        OfferProblem.AMOUNT_MISSING: "amount",
        OfferProblem.AMOUNT_NOT_LESS: "amount",
        OfferProblem.UNTIL_MISSING: "until",
        OfferProblem.UNTIL_TOO_SOON: "until",
        OfferProblem.UNTIL_TOO_FAR: "until",
        OfferProblem.UNTIL_NO_BANK_DAY: "until",
        OfferProblem.COST_WITHOUT_BASIS: "",
        OfferProblem.NOTHING_OWED: "",
        OfferProblem.RATE_MISSING: "",
        OfferProblem.WAS_SHOWN: "",
    },
    ManyProblem: {
        ManyProblem.DROPS_MISSING: "drops",
        ManyProblem.SHARE_OUT_OF_BOUNDS: "share",
        ManyProblem.AMOUNT_UNREADABLE: "least",
        ManyProblem.DAYS_UNREADABLE: "age",
        ManyProblem.NOTHING_CHOSEN: "pick",
    },
    WaiverProblem: {
        WaiverProblem.NOTHING_CHOSEN: "line",
        WaiverProblem.AMOUNT_MISSING: "amount",
        WaiverProblem.MORE_THAN_OPEN: "amount",
        WaiverProblem.ONLY_AS_A_WHOLE: "amount",
        WaiverProblem.ABOVE_YOUR_LIMIT: "line",
    },
}

WAIVES_COSTS = N_(
    "If you pay %(amount)s by %(day)s, we waive the collection costs of %(waived)s. The matter is then settled."
)
WAIVES_REST = N_("If you pay %(amount)s by %(day)s, we waive the rest of %(waived)s. The matter is then settled.")
WAIVED = N_("We no longer ask for %(amount)s (%(line)s). Still open: %(rest)s. %(name)s")
WAIVED_AND_SETTLED = N_(
    "We no longer ask for %(amount)s (%(line)s). Nothing is open any more, and the case is closed. %(name)s"
)
EVERYTHING = N_("everything that is still open")


def offer_sentence(owed: ClaimSum, amount: Money, until: date, language: str) -> str:
    """The offer as the debtor reads it: it names the costs if nothing but costs is waived."""
    waived, falls = owed.open - amount, effect_on(owed, amount)
    only_costs = all(line.position.kind in COST_KINDS for line in owed.lines if line.position.id in falls)
    text = WAIVES_COSTS if only_costs else WAIVES_REST
    return gettext_in(language, text, amount=money(amount), day=weekday(until, language), waived=money(waived))


def offer_lines(owed: ClaimSum, amount: Money, language: str) -> list[tuple[str, Money]]:
    """What the offer drops of each line, with the line's name in this language."""
    falls = effect_on(owed, amount)
    return [
        (
            line.position.label or gettext_in(language, POSITIONS[line.position.kind]),
            Money(falls[line.position.id], owed.currency),
        )
        for line in owed.lines
        if line.position.id in falls
    ]


def waiver_sentence(what: str | None, amount: Money, rest: Money, name: str, language: str) -> str:
    """The waiver as the debtor reads it; `what` is the line in his language, None is everything."""
    text = WAIVED if rest.minor > 0 else WAIVED_AND_SETTLED
    line = what or gettext_in(language, EVERYTHING)
    return gettext_in(language, text, amount=money(amount), line=line, rest=money(rest), name=name)

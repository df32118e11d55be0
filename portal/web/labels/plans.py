"""Which words say what stands against a plan, and how it stands, to the debtor and in the desk's preview?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from portal.rules.money import Money
from portal.rules.plans import DecisionProblem, Instalment, InstalmentState, MoveProblem, PlanProblem, PlanStatus
from portal.web.i18n import N_, gettext_in, money, month, weekday

FAIR = N_(
    "Instalments cost you nothing extra. With your suggestion you do not accept the collection costs."
)
NOTICE = N_(
    "A suggestion can count as accepting the invoice amount. The limitation period can then start again. If you do not "
    "agree with the invoice, choose «Something is not right»."
)

AMOUNT = N_("Enter an amount between %(least)s and %(most)s, for example %(example)s")
PROBLEMS: Mapping[PlanProblem, str] = {
    PlanProblem.NOTHING_OWED: N_("Nothing is open that could be paid in instalments."),
    PlanProblem.RATE_MISSING: N_(
        "The rate of the law is not known for every day. An admin enters it, then the sum can be fixed."
    ),
    PlanProblem.SMALL_CLAIM: N_("For a sum up to %(small)s there are no instalments. You can choose a later day."),
    PlanProblem.NOTHING_CHOSEN: N_("Choose how you would like to pay"),
    PlanProblem.TOO_FEW_INSTALMENTS: N_("Enter at least 2 instalments."),
    PlanProblem.TOO_MANY_INSTALMENTS: N_(
        "A plan can have at most %(months)s instalments. Enter at least %(least)s a month."
    ),
    PlanProblem.INSTALMENT_TOO_SMALL: AMOUNT,
    PlanProblem.AMOUNT_TOO_HIGH: AMOUNT,
    PlanProblem.DAY_NOT_OFFERED: N_("Choose a day of the month between 1 and 28, or the last one."),
    PlanProblem.STARTS_TOO_LATE: N_("The first instalment is due within %(days)s days. Choose another day."),
}
#: The same when a number of instalments was chosen instead of an amount.
BY_COUNT: Mapping[PlanProblem, str] = {
    **PROBLEMS,
    PlanProblem.NOTHING_CHOSEN: N_("Enter an amount a month or a number of instalments, not both."),
    PlanProblem.INSTALMENT_TOO_SMALL: N_("An instalment is at least %(least)s. Choose fewer instalments."),
    PlanProblem.TOO_MANY_INSTALMENTS: N_("A plan can have at most %(months)s instalments."),
}
ON: Mapping[PlanProblem, str] = {
    PlanProblem.NOTHING_OWED: "",
    PlanProblem.RATE_MISSING: "",
    PlanProblem.SMALL_CLAIM: "instalments",
    PlanProblem.NOTHING_CHOSEN: "instalments",
    PlanProblem.TOO_FEW_INSTALMENTS: "instalments",
    PlanProblem.TOO_MANY_INSTALMENTS: "amount",
    PlanProblem.INSTALMENT_TOO_SMALL: "amount",
    PlanProblem.AMOUNT_TOO_HIGH: "amount",
    PlanProblem.DAY_NOT_OFFERED: "day",
    PlanProblem.STARTS_TOO_LATE: "day",
}
MOVES: Mapping[MoveProblem, str] = {
    MoveProblem.MOVED_BEFORE: N_("An instalment of this plan was moved before. Write to us if you need more time."),
    MoveProblem.NOT_LATER: N_("Choose a date between %(first)s and %(last)s"),
    MoveProblem.TOO_FAR: N_("Choose a date between %(first)s and %(last)s"),
}
MOVES_ON: Mapping[MoveProblem, str] = dict.fromkeys(MoveProblem, "date_day")
DECISIONS: Mapping[DecisionProblem, str] = {
    DecisionProblem.NOTHING_DECIDED: N_("Choose what you decide."),
    DecisionProblem.RATE_MISSING: N_(
        "The rate of the law is not known for every day. An admin enters it, then the sum can be fixed."
    ),
    DecisionProblem.REASON_MISSING: N_("Write the reason in words. The person reads it."),
    DecisionProblem.REASON_TOO_LONG: N_("The reason is longer than %(limit)s characters. Shorten it."),
}
DECISIONS_ON: Mapping[DecisionProblem, str] = {
    DecisionProblem.NOTHING_DECIDED: "decision",
    DecisionProblem.RATE_MISSING: "decision",
    DecisionProblem.REASON_MISSING: "reason",
    DecisionProblem.REASON_TOO_LONG: "reason",
}
STATUSES: Mapping[PlanStatus, str] = {
    PlanStatus.PROPOSED: N_("Suggestion sent"),
    PlanStatus.COUNTERED: N_("Other suggestion for you"),
    PlanStatus.AGREED: N_("Instalments running"),
    PlanStatus.LATE: N_("Instalment still open"),
    PlanStatus.DECLINED: N_("Not possible"),
    PlanStatus.WITHDRAWN: N_("Taken back"),
    PlanStatus.REPLACED: N_("Replaced by another suggestion"),
    PlanStatus.EXPIRED: N_("Ended without an answer"),
    PlanStatus.BROKEN: N_("Ended, an instalment was missing"),
    PlanStatus.KEPT: N_("All instalments paid"),
    PlanStatus.ENDED: N_("Ended"),
}
INSTALMENTS: Mapping[InstalmentState, str] = {
    InstalmentState.PAID: N_("Paid"),
    InstalmentState.LATE: N_("Still open"),
    InstalmentState.PARTLY: N_("Partly paid"),
    InstalmentState.NEXT: N_("Next"),
    InstalmentState.COMING: N_("Later"),
}
TINTS: Mapping[InstalmentState, str] = {InstalmentState.PAID: "good", InstalmentState.LATE: "wait"}

LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    PlanProblem: PROBLEMS,
    MoveProblem: MOVES,
    DecisionProblem: DECISIONS,
    PlanStatus: STATUSES,
    InstalmentState: INSTALMENTS,
}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {PlanProblem: ON, MoveProblem: MOVES_ON, DecisionProblem: DECISIONS_ON}

AGREED = N_(
    "Your plan is agreed. You pay %(amount)s on the %(day)s of each month, from %(first)s to %(last)s. As long as you "
    "keep to it, we take no other step."
)
AGREED_MONTH_END = N_(
    "Your plan is agreed. You pay %(amount)s on the last day of each month, from %(first)s to %(last)s. As long as you "
    "keep to it, we take no other step."
)
AGREED_ONCE = N_("Your plan is agreed. You pay %(amount)s on %(day)s. Until then we take no other step.")
LAST_ONE = N_("The last instalment is %(amount)s.")
WAITING = N_("We have your suggestion. %(name)s will answer by %(day)s. Until then the case is paused.")
COUNTER = N_(
    "We cannot offer %(asked)s instalments. We can offer %(count)s instalments of %(amount)s."
)
COUNTER_ONCE = N_("We cannot offer %(asked)s instalments. We can offer that you pay %(amount)s on %(day)s.")
IS_IT_POSSIBLE = N_("Is that possible for you? If not, tell us what is.")
ANSWER_BY = N_("Our offer is open until %(day)s. Until then the case is paused.")
LATER_YES = N_("If you say yes only after %(day)s, the dates move and the amounts stay.")
DECLINED = N_("%(name)s cannot offer these instalments. The reason: %(reason)s")
RESTS_ON = N_("The case stays paused until %(day)s. You can suggest something else at any time.")
MISSED = N_(
    "The instalment of %(amount)s due on %(due)s has not arrived yet. Has something come up? You can move it once, to "
    "%(latest)s at the latest."
)
MISSED_MOVED = N_(
    "The instalment of %(amount)s due on %(due)s has not arrived yet. Has something come up? Write to us or call us."
)


def agreed(code: str, instalments: Sequence[Instalment], day: str) -> str:
    """What the debtor reads when a plan counts, in this language."""
    first, last = instalments[0], instalments[-1]
    if len(instalments) == 1:
        return gettext_in(code, AGREED_ONCE, amount=money(first.amount), day=weekday(first.due, code))
    months = {"first": month(first.due, code), "last": month(last.due, code)}
    if day == "last":
        told = gettext_in(code, AGREED_MONTH_END, amount=money(first.amount), **months)
    else:
        told = gettext_in(code, AGREED, amount=money(first.amount), day=nth(int(day), code), **months)
    return told + _last_one(code, instalments)


def countered(code: str, instalments: Sequence[Instalment], *, asked: int, until: date) -> str:
    """What the debtor reads when other instalments are offered, in this language: two paragraphs, the question last."""
    first = instalments[0]
    if len(instalments) == 1:
        told = gettext_in(
            code, COUNTER_ONCE, asked=asked, amount=money(first.amount), day=weekday(first.due, code)
        )
    else:
        told = gettext_in(code, COUNTER, asked=asked, count=len(instalments), amount=money(first.amount))
    then = [gettext_in(code, ANSWER_BY, day=weekday(until, code))]
    if first.due <= until:
        then.append(gettext_in(code, LATER_YES, day=weekday(first.due - timedelta(days=1), code)))
    then.append(gettext_in(code, IS_IT_POSSIBLE))
    return told + _last_one(code, instalments) + "\n\n" + " ".join(then)


def declined(code: str, name: str, reason: str, until: date) -> str:
    """What the debtor reads when the answer is no, in this language."""
    no = gettext_in(code, DECLINED, name=name, reason=reason.strip())
    return no + "\n\n" + gettext_in(code, RESTS_ON, day=weekday(until, code))


def missed(code: str, instalment: Instalment, rest: Money, *, latest: date | None) -> str:
    """What the debtor reads when an instalment is late; `latest` is None when one was moved before."""
    values = {"amount": money(rest), "due": weekday(instalment.due, code)}
    if latest is None:
        return gettext_in(code, MISSED_MOVED, **values)
    return gettext_in(code, MISSED, latest=weekday(latest, code), **values)


def nth(number: int, code: str) -> str:
    """A day of the month as it is said: 1st, 1., 1er, 1°."""
    if code == "de":
        return f"{number}."
    if number == 1 and code in ("fr", "it"):
        return "1er" if code == "fr" else "1°"
    if code in ("fr", "it"):
        return str(number)
    ending = "th" if 11 <= number <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _last_one(code: str, instalments: Sequence[Instalment]) -> str:
    """A sentence of its own where the last instalment is another sum."""
    if instalments[-1].amount == instalments[0].amount:
        return ""
    return " " + gettext_in(code, LAST_ONE, amount=money(instalments[-1].amount))

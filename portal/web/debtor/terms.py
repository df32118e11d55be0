"""What did a debtor type about instalments, and what stands against it?"""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import StringField

from portal.actions import plans as actions
from portal.rules import plans as rules
from portal.rules.dates import DayOfMonth
from portal.rules.money import Money, parse_amount
from portal.rules.plans import PlanProblem, PlanTerms
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.web.forms import AmountField, DecidingForm, Form
from portal.web.i18n import N_, digits, money
from portal.web.labels import plans as words
from portal.web.login import creditor
from portal.web.parts import today
from portal.web.transaction import db

OTHER, LATER, NOTHING = "other", "later", "nothing"
DAYS = ("1", "10", "25", "last")
USUAL_DAY = "25"


class ChooseForm(Form):
    """How would you like to pay: a number of instalments, or one of the other ways."""

    instalments = StringField(N_("How would you like to pay?"))
    amount = AmountField()
    day = StringField()


class OtherForm(Form):
    """Another monthly amount, or another number of instalments, and the day."""

    amount = AmountField(N_("Amount a month"))
    instalments = StringField(N_("Or: number of instalments"))
    day = StringField(N_("Day of the month"))
    other_day = StringField(N_("Another day, 1 to 28"))


class CheckForm(DecidingForm):
    """The same terms once more, on the page that shows every date."""

    instalments = StringField()
    amount = AmountField()
    day = StringField()


def terms_of(number: str, amount: str, day: str, currency: str) -> PlanTerms:
    """What was typed; what can't be read becomes a value that the rules refuse with their own sentence."""
    count = None
    if number.strip():
        count = int(number) if number.strip().isdecimal() and len(number.strip()) <= 3 else 0
    minor = parse_amount(amount, currency=currency) if amount.strip() else None
    money_a_month = Money(minor or 0, currency) if amount.strip() else None
    chosen: DayOfMonth = "last" if day == "last" else int(day) if day.isdecimal() and len(day) <= 2 else 0
    return PlanTerms(count, money_a_month, chosen)


def refused(claim: Claim, form: OtherForm, terms: PlanTerms) -> bool:
    """Put what stands against these terms on the fields of the form; True if something does."""
    covered = actions.covered_sum(claim_sum(db(), claim, on=today()))
    found = rules.problems(terms, covered, actions.policy_of(creditor(), claim.currency), today())
    if not found:
        return False
    by_count = terms.amount is None or terms.instalments is not None
    fields = {**words.ON}
    if by_count:
        fields[PlanProblem.TOO_MANY_INSTALMENTS] = fields[PlanProblem.INSTALMENT_TOO_SMALL] = "instalments"
    return form.refuse(found, words.BY_COUNT if by_count else words.PROBLEMS, fields, **limits(claim, covered))


def limits(claim: Claim, covered: Money) -> dict[str, str]:
    """The figures that the sentences name, as they are written."""
    policy = actions.policy_of(creditor(), claim.currency)
    fifty = Money(5_000, claim.currency)
    if not covered.is_positive:
        covered = policy.min_instalment
    least, most = rules.amount_limits(covered, policy)
    example = fifty if least <= fifty <= most else least
    whole = digits(example.minor, claim.currency)
    return {
        "least": money(least),
        "most": money(most),
        "example": whole.removesuffix(".00"),
        "months": str(policy.max_instalments),
        "days": str(policy.latest_start_in_days),
        "small": money(policy.small_claim),
    }


def prefilled(given: Mapping[str, str]) -> OtherForm:
    """The form with the terms that are in the address."""
    day = given.get("day") or USUAL_DAY
    return OtherForm(
        formdata=None,
        data={
            "amount": given.get("amount", ""),
            "instalments": given.get("instalments", ""),
            "day": day if day in DAYS else "",
            "other_day": "" if day in DAYS else day,
        },
    )

"""What a claim consists of, how it may move, and in which one word people see where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.rules.history import EventKind


class ClaimStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    HANDED_OVER = "handed_over"


#: Every move a claim may make (`decisions.md` 27), and the event that records it.
MOVES: dict[tuple[ClaimStatus | None, ClaimStatus], EventKind] = {
    (None, ClaimStatus.DRAFT): EventKind.CLAIM_DRAFTED,
    (None, ClaimStatus.OPEN): EventKind.CLAIM_OPENED,
    (ClaimStatus.DRAFT, ClaimStatus.OPEN): EventKind.CLAIM_OPENED,
    (ClaimStatus.OPEN, ClaimStatus.SETTLED): EventKind.CLAIM_SETTLED,
    (ClaimStatus.OPEN, ClaimStatus.WITHDRAWN): EventKind.CLAIM_WITHDRAWN,
    (ClaimStatus.OPEN, ClaimStatus.HANDED_OVER): EventKind.CLAIM_HANDED_OVER,
    (ClaimStatus.SETTLED, ClaimStatus.OPEN): EventKind.CLAIM_REOPENED,
    (ClaimStatus.HANDED_OVER, ClaimStatus.SETTLED): EventKind.CLAIM_SETTLED,
    (ClaimStatus.HANDED_OVER, ClaimStatus.WITHDRAWN): EventKind.CLAIM_WITHDRAWN,
}


class PositionKind(StrEnum):
    """What a line of the sum is (`law.md` 1.2)."""

    PRINCIPAL = "principal"
    CONTRACT_INTEREST = "contract_interest"
    DEFAULT_INTEREST = "default_interest"
    REMINDER_FEE = "reminder_fee"
    DAMAGE = "damage"
    AGENCY_COST = "agency_cost"
    ENFORCEMENT_COST = "enforcement_cost"
    COURT_COST = "court_cost"
    CREDIT = "credit"


INTEREST_KINDS = frozenset({PositionKind.CONTRACT_INTEREST, PositionKind.DEFAULT_INTEREST})
COST_KINDS = frozenset(
    {
        PositionKind.REMINDER_FEE,
        PositionKind.DAMAGE,
        PositionKind.AGENCY_COST,
        PositionKind.ENFORCEMENT_COST,
        PositionKind.COURT_COST,
    }
)

#: Costs first, then interest, then principal (Swiss Code of Obligations, art. 85(1)).
ALLOCATION_ORDER: tuple[PositionKind, ...] = (
    PositionKind.COURT_COST,
    PositionKind.ENFORCEMENT_COST,
    PositionKind.REMINDER_FEE,
    PositionKind.DAMAGE,
    PositionKind.AGENCY_COST,
    PositionKind.DEFAULT_INTEREST,
    PositionKind.CONTRACT_INTEREST,
    PositionKind.PRINCIPAL,
    PositionKind.CREDIT,
)


class Basis(StrEnum):
    """What a line rests on; `NONE` means that nothing is on file, and only a waiver is possible."""

    INVOICE = "invoice"
    CONTRACT = "contract"
    LAW_DEFAULT_INTEREST = "law_default_interest"
    TERMS_CLAUSE = "terms_clause"
    PROVEN_DAMAGE = "proven_damage"
    LAW_LUMP_SUM = "law_lump_sum"
    OFFICE_RECEIPT = "office_receipt"
    NONE = "none"


class Contestability(StrEnum):
    """How firm a line stands if somebody contests it (`law.md` 1.2)."""

    UNDISPUTED_BY_LAW = "undisputed_by_law"
    NEEDS_CONTRACT = "needs_contract"
    NEEDS_PROOF = "needs_proof"
    CONTESTED = "contested"


class InterestReason(StrEnum):
    """Why interest starts on its day (`law.md` 1.1)."""

    AGREED_DUE_DATE = "agreed_due_date"
    REMINDER_RECEIVED = "reminder_received"
    PAYMENT_ORDER_SERVED = "payment_order_served"
    CONTRACT = "contract"
    JUDGMENT = "judgment"


class Standing(StrEnum):
    """The one word that debtor and desk both see, in order of precedence (`decisions.md` 27)."""

    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    HANDED_OVER = "handed_over"
    ANSWER_FOR_YOU = "answer_for_you"
    CHECKING = "checking"
    PAUSED = "paused"
    STEP_ANNOUNCED = "step_announced"
    COUNTER_OFFER = "counter_offer"
    SUGGESTION_WAITING = "suggestion_waiting"
    INSTALMENT_LATE = "instalment_late"
    INSTALMENTS_RUNNING = "instalments_running"
    PAYMENT_ANNOUNCED = "payment_announced"
    PAYMENT_IN_PROGRESS = "payment_in_progress"
    DEFERRED = "deferred"
    STILL_OPEN = "still_open"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the standing is read from: nothing but plain facts of one claim."""

    status: ClaimStatus
    answer_unread: bool = False
    dispute_open: bool = False
    paused: bool = False
    step_announced_for: date | None = None
    plan_countered: bool = False
    suggestion_waiting: bool = False
    instalment_late: bool = False
    plan_running: bool = False
    payment_announced_until: date | None = None
    payment_in_progress: bool = False
    deferred_until: date | None = None


def standing(facts: Facts, today: date) -> Standing:
    """Say in one word where the claim stands on this day; the first that applies wins."""
    ended = {
        ClaimStatus.SETTLED: Standing.SETTLED,
        ClaimStatus.WITHDRAWN: Standing.WITHDRAWN,
        ClaimStatus.HANDED_OVER: Standing.HANDED_OVER,
    }
    if facts.status in ended:
        return ended[facts.status]
    applies = (
        (facts.answer_unread, Standing.ANSWER_FOR_YOU),
        (facts.dispute_open, Standing.CHECKING),
        (facts.paused, Standing.PAUSED),
        (facts.step_announced_for is not None, Standing.STEP_ANNOUNCED),
        (facts.plan_countered, Standing.COUNTER_OFFER),
        (facts.suggestion_waiting, Standing.SUGGESTION_WAITING),
        (facts.instalment_late, Standing.INSTALMENT_LATE),
        (facts.plan_running, Standing.INSTALMENTS_RUNNING),
        (_not_over(facts.payment_announced_until, today), Standing.PAYMENT_ANNOUNCED),
        (facts.payment_in_progress, Standing.PAYMENT_IN_PROGRESS),
        (_not_over(facts.deferred_until, today), Standing.DEFERRED),
    )
    return next((word for holds, word in applies if holds), Standing.STILL_OPEN)


#: What room 1 may know of the standing: that it is paused, that something is agreed, or that it is open.
LETTER_STANDING: dict[Standing, Standing] = {
    Standing.ANSWER_FOR_YOU: Standing.STILL_OPEN,
    Standing.CHECKING: Standing.PAUSED,
    Standing.PAUSED: Standing.PAUSED,
    Standing.COUNTER_OFFER: Standing.STILL_OPEN,
    Standing.SUGGESTION_WAITING: Standing.PAUSED,
    Standing.INSTALMENT_LATE: Standing.INSTALMENTS_RUNNING,
    Standing.PAYMENT_ANNOUNCED: Standing.STILL_OPEN,
    Standing.PAYMENT_IN_PROGRESS: Standing.STILL_OPEN,
    Standing.DEFERRED: Standing.INSTALMENTS_RUNNING,
}


def standing_on_the_letter(word: Standing) -> Standing:
    """Say what a person who only holds the letter may know: never a reason (`decisions.md` 1)."""
    return LETTER_STANDING.get(word, word)


#: What carries a line of this kind if its basis says nothing else.
FIRMNESS: dict[PositionKind, Contestability] = {
    PositionKind.PRINCIPAL: Contestability.NEEDS_CONTRACT,
    PositionKind.CONTRACT_INTEREST: Contestability.NEEDS_CONTRACT,
    PositionKind.DEFAULT_INTEREST: Contestability.UNDISPUTED_BY_LAW,
    PositionKind.REMINDER_FEE: Contestability.NEEDS_CONTRACT,
    PositionKind.DAMAGE: Contestability.NEEDS_PROOF,
    PositionKind.AGENCY_COST: Contestability.CONTESTED,
    PositionKind.ENFORCEMENT_COST: Contestability.NEEDS_PROOF,
    PositionKind.COURT_COST: Contestability.NEEDS_PROOF,
    PositionKind.CREDIT: Contestability.UNDISPUTED_BY_LAW,
}


def contestability(kind: PositionKind, basis: Basis) -> Contestability:
    """Say how firm a line stands: by law, if it is agreed, if it is proven, or contested before the courts."""
    if kind is PositionKind.DEFAULT_INTEREST and basis is Basis.CONTRACT:
        return Contestability.NEEDS_CONTRACT
    if basis is Basis.LAW_LUMP_SUM:
        return Contestability.UNDISPUTED_BY_LAW
    return FIRMNESS[kind]


def evidenced(kind: PositionKind, basis: Basis) -> bool:
    """Say whether a line has something to rest on; a cost without a basis can only be waived."""
    return kind not in COST_KINDS or basis is not Basis.NONE


def reference_problems(reference: str) -> bool:
    """Say whether the creditor's reference cannot stand in an address (`decisions.md` 12)."""
    head = reference[:1]
    allowed = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    return not (1 <= len(reference) <= 40 and head in allowed and set(reference) <= allowed | set("._-"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits for the creditor since when, and which day was promised."""

    since: datetime
    promised_on: date


def _not_over(day: date | None, today: date) -> bool:
    return day is not None and day >= today

"""Where do claims stand: everything that is under way on them, read in one SELECT for one claim or many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Select,
    String,
    Uuid,
    bindparam,
    cast,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy import literal_column as word
from sqlalchemy.orm import Session

from portal.rules.claims import ClaimStatus, Facts
from portal.rules.deferrals import LIVE as LIVE_DEFERRALS
from portal.rules.deferrals import DeferralStatus
from portal.rules.disputes import LIVE as LIVE_DISPUTES
from portal.rules.hardship import LIVE as LIVE_HARDSHIP
from portal.rules.pauses import SHOWN_AS_PAUSED
from portal.rules.plans import LIVE as LIVE_PLANS
from portal.rules.plans import PlanStatus
from portal.store.claims import Claim
from portal.store.database import UtcDateTime
from portal.store.deferrals import Deferral
from portal.store.disputes import Dispute, DisputeLine
from portal.store.hardship import Hardship
from portal.store.letters import Letter, LetterClaim
from portal.store.messages import Message
from portal.store.offers import HOLDS, Offer, Waiver
from portal.store.pauses import Pause, Turn
from portal.store.payments import PaymentAttempt
from portal.store.people import Clerk
from portal.store.plans import Plan, PlanInstalment

COLUMNS: dict[str, Any] = {
    "id": Uuid(),
    "status": String(),
    "word": String(),
    "from_on": Date(),
    "until_on": Date(),
    "at": UtcDateTime(),
    "minor": BigInteger(),
    "other": BigInteger(),
    "flag": Boolean(),
    "ref": Uuid(),
    "name": String(),
    "text": String(),
}
CREDITOR = bindparam("creditor_id", type_=Uuid())
CLAIMS = bindparam("claim_ids", expanding=True, type_=Uuid())
CLAIM = bindparam("claim_id", type_=Uuid())


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that is under way on a claim; what its columns mean is said where it is read (`ARMS`)."""

    kind: str
    claim_id: UUID
    id: UUID
    status: str | None
    word: str | None
    from_on: date | None
    until_on: date | None
    at: datetime | None
    minor: int | None
    other: int | None
    flag: bool | None
    ref: UUID | None
    name: str | None
    text: str | None


def _arm(kind: str, claim_id: Any, **given: Any) -> Select[Any]:
    columns: list[Any] = [word(f"'{kind}'", String()).label("kind"), claim_id.label("claim_id")]
    for name, type_ in COLUMNS.items():
        column = given.get(name)
        columns.append((cast(null(), type_) if column is None else column).label(name))
    return select(*columns)


def _own(arm: Select[Any], table: Any) -> tuple[Select[Any], Any]:
    return arm.where(table.creditor_id == CREDITOR), table.claim_id


def _is_one_of(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """The same as IN, but written out once: SQLAlchemy writes an IN anew each time it is asked."""
    return or_(*(column == value for value in sorted(values)))


def _clerk(table: Any) -> ColumnElement[bool]:
    matches: ColumnElement[bool] = (Clerk.id == table.clerk_id) & (Clerk.creditor_id == table.creditor_id)
    return matches


#: from_on: dated; until_on: the sum is fixed until; minor: that sum; ref: the offer on it.
LETTERS = _own(
    _arm(
        "letter", LetterClaim.claim_id, id=LetterClaim.letter_id, from_on=Letter.dated_on,
        until_on=LetterClaim.fixed_until, at=Letter.issued_at, minor=LetterClaim.amount_minor, ref=LetterClaim.offer_id,
    ).join(Letter, (Letter.id == LetterClaim.letter_id) & (Letter.creditor_id == LetterClaim.creditor_id)),
    LetterClaim,
)  # fmt: skip
#: at: when it ended; flag: no interest meanwhile; ref: what began it.
PAUSES = _own(
    _arm(
        "pause", Pause.claim_id, id=Pause.id, word=Pause.reason, from_on=Pause.from_on, until_on=Pause.until_on,
        at=Pause.ended_at, flag=Pause.stops_interest, ref=Pause.cause_id,
    ),
    Pause,
)  # fmt: skip
#: minor: the sum covered; other: what had been paid before; flag: suspended; at: proposed; text: the lines it covers,
#: as JSON.
PLANS = _own(
    _arm(
        "plan", Plan.claim_id, id=Plan.id, status=Plan.status, word=Plan.day, minor=Plan.covered_minor,
        other=Plan.paid_before_minor, flag=Plan.suspended, at=Plan.proposed_at, text=cast(Plan.covered, String),
    ).where(_is_one_of(Plan.status, LIVE_PLANS)),
    Plan,
)  # fmt: skip
#: id: the plan; other: which instalment; until_on: due.
INSTALMENTS = _own(
    _arm(
        "instalment", Plan.claim_id, id=Plan.id, until_on=PlanInstalment.due, minor=PlanInstalment.amount_minor,
        other=PlanInstalment.number,
    )
    .join(
        PlanInstalment,
        (PlanInstalment.plan_id == Plan.id)
        & (PlanInstalment.creditor_id == Plan.creditor_id)
        & (PlanInstalment.round == Plan.round),
    )
    .where(_is_one_of(Plan.status, LIVE_PLANS)),
    Plan,
)  # fmt: skip
DEFERRALS = _own(
    _arm(
        "deferral", Deferral.claim_id, id=Deferral.id, status=Deferral.status, until_on=Deferral.until_on,
        at=Deferral.asked_at,
    ).where(_is_one_of(Deferral.status, LIVE_DEFERRALS)),
    Deferral,
)  # fmt: skip
#: minor: to pay; other: owed when it was made; flag: printed on the letter; word: set once it was shown.
OFFERS = _own(
    _arm(
        "offer", Offer.claim_id, id=Offer.id, until_on=Offer.until_on, minor=Offer.amount_minor, other=Offer.owed_minor,
        flag=Offer.on_letter, at=Offer.shown_at, name=Clerk.name,
    )
    .join(Clerk, _clerk(Offer))
    .where(Offer.live_flag.is_(True)),
    Offer,
)  # fmt: skip
#: The days in which any offer, over or not, holds the sum.
OFFERED = _own(
    _arm("offered", Offer.claim_id, id=Offer.id, from_on=Offer.made_on, until_on=Offer.until_on).where(HOLDS), Offer
)
HARDSHIPS = _own(
    _arm(
        "hardship", Hardship.claim_id, id=Hardship.id, status=Hardship.status, until_on=Hardship.until_on,
        at=Hardship.told_at,
    ).where(_is_one_of(Hardship.status, LIVE_HARDSHIP)),
    Hardship,
)  # fmt: skip
#: word: the reason; minor: the sum that is right in the person's eyes; flag: the whole claim.
DISPUTES = _own(
    _arm(
        "dispute", Dispute.claim_id, id=Dispute.id, status=Dispute.status, word=Dispute.reason, at=Dispute.raised_at,
        minor=Dispute.amount_minor, flag=Dispute.whole, text=Dispute.text,
    ).where(_is_one_of(Dispute.status, LIVE_DISPUTES)),
    Dispute,
)  # fmt: skip
#: id: the objection; ref: the line it concerns.
DISPUTED_LINES = _own(
    _arm("disputed_line", Dispute.claim_id, id=Dispute.id, ref=DisputeLine.position_id)
    .join(DisputeLine, (DisputeLine.dispute_id == Dispute.id) & (DisputeLine.creditor_id == Dispute.creditor_id))
    .where(_is_one_of(Dispute.status, LIVE_DISPUTES)),
    Dispute,
)
ATTEMPTS = _own(
    _arm(
        "attempt", PaymentAttempt.claim_id, id=PaymentAttempt.id, status=PaymentAttempt.status,
        minor=PaymentAttempt.amount_minor, at=PaymentAttempt.expires_at, ref=PaymentAttempt.signed_in_id,
    ).where(PaymentAttempt.open_flag.is_(True)),
    PaymentAttempt,
)  # fmt: skip
#: ref: the line; word: why; name: who signed.
WAIVERS = _own(
    _arm(
        "waiver", Waiver.claim_id, id=Waiver.id, word=Waiver.note_code, minor=Waiver.amount_minor, at=Waiver.waived_at,
        ref=Waiver.position_id, name=Clerk.name,
    )
    .outerjoin(Clerk, _clerk(Waiver))
    .where(Waiver.undone_at.is_(None)),
    Waiver,
)  # fmt: skip
#: What a clerk wrote and the person has not read yet.
UNREAD = _own(
    _arm("unread", Message.claim_id, id=Message.id, at=Message.sent_at, name=Clerk.name, text=Message.text)
    .join(Clerk, _clerk(Message))
    .where(Message.kind == "message", Message.read_at.is_(None)),
    Message,
)
#: When the debtor waited for the creditor, first and last day counted.
TURNS = _own(
    _arm("turn", Turn.claim_id, id=Turn.id, from_on=Turn.from_on, until_on=Turn.until_on), Turn
)  # fmt: skip
ARMS = (
    LETTERS, PAUSES, PLANS, INSTALMENTS, DEFERRALS, OFFERS, HARDSHIPS, DISPUTES, DISPUTED_LINES, ATTEMPTS, WAIVERS,
    UNREAD, TURNS, OFFERED,
)  # fmt: skip
OF_MANY = union_all(*(arm.where(claim_id.in_(CLAIMS)) for arm, claim_id in ARMS))
OF_ONE = union_all(*(arm.where(claim_id == CLAIM) for arm, claim_id in ARMS))


@dataclass(frozen=True, slots=True)
class Matters:
    """Everything under way on one claim."""

    rows: tuple[Matter, ...] = ()

    def all(self, kind: str) -> tuple[Matter, ...]:
        return tuple(row for row in self.rows if row.kind == kind)

    def one(self, kind: str) -> Matter | None:
        return next((row for row in self.rows if row.kind == kind), None)

    @property
    def letter(self) -> Matter | None:
        """The newest letter that names the claim."""
        return max(self.all("letter"), key=_when, default=None)

    @property
    def unread(self) -> Matter | None:
        """The newest answer that the person has not read."""
        return max(self.all("unread"), key=_when, default=None)

    @property
    def disputed(self) -> frozenset[UUID]:
        return frozenset(row.ref for row in self.all("disputed_line") if row.ref is not None)

    def open_pauses(self, today: date) -> tuple[Matter, ...]:
        """The pauses that hold on this day."""
        return tuple(
            row for row in self.all("pause") if row.at is None and (row.until_on is None or row.until_on >= today)
        )

    def only(self, keep: Collection[UUID]) -> Matters:
        """The same without what room 1 must not know: only the letter, its offer, the sum's parts, and `keep`."""
        return Matters(tuple(row for row in self.rows if _on_the_letter(row) or row.id in keep))


def matters_of(session: Session, creditor_id: UUID, claim_ids: Iterable[UUID]) -> dict[UUID, Matters]:
    """What is under way on each of these claims, the oldest first; a claim without anything is there too."""
    wanted = list(claim_ids)
    found: dict[UUID, list[Matter]] = defaultdict(list)
    if wanted:
        one = len(wanted) == 1
        session.flush()  # what follows passes the session by, which would have done it
        given = {"creditor_id": creditor_id, **({"claim_id": wanted[0]} if one else {"claim_ids": wanted})}
        for row in session.connection().execute(OF_ONE if one else OF_MANY, given):
            found[row.claim_id].append(Matter(*tuple(row)))
    return {
        claim_id: Matters(tuple(sorted(found[claim_id], key=lambda row: (row.other or 0, _when(row), row.id))))
        for claim_id in wanted
    }


def facts_of(claim: Claim, matters: Matters, today: date) -> Facts:
    """The plain facts of which `rules/claims.standing` makes the one word that both sides see."""
    plan = matters.one("plan")
    state = PlanStatus(plan.status) if plan and plan.status and not plan.flag else None
    deferral = matters.one("deferral")
    waits = deferral is not None and deferral.status == DeferralStatus.PROPOSED
    return Facts(
        status=ClaimStatus(claim.status),
        answer_unread=unread_answer(claim, matters),
        dispute_open=bool(matters.all("dispute")),
        paused=any(pause.word in SHOWN_AS_PAUSED for pause in matters.open_pauses(today)),
        step_announced_for=claim.step_announced_for,
        plan_countered=state is PlanStatus.COUNTERED,
        suggestion_waiting=state is PlanStatus.PROPOSED or waits,
        instalment_late=state is PlanStatus.LATE,
        plan_running=state is PlanStatus.AGREED,
        payment_announced_until=claim.announced_until,
        payment_in_progress=matters.one("attempt") is not None,
        deferred_until=None if deferral is None or waits else deferral.until_on,
    )


def unread_answer(claim: Claim, matters: Matters) -> bool:
    """True if a person answered and the other side has not looked since."""
    answered, read = claim.answered_at, claim.debtor_read_at
    return matters.unread is not None or (answered is not None and (read is None or read < answered))


def _on_the_letter(row: Matter) -> bool:
    if row.kind == "offer":
        return bool(row.flag)
    return row.kind in {"letter", "waiver"}


def _when(row: Matter) -> float:
    return row.at.timestamp() if row.at is not None else 0.0

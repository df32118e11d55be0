"""Everything a claim's page shows, for one claim or many, in a number of SELECTs that never grows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Date, String, Uuid, bindparam, select
from sqlalchemy.orm import Session, aliased

from portal.rules.claims import ClaimStatus, Facts, Standing, standing, standing_on_the_letter
from portal.rules.history import EventKind
from portal.rules.ledger import ClaimSum, OwnRates, PostingFact
from portal.rules.pauses import PauseReason
from portal.rules.payments import AccountKind, EntryKind
from portal.store.attachments import Attachment
from portal.store.claim_sum import Rest, build_sum, rates_for
from portal.store.claims import Claim, Position
from portal.store.evidence import Evidence, evidence_on
from portal.store.ledger import Account, Entry, Posting
from portal.store.letters import Letter, LetterClaim
from portal.store.people import Absence, Clerk, Debtor
from portal.store.standing import CLAIM, CLAIMS, CREDITOR, Matters, facts_of, matters_of
from portal.store.timeline import EventRow, events_for_debtor, events_for_desk, subjects_of

#: What room 1 may see of its own doing, whatever the rest of the file says (`decisions.md` 1).
OWN_STANDINGS = frozenset(
    {
        Standing.CHECKING,
        Standing.PAUSED,
        Standing.SUGGESTION_WAITING,
        Standing.INSTALMENTS_RUNNING,
        Standing.PAYMENT_ANNOUNCED,
        Standing.DEFERRED,
    }
)


@dataclass(frozen=True, slots=True)
class Head:
    """The claim, whose it is, who answers, and whether a fact or a PIN protects the rest of the file."""

    claim: Claim
    debtor: Debtor
    clerk: Clerk
    deputy: Clerk | None

    @property
    def person(self) -> Clerk:
        """Who answers today: the clerk, or on days of absence the deputy."""
        return self.deputy or self.clerk

    @property
    def locked(self) -> bool:
        """True if something that the letter does not print opens room 2."""
        return self.debtor.fact_hash is not None or self.debtor.pin_hash is not None


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed on a claim on a day, what is under way on it, and the one word for where it stands."""

    total: ClaimSum
    matters: Matters
    facts: Facts
    standing: Standing


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """One claim as one person may see it; in room 1 everything else is left out already."""

    head: Head
    owed: Owed
    evidence: tuple[tuple[Evidence, Attachment], ...]
    events: tuple[EventRow, ...]
    whole_file: bool

    @property
    def claim(self) -> Claim:
        return self.head.claim


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: a debtor's session, in room 1 with the letters it holds."""

    creditor_id: UUID
    debtor_id: UUID
    session_id: UUID
    letters: frozenset[UUID] | None
    health: bool = False


Deputy = aliased(Clerk)
TODAY = bindparam("today", type_=Date())
REFERENCE = bindparam("reference", type_=String())
AT_DESK = (
    select(Claim, Debtor, Clerk, Deputy)
    .join(Debtor, (Debtor.id == Claim.debtor_id) & (Debtor.creditor_id == Claim.creditor_id))
    .join(Clerk, (Clerk.id == Claim.clerk_id) & (Clerk.creditor_id == Claim.creditor_id))
    .outerjoin(
        Absence,
        (Absence.clerk_id == Clerk.id)
        & (Absence.creditor_id == Clerk.creditor_id)
        & (Absence.from_on <= TODAY)
        & (Absence.until_on >= TODAY),
    )
    .outerjoin(Deputy, (Deputy.id == Absence.deputy_id) & (Deputy.creditor_id == Absence.creditor_id))
    .where(Claim.creditor_id == CREDITOR, Claim.reference == REFERENCE, Claim.undone_at.is_(None))
    .order_by(Absence.until_on.desc())
    .limit(1)
)
FOR_FILE = AT_DESK.where(
    Claim.debtor_id == bindparam("debtor_id", type_=Uuid()), Claim.status != ClaimStatus.DRAFT.value
)
FOR_LETTER = FOR_FILE.where(
    Claim.id.in_(
        select(LetterClaim.claim_id).where(
            LetterClaim.creditor_id == CREDITOR,
            LetterClaim.letter_id.in_(bindparam("letters", expanding=True, type_=Uuid())),
        )
    )
)
ALL_POSITIONS = select(Position).where(Position.creditor_id == CREDITOR).order_by(Position.number)
POSITIONS = ALL_POSITIONS.where(Position.claim_id.in_(CLAIMS))
POSITIONS_OF_ONE = ALL_POSITIONS.where(Position.claim_id == CLAIM)
ALL_POSTINGS = (
    select(Account.claim_id, Account.position_id, Entry.kind, Entry.effective_on, Posting.amount_minor)
    .join(Account, Account.id == Posting.account_id)
    .join(Entry, (Entry.creditor_id == Posting.creditor_id) & (Entry.id == Posting.entry_id))
    .where(Account.creditor_id == CREDITOR, Account.kind == AccountKind.RECEIVABLE.value)
    .order_by(Entry.seq, Posting.line)
)
POSTINGS = ALL_POSTINGS.where(Account.claim_id.in_(CLAIMS))
POSTINGS_OF_ONE = ALL_POSTINGS.where(Account.claim_id == CLAIM)


def for_debtor(session: Session, reader: Reader, reference: str, *, today: date) -> ClaimPage | None:
    """The debtor's own claim with this reference, cut to the room that is open; None if it is not theirs to see."""
    given = {"creditor_id": reader.creditor_id, "debtor_id": reader.debtor_id, "reference": reference, "today": today}
    if reader.letters is None:
        row = session.execute(FOR_FILE, given).first()
    else:
        row = session.execute(FOR_LETTER, {**given, "letters": list(reader.letters)}).first()
    if row is None:
        return None
    head = Head(*row)
    whole = reader.letters is None
    events = events_for_debtor(
        session, reader.creditor_id, head.claim.id, only_letter_and_session=None if whole else reader.session_id
    )
    owed = owed_on(session, [head.claim], today=today)[head.claim.id]
    if not whole:
        owed = _as_on_the_letter(head.claim, owed, events, reader, today)
    evidence = evidence_on(session, reader.creditor_id, head.claim.id, with_letter_only=not whole)
    return ClaimPage(head, owed, () if reader.health and not whole else tuple(evidence), tuple(events), whole)


def at_desk(session: Session, creditor_id: UUID, reference: str, *, today: date) -> ClaimPage | None:
    """The claim with this reference of this firm, with everything on it; the newest event first."""
    row = session.execute(AT_DESK, {"creditor_id": creditor_id, "reference": reference, "today": today}).first()
    if row is None:
        return None
    head = Head(*row)
    owed = owed_on(session, [head.claim], today=today)[head.claim.id]
    evidence = evidence_on(session, creditor_id, head.claim.id)
    return ClaimPage(head, owed, tuple(evidence), tuple(events_for_desk(session, creditor_id, head.claim.id)), True)


def owed_on(session: Session, claims: Sequence[Claim], *, today: date) -> dict[UUID, Owed]:
    """What is owed on each of these claims and where each stands: three SELECTs, however many claims."""
    if not claims:
        return {}
    creditor_id, ids = claims[0].creditor_id, [claim.id for claim in claims]
    one = len(ids) == 1
    given = {"creditor_id": creditor_id, **({"claim_id": ids[0]} if one else {"claim_ids": ids})}
    matters = matters_of(session, creditor_id, ids)
    positions: dict[UUID, list[Position]] = defaultdict(list)
    for position in session.scalars(POSITIONS_OF_ONE if one else POSITIONS, given):
        positions[position.claim_id].append(position)
    postings: dict[UUID, list[PostingFact]] = defaultdict(list)
    for row in session.connection().execute(POSTINGS_OF_ONE if one else POSTINGS, given):
        fact = PostingFact(row.position_id, EntryKind(row.kind), row.effective_on, int(row.amount_minor))
        postings[row.claim_id].append(fact)
    rates = rates_for(session, creditor_id, [position for lines in positions.values() for position in lines])
    return {
        claim.id: _owed(claim, positions[claim.id], postings[claim.id], matters[claim.id], rates, today)
        for claim in claims
    }


def standing_of(claim: Claim, owed: Owed, *, whole_file: bool) -> Standing:
    """The word for a list of claims, which in room 1 never gives a reason."""
    return owed.standing if whole_file else standing_on_the_letter(owed.standing)


def evidence_missing(page: ClaimPage) -> bool:
    """True if the claim rests because its invoice copy is not here yet."""
    asked = any(event.kind is EventKind.EVIDENCE_MISSING for event in page.events)
    rests = any(row.word == PauseReason.EVIDENCE_MISSING and row.at is None for row in page.owed.matters.all("pause"))
    return not page.evidence and (asked or rests)


def _owed(
    claim: Claim,
    positions: Sequence[Position],
    postings: Sequence[PostingFact],
    matters: Matters,
    rates: OwnRates,
    today: date,
) -> Owed:
    facts = facts_of(claim, matters, today)
    resting = [(row, True) for row in matters.all("pause") if row.flag] + [(row, False) for row in matters.all("turn")]
    resting += [(row, True) for row in matters.all("offered")]
    rests = [Rest(row.from_on, row.until_on, agreed) for row, agreed in resting if row.from_on is not None]
    total = build_sum(claim, positions, postings, rests, matters.disputed, _letter(matters), on=today, rates=rates)
    return Owed(total, matters, facts, standing(facts, today))


def _letter(matters: Matters) -> tuple[Letter, LetterClaim] | None:
    row = matters.letter
    if row is None:
        return None
    return Letter(dated_on=row.from_on), LetterClaim(fixed_until=row.until_on)


def _as_on_the_letter(
    claim: Claim, owed: Owed, events: Sequence[EventRow], reader: Reader, today: date
) -> Owed:
    """Only what the letter says and what this very session did; the standing without any reason."""
    kept = owed.matters.only(subjects_of(events, reader.session_id))
    facts = replace(facts_of(claim, kept, today), answer_unread=False)
    told = any(event.kind is EventKind.PAYMENT_TOLD for event in events)
    own = standing(facts, today)
    if own not in OWN_STANDINGS or (own is Standing.PAYMENT_ANNOUNCED and not told):
        own = standing_on_the_letter(owed.standing)
    lines = tuple(replace(line, disputed=line.position.id in kept.disputed) for line in owed.total.lines)
    return Owed(ClaimSum(lines, owed.total.currency), kept, facts, own)


def file_for_debtor(session: Session, reader: Reader, attachment_id: UUID) -> Attachment | None:
    """A file that stands in this person's own file: what they sent, and what the desk sent them."""
    return session.scalar(
        select(Attachment)
        .join(Claim, (Claim.id == Attachment.claim_id) & (Claim.creditor_id == Attachment.creditor_id))
        .where(
            Attachment.creditor_id == reader.creditor_id,
            Attachment.id == attachment_id,
            Attachment.purpose.in_(("message", "dispute", "hardship")),
            Claim.debtor_id == reader.debtor_id,
            Claim.undone_at.is_(None),
        )
    )

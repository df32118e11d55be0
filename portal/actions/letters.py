"""What happens when a letter goes out, is replaced, or is called back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.actions import codes as letter_codes
from portal.actions.history import record
from portal.actions.ledger import Cause, post_interest
from portal.gateways.hashing import CodeHasher, HashedCode
from portal.rules.access import CODE_LIFE, CODE_OVERLAP
from portal.rules.history import Actor, EventKind
from portal.rules.interest import RateMissing
from portal.rules.letter_code import Code, make_code
from portal.rules.letters import LetterKind, RevokeReason, pay_by
from portal.rules.money import Money
from portal.rules.payments import CauseType
from portal.store import claims as claim_rows
from portal.store.access import LetterCode, code_by_lookup, codes_of_debtor
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.letters import Letter, LetterClaim, claims_named, last_letter
from portal.store.people import Debtor
from portal.store.settings import Creditor


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code made and hashed before the transaction begins, because hashing takes its time."""

    code: Code
    hashed: HashedCode


def new_code(codes: CodeHasher) -> NewCode:
    """A code that no letter carries yet."""
    code = make_code(secrets.randbelow)
    return NewCode(code, codes.hash(code.lookup, code.secret))


def issue_letter(
    session: Session,
    creditor: Creditor,
    debtor: Debtor,
    claims: Sequence[Claim],
    kind: LetterKind,
    language: str,
    *,
    codes: CodeHasher,
    actor: Actor,
    now: datetime,
    today: date,
    letter_id: UUID | None = None,
    op: UUID | None = None,
    offers: Mapping[UUID, UUID] | None = None,
    made: NewCode | None = None,
) -> tuple[Letter, Code]:
    """A letter names these claims, fixes their sums until its date, and has a code that exists only in the answer.

    A reissued letter replaces the codes of earlier letters about the same claims: at its first use, else in 14 days.
    `offers` are printed on the letter, by claim; `made` saves the hashing inside the transaction. Raises `RateMissing`
    if a sum to fix has interest whose rate nobody knows yet: what a letter fixes is never guessed.
    """
    locked = claim_rows.lock_all(session, creditor.id, {claim.id for claim in claims})
    made = _free(session, made, codes)
    letter = Letter(
        id=letter_id or uuid4(),
        creditor_id=creditor.id,
        debtor_id=debtor.id,
        kind=kind.value,
        language=language,
        dated_on=_dated_on(session, locked, kind, today),
        pay_by=min(pay_by(claim.pay_by, today) for claim in locked),
        issued_at=now,
        op=op,
    )
    session.add(letter)
    session.flush()
    if kind is LetterKind.REISSUE:
        _replace_codes(session, letter, frozenset(claim.id for claim in locked), now=now)
    for claim in locked:
        _name(session, letter, claim, (offers or {}).get(claim.id), actor=actor, now=now, today=today)
    session.add(_row(letter, made, now))
    session.flush()
    return letter, made.code


def revoke_letter(session: Session, code: LetterCode, reason: RevokeReason, *, actor: Actor, now: datetime) -> None:
    """The letter's code is dead at once, and everybody who came in with it is out; the desk sees it."""
    named = claims_named(session, code.creditor_id, frozenset({code.letter_id}))
    for claim in claim_rows.lock_all(session, code.creditor_id, set(named)):
        record(
            session, claim, EventKind.LETTER_REVOKED, actor=actor, now=now, subject="letter",
            subject_id=code.letter_id, reason=reason,
        )  # fmt: skip
    letter_codes.retire(session, code, reason, now=now)


def revoke_codes_of(
    session: Session, creditor_id: UUID, debtor_id: UUID, reason: RevokeReason, *, actor: Actor, now: datetime
) -> None:
    """All codes this person ever got are dead at once."""
    for code in codes_of_debtor(session, creditor_id, debtor_id):
        if code.revoked_at is None:
            revoke_letter(session, code, reason, actor=actor, now=now)


def _name(
    session: Session, letter: Letter, claim: Claim, offer_id: UUID | None, *, actor: Actor, now: datetime, today: date
) -> None:
    until = pay_by(claim.pay_by, today)
    named = LetterClaim(
        letter_id=letter.id,
        claim_id=claim.id,
        creditor_id=claim.creditor_id,
        amount_minor=0,
        fixed_until=until,
        offer_id=offer_id,
    )
    session.add(named)
    session.flush()
    total = claim_sum(session, claim, on=today)
    if total.no_rate_from is not None:
        raise RateMissing(total.no_rate_from)
    named.amount_minor = total.open.minor
    cause = Cause(CauseType.SYSTEM, letter.id, f"letter {letter.id}:{claim.id}")
    post_interest(session, claim, total, cause, now=now, on=today)
    claim.pay_by = until
    record(
        session, claim, EventKind.LETTER_ISSUED, actor=actor, now=now, subject="letter", subject_id=letter.id,
        kind_of_letter=letter.kind, pay_by=until, amount=Money(total.open.minor, claim.currency),
    )  # fmt: skip


def _dated_on(session: Session, claims: Sequence[Claim], kind: LetterKind, today: date) -> date:
    """The day up to which the letter counts interest: a reissued one keeps what an earlier one promised."""
    if kind is not LetterKind.REISSUE:
        return today
    earlier = [last_letter(session, claim.creditor_id, claim.id) for claim in claims]
    days = {found[0].dated_on if found and found[1].fixed_until >= today else today for found in earlier}
    return days.pop() if len(days) == 1 else today


def _replace_codes(session: Session, letter: Letter, claim_ids: frozenset[UUID], *, now: datetime) -> None:
    for code in codes_of_debtor(session, letter.creditor_id, letter.debtor_id):
        if not claims_named(session, code.creditor_id, frozenset({code.letter_id})) & claim_ids:
            continue
        if code.superseded_at is None or code.superseded_at > now + CODE_OVERLAP:
            code.superseded_at = now + CODE_OVERLAP


def _free(session: Session, made: NewCode | None, codes: CodeHasher) -> NewCode:
    while made is None or code_by_lookup(session, made.code.lookup) is not None:
        made = new_code(codes)
    return made


def _row(letter: Letter, made: NewCode, now: datetime) -> LetterCode:
    return LetterCode(
        creditor_id=letter.creditor_id,
        letter_id=letter.id,
        debtor_id=letter.debtor_id,
        lookup=made.code.lookup,
        salt=made.hashed.salt,
        hash=made.hashed.hash,
        kdf=made.hashed.kdf,
        kid=made.hashed.kid,
        issued_at=now,
        expires_at=now + CODE_LIFE,
    )

"""What happens when letters go out together: who gets one, who doesn't and why, and each letter's own transaction."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions.letters import NewCode, issue_letter, new_code, revoke_letter
from portal.gateways.hashing import CodeHasher
from portal.rules.claims import ClaimStatus, standing
from portal.rules.history import Actor
from portal.rules.interest import RateMissing
from portal.rules.letter_code import Code
from portal.rules.letters import Hindrance, LetterFacts, LetterKind, RevokeReason, hindrance, unprintable
from portal.store.access import code_of_letter
from portal.store.claims import Claim, lock_all
from portal.store.database import Database
from portal.store.import_evidence import without_documents
from portal.store.imports import positions_of_all
from portal.store.letters import Letter, Wanted, claims_to_write, last_standing, sums_fixed
from portal.store.people import Debtor, debtor_by_id
from portal.store.settings import Creditor, creditor_by_id, currencies_of
from portal.store.standing import Matters, facts_of, matters_of

#: So many claims are looked at together.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Recipient:
    """One letter of a run: a person and the claims in one currency that the letter names."""

    debtor_id: UUID
    name: str
    country: str
    postcode: str
    street: str
    town: str
    language: str
    currency: str
    reminder: bool
    claims: tuple[tuple[UUID, str], ...]
    invoiced: tuple[date, ...]

    @property
    def references(self) -> str:
        return ", ".join(reference for _, reference in self.claims)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A claim that gets no letter; `what` is the text with a sign that can't be printed, or the day without a rate."""

    reference: str
    name: str
    why: Hindrance
    what: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """Who gets a letter today, in the order of the addresses, and which claims get none."""

    recipients: tuple[Recipient, ...]
    held: tuple[HeldBack, ...]


#: Everything that a letter prints, made inside the transaction that issued it.
Write = Callable[[Session, Creditor, Letter, Code, Debtor, Sequence[Claim]], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Written:
    """One issued letter with what it prints; the code exists nowhere else."""

    letter_id: UUID
    recipient: Recipient
    data: dict[str, object]


def survey(
    session: Session, creditor: Creditor, *, today: date, wanted: Wanted | None = None, limit: int | None = None
) -> Survey:
    """Every wanted claim, so many at most, is looked at once; nothing is written."""
    wanted = wanted or Wanted()
    currencies = set(currencies_of(session, creditor.id))
    ready: dict[tuple[UUID, str], Recipient] = {}
    held: list[HeldBack] = []
    for found in _batches(claims_to_write(session, creditor.id, wanted, limit)):
        ids = [claim.id for claim, _ in found]
        matters, last = matters_of(session, creditor.id, ids), last_standing(session, creditor.id, ids)
        lines, bare = positions_of_all(session, creditor.id, ids), without_documents(session, creditor.id, ids)
        for claim, person in found:
            labels = [line.label for line in lines.get(claim.id, ())]
            facts = _facts(claim, person, matters[claim.id], last.get(claim.id), currencies, today, labels)
            facts = replace(facts, documents_missing=claim.id in bare)
            why = hindrance(facts, today)
            if why is None:
                key = (person.id, claim.currency)
                ready[key] = _recipient(claim, person, ready.get(key), reminder=claim.id in last)
            elif claim.status == ClaimStatus.OPEN or wanted.named:
                what = unprintable(facts.texts) if why is Hindrance.SIGNS else None
                held.append(HeldBack(claim.reference, person.name, why, what or ""))
    return Survey(tuple(sorted(ready.values(), key=_place)), tuple(held))


def issue_all(
    database: Database,
    creditor_id: UUID,
    recipients: Iterable[Recipient],
    write: Write,
    *,
    codes: CodeHasher,
    actor: Actor,
    now: datetime,
    today: date,
    note: Callable[[Session, Letter], None] | None = None,
    kind: LetterKind | None = None,
    new: Callable[[], NewCode] | None = None,
) -> Iterator[Written | HeldBack]:
    """One letter after the other is issued in a transaction of its own, so that nobody waits for a whole run.

    What changed since the survey holds a letter back. `note` writes what belongs to the letter into its transaction;
    without a `kind` a letter is the first or a reminder; `new` makes the codes where they are made in turns.
    """
    for recipient in recipients:
        made = new() if new is not None else new_code(codes)
        try:
            with database.writing() as session:
                creditor = creditor_by_id(session, creditor_id)
                claims = _unhindered(session, creditor, recipient, today)
                person = debtor_by_id(session, creditor_id, recipient.debtor_id)
                if person is None:
                    raise LookupError("a claim without its debtor")
                letter, code = _issue(
                    session, creditor, person, recipient, claims, made, codes, actor, now, today, kind
                )
                if note is not None:
                    note(session, letter)
                written = Written(letter.id, recipient, write(session, creditor, letter, code, person, claims))
        except _Held as held:
            yield held.back
            continue
        yield written


class _Held(Exception):
    """Nothing of this letter is kept."""

    def __init__(self, back: HeldBack) -> None:
        super().__init__(back.why)
        self.back = back


def _issue(
    session: Session, creditor: Creditor, person: Debtor, recipient: Recipient, claims: list[Claim], made: NewCode,
    codes: CodeHasher, actor: Actor, now: datetime, today: date, kind: LetterKind | None,
) -> tuple[Letter, Code]:  # fmt: skip
    """The letter is issued; _Held where a sum can't be counted or nothing is owed."""
    kind = kind or (LetterKind.REMINDER if recipient.reminder else LetterKind.FIRST)
    try:
        letter, code = issue_letter(
            session, creditor, person, claims, kind, person.language, codes=codes, actor=actor, now=now, today=today,
            made=made,
        )  # fmt: skip
    except RateMissing as unknown:
        raise _Held(HeldBack(recipient.references, person.name, Hindrance.NO_RATE, str(unknown.day))) from unknown
    fixed = sums_fixed(session, creditor.id, letter.id)
    for claim in claims:
        if fixed[claim.id] <= 0:
            raise _Held(HeldBack(claim.reference, person.name, Hindrance.NOTHING_OWED))
    return letter, code


def _unhindered(session: Session, creditor: Creditor, recipient: Recipient, today: date) -> list[Claim]:
    """The letter's claims under their locks, all checks made again; _Held where one is not green any more."""
    claims = lock_all(session, creditor.id, {claim_id for claim_id, _ in recipient.claims})
    named = Wanted(references=tuple(claim.reference for claim in claims))
    held = survey(session, creditor, today=today, wanted=named).held
    if held:
        raise _Held(held[0])
    order = [claim_id for claim_id, _ in recipient.claims]
    return sorted(claims, key=lambda claim: order.index(claim.id))


def _facts(
    claim: Claim, person: Debtor, matters: Matters, last: date | None, currencies: set[str], today: date,
    labels: Iterable[str],
) -> LetterFacts:  # fmt: skip
    address = (person.name, person.street, person.postcode, person.town)
    texts = (*address, person.house_number, person.contact_name, claim.title, claim.invoice_number, *labels)
    return LetterFacts(
        status=ClaimStatus(claim.status),
        standing=standing(facts_of(claim, matters, today), today),
        waiting=claim.waiting_since is not None,
        letters_paused=bool(matters.open_pauses(today)),
        due_on=claim.due_on,
        last_on=last,
        documents_missing=False,
        address_unclear=person.address_unclear,
        address=address,
        texts=tuple(unicodedata.normalize("NFC", text) for text in texts),
        has_account=claim.currency in currencies,
    )


def _recipient(claim: Claim, person: Debtor, known: Recipient | None, *, reminder: bool) -> Recipient:
    """The letter with this claim on it too, the oldest invoice first."""
    if known is None:
        street = f"{person.street} {person.house_number}".strip()
        return Recipient(
            person.id, person.name, person.country, person.postcode, street, person.town, person.language,
            claim.currency, reminder, ((claim.id, claim.reference),), (claim.invoice_on,),
        )  # fmt: skip
    together = sorted(
        [*zip(known.invoiced, known.claims, strict=True), (claim.invoice_on, (claim.id, claim.reference))],
        key=lambda one: (one[0], one[1][1]),
    )
    return replace(
        known, reminder=known.reminder or reminder, claims=tuple(found for _, found in together),
        invoiced=tuple(day for day, _ in together),
    )  # fmt: skip


def _place(one: Recipient) -> tuple[str, ...]:
    """The order in which the post sorts: country, postcode, street, name."""
    return one.country, one.postcode, one.street, one.name, one.references


def _batches(found: Iterable[tuple[Claim, Debtor]]) -> Iterator[list[tuple[Claim, Debtor]]]:
    batch: list[tuple[Claim, Debtor]] = []
    for one in found:
        batch.append(one)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def call_back(
    database: Database, creditor_id: UUID, letter_ids: Collection[UUID], reason: RevokeReason, *, actor: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """The codes of these letters are dead, each in a transaction of its own; how many were alive before."""
    count = 0
    for letter_id in letter_ids:
        with database.writing() as session:
            code = code_of_letter(session, creditor_id, letter_id)
            if code is not None and code.revoked_at is None:
                revoke_letter(session, code, reason, actor=actor, now=now)
                count += 1
    return count

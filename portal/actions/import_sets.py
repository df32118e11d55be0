"""Which rows of a set are known, what do they say anew, and which claim and which debtor do they describe?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions.opening import NewClaim, NewLine
from portal.actions.people import Facts, NewDebtor, identity_of
from portal.rules.access import FactKind
from portal.rules.claims import INTEREST_KINDS, Basis, InterestReason, PositionKind
from portal.rules.import_rows import PAID_BEFORE, Light, Read, Setting
from portal.rules.imports import Column
from portal.rules.money import Money
from portal.rules.openings import OpeningProblem
from portal.rules.people import DebtorKind, identity_key, normalise_name
from portal.store.claims import Claim, Position
from portal.store.imports import (
    claims_with_references,
    debtors_at,
    debtors_with_identities,
    debtors_with_numbers,
    invoices_of,
    positions_of_all,
)
from portal.store.people import Debtor

#: A difference here is a difference about money, which is never changed by a file.
MONEY = frozenset({
    Column.PRINCIPAL, Column.CURRENCY, Column.DUE_DATE, Column.INVOICE_DATE, Column.INTEREST_FROM, Column.PAID_SO_FAR,
    Column.REMINDER_FEE, Column.COLLECTION_COST, Column.DEBTOR_KIND,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody new of a row before, as far as the next rows could mean the same."""

    id: UUID
    name: str
    customer_number: str | None
    identity: bytes
    fact_kind: str | None
    fact_hash: bytes | None


@dataclass
class Known:
    """What the database says about a set of rows: claims under their references, people under number and identity."""

    creditor_id: UUID
    claims: dict[str, Claim]
    positions: dict[UUID, list[Position]]
    debtors: dict[UUID, Debtor]
    by_number: dict[str, list[Debtor | Person]] = field(default_factory=dict)
    by_identity: dict[bytes, list[Debtor | Person]] = field(default_factory=dict)
    invoices: set[tuple[UUID, str]] = field(default_factory=set)
    identities: dict[int, bytes] = field(default_factory=dict)

    def identity(self, read: Read) -> bytes:
        """The row's name and address as people are found by them; worked out once for each line."""
        found = self.identities.get(read.line)
        if found is None and read.opening is not None:
            new = read.opening
            found = identity_key(self.creditor_id, new.name, new.street, read.house_number, new.postcode or "")
            self.identities[read.line] = found
        return found or b""

    def learn(self, debtor: Debtor | Person) -> None:
        """This person can be meant by the next row."""
        if debtor.customer_number:
            self.by_number.setdefault(debtor.customer_number, []).append(debtor)
        if debtor.identity is not None:
            self.by_identity.setdefault(debtor.identity, []).append(debtor)

    def renew(self, read: Read) -> None:
        """The claim and its debtor say what the row says, money apart; one that was taken back meanwhile does not."""
        if read.opening is None or read.opening.reference not in self.claims:
            return
        claim = self.claims[read.opening.reference]
        debtor, opening = self.debtors[claim.debtor_id], read.opening
        claim.title, claim.invoice_number = opening.title, opening.invoice_number
        claim.clerk_id = read.clerk_id or claim.clerk_id
        debtor.name, debtor.street, debtor.house_number = opening.name, opening.street, read.house_number
        debtor.postcode, debtor.town, debtor.country = opening.postcode or "", opening.town, read.country
        debtor.contact_name = opening.contact_name or debtor.contact_name
        debtor.language = read.language
        debtor.customer_number = read.customer_number or debtor.customer_number
        debtor.email, debtor.phone = read.email or debtor.email, read.phone or debtor.phone
        debtor.identity = identity_of(self.creditor_id, new_debtor(read))


@dataclass
class Seen:
    """What the rows before this one said: which line had a reference, which name a number, which invoices came."""

    references: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    invoices: set[int] = field(default_factory=set)

    def stranger(self, read: Read, known: Known) -> OpeningProblem | None:
        """A customer number that stands with another name, on file or in a row before."""
        if not read.customer_number or read.opening is None:
            return None
        name = normalise_name(read.opening.name)
        held = known.by_number.get(read.customer_number, ())
        others = any(normalise_name(debtor.name) != name for debtor in held)
        before = self.numbers.setdefault(read.customer_number, hash(name))
        return OpeningProblem.NUMBER_OF_ANOTHER if others or before != hash(name) else None

    def marked(self, read: Read, known: Known) -> Read:
        """The row with the light that says it could be an invoice that is here already."""
        if read.opening is None:
            return read
        identity = known.identity(read)
        number = read.opening.invoice_number
        held = (*known.by_number.get(read.customer_number, ()), *known.by_identity.get(identity, ()))
        key = hash((identity, number))
        alike = key in self.invoices or any((debtor.id, number) in known.invoices for debtor in held)
        self.invoices.add(key)
        return replace(read, lights=(*read.lights, Light.LOOKS_LIKE_A_DUPLICATE)) if alike else read


def look_up(
    session: Session, creditor_id: UUID, reads: Sequence[Read], before: Sequence[Person] = ()
) -> Known:  # fmt: skip
    """Everything that the database knows about these rows, in a handful of questions.

    `before` are people whom it may not know yet.
    """
    references = {read.opening.reference for read in reads if read.opening is not None}
    claims = claims_with_references(session, creditor_id, references)
    ids = {claim.id for claim in claims.values()}
    known = Known(
        creditor_id,
        claims,
        positions_of_all(session, creditor_id, ids) if ids else {},
        debtors_at(session, creditor_id, {claim.debtor_id for claim in claims.values()}) if ids else {},
    )
    fresh = [read for read in reads if read.opening is not None and read.opening.reference not in claims]
    found = debtors_with_numbers(session, creditor_id, {read.customer_number for read in fresh if read.customer_number})
    identities = {known.identity(read) for read in fresh}
    found += debtors_with_identities(session, creditor_id, identities)
    there = {debtor.id: debtor for debtor in found}
    for debtor in there.values():
        known.learn(debtor)
    for person in before:
        if person.id not in there:
            known.learn(person)
    known.invoices = invoices_of(session, creditor_id, there)
    return known


def new_debtor(read: Read) -> NewDebtor:
    """Who owes, as the row says it."""
    opening = read.opening
    if opening is None:
        raise ValueError("a refused row names nobody")
    return NewDebtor(
        kind=DebtorKind.COMPANY if opening.company else DebtorKind.PERSON,
        name=opening.name,
        contact_name=opening.contact_name,
        street=opening.street,
        house_number=read.house_number,
        postcode=opening.postcode or "",
        town=opening.town,
        language=read.language,
        country=read.country,
        customer_number=read.customer_number or None,
        fact=read.fact,
        email=read.email or None,
        phone=read.phone or None,
    )


def new_claim(read: Read, setting: Setting) -> NewClaim:
    """The claim that the row describes."""
    opening = read.opening
    if opening is None or opening.invoice_on is None or opening.due_on is None or opening.principal is None:
        raise ValueError("a refused row is no claim")
    lines = [NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, opening.principal, opening.due_on)]
    if opening.credit_typed and opening.credit is not None:
        label = PAID_BEFORE[read.language]
        lines.append(NewLine(PositionKind.CREDIT, Basis.INVOICE, -opening.credit, opening.due_on, label=label))
    if opening.rate is not None or opening.rate_by_law:
        lines.append(_interest(read, setting, opening.due_on))
    extras = (
        (PositionKind.REMINDER_FEE, opening.fee_typed, opening.fee, opening.fee_basis),
        (PositionKind.AGENCY_COST, opening.cost_typed, opening.cost, opening.cost_basis),
    )
    lines += [NewLine(kind, basis, amount, opening.due_on) for kind, typed, amount, basis in extras
              if typed and amount and basis]  # fmt: skip
    return NewClaim(
        reference=opening.reference,
        title=opening.title,
        invoice_number=opening.invoice_number,
        invoice_on=opening.invoice_on,
        due_on=opening.due_on,
        pay_by=setting.pay_by,
        currency=read.currency,
        lines=tuple(lines),
        consumer=not opening.company,
    )


def _interest(read: Read, setting: Setting, due_on: date) -> NewLine:
    opening = read.opening
    if opening is None:
        raise ValueError("a refused row has no interest")
    reason = opening.interest_reason
    by_law = opening.rate_by_law or reason not in (InterestReason.CONTRACT, InterestReason.JUDGMENT)
    table = setting.profile.rate_table(consumer=not opening.company) if opening.rate_by_law else None
    return NewLine(
        PositionKind.DEFAULT_INTEREST,
        Basis.LAW_DEFAULT_INTEREST if by_law else Basis.CONTRACT,
        Money.zero(read.currency),
        due_on,
        rate_percent=None if table else str(opening.rate),
        rate_table=table.key if table else None,
        interest_from=opening.interest_from,
        interest_reason=reason,
    )


def changed(known: Known, read: Read, columns: Mapping[Column, int], setting: Setting, facts: Facts) -> list[Column]:
    """The columns in which the row says something else than the claim under its reference."""
    opening = read.opening
    if opening is None:
        return []
    claim = known.claims[opening.reference]
    debtor, new = known.debtors[claim.debtor_id], new_claim(read, setting)
    optional = (
        (Column.LANGUAGE, debtor.language, read.language, Column.LANGUAGE in columns),
        (Column.CONTACT_NAME, debtor.contact_name, opening.contact_name, Column.CONTACT_NAME in columns),
        (Column.CUSTOMER_NUMBER, debtor.customer_number, read.customer_number, bool(read.customer_number)),
        (Column.EMAIL, debtor.email, read.email, bool(read.email)),
        (Column.PHONE, debtor.phone, read.phone, bool(read.phone)),
        (Column.CONTACT, claim.clerk_id, read.clerk_id, Column.CONTACT in columns),
    )
    pairs = (
        (Column.DEBTOR_NAME, debtor.name, opening.name),
        (Column.DEBTOR_KIND, claim.consumer, new.consumer),
        (Column.STREET, (debtor.street, debtor.house_number), (opening.street, read.house_number)),
        (Column.POSTCODE, debtor.postcode, opening.postcode),
        (Column.TOWN, debtor.town, opening.town),
        (Column.COUNTRY, debtor.country, read.country),
        (Column.TITLE, claim.title, new.title),
        (Column.INVOICE_NUMBER, claim.invoice_number, new.invoice_number),
        (Column.INVOICE_DATE, claim.invoice_on, new.invoice_on),
        (Column.DUE_DATE, claim.due_on, new.due_on),
        (Column.CURRENCY, claim.currency, new.currency),
    )  # fmt: skip
    found = [column for column, here, there in pairs if here != there]
    found += [column for column, here, there, counts in optional if counts and here != there]
    if not found or not money_only(found):
        found += _lines_differ(known.positions.get(claim.id, []), new)
    if _born_otherwise(known.creditor_id, debtor, read, facts):
        found.append(Column.BIRTH_DATE)
    return found


def money_only(differing: Sequence[Column]) -> bool:
    """Whether one of these is about money, so that nothing of the row can be taken over."""
    return not MONEY.isdisjoint(differing)


_COLUMN_OF = {
    PositionKind.PRINCIPAL.value: Column.PRINCIPAL,
    PositionKind.CREDIT.value: Column.PAID_SO_FAR,
    PositionKind.DEFAULT_INTEREST.value: Column.INTEREST_FROM,
    PositionKind.REMINDER_FEE.value: Column.REMINDER_FEE,
    PositionKind.AGENCY_COST.value: Column.COLLECTION_COST,
}


def _lines_differ(positions: Sequence[Position], new: NewClaim) -> list[Column]:
    """Lines that were added at the desk later stand behind those of the file and differ from nothing."""
    if len(positions) < len(new.lines):
        return [Column.PRINCIPAL]
    found = []
    for position, line in zip(positions, new.lines, strict=False):
        interest = line.kind in INTEREST_KINDS
        here = (position.kind, position.basis, position.claimed_minor, position.rate_percent, position.rate_table,
                position.interest_from, position.interest_reason)  # fmt: skip
        there = (
            line.kind.value, line.basis.value, line.amount.minor, line.rate_percent if interest else None,
            line.rate_table if interest else None, line.interest_from if interest else None,
            line.interest_reason.value if interest and line.interest_reason else None,
        )  # fmt: skip
        if here != there:
            found.append(_COLUMN_OF.get(line.kind.value, Column.PRINCIPAL))
    return found


def _born_otherwise(creditor_id: UUID, debtor: Debtor, read: Read, facts: Facts) -> bool:
    if read.fact is None or read.fact[0] is not FactKind.BIRTH_DATE or debtor.fact_hash is None:
        return False
    return not facts.matches(creditor_id, FactKind.BIRTH_DATE, read.fact[1], debtor.fact_hash)

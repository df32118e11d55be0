"""What happens when people appear: debtors found or added, colleagues and firms added, absences covered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid4, uuid5

from sqlalchemy.orm import Session

from portal.rules.access import FactKind, Right, Role, allowed
from portal.rules.people import (
    AbsenceProblem,
    Away,
    ClerkProblem,
    CreditorProblem,
    DebtorKind,
    absence_problems,
    clerk_problems,
    creditor_problems,
    identity_key,
    normalise_name,
)
from portal.store.people import (
    Absence,
    Clerk,
    Debtor,
    absences_from,
    clerk_by_email,
    clerks_of,
    debtors_with_identity,
    debtors_with_number,
)
from portal.store.settings import Creditor, creditor_by_slug, next_number
from portal.store.today import Task

#: The desk looks whether these are one person; nothing is ever merged by itself (`decisions.md` 10).
SAME_PERSON_TASK = "same_person"


class Facts(Protocol):
    """What hashes and compares the facts that a letter doesn't print."""

    def hash(self, creditor_id: UUID, kind: FactKind, value: str) -> bytes: ...

    def matches(self, creditor_id: UUID, kind: FactKind, value: str, stored: bytes) -> bool: ...


class Known(Protocol):
    """Somebody on file, or about to be: what tells two people of one name apart."""

    @property
    def fact_kind(self) -> Any: ...
    @property
    def fact_hash(self) -> Any: ...


Somebody = TypeVar("Somebody", bound=Known)


class Passwords(Protocol):
    def hash(self, password: str) -> str: ...


class Vault(Protocol):
    def seal(self, plain: bytes, context: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class NewDebtor:
    """Who owes, as the creditor knows it; `fact` is normalised (`rules/access.normalise_fact`)."""

    kind: DebtorKind
    name: str
    street: str
    house_number: str
    postcode: str
    town: str
    language: str
    country: str = "CH"
    canton: str = ""
    contact_name: str = ""
    salutation: str = ""
    customer_number: str | None = None
    fact: tuple[FactKind, str] | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class NewClerk:
    """A colleague to add; the password as typed, the TOTP seed in base 32."""

    name: str
    email: str
    role: Role
    password: str
    totp_seed: str
    function: str = ""
    phone: str = ""
    hours: str = ""
    language: str = "de"
    feminine: bool = True


@dataclass(frozen=True, slots=True)
class NewCreditor:
    """A firm to add."""

    slug: str
    name: str
    street: str
    postcode: str
    town: str
    phone: str
    stripe_account: str
    house_number: str = ""
    country: str = "CH"
    canton: str = ""
    language: str = "de"
    hours: str = ""
    website: str = ""
    strict: bool = False
    health: bool = False


def number_of_another(session: Session, creditor_id: UUID, new: NewDebtor) -> bool:
    """True if this customer number stands on file with another name: a typing error must not reach a stranger."""
    if not new.customer_number:
        return False
    held = debtors_with_number(session, creditor_id, new.customer_number)
    return any(normalise_name(debtor.name) != normalise_name(new.name) for debtor in held)


def find_or_create(session: Session, creditor_id: UUID, new: NewDebtor, facts: Facts, *, now: datetime) -> Debtor:
    """The debtor with this customer number, else with this name, address and birth date, else a new one.

    Where more than one could be meant a new one is added and the desk gets a task; nothing is merged.
    """
    held = debtors_with_number(session, creditor_id, new.customer_number) if new.customer_number else []
    alike = [] if new.customer_number else debtors_with_identity(session, creditor_id, identity_of(creditor_id, new))
    one, doubtful = meant(creditor_id, new, held, alike, facts)
    return one or _added(session, creditor_id, new, facts, doubtful, now=now)


def meant(
    creditor_id: UUID, new: NewDebtor, held: Sequence[Somebody], alike: Sequence[Somebody], facts: Facts
) -> tuple[Somebody | None, Sequence[Somebody]]:
    """Which of those with this customer number or this name and address is meant, or who could be.

    `held` have the number, `alike` the name and address; nobody is meant where it is not certain.
    """
    if new.customer_number:
        return (held[0], ()) if len(held) == 1 else (None, held)
    same = [debtor for debtor in alike if _same_birth_date(creditor_id, debtor, new, facts)]
    if len(same) == 1:
        return same[0], ()
    return None, same or [debtor for debtor in alike if _birth_date_unknown(debtor, new)]


def add_creditor(session: Session, new: NewCreditor) -> Creditor | list[CreditorProblem]:
    """The firm has its pages and its own number in payment references; or everything that stands against it."""
    found = creditor_problems(new.name, new.slug, taken=creditor_by_slug(session, new.slug) is not None)
    if found:
        return found
    row = Creditor(
        slug=new.slug,
        name=new.name.strip(),
        street=new.street,
        house_number=new.house_number,
        postcode=new.postcode,
        town=new.town,
        country=new.country,
        canton=new.canton,
        language=new.language,
        phone=new.phone,
        hours=new.hours,
        website=new.website,
        stripe_account=new.stripe_account,
        strict=new.strict,
        health=new.health,
        number=next_number(session),
    )
    session.add(row)
    session.flush()
    return row


def add_clerk(
    session: Session, creditor_id: UUID, new: NewClerk, *, passwords: Passwords, vault: Vault
) -> Clerk | list[ClerkProblem]:
    """The colleague can sign in with this password and the phone's six digits; or everything that stands against it."""
    email = new.email.strip().lower()
    found = clerk_problems(new.name, email, new.password, taken=clerk_by_email(session, email) is not None)
    if found:
        return found
    identity = uuid4()
    row = Clerk(
        id=identity,
        creditor_id=creditor_id,
        email=email,
        name=new.name.strip(),
        function=new.function,
        phone=new.phone,
        hours=new.hours,
        role=new.role.value,
        language=new.language,
        feminine=new.feminine,
        password_hash=passwords.hash(new.password),
        totp_seed=vault.seal(new.totp_seed.encode(), f"totp|{identity}".encode()),
    )
    session.add(row)
    session.flush()
    return row


def add_absence(
    session: Session,
    creditor_id: UUID,
    *,
    clerk_id: UUID | None,
    deputy_id: UUID | None,
    first: date | None,
    last: date | None,
    op: UUID,
    today: date,
) -> Absence | list[AbsenceProblem]:
    """The deputy answers and inherits the promises on these days; or everything that stands against it."""
    identity = uuid5(creditor_id, f"absence {op}")
    known = session.get(Absence, identity)
    if known is not None:
        return known
    staff = {clerk.id: clerk for clerk in clerks_of(session, creditor_id)}
    found = absence_problems(
        clerk_id=clerk_id if clerk_id in staff else None,
        deputy_id=deputy_id if deputy_id in staff else None,
        first=first,
        last=last,
        answerers=frozenset(clerk.id for clerk in answerers(staff.values())),
        others=tuple(
            Away(row.clerk_id, row.deputy_id, row.from_on, row.until_on)
            for row in absences_from(session, creditor_id, today)
        ),
        today=today,
    )
    if found or clerk_id is None or deputy_id is None or first is None or last is None:
        return found
    row = Absence(
        id=identity, creditor_id=creditor_id, clerk_id=clerk_id, deputy_id=deputy_id, from_on=first, until_on=last
    )
    session.add(row)
    session.flush()
    return row


def end_absence(session: Session, row: Absence, *, today: date) -> None:
    """The person is back from today on; an absence that had not begun is gone."""
    yesterday = today - timedelta(days=1)
    if row.from_on > yesterday:
        session.delete(row)
    elif row.until_on > yesterday:
        row.until_on = yesterday
    session.flush()


def answerers(staff: Iterable[Clerk]) -> list[Clerk]:
    """Those who may answer a debtor, and so may be named as contact person or deputy."""
    return [clerk for clerk in staff if clerk.active and allowed(Role(clerk.role), Right.ANSWER)]


def identity_of(creditor_id: UUID, new: NewDebtor) -> bytes:
    """The same bytes for the same name at the same address of one creditor."""
    return identity_key(creditor_id, new.name, new.street, new.house_number, new.postcode)


def _birth_date(new: NewDebtor) -> str | None:
    return new.fact[1] if new.fact is not None and new.fact[0] is FactKind.BIRTH_DATE else None


def _same_birth_date(creditor_id: UUID, debtor: Known, new: NewDebtor, facts: Facts) -> bool:
    born = _birth_date(new)
    if born is None or debtor.fact_kind != FactKind.BIRTH_DATE or debtor.fact_hash is None:
        return born is None and debtor.fact_kind != FactKind.BIRTH_DATE
    return facts.matches(creditor_id, FactKind.BIRTH_DATE, born, debtor.fact_hash)


def _birth_date_unknown(debtor: Known, new: NewDebtor) -> bool:
    return _birth_date(new) is None or debtor.fact_kind != FactKind.BIRTH_DATE


def _added(
    session: Session, creditor_id: UUID, new: NewDebtor, facts: Facts, doubtful: Sequence[Debtor], *, now: datetime
) -> Debtor:
    row = unwritten(creditor_id, new, facts)
    session.add(row)
    session.flush()
    if doubtful:
        session.add(same_person_task(creditor_id, row.id, doubtful, now=now))
        session.flush()
    return row


def unwritten(creditor_id: UUID, new: NewDebtor, facts: Facts) -> Debtor:
    """The debtor's row; no session knows it yet."""
    return Debtor(
        id=uuid4(),
        creditor_id=creditor_id,
        kind=new.kind.value,
        name=new.name,
        contact_name=new.contact_name,
        salutation=new.salutation,
        street=new.street,
        house_number=new.house_number,
        postcode=new.postcode,
        town=new.town,
        country=new.country,
        canton=new.canton,
        language=new.language,
        customer_number=new.customer_number or None,
        identity=identity_of(creditor_id, new),
        fact_kind=new.fact[0].value if new.fact else None,
        fact_hash=facts.hash(creditor_id, new.fact[0], new.fact[1]) if new.fact else None,
        email=new.email or None,
        phone=new.phone or None,
    )


def same_person_task(creditor_id: UUID, debtor_id: UUID, doubtful: Sequence[Debtor], *, now: datetime) -> Task:
    """Somebody at the desk is asked whether these are one person; no session knows the row yet."""
    return Task(
        creditor_id=creditor_id,
        kind=SAME_PERSON_TASK,
        subject_id=debtor_id,
        details={"others": [str(debtor.id) for debtor in doubtful]},
        since=now,
    )

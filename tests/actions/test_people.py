"""Is a person found again and never merged with a stranger, and is nobody away without a deputy?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions import people
from portal.actions.people import NewClerk, NewCreditor, NewDebtor
from portal.rules.access import FactKind, Role
from portal.rules.people import AbsenceProblem, ClerkProblem, CreditorProblem, DebtorKind
from portal.store.people import Absence, Clerk, Debtor, absences_from, who_answers
from portal.store.settings import Creditor
from portal.store.today import Task
from portal.web.parts import Parts
from tests.examples import ADAM, CARL, CLARA, LENA, START, TODAY, VELO

BORN = (FactKind.BIRTH_DATE, "1987-03-14")
NINA = NewDebtor(
    kind=DebtorKind.PERSON, name="Nina Graf", street="Gartenweg", house_number="3", postcode="4900",
    town="Langenthal", language="de", fact=BORN,
)  # fmt: skip


@pytest.fixture
def session(parts: Parts) -> Iterator[Session]:
    with parts.database.writing() as session:
        yield session


def _find(session: Session, parts: Parts, new: NewDebtor) -> Debtor:
    return people.find_or_create(session, VELO, new, parts.facts, now=START)


def _tasks(session: Session) -> list[Task]:
    return list(session.scalars(select(Task).where(Task.kind == people.SAME_PERSON_TASK)))


def test_the_same_name_address_and_birth_date_is_the_same_person(session: Session, parts: Parts) -> None:
    first = _find(session, parts, NINA)
    again = _find(
        session, parts, replace(NINA, name="NINA  Gräf".replace("ä", "a"), street="Gartenweg 3", house_number="")
    )
    assert again is first
    assert first.fact_hash is not None
    assert b"1987" not in first.fact_hash
    assert _tasks(session) == []


def test_another_birth_date_is_another_person(session: Session, parts: Parts) -> None:
    first = _find(session, parts, NINA)
    other = _find(session, parts, replace(NINA, fact=(FactKind.BIRTH_DATE, "2004-01-02")))
    assert other is not first
    assert _tasks(session) == []


def test_a_missing_birth_date_is_a_task_and_no_merge(session: Session, parts: Parts) -> None:
    first = _find(session, parts, NINA)
    other = _find(session, parts, replace(NINA, fact=None))
    assert other is not first
    (task,) = _tasks(session)
    assert (task.subject_id, task.details) == (other.id, {"others": [str(first.id)]})


def test_two_hits_are_a_task_and_no_merge(session: Session, parts: Parts) -> None:
    first = _find(session, parts, NINA)
    twin = _find(session, parts, replace(NINA, name="Somebody Else"))
    twin.name, twin.identity = first.name, first.identity
    session.flush()
    third = _find(session, parts, NINA)
    assert third not in (first, twin)
    assert len(_tasks(session)) == 1


def test_the_customer_number_finds_the_person_whatever_the_address(session: Session, parts: Parts) -> None:
    numbered = replace(NINA, customer_number="K-77")
    first = _find(session, parts, numbered)
    assert _find(session, parts, replace(numbered, street="Neue Strasse")) is first
    assert people.number_of_another(session, VELO, replace(numbered, name="Max Muster"))
    assert not people.number_of_another(session, VELO, numbered)


def test_a_colleague_can_be_added(session: Session, parts: Parts) -> None:
    new = NewClerk("Nora Weiss", " Nora@Example.org ", Role.AGENT, "ein langes passwort", "JBSWY3DPEHPK3PXP")
    row = people.add_clerk(session, VELO, new, passwords=parts.passwords, vault=parts.data_keys)
    assert isinstance(row, Clerk)
    assert row.email == "nora@example.org"
    assert parts.passwords.verify("ein langes passwort", row.password_hash)
    assert parts.data_keys.open(row.totp_seed, f"totp|{row.id}".encode()) == b"JBSWY3DPEHPK3PXP"
    found = people.add_clerk(session, VELO, new, passwords=parts.passwords, vault=parts.data_keys)
    assert found == [ClerkProblem.EMAIL_TAKEN]
    bad = replace(new, name=" ", email="nobody", password="kurz")
    assert people.add_clerk(session, VELO, bad, passwords=parts.passwords, vault=parts.data_keys) == [
        ClerkProblem.NAME_MISSING,
        ClerkProblem.EMAIL_UNREADABLE,
        ClerkProblem.PASSWORD_SHORT,
    ]


def test_a_firm_can_be_added(session: Session) -> None:
    new = NewCreditor("garten-rossi", "Garten Rossi", "Via Nassa", "6900", "Lugano", "091 000 00 00", "acct_x")
    row = people.add_creditor(session, new)
    assert isinstance(row, Creditor)
    assert row.number == 3
    assert people.add_creditor(session, new) == [CreditorProblem.SLUG_TAKEN]
    for slug in ("desk", "Claims", "", "-x", "a b"):
        assert people.add_creditor(session, replace(new, slug=slug)) == [CreditorProblem.SLUG_UNUSABLE]


def _away(
    session: Session,
    clerk: UUID | None,
    deputy: UUID | None,
    first: date | None,
    last: date | None,
    op: UUID | None = None,
) -> Absence | list[AbsenceProblem]:
    return people.add_absence(
        session, VELO, clerk_id=clerk, deputy_id=deputy, first=first, last=last, op=op or uuid4(), today=TODAY
    )


def test_the_deputy_answers(session: Session) -> None:
    op = uuid4()
    row = _away(session, CLARA, LENA, TODAY, TODAY + timedelta(days=5), op)
    assert isinstance(row, Absence)
    assert _away(session, CLARA, LENA, TODAY, TODAY + timedelta(days=5), op) is row
    assert who_answers(session, VELO, CLARA, TODAY).id == LENA
    people.end_absence(session, row, today=TODAY + timedelta(days=2))
    assert row.until_on == TODAY + timedelta(days=1)
    people.end_absence(session, row, today=TODAY)
    assert absences_from(session, VELO, TODAY) == []


def test_what_stands_against_an_absence(session: Session) -> None:
    first, last = TODAY, TODAY + timedelta(days=5)
    p = AbsenceProblem
    assert _away(session, None, None, None, None) == [
        p.FROM_MISSING,
        p.UNTIL_MISSING,
        p.CLERK_MISSING,
        p.DEPUTY_MISSING,
    ]
    assert _away(session, CLARA, CLARA, first, last) == [p.DEPUTY_IS_THE_SAME]
    assert _away(session, CLARA, ADAM, first, last) == [p.DEPUTY_CANNOT_ANSWER]
    assert _away(session, CLARA, CARL, first, last) == [p.DEPUTY_MISSING]
    assert _away(session, CLARA, LENA, last, first) == [p.UNTIL_BEFORE_FROM]
    assert _away(session, CLARA, LENA, first - timedelta(days=9), first - timedelta(days=1)) == [p.OVER_ALREADY]
    assert _away(session, CLARA, LENA, first, first + timedelta(days=400)) == [p.TOO_LONG]
    assert isinstance(_away(session, CLARA, LENA, first, last), Absence)
    assert _away(session, CLARA, LENA, last, last) == [p.AWAY_ALREADY]
    assert _away(session, LENA, CLARA, last, last) == [p.DEPUTY_IS_AWAY, p.DEPUTY_FOR_SOMEBODY]

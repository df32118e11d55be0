"""Does a letter fix its sums, carry a code of its own, and replace or lose it at the right moment?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.actions.access import Entered, Expired
from portal.actions.letters import issue_letter, revoke_letter
from portal.rules.history import EventKind, system
from portal.rules.letter_code import Code
from portal.rules.letters import LetterKind, RevokeReason
from portal.store.access import LetterCode
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.history import Event
from portal.store.letters import Letter, last_letter
from portal.store.people import Debtor
from portal.store.settings import Creditor
from portal.web.parts import Parts
from tests.actions.test_access import code_of, row_of, sessions_of, tries
from tests.examples import DORA, DORA_SECOND, VELO, Clock


def issues(parts: Parts, clock: Clock, kind: LetterKind = LetterKind.REISSUE, *claims: Claim) -> Code:
    with parts.database.writing() as session:
        creditor, debtor = session.get_one(Creditor, VELO), session.get_one(Debtor, DORA.debtor_id)
        named = list(claims) or [session.get_one(Claim, DORA.claim_id)]
        _, code = issue_letter(
            session, creditor, debtor, named, kind, "de", codes=parts.codes, actor=system("test"), now=clock(),
            today=clock.today,
        )  # fmt: skip
        return code


def test_a_letter_fixes_the_sum_until_its_date(parts: Parts, clock: Clock) -> None:
    issues(parts, clock)
    with parts.database.reading() as session:
        claim = session.get_one(Claim, DORA.claim_id)
        found = last_letter(session, VELO, DORA.claim_id)
        assert found is not None
        letter, named = found
        assert named.fixed_until == claim.pay_by == letter.pay_by
        for day in (clock.today, named.fixed_until):
            assert claim_sum(session, claim, on=day).open.minor == named.amount_minor
        kinds = [event.kind for event in session.scalars(select(Event).where(Event.subject_id == letter.id))]
        assert kinds == [EventKind.LETTER_ISSUED]


@pytest.mark.parametrize(("kind", "same"), [(LetterKind.REISSUE, True), (LetterKind.REMINDER, False)])
def test_a_reissued_letter_keeps_the_sum_that_was_promised(
    parts: Parts, clock: Clock, kind: LetterKind, same: bool
) -> None:
    with parts.database.reading() as session:
        before = last_letter(session, VELO, DORA.claim_id)
    issues(parts, clock, kind)
    with parts.database.reading() as session:
        after = last_letter(session, VELO, DORA.claim_id)
    assert before is not None
    assert after is not None
    assert (before[1].amount_minor == after[1].amount_minor) is same


def test_a_late_letter_leaves_two_weeks(parts: Parts, clock: Clock) -> None:
    clock.move(days=60)
    issues(parts, clock)
    with parts.database.reading() as session:
        found = last_letter(session, VELO, DORA.claim_id)
        assert found is not None
        assert (found[1].fixed_until - clock.today).days == 14


def test_the_new_code_opens_and_its_first_use_ends_the_old_one(parts: Parts, clock: Clock) -> None:
    clock.move(minutes=1)
    code = issues(parts, clock)
    assert isinstance(tries(parts, code_of(DORA), DORA.postcode), Entered)
    clock.move(minutes=1)
    assert isinstance(tries(parts, code, DORA.postcode), Entered)
    assert isinstance(tries(parts, code_of(DORA), DORA.postcode), Expired)


def test_the_old_code_ends_after_fourteen_days_even_if_the_new_one_was_lost(parts: Parts, clock: Clock) -> None:
    issues(parts, clock)
    clock.move(days=13)
    assert isinstance(tries(parts, code_of(DORA), DORA.postcode), Entered)
    clock.move(days=1)
    assert isinstance(tries(parts, code_of(DORA), DORA.postcode), Expired)


def test_a_reminder_replaces_nothing(parts: Parts, clock: Clock) -> None:
    issues(parts, clock, LetterKind.REMINDER)
    assert row_of(parts, DORA).superseded_at is None


def test_another_letter_of_the_same_person_adds_its_claims(parts: Parts, clock: Clock) -> None:
    with parts.database.reading() as session:
        second = session.get_one(Claim, DORA_SECOND.claim_id)
    code = issues(parts, clock, LetterKind.FIRST, second)
    first = tries(parts, code_of(DORA), DORA.postcode)
    assert isinstance(first, Entered)
    both = tries(parts, code, DORA.postcode, current=first.session_id)
    assert isinstance(both, Entered)
    assert set(both.references) == {DORA.reference, DORA_SECOND.reference}
    assert sum(row.ended_at is None for row in sessions_of(parts, DORA)) == 1


def test_revoking_kills_sessions_and_the_code_is_nowhere(parts: Parts, clock: Clock) -> None:
    code = issues(parts, clock)
    assert isinstance(tries(parts, code, DORA.postcode), Entered)
    with parts.database.writing() as session:
        row = session.scalars(select(LetterCode).where(LetterCode.lookup == code.lookup)).one()
        assert code.secret.encode() not in row.hash + row.salt
        revoke_letter(session, row, RevokeReason.RETURNED_POST, actor=system("test"), now=clock())
    assert all(row.ended_at for row in sessions_of(parts, DORA))
    assert tries(parts, code, DORA.postcode) is None


@pytest.mark.parametrize("kind", list(LetterKind))
def test_every_kind_has_a_code_of_its_own(parts: Parts, clock: Clock, kind: LetterKind) -> None:
    assert issues(parts, clock, kind) != issues(parts, clock, kind)
    with parts.database.reading() as session:
        assert len(session.scalars(select(Letter).where(Letter.kind == kind)).all()) >= 2

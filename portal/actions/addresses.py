"""What happens when a letter comes back, and when somebody at the desk enters the person's address anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.actions.history import record
from portal.actions.letters import revoke_codes_of, revoke_letter
from portal.actions.pauses import end_pause, pause
from portal.actions.today import finish
from portal.rules.addresses import AddressProblem, Envelope, problems_of
from portal.rules.claims import ClaimStatus
from portal.rules.history import Actor, EventKind
from portal.rules.letters import LetterTask, RevokeReason
from portal.rules.pauses import PauseReason
from portal.rules.people import identity_key
from portal.rules.transfers import Address
from portal.store.access import LetterCode
from portal.store.claims import Claim, claims_for, lock_all
from portal.store.letters import Letter, claims_of_letter
from portal.store.pauses import open_pauses
from portal.store.people import Debtor
from portal.store.today import Task, open_tasks

#: What waited for a right address and goes on with it.
LIFTED = frozenset({PauseReason.ADDRESS_UNCLEAR, PauseReason.WRONG_PERSON})
CLEARED = frozenset({LetterTask.RETURNED_POST.value, LetterTask.NOT_ME.value})


def came_back(
    session: Session, letter: Letter, code: LetterCode, person: Debtor, *, actor: Actor, now: datetime, today: date
) -> bool:
    """The address is unclear, the letter's code dead, its open claims are paused, and somebody has to look.

    False if this was known of the letter already.
    """
    if code.revoke_reason == RevokeReason.RETURNED_POST:
        return False
    named = claims_of_letter(session, letter.creditor_id, letter.id)
    claims = lock_all(session, letter.creditor_id, {claim.id for claim in named if claim.ended_on is None})
    if code.revoked_at is None:
        revoke_letter(session, code, RevokeReason.RETURNED_POST, actor=actor, now=now)
    code.revoke_reason = RevokeReason.RETURNED_POST.value  # a stranger may have had it, whatever ended it before
    person.address_unclear = True
    for claim in claims:
        held = {row.reason for row in open_pauses(session, claim.creditor_id, claim.id, today)}
        if claim.status == ClaimStatus.OPEN and PauseReason.ADDRESS_UNCLEAR not in held:
            why = PauseReason.ADDRESS_UNCLEAR
            pause(session, claim, why, cause_id=letter.id, actor=actor, now=now, today=today)
        record(session, claim, EventKind.ADDRESS_UNCLEAR, actor=actor, now=now, subject="letter", subject_id=letter.id)
    session.add(
        Task(
            creditor_id=letter.creditor_id, claim_id=claims[0].id if claims else None,
            kind=LetterTask.RETURNED_POST.value, subject_id=letter.id, details={}, since=now,
        )
    )  # fmt: skip
    session.flush()
    return True


def enter(
    session: Session, person: Debtor, to: Envelope, *, actor: Actor, now: datetime, today: date
) -> list[AddressProblem]:
    """Letters go to this address from now on, and what waited for it goes on; or everything that stands against it.

    If the address is another one the codes of all earlier letters are dead. The person's claims are locked by id.
    """
    found = problems_of(to)
    if found:
        return found
    ids = {claim.id for claim in claims_for(session, creditor_id=person.creditor_id, debtor_id=person.id)}
    claims = [claim for claim in lock_all(session, person.creditor_id, ids) if claim.ended_on is None]
    if envelope_of(person) != to:
        revoke_codes_of(session, person.creditor_id, person.id, RevokeReason.ADDRESS, actor=actor, now=now)
        _write(person, to)
        for claim in claims:
            record(session, claim, EventKind.ADDRESS_ENTERED, actor=actor, now=now)
    person.address_unclear = False
    _go_on(session, claims, actor=actor, now=now, today=today)
    _tasks_done(session, person, claims, actor=actor, now=now)
    session.flush()
    return []


def envelope_of(person: Debtor) -> Envelope:
    """The address on file."""
    lines = (person.name, person.street, person.house_number, person.postcode, person.town, person.country)
    return Envelope(Address(*lines), person.contact_name)


def _write(person: Debtor, to: Envelope) -> None:
    address = to.address
    if person.postcode != address.postcode:
        person.canton = ""
    person.name, person.contact_name = address.name, to.contact_name
    person.street, person.house_number = address.street, address.house_number
    person.postcode, person.town, person.country = address.postcode, address.town, address.country
    person.identity = identity_key(
        person.creditor_id, address.name, address.street, address.house_number, address.postcode
    )


def _go_on(session: Session, claims: Sequence[Claim], *, actor: Actor, now: datetime, today: date) -> None:
    for claim in claims:
        for row in open_pauses(session, claim.creditor_id, claim.id, today):
            if row.reason in LIFTED:
                end_pause(session, claim, row, actor=actor, now=now, today=today)


def _tasks_done(session: Session, person: Debtor, claims: Sequence[Claim], *, actor: Actor, now: datetime) -> None:
    ids = {claim.id for claim in claims}
    for task, _reference, _name in open_tasks(session, person.creditor_id):
        if task.kind in CLEARED and task.claim_id in ids:
            finish(session, task, actor=actor, now=now)

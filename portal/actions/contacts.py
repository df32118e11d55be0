"""What happens when somebody chooses how to be reached, shows that an address is hers, or wants no more e-mails."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.actions import notices
from portal.actions.history import record
from portal.actions.throttles import TooOften
from portal.gateways.contact_proofs import ContactProofs
from portal.rules.history import Actor, EventKind
from portal.rules.notices import CODE_LIFE, CODE_TRIES, CODES_A_DAY, CODES_AN_HOUR, ContactWay, NoticeKind
from portal.store import throttle
from portal.store.claims import Claim, lock
from portal.store.database import Database
from portal.store.notices import ContactCode, acted_once, last_claim_of, newest_code
from portal.store.people import Debtor, debtor_by_id

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def choose(session: Session, claim: Claim, person: Debtor, way: ContactWay, *, actor: Actor, now: datetime) -> None:
    """The person is reached this way without e-mail; an address that she had given here is forgotten."""
    if person.contact_way == way and person.email_confirmed_at is None:
        return
    lock(session, claim.creditor_id, claim.id)
    if person.email_confirmed_at is not None:
        person.email, person.email_confirmed_at = None, None
    person.contact_way = way.value
    record(session, claim, EventKind.CONTACT_CHANGED, actor=actor, now=now, way=way)


def ask_code(
    session: Session, claim: Claim, person: Debtor, address: str, *, language: str, now: datetime
) -> ContactCode:
    """A code is on its way to this address and proves it for ten minutes; raises TooOften."""
    key = hashlib.sha256(address.lower().encode()).hexdigest()
    for scope, whose, most, span in (
        ("contact", str(person.id), CODES_AN_HOUR, HOUR), ("contact-to", key, CODES_A_DAY, DAY),
    ):  # fmt: skip
        if throttle.hit(session, scope, whose, 1, now=now, until=now + span) > most:
            raise TooOften(span)
    asked = ContactCode(
        id=uuid4(), creditor_id=person.creditor_id, debtor_id=person.id, claim_id=claim.id, address=address,
        asked_at=now, expires_at=now + CODE_LIFE,
    )  # fmt: skip
    session.add(asked)
    session.flush()
    notices.to_debtor(
        session, person, NoticeKind.CODE, claim_id=claim.id, address=address, at=now, now=now, language=language,
        code_id=str(asked.id),
    )  # fmt: skip
    return asked


def confirm(
    database: Database,
    creditor_id: UUID,
    debtor_id: UUID,
    typed: str,
    *,
    proofs: ContactProofs,
    actor: Actor,
    now: datetime,
) -> bool | None:
    """True: the address is the person's, and answers are told there. False: not the code. None: it works no more.

    The try is counted before the code is compared, in a transaction of its own (`decisions.md` 4).
    """
    with database.writing() as session:
        asked = newest_code(session, creditor_id, debtor_id)
        if asked is None or not works(asked, now):
            return None
        tries = throttle.hit(session, "contact-code", str(asked.id), 1, now=now, until=asked.expires_at + DAY)
        session.expunge(asked)
    if tries > CODE_TRIES:
        return None
    if not proofs.fits(asked.id, asked.address, typed):
        return False
    with database.writing() as session:
        row = newest_code(session, creditor_id, debtor_id)
        person = debtor_by_id(session, creditor_id, debtor_id)
        if row is None or row.id != asked.id or row.used_at is not None or person is None:
            return None
        claim = lock(session, creditor_id, row.claim_id)
        row.used_at = now
        person.contact_way, person.email, person.email_confirmed_at = ContactWay.EMAIL.value, row.address, now
        record(session, claim, EventKind.CONTACT_CHANGED, actor=actor, now=now, way=ContactWay.EMAIL)
    return True


def works(asked: ContactCode, now: datetime) -> bool:
    """True while this address can still be confirmed."""
    return asked.used_at is None and now < asked.expires_at


def put_away(session: Session, person: Debtor, *, now: datetime) -> None:
    """The person is not asked again how to be reached, and hears by post as before."""
    if person.contact_put_away_at is None:
        person.contact_put_away_at = now
        session.flush()


def is_asked(session: Session, person: Debtor) -> bool:
    """True after the first thing that this person sent, until she answers, puts it away, or sends another one."""
    if person.contact_way is not None or person.contact_put_away_at is not None:
        return False
    return acted_once(session, person.creditor_id, person.id)


def stop(session: Session, person: Debtor, *, actor: Actor, now: datetime) -> None:
    """The person gets no more e-mails and hears by post again; a second time changes nothing."""
    claim = last_claim_of(session, person.creditor_id, person.id)
    if person.contact_way == ContactWay.EMAIL and claim is not None:
        choose(session, claim, person, ContactWay.POST, actor=actor, now=now)

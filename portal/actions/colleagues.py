"""What happens when an admin adds a colleague, says how one is named on letters, or hands out a new sign-in?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.actions.people import NewClerk, Vault, add_clerk
from portal.actions.today import remember
from portal.rules.access import Role
from portal.rules.people import ClerkProblem, ColleagueProblem, colleague_problems
from portal.store.access import SignedIn
from portal.store.people import Clerk, clerk_by_id
from portal.store.settings import Creditor

#: Tasks that are done already: they keep who did what to whose sign-in.
ADDED_TASK = "colleague_added"
RENEWED_TASK = "sign_in_renewed"


@dataclass(frozen=True, slots=True)
class Named:
    """How a colleague is named on letters, and what he or she may do."""

    name: str
    role: str
    function: str
    phone: str
    hours: str
    language: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in made before the transaction begins, because hashing takes its time; shown once and kept nowhere."""

    password: str
    password_hash: str
    seed: str

    def hash(self, password: str) -> str:
        """The hash that was made before."""
        return self.password_hash


def add_colleague(
    session: Session, creditor: Creditor, new: Named, email: str, made: SignIn, *, vault: Vault, by: UUID, now: datetime
) -> Clerk | list[ClerkProblem | ColleagueProblem]:
    """The colleague can sign in and, in a role that answers, be named on letters; or what stands against it."""
    found: list[ClerkProblem | ColleagueProblem] = [*_problems(creditor, new)]
    role = Role(new.role) if new.role in set(Role) else Role.AUDITOR
    with session.begin_nested() as attempt:
        added = add_clerk(
            session, creditor.id,
            NewClerk(
                name=new.name, email=email, role=role, password=made.password, totp_seed=made.seed,
                function=new.function, phone=new.phone, hours=new.hours, language=new.language,
            ),
            passwords=made, vault=vault,
        )  # fmt: skip
        if isinstance(added, list) or found:
            attempt.rollback()
            known = {problem.value for problem in found}
            more = added if isinstance(added, list) else []
            return [*found, *(problem for problem in more if problem.value not in known)]
    remember(session, creditor.id, ADDED_TASK, {"role": new.role}, by=by, now=now, subject_id=added.id)
    return added


def name_colleague(session: Session, creditor: Creditor, row: Clerk, new: Named) -> list[ColleagueProblem]:
    """Letters name the colleague like this from now on; or everything that stands against it."""
    found = _problems(creditor, new)
    if not found:
        row.name, row.function, row.phone, row.hours = new.name.strip(), new.function, new.phone, new.hours
        row.language = new.language
        session.flush()
    return found


def renew_sign_in(
    session: Session, creditor_id: UUID, clerk_id: UUID, made: SignIn, *, vault: Vault, by: UUID, now: datetime
) -> Clerk | None:
    """The colleague signs in with these from now on and is out everywhere; None for oneself and for strangers."""
    row = clerk_by_id(session, creditor_id, clerk_id)
    if row is None or not row.active or row.id == by:
        return None
    row.password_hash = made.password_hash
    row.totp_seed = vault.seal(made.seed.encode(), f"totp|{row.id}".encode())
    row.totp_last_step, row.tries, row.tries_since, row.locked_until = 0, 0, None, None
    session.execute(
        update(SignedIn)
        .where(SignedIn.creditor_id == creditor_id, SignedIn.clerk_id == clerk_id, SignedIn.ended_at.is_(None))
        .values(ended_at=now)
    )
    remember(session, creditor_id, RENEWED_TASK, {}, by=by, now=now, subject_id=row.id)
    return row


def _problems(creditor: Creditor, new: Named) -> list[ColleagueProblem]:
    return colleague_problems(
        name=new.name, role=new.role, language=new.language, phone=new.phone, firm_phone=creditor.phone
    )

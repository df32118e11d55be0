"""What happens when a creditor's account at the payment provider is opened, or looked at?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.gateways.stripe import AccountState, StripeDown, StripeGateway, StripeRefused
from portal.rules.connections import ConnectionProblem
from portal.store.connections import Connection, connection_of
from portal.store.database import Database
from portal.store.settings import Creditor, creditor_by_id
from portal.store.today import Task

#: Debtors of this firm can only transfer now, and somebody should know.
STOPPED_TASK = "card_stopped"


class AlreadyOpen(Exception):
    """Somebody else has opened the account meanwhile."""


def look(database: Database, stripe: StripeGateway, creditor_id: UUID, *, now: datetime) -> None:
    """The desk reads what the provider says of the account at this moment, or that it says nothing.

    Asked without a lock. When an account that took payments takes none any more, the desk has a task.
    """
    with database.reading() as session:
        account = creditor_by_id(session, creditor_id).stripe_account
    if not account:
        return
    found: AccountState | None = None
    problem = ""
    try:
        found = stripe.account_state(account)
    except StripeDown:
        problem = ConnectionProblem.DOWN.value
    except StripeRefused:
        problem = ConnectionProblem.CLOSED.value
    with database.writing() as session:
        _keep(session, creditor_id, account, found, problem, now=now)


def _keep(
    session: Session, creditor_id: UUID, account: str, found: AccountState | None, problem: str, *, now: datetime
) -> None:
    row = connection_of(session, creditor_id)
    took = row is not None and row.account == account and row.charges_enabled
    if row is None:
        row = Connection(
            creditor_id=creditor_id, account=account, charges_enabled=False, payouts_enabled=False,
            details_submitted=False, methods=[], due=[],
        )  # fmt: skip
        session.add(row)
    row.account, row.problem, row.checked_at = account, problem, now
    if found is not None:
        row.charges_enabled, row.payouts_enabled = found.charges_enabled, found.payouts_enabled
        row.details_submitted, row.disabled_reason = found.details_submitted, found.disabled_reason
        row.methods, row.due = sorted(found.methods), list(found.due)
    elif problem == ConnectionProblem.CLOSED:
        row.charges_enabled = row.payouts_enabled = False
        row.methods = []
    _tell(session, creditor_id, stopped=took and not row.charges_enabled, takes=row.charges_enabled, now=now)


def _tell(session: Session, creditor_id: UUID, *, stopped: bool, takes: bool, now: datetime) -> None:
    task = session.scalar(
        select(Task).where(Task.creditor_id == creditor_id, Task.kind == STOPPED_TASK, Task.done_at.is_(None))
    )
    if task is None and stopped:
        session.add(Task(creditor_id=creditor_id, kind=STOPPED_TASK, details={}, since=now))
    if task is not None and takes:
        task.done_at = now


def begin(database: Database, stripe: StripeGateway, creditor_id: UUID, *, page: str) -> str:
    """Where the creditor tells the provider what it wants to know; the firm has its account from the first time on.

    `page` is where the provider leads back to. Raises StripeDown, StripeRefused, and AlreadyOpen.
    """
    with database.reading() as session:
        firm = creditor_by_id(session, creditor_id)
        account, name, country, website = firm.stripe_account, firm.name, firm.country, firm.website
    if not account:
        account = stripe.open_account(creditor_id=creditor_id, name=name, country=country, website=website)
        with database.writing() as session:
            row = session.scalars(
                select(Creditor).where(Creditor.id == creditor_id).with_for_update(of=Creditor)
            ).one()
            if row.stripe_account not in ("", account):
                raise AlreadyOpen
            row.stripe_account = account
    return stripe.onboarding_page(account, return_url=page, refresh_url=page)

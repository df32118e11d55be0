"""What happens when a firm names the account for transfers, and a second person agrees to another one?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions.today import remember
from portal.rules.accounts import AccountProblem, AccountTerms, needs_second, problems
from portal.store.accounts import AccountChange, carries_qr_references, change_locked, waiting_changes
from portal.store.set_up import letters_out
from portal.store.settings import BankAccount, bank_account, creditor_by_id_locked
from portal.store.today import Task, open_task

WAITING_TASK = "account_waits"
CHANGED_TASK = "account_changed"


def name_account(
    session: Session, creditor_id: UUID, terms: AccountTerms, *, clerk_id: UUID, now: datetime
) -> AccountChange | BankAccount | list[AccountProblem]:
    """Transfers go there from now on; or the change waits for a second person; or everything that stands against it.

    The first account of a currency, and a correction before any letter names it, need nobody else.
    """
    creditor_by_id_locked(session, creditor_id)
    row = bank_account(session, creditor_id, terms.currency)
    found = problems(terms, qr_in_use=_qr_in_use(session, row))
    if row is not None and _terms(row) == terms:
        found.append(AccountProblem.SAME_AS_BEFORE)
    if any(one.currency == terms.currency for one in waiting_changes(session, creditor_id)):
        found.append(AccountProblem.CHANGE_WAITS)
    if found:
        return found
    if not needs_second(known=row is not None, letters=letters_out(session, creditor_id)):
        return _set(session, creditor_id, terms, asked_by=clerk_id, clerk_id=clerk_id, now=now)
    return _ask(session, creditor_id, terms, clerk_id=clerk_id, now=now)


def decide_account(
    session: Session, creditor_id: UUID, change_id: UUID, *, taken: bool, clerk_id: UUID, now: datetime
) -> AccountChange | list[AccountProblem] | None:
    """The change holds or is dropped; nobody agrees to an own request, and who asked may drop it. None: not there.

    A change that was decided already stays as it was decided.
    """
    creditor_by_id_locked(session, creditor_id)
    change = change_locked(session, creditor_id, change_id)
    if change is None or change.decided_at is not None:
        return change
    if taken and change.asked_by == clerk_id:
        return [AccountProblem.OWN_REQUEST]
    terms = AccountTerms(change.currency, change.iban, change.qr_iban, change.bic, change.sepa)
    if taken:
        held = bank_account(session, creditor_id, terms.currency)
        found = problems(terms, qr_in_use=_qr_in_use(session, held))
        if found:
            return found
        if held is not None:
            change.former_iban, change.former_qr_iban = held.iban, held.qr_iban
        _set(session, creditor_id, terms, asked_by=change.asked_by, clerk_id=clerk_id, now=now)
    change.decided_by, change.decided_at, change.taken = clerk_id, now, taken
    task = open_task(session, creditor_id, WAITING_TASK, change.id)
    if task is not None:
        task.done_at, task.done_by = now, clerk_id
    session.flush()
    return change


def _ask(session: Session, creditor_id: UUID, terms: AccountTerms, *, clerk_id: UUID, now: datetime) -> AccountChange:
    change = AccountChange(
        creditor_id=creditor_id, currency=terms.currency, iban=terms.iban, qr_iban=terms.qr_iban, bic=terms.bic,
        sepa=terms.sepa, asked_by=clerk_id, asked_at=now,
    )  # fmt: skip
    session.add(change)
    session.flush()
    session.add(Task(creditor_id=creditor_id, kind=WAITING_TASK, subject_id=change.id, details={}, since=now))
    session.flush()
    return change


def _set(
    session: Session, creditor_id: UUID, terms: AccountTerms, *, asked_by: UUID, clerk_id: UUID, now: datetime
) -> BankAccount:
    row = bank_account(session, creditor_id, terms.currency)
    before = None if row is None else row.iban
    if row is None:
        row = BankAccount(creditor_id=creditor_id, currency=terms.currency)
        session.add(row)
    row.iban, row.qr_iban, row.bic, row.sepa = terms.iban, terms.qr_iban, terms.bic, terms.sepa
    details = {"currency": terms.currency, "from": before, "to": terms.iban, "asked_by": str(asked_by)}
    remember(session, creditor_id, CHANGED_TASK, details, by=clerk_id, now=now)
    return row


def _terms(row: BankAccount) -> AccountTerms:
    return AccountTerms(row.currency, row.iban, row.qr_iban, row.bic, row.sepa)


def _qr_in_use(session: Session, row: BankAccount | None) -> bool:
    if row is None or not row.qr_iban:
        return False
    return carries_qr_references(session, row.creditor_id, row.currency)

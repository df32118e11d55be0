"""What happens each night with the truth of our own books: what breaks a rule is told, what mended itself goes (R5)."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions import findings
from portal.gateways.files import FileStore, FileUnreadable
from portal.rules.reconciliation import FindingKind, Loop, reads_file
from portal.store import ledger_checks
from portal.store.database import Database
from portal.store.reconciliation import files_kept, open_of_kind, reach
from portal.store.settings import creditors

log = logging.getLogger("portal.reconciliation")


def check_ledger(database: Database, *, now: datetime) -> int:
    """Every rule of the ledger was asked; what breaks one stands in the operator's log and at the desk; how many do."""
    with database.reading() as session:
        broken = ledger_checks.verify(session)
        firms = [creditor.id for creditor in creditors(session)]
    seen: dict[UUID, set[str]] = {firm: set() for firm in firms}
    for one in broken:
        log.error("the ledger breaks a rule: %s (%s %s)", one.rule, one.subject, one.subject_id)
        if one.creditor_id in seen:
            name = f"{one.rule}|{one.subject}|{one.subject_id}"
            seen[one.creditor_id].add(name)
            with database.writing() as session:
                findings.found(
                    session, one.creditor_id, FindingKind.LEDGER_RULE, name, minor=one.minor, currency=one.currency,
                    now=now,
                )  # fmt: skip
    for firm in firms:
        with database.writing() as session:
            _mended(session, firm, FindingKind.LEDGER_RULE, seen[firm], now=now)
            reach(session, firm, Loop.LEDGER, now)
    return len(broken)


def check_files(database: Database, files: FileStore, *, now: datetime) -> int:
    """New files, and a part of the old ones each night, were read and are what was stored; how many are not."""
    with database.reading() as session:
        known = [row for row in files_kept(session) if reads_file(row.id, received_at=row.received_at, now=now)]
    lost = 0
    for row in known:
        good = all(_readable(files, key) for key in (row.original_key, row.ready_key) if key is not None)
        with database.writing() as session:
            if good:
                findings.gone(session, row.creditor_id, FindingKind.FILE_MISSING, str(row.id), now=now)
                continue
            lost += 1
            log.error("a file that a row names can't be read: %s", row.id)
            findings.found(session, row.creditor_id, FindingKind.FILE_MISSING, str(row.id), now=now)
    return lost


def _mended(session: Session, creditor_id: UUID, kind: FindingKind, still: set[str], *, now: datetime) -> None:
    for row in open_of_kind(session, creditor_id, kind):
        if row.object_id not in still:
            findings.gone(session, creditor_id, kind, row.object_id, now=now)


def _readable(files: FileStore, key: str) -> bool:
    try:
        files.get(key)
    except FileUnreadable:
        return False
    return True

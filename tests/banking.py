"""What does a test need to hand bank files in: one firm's desk, its files, and what they left behind?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from portal.actions import bank
from portal.actions.bank import Figures, Handed
from portal.gateways.camt import read_bank_file
from portal.rules.bank import BankState
from portal.rules.history import Actor, ActorKind
from portal.rules.payments import AccountKind
from portal.store.bank import BankTransaction
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.ledger import account_id, balance
from portal.store.ledger_checks import verify
from portal.store.ledger_dump import canonical
from portal.store.today import Task
from portal.web.parts import Parts
from tests.bank_files import Paper
from tests.examples import LENA, VELO, Clock, Known

LEAD = Actor(ActorKind.CLERK, clerk_id=LENA)


@dataclass
class Desk:
    """Velo Sutter's desk with the bank's files in hand."""

    parts: Parts
    clock: Clock

    @property
    def database(self) -> Database:
        return self.parts.database

    def reference(self, known: Known) -> str:
        """The payment reference that stands on this person's QR-bill."""
        return self._claim(known).qr_reference

    def owes(self, known: Known, on: date | None = None) -> int:
        """What is open on the claim, in minor units."""
        with self.database.reading() as session:
            claim = session.get_one(Claim, known.claim_id)
            return claim_sum(session, claim, on=on or self.clock.today).open.minor

    def status(self, known: Known) -> str:
        return self._claim(known).status

    def _claim(self, known: Known) -> Claim:
        with self.database.reading() as session:
            return session.get_one(Claim, known.claim_id)

    def hands_in(self, paper: Paper, database: Database | None = None, most: int | None = None) -> Figures:
        """The file is taken and worked through."""
        to = database or self.database
        content = paper.bytes()
        handed = Handed(read_bank_file(paper.stream()), "camt.xml", hashlib.sha256(content).digest())
        file_id = bank.take_file(to, VELO, handed, now=self.clock())
        return bank.work_through(to, VELO, file_id, now=self.clock(), today=self.clock.today, most=most)

    def rows(self) -> list[BankTransaction]:
        with self.database.reading() as session:
            return list(session.scalars(select(BankTransaction).order_by(BankTransaction.identity)))

    def row(self, state: BankState) -> BankTransaction:
        (found,) = [row for row in self.rows() if row.status == state]
        return found

    def states(self) -> list[str]:
        return sorted(row.status for row in self.rows())

    def balance(self, kind: AccountKind, currency: str = "CHF") -> int:
        with self.database.reading() as session:
            return balance(session, account_id(VELO, kind, currency))

    def tasks(self) -> dict[str, Any]:
        with self.database.reading() as session:
            return {row.kind: row.details for row in session.scalars(select(Task).where(Task.done_at.is_(None)))}

    def dump(self) -> list[str]:
        """The ledger without ids and clock times; on the way it must be whole."""
        with self.database.reading() as session:
            assert verify(session) == []
            return canonical(session)

"""Which rows of tables does a set of new claims leave behind, ready to be written all at once?

What a claim, its lines and its entries are is said in `actions/opening` and `actions/ledger`; here stands the same once
more as plain rows, because a row of an object takes ten times as long. A test holds that both ways leave the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.actions.import_evidence import Papers, Stored, write_papers
from portal.actions.import_sets import Known, Person, new_claim, new_debtor
from portal.actions.ledger import INCOME
from portal.actions.opening import NewLine, payment_reference
from portal.actions.people import SAME_PERSON_TASK, Facts, meant
from portal.rules.claims import INTEREST_KINDS, MOVES, ClaimStatus, PositionKind
from portal.rules.history import INTERNAL, Actor, EventKind
from portal.rules.import_rows import Read, Setting
from portal.rules.payments import AccountKind
from portal.store.bulk import Value, add_rows, make_room, moment_text
from portal.store.imports import open_accounts
from portal.store.ledger import account_id
from portal.store.settings import BankAccount, Creditor

#: The tables in the order in which keys need each other, each with the columns of its rows.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "debtor": (
        "id", "creditor_id", "kind", "name", "contact_name", "salutation", "street", "house_number", "postcode",
        "town", "country", "canton", "language", "customer_number", "identity", "fact_kind", "fact_hash", "email",
        "phone", "address_unclear",
    ),
    "task": ("id", "creditor_id", "kind", "subject_id", "details", "since", "done_at"),
    "claim": (
        "id", "creditor_id", "debtor_id", "clerk_id", "reference", "status", "version", "currency", "title",
        "invoice_number", "invoice_on", "due_on", "pay_by", "qr_reference", "consumer", "opened_at", "touched_at",
        "undone_at", "import_id",
    ),
    "event": (
        "creditor_id", "claim_id", "at", "kind", "actor", "clerk_id", "signed_in_id", "internal", "subject",
        "subject_id", "details",
    ),
    "position": (
        "id", "creditor_id", "claim_id", "number", "kind", "label", "basis", "evidence_id", "claimed_minor", "due_on",
        "rate_percent", "rate_table", "interest_from", "interest_reason", "day_count",
    ),
    "account": ("id", "creditor_id", "kind", "claim_id", "position_id", "currency"),
    "posting": ("entry_id", "line", "creditor_id", "account_id", "amount_minor", "currency"),
    "entry": (
        "id", "creditor_id", "claim_id", "kind", "effective_on", "recorded_at", "cause_type", "cause_id", "idem_key",
    ),
}  # fmt: skip
_KIND, _BASIS, _EVIDENCE = (COLUMNS["position"].index(name) for name in ("kind", "basis", "evidence_id"))
#: What makes the ids of a claim's debtor and of a credit's entry differ from those of its lines.
_DEBTOR, _CREDITED = 0x80, 0x40
_OPENED = MOVES[(None, ClaimStatus.OPEN)]
_RECEIVABLE = AccountKind.RECEIVABLE.value
_VARIANT = {sign: f"{int(sign, 16) & 3 | 8:x}" for sign in "0123456789abcdef"}
#: The plain words of the enum members, which are looked up for every row.
_WORD: Mapping[Any, str] = {member: member.value for kind in (PositionKind, EventKind) for member in kind}


def claim_key(import_id: UUID, started_at: datetime, line: int, reference: str) -> str:
    """The id of the claim of this row, the same whenever the import goes on, as 32 hexadecimal signs.

    Ids of one import follow each other like its rows, so that the indexes of the database grow at their end.
    """
    tail = hashlib.sha256(import_id.bytes + reference.encode()).hexdigest()[:12]
    return f"{int(started_at.timestamp() * 1000):012x}8{line >> 12 & 0xFFF:03x}8{line & 0xFFF:03x}{tail}"


def line_of(claim_id: UUID) -> int:
    """The line on which the claim's row began, up to 16 million."""
    return int(claim_id.hex[13:16] + claim_id.hex[17:20], 16)


def _part(claim: str, what: int) -> str:
    """The id of something that belongs to a claim, in a table of its own."""
    return f"{claim[:20]}{int(claim[20:], 16) ^ what << 40:012x}"


def _dashed(key: str) -> str:
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


@dataclass
class Firm:
    """What is the same for every claim of an import."""

    creditor: Creditor
    accounts: Mapping[str, BankAccount | None]
    setting: Setting
    facts: Facts
    actor: Actor
    import_id: UUID
    started_at: datetime
    now: datetime
    #: The accounts on the firm's own side, by kind and currency, that were opened in this import.
    income: dict[tuple[AccountKind, str], str] = field(default_factory=dict)


class Written:
    """The rows that a set of claims leaves behind; the claims are unseen until their import is whole."""

    def __init__(self, firm: Firm, known: Known, stored: Mapping[str, Stored], *, is_sqlite: bool) -> None:
        self.firm, self.known, self.stored = firm, known, stored
        self.rows: dict[str, list[Sequence[Value]]] = {table: [] for table in COLUMNS}
        self.papers = Papers()
        self.fresh: list[tuple[AccountKind, str]] = []
        self.creditor_id, self.namespace = firm.creditor.id.hex, firm.creditor.id.bytes
        self.people: list[Person] = []
        self.now, self.unseen = (moment_text(one, is_sqlite=is_sqlite) for one in (firm.now, firm.started_at))
        actor = firm.actor
        self.by = (
            actor.kind.value, actor.clerk_id.hex if actor.clerk_id else None,
            actor.signed_in_id.hex if actor.signed_in_id else None,
        )  # fmt: skip
        self.rule = {"rule": actor.rule} if actor.rule else {}
        self.opened = json.dumps(self.rule)
        self.day_count = firm.setting.profile.day_count.value

    def add(self, read: Read, claim: str) -> None:
        """One claim with who owes it, its lines and documents, its entries in the ledger and what is told of it."""
        firm = self.firm
        new = new_claim(read, firm.setting)
        if read.clerk_id is None:
            raise ValueError("a row without a clerk is refused")
        debtor = self._debtor(read, claim)
        reference = payment_reference(firm.creditor, firm.accounts[read.currency], UUID(claim))
        self.rows["claim"].append((
            claim, self.creditor_id, debtor, read.clerk_id.hex, new.reference, "open", 1, new.currency, new.title,
            new.invoice_number, new.invoice_on.isoformat(), new.due_on.isoformat(), new.pay_by.isoformat(),
            reference, new.consumer, self.now, self.now, self.unseen, firm.import_id.hex,
        ))  # fmt: skip
        self._tell(claim, _OPENED, "claim", claim, self.opened)
        first = len(self.rows["position"])
        for number, line in enumerate(new.lines, start=1):
            self._line(claim, number, line)
        for number, line in enumerate(new.lines, start=1):
            if line.kind is PositionKind.CREDIT:
                self._credit(claim, number, line)
        if read.evidence:
            self._documents(read, claim, debtor, first)

    def _debtor(self, read: Read, claim: str) -> str:
        """Who is meant by the row: somebody on file, somebody of a row before, or somebody new."""
        known, creditor_id, opening = self.known, self.firm.creditor.id, read.opening
        if opening is None:
            raise ValueError("a refused row names nobody")
        number = read.customer_number or None
        held = known.by_number.get(number, []) if number else []
        alike = [] if number else known.by_identity.get(known.identity(read), [])
        doubtful: Sequence[Any] = ()
        if held or alike:
            one, doubtful = meant(creditor_id, new_debtor(read), held, alike, self.firm.facts)
            if one is not None:
                return one.id.hex
        key, identity = _part(claim, _DEBTOR), known.identity(read)
        kind, fact = (read.fact[0].value, self.firm.facts.hash(creditor_id, *read.fact)) if read.fact else (None, None)
        self.people.append(Person(UUID(key), opening.name, number, identity, kind, fact))
        known.learn(self.people[-1])
        self.rows["debtor"].append((
            key, self.creditor_id, "company" if opening.company else "person", opening.name, opening.contact_name, "",
            opening.street, read.house_number, opening.postcode or "", opening.town, read.country, "", read.language,
            number, identity, kind, fact, read.email or None, read.phone or None, False,
        ))  # fmt: skip
        if doubtful:
            details = json.dumps({"others": [str(other.id) for other in doubtful]})
            self.rows["task"].append(
                (uuid4().hex, self.creditor_id, SAME_PERSON_TASK, key, details, self.unseen, self.unseen)
            )
        return key

    def _line(self, claim: str, number: int, line: NewLine) -> None:
        """One line, and the entry that says what was claimed by it."""
        interest = line.kind in INTEREST_KINDS
        position, minor = _part(claim, number), line.amount.minor
        self.rows["position"].append((
            position, self.creditor_id, claim, number, _WORD[line.kind], line.label, line.basis.value, None, minor,
            line.due_on.isoformat(), line.rate_percent if interest else None, line.rate_table if interest else None,
            line.interest_from.isoformat() if interest and line.interest_from else None,
            line.interest_reason.value if interest and line.interest_reason else None,
            self.day_count if interest else None,
        ))  # fmt: skip
        if minor:
            own = self._receivable(claim, position, line.amount.currency)
            self.rows["account"].append((own, self.creditor_id, "receivable", claim, position, line.amount.currency))
            other = self._income(INCOME.get(line.kind, AccountKind.FEE_INCOME), line.amount.currency)
            key = f"position {_dashed(position)}:claimed"
            self._entry(claim, number, "claimed", line, key, ((own, minor), (other, -minor)))

    def _credit(self, claim: str, number: int, line: NewLine) -> None:
        """What was paid before lowers the invoice, which is the claim's first line, from its own day on."""
        currency, minor = line.amount.currency, -line.amount.minor
        own = self._receivable(claim, _part(claim, number), currency)
        invoice = self._receivable(claim, _part(claim, 1), currency)
        key = f"position {_dashed(_part(claim, number))}:credited"
        self._entry(claim, number | _CREDITED, "allocation", line, key, ((own, minor), (invoice, -minor)))

    def _entry(
        self, claim: str, what: int, kind: str, line: NewLine, key: str, lines: tuple[tuple[str, int], ...]
    ) -> None:
        entry, currency = _part(claim, what), line.amount.currency
        for place, (account, minor) in enumerate(lines, start=1):
            self.rows["posting"].append((entry, place, self.creditor_id, account, minor, currency))
        self.rows["entry"].append(
            (entry, self.creditor_id, claim, kind, line.due_on.isoformat(), self.now, "claim", claim, key)
        )

    def _receivable(self, claim: str, position: str, currency: str) -> str:
        """What `store/ledger.account_id` says, five times as fast."""
        name = f"{_RECEIVABLE}|{currency}|{_dashed(claim)}|{_dashed(position)}"
        found = hashlib.sha1(self.namespace + name.encode(), usedforsecurity=False).hexdigest()
        return f"{found[:12]}5{found[13:16]}{_VARIANT[found[16]]}{found[17:32]}"

    def _income(self, kind: AccountKind, currency: str) -> str:
        """The firm's own account of this kind, which is opened with the first claim that needs it."""
        known = self.firm.income.get((kind, currency))
        if known is None:
            known = self.firm.income[kind, currency] = account_id(self.firm.creditor.id, kind, currency).hex
            self.fresh.append((kind, currency))
        return known

    def _documents(self, read: Read, claim: str, debtor: str, first: int) -> None:
        """The row's documents beside the claim and on the lines that they show."""
        rows, firm = self.rows["position"], self.firm
        added, shown = self.papers.add(
            firm.creditor.id, firm.import_id, UUID(claim), UUID(debtor), read.evidence,
            [(row[_KIND], row[_BASIS]) for row in rows[first:]], self.stored, clerk_id=firm.actor.clerk_id,
            now=firm.now,
        )  # fmt: skip
        for place, identity in enumerate(shown, start=first):
            if identity is not None:
                rows[place] = (*rows[place][:_EVIDENCE], identity.hex, *rows[place][_EVIDENCE + 1 :])
        for identity, kind in added:
            details = {"kind_of": kind.value, "with_letter": False} | self.rule
            self._tell(claim, EventKind.EVIDENCE_ADDED, "evidence", identity.hex, json.dumps(details))

    def _tell(self, claim: str, kind: EventKind, subject: str, subject_id: str, details: str) -> None:
        self.rows["event"].append(
            (self.creditor_id, claim, self.now, _WORD[kind], *self.by, kind in INTERNAL, subject, subject_id, details)
        )

    def write(self, session: Session) -> None:
        """Everything that was added stands in the database when this transaction ends well."""
        make_room(session)
        open_accounts(session, self.firm.creditor.id, self.fresh)
        for table, columns in COLUMNS.items():
            add_rows(session, table, columns, self.rows[table])
        write_papers(session, self.papers)

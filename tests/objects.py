"""One of everything for each person the tests know, so that each address can be tried with real ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.rules.payments import AccountKind, CauseType, EntryKind
from portal.store.attachments import Attachment
from portal.store.bank import BankFileRow, BankTransaction
from portal.store.deferrals import Deferral
from portal.store.disputes import Dispute
from portal.store.evidence import Evidence
from portal.store.hardship import Hardship
from portal.store.imports import ClaimImport
from portal.store.ledger import EntryRow, LineRow, write
from portal.store.letter_runs import LetterRun
from portal.store.messages import Message
from portal.store.offers import Offer
from portal.store.payments import Booking, PaymentAttempt
from portal.store.plans import Plan, PlanInstalment
from portal.store.reconciliation import Finding
from portal.store.refunds import Refund
from portal.store.settings import BankAccount
from tests import examples
from tests.examples import COLETTE, DORA, START, STEFAN, TODAY, Known, ident
from tests.people import Portal

CLERK_OF = {DORA.name: examples.CLARA, STEFAN.name: examples.LENA, COLETTE.name: examples.CARL}


@dataclass
class Objects:
    """The ids of everything, by person and kind."""

    ids: dict[tuple[str, str], UUID] = field(default_factory=dict)

    def id_for(self, endpoint: str, argument: str, known: Known) -> str:
        """The id that this address wants, of this person's thing; a random one where it has none."""
        feature = endpoint.split(".")[1] if "." in endpoint else endpoint
        kind = {"evidence": "evidence" if "evidence" in argument else "file"}.get(feature, feature)
        if "file" in argument or "attachment" in argument or endpoint.endswith((".file", ".download")):
            kind = "file"
        return str(self.ids.get((known.name, kind), uuid4()))


def everything_for(portal: Portal) -> Objects:
    """The database holds a plan, an objection, an offer, a message … of each person, full of canaries."""
    objects = Objects()
    with portal.writing() as session:
        for known in (DORA, STEFAN, COLETTE):
            _fill(session, known, objects, portal.parts.files.put(b"%PDF-1.4 canary"))
    return objects


def _fill(session: Session, known: Known, objects: Objects, key: str) -> None:
    firm, clerk = examples.firm_of(known), CLERK_OF[known.name]
    mine = {"creditor_id": firm, "claim_id": known.claim_id}

    def named(kind: str) -> UUID:
        objects.ids[known.name, kind] = ident(f"{known.name} {kind}")
        return objects.ids[known.name, kind]

    session.add_all(
        [
            Message(
                **mine, kind="message", debtor_id=known.debtor_id, text=f"CNRY-{known.reference}-message", sent_at=START
            ),
            Message(**mine, kind="message", clerk_id=clerk, text=f"CNRY-{known.reference}-answer", sent_at=START),
            Plan(
                id=named("plans"), **mine, status="proposed", live_flag=True, asked_instalments=6, day="25", covered=[],
                covered_minor=28803, currency="CHF", notice_version="1", proposed_at=START,
            ),
            Deferral(
                id=named("deferrals"), **mine, status="proposed", until_on=TODAY + timedelta(days=90),
                notice_version="1", asked_at=START,
            ),
            Hardship(
                id=named("hardship"), **mine, status="told", needs=["more_time"],
                text=f"CNRY-{known.reference}-hardship", until_on=TODAY + timedelta(days=30), told_at=START,
            ),
            Dispute(
                id=named("disputes"), **mine, status="open", reason="quality", whole=True,
                text=f"CNRY-{known.reference}-dispute", raised_at=START,
            ),
            Offer(
                id=named("offers"), **mine, clerk_id=clerk, status="live", live_flag=True, amount_minor=20000,
                owed_minor=30000, currency="CHF", until_on=TODAY + timedelta(days=10), made_at=START,
            ),
            Finding(
                id=named("reconciliation"), creditor_id=firm, kind="foreign_money", object_id=f"pi_{known.reference}",
                minor=4200, currency="CHF", since=START, owner_id=clerk,
            ),
            PaymentAttempt(
                id=named("payments"), **mine, amount_minor=5000, currency="CHF", status="expired",
                return_ref=str(named("return")), language="de", stripe_account="acct_velo", created_at=START,
                expires_at=START,
            ),
            ClaimImport(
                id=named("imports"), creditor_id=firm, clerk_id=clerk, name=f"CNRY-{known.reference}-file.csv",
                sha256=b"0" * 32, state="done", started_at=START, done_at=START, details={},
            ),
            Booking(
                id=named("bookings"), **mine, clerk_id=clerk, amount_minor=5000, currency="CHF", value_on=TODAY,
                source="bank_transfer", note_code="bank_transfer", booked_at=START,
            ),
            Refund(
                id=named("refunds"), **mine, attempt_id=objects.ids[known.name, "payments"], way="original",
                status="requested", amount_minor=60000, currency="CHF", reason="paid_twice", alone=False,
                requested_by=clerk, requested_at=START,
            ),
            Attachment(
                id=named("file"), **mine, debtor_id=known.debtor_id, purpose="message",
                name=f"CNRY-{known.reference}-file.pdf", type="pdf", size=15, sha256=b"0" * 32, state="ready",
                original_key=key, ready_key=key, ready_type="application/pdf", ready_size=15, received_at=START,
            ),
        ]
    )  # fmt: skip
    file = ident(f"{known.name} bank file")
    session.add(
        BankFileRow(
            id=file, creditor_id=firm, name=f"CNRY-{known.reference}-file.xml", sha256=b"0" * 32, kind="camt.054",
            version="08", taken_at=START, noted_at=START, done_at=START,
        )
    )  # fmt: skip
    session.flush()
    session.add(bank_money(session, firm, file, named("bank"), 4200, payer=f"CNRY-{known.reference}-message"))
    session.flush()
    write(session, [_paid_too_much(known, firm, named("receipts"))])
    session.add(
        LetterRun(
            id=named("runs"), creditor_id=firm, clerk_id=clerk, state="printed", asked_at=START, printed_at=START,
            letters=1,
        )
    )  # fmt: skip
    session.add_all(
        [
            PlanInstalment(
                plan_id=objects.ids[known.name, "plans"], number=1, creditor_id=firm, due=TODAY, amount_minor=28803
            ),
            Evidence(
                id=named("evidence"), **mine, attachment_id=objects.ids[known.name, "file"], kind="invoice",
                title="Rechnung", number=1, added_at=START,
            ),
        ]
    )  # fmt: skip


def _paid_too_much(known: Known, firm: UUID, identity: UUID) -> EntryRow:
    """A payment that has a receipt and changes nothing in what is owed: all of it is the debtor's credit."""
    lines = (
        LineRow(AccountKind.BANK_CLEARING, 5000, "CHF"),
        LineRow(AccountKind.DEBTOR_CREDIT, -5000, "CHF", claim_id=known.claim_id),
    )
    key = f"booking {identity}"
    return EntryRow(
        firm, known.claim_id, EntryKind.PAYMENT, TODAY, START, CauseType.BOOKING, identity, key, lines, id=identity
    )


def bank_money(session: Session, firm: UUID, file: UUID, identity: UUID, minor: int, **more: object) -> BankTransaction:
    """An amount that came in at this firm's bank and waits."""
    account = session.scalars(select(BankAccount).where(BankAccount.creditor_id == firm)).first()
    assert account is not None
    given = {
        "id": identity, "creditor_id": firm, "file_id": file, "account_id": account.id, "identity": str(identity),
        "entry_key": str(identity), "place": 1, "whole": False, "kind": "camt.054", "amount_minor": minor,
        "currency": account.currency, "credit": True, "reversal": False, "booked_on": TODAY, "value_on": TODAY,
        "status": "unmatched", "why": "no_reference",
    }  # fmt: skip
    return BankTransaction(**{**given, **more})

"""What stands behind a page that is looked at: a person with a claim of her own, and what happened in it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from playwright.sync_api import Page
from sqlalchemy.orm import Session

from portal.actions import bookings, decisions, deferrals, disputes, hardship, messages, offers, plans
from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.rules.access import FactKind, Room
from portal.rules.claims import Basis, InterestReason, PositionKind
from portal.rules.dates import Calendar
from portal.rules.disputes import Decision, DisputeReason, Objection
from portal.rules.hardship import Need
from portal.rules.history import Actor, ActorKind, system
from portal.rules.letter_code import make_code
from portal.rules.money import Money
from portal.rules.offers import OfferTerms
from portal.rules.pauses import PauseReason
from portal.rules.payments import NoteCode
from portal.rules.plans import PlanTerms
from portal.store.access import SignedIn
from portal.store.attachments import Attachment
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.deferrals import Deferral
from portal.store.disputes import Dispute
from portal.store.evidence import Evidence
from portal.store.hardship import Hardship
from portal.store.notices import ContactCode
from portal.store.offers import Offer
from portal.store.pauses import Pause
from portal.store.payments import Booking, PaymentAttempt
from portal.store.people import Clerk, Debtor
from portal.store.plans import Plan
from portal.store.settings import Creditor
from portal.web.parts import Parts
from tests import examples
from tests.examples import START, TODAY, Known

T = TypeVar("T")
DEBTOR = Actor(ActorKind.DEBTOR)
CLERK = Actor(ActorKind.CLERK, clerk_id=examples.CLARA)
LEAD = Actor(ActorKind.CLERK, clerk_id=examples.LENA)
WHEN: dict[str, Any] = {"now": START, "today": TODAY}
PROMISED = TODAY + timedelta(days=2)
WORDS = "Ich habe den Betrag am Postschalter in Langenthal bar einbezahlt. Die Quittung habe ich fotografiert."
ANSWER = "Guten Tag. Danke für Ihre Nachricht. Wir haben die Zahlung gefunden. Freundliche Grüsse, Clara Meier"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützen-Ersatzteil-Sammelbestellung"


@dataclass(frozen=True)
class State:
    """A page in one state: what has happened, who looks, where, and what she does there first.

    `who` is "nobody", "letter" (room 1), "file" (room 2) or a clerk's name; `at` makes it happen and says the path.
    """

    name: str
    template: str
    who: str
    at: Callable[[Case], str]
    does: Callable[[Page], None] | None = None
    status: int = 200
    begins: dict[str, Any] = field(default_factory=dict)


@dataclass
class Case:
    """One person with a letter and a claim that belong to one state only."""

    session: Session
    parts: Parts
    known: Known
    claim: Claim
    creditor: Creditor
    debtor: Debtor
    more: list[Claim] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/claims/{self.claim.reference}"

    @property
    def desk(self) -> str:
        return f"/desk/claims/{self.claim.reference}"

    def own(self) -> dict[str, Any]:
        """The ids that every row of this claim carries."""
        return {"creditor_id": self.claim.creditor_id, "claim_id": self.claim.id}

    def proposes(self, count: int = 12) -> Plan:
        """Instalments are suggested: up to 3 count at once, more wait for an answer."""
        seen = plans.covered_sum(claim_sum(self.session, self.claim, on=TODAY)).minor
        return made(plans.propose(
            self.session, self.claim, self.creditor, PlanTerms(count, None, 1), seen_minor=seen, op=uuid4(),
            actor=DEBTOR, calendar=Calendar(), **WHEN,
        ))  # fmt: skip

    def is_countered(self) -> Plan:
        plan = self.proposes()
        return made(plans.counter(
            self.session, self.claim, plan.id, self.creditor, PlanTerms(4, None, 1), op=uuid4(), actor=CLERK,
            calendar=Calendar(), **WHEN,
        ))  # fmt: skip

    def is_late(self) -> Plan:
        plan = self.proposes(3)
        plan.status = "late"
        for one in plan.instalments:
            one.due -= timedelta(days=30)
        return plan

    def asks_for_time(self, days: int = 90) -> Deferral:
        return made(deferrals.ask(
            self.session, self.claim, self.creditor, TODAY + timedelta(days=days), op=uuid4(), actor=DEBTOR,
            calendar=Calendar(), **WHEN,
        ))  # fmt: skip

    def tells_hardship(self) -> Hardship:
        return made(hardship.tell(
            self.session, self.claim, self.creditor, list(Need), WORDS, op=uuid4(), actor=DEBTOR, calendar=Calendar(),
            **WHEN,
        ))  # fmt: skip

    def objects(self, reason: DisputeReason = DisputeReason.PAID) -> Dispute:
        """An objection with words and a photo."""
        objection = Objection(reason, frozenset(), WORDS, None)
        dispute = made(disputes.raise_objection(
            self.session, self.claim, objection, op=uuid4(), promised_on=PROMISED, actor=DEBTOR, **WHEN,
        ))  # fmt: skip
        self.file("dispute", dispute.id, "Quittung Postschalter.jpg")
        return dispute

    def is_decided(self, decision: Decision, reason: DisputeReason = DisputeReason.QUALITY) -> Dispute:
        dispute = self.objects(reason)
        assert not decisions.decide(
            self.session, self.claim, self.creditor, dispute, decision, op=uuid4(), actor=CLERK, **WHEN
        )
        return dispute

    def is_offered(self, minor: int = 20000) -> Offer:
        terms = OfferTerms(Money(minor, "CHF"), TODAY + timedelta(days=11))
        return made(offers.make(
            self.session, self.claim, terms, bank_day=True, op=uuid4(), actor=CLERK, on_letter=True, **WHEN
        ))  # fmt: skip

    def writes(self) -> None:
        made(messages.send(
            self.session, self.claim, f"{WORDS}\n\n{LONG}", op=uuid4(), promised_on=PROMISED, actor=DEBTOR, now=START
        ))  # fmt: skip

    def is_answered(self) -> None:
        self.writes()
        made(messages.answer(self.session, self.claim, ANSWER, op=uuid4(), actor=CLERK, now=START))
        made(messages.note(self.session, self.claim, "Am Telefon sehr freundlich.", op=uuid4(), actor=CLERK, now=START))

    def attempt(self, status: str) -> PaymentAttempt:
        row = PaymentAttempt(
            id=uuid4(), **self.own(), amount_minor=5000, currency="CHF", status=status, return_ref=str(uuid4()),
            open_flag=True if status == "open" else None, language="de", stripe_account="acct_velo", created_at=START,
            expires_at=START + timedelta(hours=1),
        )  # fmt: skip
        self.session.add(row)
        return row

    def file(self, purpose: str, subject_id: UUID | None, name: str, *, desk: bool = False) -> Attachment:
        """A file that has been looked at and can be opened."""
        data = b"%PDF-1.4 nothing to see"
        key = self.parts.files.put(data)
        row = Attachment(
            id=uuid4(), **self.own(), debtor_id=None if desk else self.debtor.id,
            clerk_id=examples.CLARA if desk else None, purpose=purpose, subject_id=subject_id, name=name, type="pdf",
            size=len(data), sha256=b"0" * 32, state="ready", original_key=key, ready_key=key,
            ready_type="application/pdf", ready_size=len(data), received_at=START,
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        return row

    def evidence(self, kind: str = "invoice") -> Evidence:
        title = f"Rechnung {self.claim.reference}"
        file = self.file("evidence", None, f"{title}.pdf", desk=True)
        row = Evidence(
            id=uuid4(), **self.own(), attachment_id=file.id, kind=kind, title=title, with_letter=True, number=1,
            added_at=START,
        )  # fmt: skip
        self.session.add(row)
        return row

    def rests(self, reason: PauseReason = PauseReason.CREDITOR) -> Pause:
        """The claim is paused for this reason until a day."""
        until = TODAY + timedelta(days=40)
        row = Pause(id=uuid4(), **self.own(), reason=reason, from_on=TODAY, until_on=until, began_at=START)
        row.stops_interest = True
        self.session.add(row)
        return row

    def is_booked(self, minor: int = 5000) -> Booking:
        """A part came by transfer and was booked by hand."""
        found = bookings.Found(Money(minor, "CHF"), TODAY, "", NoteCode.BANK_TRANSFER)
        return bookings.book(self.session, self.claim, found, op=uuid4(), seen_minor=None, actor=LEAD, **WHEN)

    def wants_mail(self) -> None:
        """Answers are told by e-mail, to an address that was confirmed."""
        person = self.session.get_one(Debtor, self.claim.debtor_id)
        person.contact_way, person.email, person.email_confirmed_at = "email", "dora@example.org", START

    def gave_address(self) -> None:
        """An address was given and waits for its code."""
        code = ContactCode(
            **self.own(), debtor_id=self.claim.debtor_id, address="dora@example.org", asked_at=START,
            expires_at=START + timedelta(minutes=10),
        )  # fmt: skip
        self.session.add(code)

    def stop_page(self) -> str:
        """Where the e-mails end, without a session."""
        return f"/stop/{self.parts.contact.stop_token(self.claim.debtor_id)}"

    def opens(self, reference: str) -> Claim:
        """Another claim of this person, which no letter names."""
        return _claim(self.session, self.creditor, self.debtor, reference, uuid4(), 0)

    def sets(self, **values: Any) -> None:
        """The claim's own columns say this."""
        for name, value in values.items():
            setattr(self.claim, name, value)


def made(outcome: T | list[Any]) -> T:
    """What the action made; it must not have refused."""
    assert not isinstance(outcome, list), outcome
    return outcome


def begin(
    session: Session, parts: Parts, number: int, *, costs: int = 4000, fact: bool = True, second: bool = False,
    papers: bool = True,
) -> Case:
    """A person got a letter about a claim, with its invoice; nothing else has happened yet."""
    name = f"page {number}"
    known = Known(
        "Nadja Wyss-Brunner", examples.ident(name), examples.ident(f"claim {name}"), f"2026-{5000 + number}",
        make_code(random.Random(name).randrange).printed, "4912", "de", "1991-11-02" if fact else None,
        examples.ident(f"letter {name}"),
    )  # fmt: skip
    creditor = session.get_one(Creditor, examples.VELO)
    hashed = parts.facts.hash(creditor.id, FactKind.BIRTH_DATE, known.fact) if known.fact else None
    debtor = Debtor(
        id=known.debtor_id, creditor_id=creditor.id, name=known.name, street="Mühlestrasse", house_number="27",
        postcode=known.postcode, town="Aarwangen", language="de", customer_number=f"K-{number}",
        fact_kind=FactKind.BIRTH_DATE.value if fact else None, fact_hash=hashed,
    )  # fmt: skip
    session.add(debtor)
    session.flush()
    claim = _claim(session, creditor, debtor, known.reference, known.claim_id, costs)
    claims = [claim]
    if second:
        other = examples.ident(f"second {name}")
        claims.append(_claim(session, creditor, debtor, f"{known.reference}-2", other, 0))
    examples.letter_for(session, known, claims)
    case = Case(session, parts, known, claim, creditor, debtor, claims[1:])
    if papers:
        case.evidence()
    return case


def _claim(session: Session, creditor: Creditor, debtor: Debtor, reference: str, identity: UUID, costs: int) -> Claim:
    due: date = TODAY - timedelta(days=100)
    lines = [
        NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, Money(28460, "CHF"), due, label=f"Rechnung {reference}"),
        NewLine(
            PositionKind.DEFAULT_INTEREST, Basis.LAW_DEFAULT_INTEREST, Money(0, "CHF"), due, rate_percent="5",
            interest_from=due + timedelta(days=11), interest_reason=InterestReason.REMINDER_RECEIVED,
        ),
    ]  # fmt: skip
    if costs:
        kind = PositionKind.REMINDER_FEE
        lines.append(NewLine(kind, Basis.TERMS_CLAUSE, Money(costs, "CHF"), due, label="Mahngebühr"))
    new = NewClaim(
        reference=reference, title="Grosser Service und neue Bremsen für Ihr Lastenvelo", invoice_number=reference,
        invoice_on=due - timedelta(days=30), due_on=due, pay_by=TODAY + timedelta(days=11), currency="CHF",
        lines=tuple(lines), next_writing_on=TODAY + timedelta(days=14),
    )  # fmt: skip
    now = START - timedelta(days=7)
    claim = open_claim(
        session, creditor, debtor, examples.CLARA, new, actor=system("example"), now=now, today=now.date(),
        claim_id=identity,
    )  # fmt: skip
    session.flush()
    return claim


#: The administrator of a firm that nobody has set up yet (`new_firm`).
URS, MIA, WYSS = (examples.ident(name) for name in ("urs", "mia", "gipser-wyss"))


def new_firm(session: Session, *, person: bool = False) -> None:
    """A firm as the shell makes it, with its administrator; a colleague who answers if asked for."""
    if session.get(Creditor, WYSS) is None:
        session.add(
            Creditor(
                id=WYSS, slug="gipser-wyss", name="Gipser Wyss", street="Kalkweg", house_number="5", postcode="3550",
                town="Langnau", phone="034 402 00 00", hours="", stripe_account="", number=77,
            )
        )  # fmt: skip
        session.flush()
    names = {URS: ("Urs Wyss", "admin"), **({MIA: ("Mia Wyss", "lead")} if person else {})}
    for identity, (name, role) in names.items():
        if session.get(Clerk, identity) is None:
            first = name.split(" ")[0].lower()
            session.add(
                Clerk(
                    id=identity, creditor_id=WYSS, email=f"{first}@example.org", name=name, role=role, phone="",
                    password_hash="none", totp_seed=b"none",
                )
            )  # fmt: skip
    session.flush()


def cookie_for(session: Session, who: str, known: Known) -> tuple[str, str] | None:
    """The name and value of the cookie of somebody who is signed in like this; None for nobody."""
    if who == "nobody":
        return None
    token = f"{uuid4().hex}{uuid4().hex[:11]}"
    row = SignedIn(
        token_hash=hashlib.sha256(token.encode()).digest(), creditor_id=examples.VELO, started_at=START, seen_at=START
    )
    if who == "urs":
        row.audience, row.clerk_id, row.creditor_id = "desk", URS, WYSS
    elif who in examples.STAFF:
        clerk_id, creditor_id, _, _ = examples.STAFF[who]
        row.audience, row.clerk_id, row.creditor_id = "desk", clerk_id, creditor_id
    else:
        row.audience, row.debtor_id, row.letters = "debtor", known.debtor_id, [str(known.letter_id)]
        row.room, row.proved_at = Room(who).value, START
    session.add(row)
    return ("a" if row.audience == "desk" else "s"), token

"""How does a demo person's case begin: the debtor, the claims with their evidence, the letter with its code?"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4, uuid5

from sqlalchemy.orm import Session

from portal.actions import evidence
from portal.actions.history import record
from portal.actions.letters import issue_letter
from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.actions.people import NewDebtor, find_or_create
from portal.actions.rooms import set_pin
from portal.demo import papers
from portal.demo.documents import draft
from portal.demo.persons import Bill, Person
from portal.demo.scene import Desk, Moment, Story, must
from portal.rules.access import normalise_fact, normalise_pin
from portal.rules.claims import Basis, InterestReason, PositionKind
from portal.rules.evidence import EvidenceKind
from portal.rules.history import EventKind, system
from portal.rules.letters import LetterKind
from portal.rules.money import Money
from portal.rules.people import DebtorKind
from portal.store.claims import Claim
from portal.store.people import Debtor
from portal.web.parts import Parts

TITLES = {
    "de": ("Rechnung", "Unterschriebener Auftrag", "Allgemeine Geschäftsbedingungen"),
    "fr": ("Facture", "Commande signée", "Conditions générales"),
    "it": ("Fattura", "Ordine firmato", "Condizioni generali"),
}
DUE = timedelta(days=30)
RATE = "ch-default"
#: So many days after the invoice the reminders went out; the terms charge for the second one.
FIRST_REMINDER, SECOND_REMINDER = 40, 65
#: How long the post takes: interest runs from the day on which the first reminder was there.
POST = timedelta(days=3)


def begin(parts: Parts, session: Session, desk: Desk, person: Person, end: datetime) -> Story:
    """The person's invoices were not paid, a reminder and then the letter went out; the story can begin."""
    oldest = max(bill.days_old for bill in person.bills)
    debtor = _debtor(parts, session, desk, person, end - timedelta(days=oldest))
    story = Story(parts, session, desk, person, debtor, end)
    for bill in person.bills:
        _open(story, bill)
    if person.situation != "offer":
        send_letter(story, person.bills[0].letter_days, LetterKind.FIRST)
    if person.pin:
        at = story.at(person.bills[0].letter_days - 3, "20:05")
        pin = normalise_pin(person.pin)
        set_pin(session, story.claim, debtor, parts.pins.hash(debtor.id, pin), session_id=uuid4(), now=at.now)
    return story


def send_letter(
    story: Story, days_ago: int, kind: LetterKind, *, offers: dict[UUID, UUID] | None = None
) -> None:
    """A letter about all claims is in the person's hands, with a code of its own."""
    at = story.at_work(days_ago, "09:40")
    _, code = issue_letter(
        story.session, story.creditor, story.debtor, story.claims, kind, story.person.language,
        codes=story.parts.codes, actor=story.clerk, now=at.now, today=at.today, offers=offers,
    )  # fmt: skip
    story.code = code.printed


def _debtor(parts: Parts, session: Session, desk: Desk, person: Person, now: datetime) -> Debtor:
    fact = None
    if person.fact is not None:
        kind, raw = person.fact
        known = normalise_fact(kind, raw)
        fact = (kind, known) if known else None
    new = NewDebtor(
        kind=DebtorKind.COMPANY if person.company else DebtorKind.PERSON,
        name=person.name, street=person.address.street, house_number=person.address.house_number,
        postcode=person.address.postcode, town=person.address.town, country=person.address.country,
        language=person.language, canton=person.canton, contact_name=person.contact_name,
        salutation=person.salutation, customer_number=person.customer_number or None, fact=fact,
    )  # fmt: skip
    return find_or_create(session, desk.creditor.id, new, parts.facts, now=now)


def _open(story: Story, bill: Bill) -> None:
    invoice_on = story.at(bill.days_old, "11:20").today
    due = invoice_on + DUE
    at = story.at_work(bill.days_old - FIRST_REMINDER, "10:30")
    claim_id = uuid4()
    new = NewClaim(
        reference=bill.reference, title=bill.title, invoice_number=bill.reference, invoice_on=invoice_on, due_on=due,
        pay_by=_pay_by(story, bill), currency=bill.currency, lines=_lines(story, bill, claim_id, due, at.today),
        consumer=not story.person.company,
        next_writing_on=story.calendar.next_working_day(_pay_by(story, bill) + timedelta(days=5)),
    )  # fmt: skip
    claim = open_claim(
        story.session, story.creditor, story.debtor, story.clerk.clerk_id or uuid4(), new,
        actor=story.clerk, now=at.now, today=at.today, claim_id=claim_id,
    )  # fmt: skip
    story.claims.insert(0, claim)
    _show_papers(story, bill, claim, invoice_on, at)
    for days in (FIRST_REMINDER, SECOND_REMINDER)[: 2 if bill.fee_minor else 1]:
        sent = story.at_work(bill.days_old - days, "10:32")
        record(story.session, claim, EventKind.REMINDER_SENT, actor=system("reminder"), now=sent.now)
    story.claims.sort(key=lambda one: one.reference)


def _pay_by(story: Story, bill: Bill) -> date:
    day = story.at_day(bill.letter_days) + timedelta(days=21)
    return story.calendar.next_working_day(day)


def _lines(story: Story, bill: Bill, claim_id: UUID, due: date, reminded: date) -> tuple[NewLine, ...]:
    invoice, terms = _paper_id(claim_id, "invoice"), _paper_id(claim_id, "terms")
    words = TITLES[story.desk.firm.language]
    parts = [(line.text, line.minor) for line in bill.lines] if bill.line_by_line else [
        (f"{words[0]} {bill.reference}", bill.minor)
    ]
    found = [
        NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, Money(minor, bill.currency), due, text, invoice)
        for text, minor in parts
    ]
    found.append(
        NewLine(
            PositionKind.DEFAULT_INTEREST, Basis.LAW_DEFAULT_INTEREST, Money(0, bill.currency), due, rate_table=RATE,
            interest_from=reminded + POST, interest_reason=InterestReason.REMINDER_RECEIVED,
        )
    )  # fmt: skip
    if bill.fee_minor:
        basis = Basis.TERMS_CLAUSE if bill.fee_on_terms else Basis.NONE
        found.append(
            NewLine(
                PositionKind.REMINDER_FEE, basis, Money(bill.fee_minor, bill.currency), due,
                evidence_id=terms if bill.fee_on_terms else None,
            )
        )  # fmt: skip
    return tuple(found)


def _show_papers(story: Story, bill: Bill, claim: Claim, invoice_on: date, at: Moment) -> None:
    firm, language = story.desk.firm.paper, story.desk.firm.language
    words = TITLES[language]
    address = story.person.address
    made = story.parts.papers
    invoice = papers.invoice(
        made, firm, address, bill.reference, invoice_on, bill.lines, language=language, currency=bill.currency
    )
    _add(story, claim, EvidenceKind.INVOICE, f"{words[0]} {bill.reference}", "invoice", invoice, at, with_letter=True)
    if bill.signed:
        ordered = invoice_on - timedelta(days=9)
        order = papers.signed_order(
            made, firm, address, bill.reference, ordered, bill.lines, language=language, currency=bill.currency
        )
        _add(story, claim, EvidenceKind.ORDER, words[1], "order", order, at)
    if bill.fee_minor and bill.fee_on_terms:
        text = papers.terms(
            made, firm, date(invoice_on.year - 1, 1, 1), Money(bill.fee_minor, bill.currency), language=language
        )
        _add(story, claim, EvidenceKind.TERMS, words[2], "terms", text, at)


def _add(
    story: Story, claim: Claim, kind: EvidenceKind, title: str, name: str, data: bytes, at: Moment,
    *, with_letter: bool = False,
) -> None:  # fmt: skip
    file = draft(story, f"{title.replace(' ', '-').lower()}.pdf", data, story.clerk, at.now)
    must(
        f"{kind} of {claim.reference}",
        evidence.add(
            story.session, claim, story.creditor, kind, title, [file], op=_paper_op(name), actor=story.clerk,
            now=at.now, today=at.today, with_letter=with_letter and not story.creditor.health,
        ),
    )  # fmt: skip


def _paper_op(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


def _paper_id(claim_id: UUID, name: str) -> UUID:
    """The id that the document will have: it is made of the claim and the click."""
    return uuid5(claim_id, str(_paper_op(name)))

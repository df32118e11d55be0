"""What stands on a person's letter, in the person's language: every word and figure, ready to be set?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.gateways.pdf import PaperFailed, address_lines, logo_data, qr_bill_data
from portal.gateways.qr import plain_svg
from portal.rules.claims import PositionKind
from portal.rules.countries import Notice, profile_of
from portal.rules.ledger import ClaimSum
from portal.rules.letter_code import Code
from portal.rules.letters import window_of
from portal.rules.money import Money, total
from portal.rules.references import group_iban, group_reference
from portal.rules.stationery import Part, Placeholder, PlaceholderEmpty, filled
from portal.rules.transfers import Bill, Method, epc_payload, method_for
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.letters import Letter
from portal.store.people import Clerk, Debtor, who_answers
from portal.store.settings import Creditor
from portal.store.stationery import Stationery, stationery_of
from portal.web import i18n
from portal.web.bills import address_of, bill_of
from portal.web.i18n import gettext as _
from portal.web.labels.letter_paper import L111_8, NOTICES, REPLY, WORDS
from portal.web.labels.plans import NOTICE
from portal.web.labels.transfers import PICTURES, qr_bill_words
from portal.web.papers import about_claim, interest_tables, sum_table

Data = dict[str, Any]
Lines = list[str]


@dataclass(frozen=True)
class Writing:
    """One letter to be set: who writes to whom about what, and the code that stands in it alone."""

    firm: Creditor
    letter: Letter
    code: Code
    person: Debtor
    claims: Sequence[Claim]
    base_url: str
    today: date
    #: What is tried before it is kept; None for what the creditor has decided.
    stationery: Stationery | None = None


def letter_data(session: Session, writing: Writing) -> Data:
    """The letter for the template `letter.typ`, in the person's language whatever the clerk reads."""
    before = i18n.language()
    i18n.set_language(writing.letter.language)
    try:
        return _written(session, writing)
    finally:
        i18n.set_language(before)


def letter_title(firm: Creditor, language: str) -> str:
    """The title of a file with letters: who writes, and nothing of the case."""
    return i18n.gettext_in(language, i18n.N_("Letter of %(name)s"), name=firm.name)


def _written(session: Session, one: Writing) -> Data:
    firm, person, first = one.firm, one.person, one.claims[0]
    sums = [claim_sum(session, claim, on=one.today) for claim in one.claims]
    signs = who_answers(session, firm.id, first.clerk_id, one.today)
    address = f"{one.base_url}/{firm.slug}"
    values = _values(one, sums, address.split("//")[-1])
    told = {name: _(words, **values) for name, words in WORDS.items()}
    many = len(one.claims) > 1
    fields = _fields(one, values, signs)
    paper = one.stationery or stationery_of(session, firm.id, one.letter.language)
    return {
        "language": one.letter.language,
        "region": firm.country,
        "window": paper.window or window_of(firm.country),
        "logo": logo_data(paper.logo.jpeg, paper.logo.width, paper.logo.height, firm.name) if paper.logo else None,
        "firm": address_lines(address_of(firm)),
        "to": address_lines(address_of(person)),
        "contact": {"label": told["contact"], "lines": _person_lines(signs, firm)},
        "place": f"{firm.town}, {i18n.day(one.letter.dated_on)}",
        "heading": told["heading_many"] if many else told["heading"],
        "paragraphs": [
            [told["greeting"]],
            *_opening(one, paper, told, fields),
            [told["three_ways"]],
            [f"{told['pay_by']} {told['overleaf']}"],
        ],
        "regards": [line for block in _own(one, paper, Part.SIGN_OFF, fields) for line in block] or [told["regards"]],
        "signs": [line for line in (signs.name, signs.function, firm.name) if line],
        "genuine": told["genuine"],
        "help": told["help"],
        "box": {
            "caption": told["caption"],
            "access": told["access"],
            "address": values["address"],
            "code": _halves(one.code),
            "qr": plain_svg(f"{address}#{one.code.compact}", told["caption"]),
            "free": told["no_account"],
        },
        "claims": [_claim_page(session, one, claim, owed) for claim, owed in zip(one.claims, sums, strict=True)],
    }


def _opening(one: Writing, paper: Stationery, told: Mapping[str, str], fields: Mapping[str, str]) -> list[Lines]:
    """The creditor's own words or ours; where the sum has changed since the invoice, today's stands in any case."""
    many, own = len(one.claims) > 1, Part.OPENING_MANY if len(one.claims) > 1 else Part.OPENING
    changed = not many and fields[Placeholder.OPEN] != fields[Placeholder.AMOUNT]
    written = _own(one, paper, own, fields)
    if written:
        says_today = f"{{{Placeholder.OPEN}}}" in paper.texts[own]
        return [*written, [told["today"]]] if changed and not says_today else written
    first = told["open_many"] if many else told["open"]
    return [[f"{first} {told['today']}" if changed else first]]


def _own(one: Writing, paper: Stationery, part: Part, fields: Mapping[str, str]) -> list[Lines]:
    """This part in the creditor's own words, none if it has none; PaperFailed with the place that stays empty."""
    text = paper.texts.get(part, "")
    try:
        return filled(part, text, fields) if text else []
    except PlaceholderEmpty as empty:
        raise PaperFailed(f"{one.letter.language}, {empty}") from empty


def _fields(one: Writing, values: Mapping[str, str], signs: Clerk) -> Mapping[str, str]:
    """What the placeholders of a creditor's own text stand for."""
    first = one.claims[0]
    return {
        Placeholder.INVOICE_DAY: values["invoice"],
        Placeholder.INVOICE_NUMBER: first.invoice_number,
        Placeholder.TITLE: first.title,
        Placeholder.AMOUNT: values["amount"],
        Placeholder.OPEN: values["owed"],
        Placeholder.COUNT: values["count"],
        Placeholder.PAY_BY: values["until"],
        Placeholder.PERSON: values["person"],
        Placeholder.FIRM: one.firm.name,
        Placeholder.CONTACT: signs.name,
    }


def _halves(code: Code) -> list[str]:
    """Four groups of four on two lines; a line is never broken inside."""
    groups = code.printed.split(" ")
    return [i18n.NBSP.join(groups[:2]), i18n.NBSP.join(groups[2:])]


def _values(one: Writing, sums: Sequence[ClaimSum], address: str) -> dict[str, str]:
    invoices = [line.claimed for line in sums[0].lines if line.position.kind == PositionKind.PRINCIPAL]
    currency = sums[0].currency
    return {
        "invoice": i18n.day(min(claim.invoice_on for claim in one.claims)),
        "amount": i18n.money(total(invoices, currency)),
        "owed": i18n.money(total([owed.open for owed in sums], currency)),
        "count": str(len(one.claims)),
        "person": one.person.contact_name or one.person.name,
        "address": address,
        "until": i18n.weekday(one.letter.pay_by),
    }


def _person_lines(signs: Clerk, firm: Creditor) -> list[str]:
    return [line for line in (signs.name, signs.phone or firm.phone, signs.hours or firm.hours) if line]


def _claim_page(session: Session, one: Writing, claim: Claim, owed: ClaimSum) -> Data:
    table = sum_table(owed)
    table.title = ""
    tables = [asdict(table), *(asdict(found) for found in interest_tables(owed.lines))]
    return {
        "title": _("How the amount comes about"),
        "facts": [list(fact) for fact in about_claim(claim)],
        "tables": tables,
        "notices": _notices(one.firm),
        "reply": _reply(one, claim),
        **_payment(bill_of(session, one.firm, claim, owed.open, one.person), one.letter.language, owed.open),
    }


def _notices(firm: Creditor) -> list[str]:
    wanted = profile_of(firm.country).notices
    found = [_(NOTICES[notice], firm=firm.name) for notice in Notice if notice in wanted and notice in NOTICES]
    return [*found, L111_8] if Notice.LETTER_R124_4 in wanted else found


def _reply(one: Writing, claim: Claim) -> Data:
    address = ", ".join(address_lines(address_of(one.firm)))
    told = {name: _(words, address=address) for name, words in REPLY.items()}
    return {
        "title": f"{told['title']}, {claim.reference}",
        "intro": told["intro"],
        "options": [told[name] for name in ("paid", "pay", "plan", "cannot", "wrong")],
        "notice": _(NOTICE),
        "signed": [told["day"], told["signature"]],
    }


def _payment(bill: Bill | None, language: str, amount: Money) -> Data:
    """The QR-bill where the account takes one, else the details with the EPC code where that fits."""
    if bill is None:
        return {"transfer": {"title": _("Details for the bank transfer"), "rows": [], "qr": "", "picture": ""}}
    kind = method_for(bill)
    if kind is Method.SWISS_QR:
        return {"bill": qr_bill_data(bill, qr_bill_words(language), language)}
    rows = [
        (_("Payee"), f"{bill.payee.name}, {bill.payee.postcode} {bill.payee.town}"),
        (_("IBAN"), group_iban(bill.account.iban)),
        (_("Amount"), i18n.money(amount)),
    ]
    rows += [(_("Reference"), group_reference(bill.reference))] if bill.reference else []
    rows += [(_("BIC"), bill.account.bic)] if bill.account.bic else []
    rows += [(_("Additional information"), bill.message)] if bill.message and not bill.reference else []
    picture = _(PICTURES[kind])
    code = plain_svg(epc_payload(bill), picture) if kind is Method.EPC_QR else ""
    title = _("Details for the bank transfer")
    return {"transfer": {"title": title, "rows": [list(row) for row in rows], "qr": code, "picture": picture}}

"""How does a claim's paper become a PDF on the firm's own sheet, with its number and the way to check it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from flask import Response

from portal.gateways.pdf import address_lines
from portal.rules.money import Money
from portal.rules.receipts import Issued
from portal.rules.transfers import Address
from portal.store.claims import Claim
from portal.store.people import Clerk, debtor_by_id, who_answers
from portal.store.settings import Creditor
from portal.web import i18n
from portal.web.i18n import gettext as _
from portal.web.labels.receipts import FILES
from portal.web.login import creditor
from portal.web.parts import parts, today
from portal.web.serving import POLICY, disposition
from portal.web.transaction import db, release

Data = dict[str, Any]


@dataclass
class Table:
    """A table of a paper: its columns, its rows (a cell with a smaller second line is a pair), and the total below."""

    columns: Sequence[Data]
    rows: list[list[Any]]
    title: str = ""
    total: list[str] = field(default_factory=list)
    note: list[str] = field(default_factory=list)
    intro: list[str] = field(default_factory=list)

    @staticmethod
    def wide(head: str) -> Data:
        """The column that takes the room which the others leave."""
        return {"head": head, "width": "wide", "number": False}

    @staticmethod
    def narrow(head: str) -> Data:
        return {"head": head, "width": "fit", "number": False}

    @staticmethod
    def figures(head: str) -> Data:
        """A column of sums or other numbers, which stand at its right edge."""
        return {"head": head, "width": "fit", "number": True}


@dataclass
class Paper:
    """Everything that differs from paper to paper."""

    issued: Issued
    about: str
    heading: str
    facts: list[tuple[str, str]]
    lead: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    notice: list[str] = field(default_factory=list)


def number_of(claim: Claim, issued: Issued, about: str) -> str:
    """The number of the paper about this thing."""
    return parts().numbers.number(claim.creditor_id, issued, about)


def served(claim: Claim, paper: Paper) -> Response:
    """The paper as a download with a name that says nothing of the case; kept by nobody on the way."""
    firm, language = creditor(), i18n.language()
    data = _sheet(firm, claim, paper, language)
    name = f"{_(FILES[paper.issued.kind])}.pdf"
    release()
    answer = Response(parts().papers.paper("paper", data), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = disposition(name)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _sheet(firm: Creditor, claim: Claim, paper: Paper, language: str) -> Data:
    person = debtor_by_id(db(), claim.creditor_id, claim.debtor_id)
    answers = who_answers(db(), claim.creditor_id, claim.clerk_id, today())
    address = Address(firm.name, firm.street, firm.house_number, firm.postcode, firm.town, firm.country)
    number = number_of(claim, paper.issued, paper.about)
    page = f"{parts().settings.base_url}/{firm.slug}/genuine"
    return {
        "language": language,
        "region": firm.country,
        "title": f"{paper.heading}, {firm.name}",
        "heading": paper.heading,
        "firm": [*address_lines(address), firm.phone],
        "to": address_lines(
            Address(person.name, person.street, person.house_number, person.postcode, person.town, person.country)
        ) if person else [],
        "place": f"{firm.town}, {i18n.day(paper.issued.day)}",
        "notice": paper.notice,
        "facts": [list(one) for one in paper.facts],
        "lead": paper.lead,
        "tables": [asdict(one) for one in paper.tables],
        "after": [*paper.after, _questions(firm, answers)],
        "number": {
            "label": _("Number of this paper:"),
            "value": number,
            "how": _("Is it genuine? Enter the number at %(page)s", page=page.split("://", 1)[-1]),
        },
        "page": _("Page %(page)s of %(pages)s", page="\n", pages="\n").split("\n"),
    }  # fmt: skip


def _questions(firm: Creditor, answers: Clerk) -> str:
    phone = answers.phone or firm.phone
    return _("Questions? %(name)s is there for you: %(phone)s.", name=answers.name, phone=phone)


def local(moment: datetime) -> date:
    """The day of a moment in the creditor's zone."""
    return moment.astimezone(i18n.zone()).date()


def short(day: date) -> str:
    """A day as it stands in a table: 23.11.2026, in all Swiss languages (`law.md` 7.7)."""
    return f"{day:%d.%m.%Y}"


def digits(amount: Money) -> str:
    """A sum as it stands in a column whose currency is said once."""
    sign = i18n.MINUS if amount.minor < 0 else ""
    return f"{sign}{i18n.digits(abs(amount.minor), amount.currency)}"

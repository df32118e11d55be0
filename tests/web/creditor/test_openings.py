"""Is a case opened by hand with everything it needs, and is each gap said on its field?"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from portal.actions.opening import LineNotAllowed, NewClaim, NewLine, open_claim
from portal.rules.claims import Basis, PositionKind
from portal.rules.history import system
from portal.rules.money import Money
from portal.store.claim_sum import claim_sum
from portal.store.claims import claim_at_desk
from portal.store.ledger_checks import verify
from portal.store.people import Debtor
from portal.store.settings import Creditor
from tests.examples import CLARA, DORA, START, TODAY, VELO
from tests.people import Portal

PATH = "/desk/claims/new"
GOOD: dict[str, Any] = {
    "name": "Nina Graf", "street": "Gartenweg", "house_number": "3", "postcode": "4900", "town": "Langenthal",
    "language": "fr", "birth_date": "14.3.1987", "reference": "2026-0900", "title": "Neue Bremsen",
    "invoice_number": "900", "invoice_on": "14.7.2026", "due_on": "13.8.2026", "principal": "284.60", "rate": "5",
    "interest_from": "1.9.2026", "interest_reason": "reminder_received", "fee": "20", "fee_basis": "terms_clause",
    "cost": "40", "cost_basis": "none", "cost_anyway": "yes", "clerk": str(CLARA),
}  # fmt: skip


def test_a_case_is_open_with_its_lines(portal: Portal) -> None:
    lena, op = portal.staff("lena").is_in(), str(uuid4())
    for _ in range(2):
        answer = lena.sends(PATH, **GOOD, op=op)
        assert (answer.status_code, answer.headers.get("Location")) == (303, "/desk/claims/2026-0900")
    with portal.reading() as session:
        claim = claim_at_desk(session, creditor_id=VELO, reference="2026-0900")
        assert claim is not None
        assert (claim.status, claim.debtor.language, claim.clerk_id) == ("open", "fr", CLARA)
        assert claim.debtor.fact_hash is not None
        lines = claim_sum(session, claim, on=TODAY).lines
        assert [line.claimed.minor for line in lines if line.position.kind != "default_interest"] == [28460, 2000, 4000]
        assert [line.evidenced for line in lines] == [True, True, True, False]
        assert lines[1].claimed.minor > 0


@pytest.mark.parametrize(
    ("fields", "sentence", "field"),
    [
        ({"name": ""}, "Enter the name as it stands on the invoice.", "name"),
        ({"kind": "company", "customer_number": "X"}, "Enter who reads the letter", "contact_name"),
        ({"street": ""}, "Enter the street.", "street"),
        ({"postcode": "?"}, "Enter the postcode", "postcode"),
        ({"town": ""}, "Enter the town.", "town"),
        ({"birth_date": "soon"}, "Enter the date of birth like", "birth_date"),
        ({"customer_number": "K-Lotzwil"}, "Another person has this customer number.", "customer_number"),
        ({"reference": "../x"}, "Use up to 40 letters", "reference"),
        ({"reference": "2026-0418"}, "There is a case with this number already.", "reference"),
        ({"title": ""}, "Say in a few words what the invoice is for.", "title"),
        ({"invoice_number": ""}, "Enter the invoice number.", "invoice_number"),
        ({"invoice_on": ""}, "Enter the date of the invoice", "invoice_on"),
        ({"due_on": "1.1.2027"}, "The invoice is not due yet.", "due_on"),
        ({"pay_by": "24.11.2026"}, "The letter needs some days.", "pay_by"),
        ({"pay_by": "12.12.2026"}, "Banks are closed on that day.", "pay_by"),
        ({"currency": "EUR"}, "There is no bank account in this currency.", "currency"),
        ({"principal": "viel"}, "Enter the amount of the invoice", "principal"),
        ({"rate": "50"}, "Enter a rate above 0", "rate"),
        ({"interest_from": ""}, "Enter the first day of interest", "interest_from"),
        ({"interest_reason": ""}, "Choose why interest begins", "interest_reason"),
        ({"fee": "x"}, "Enter the reminder fee", "fee"),
        ({"fee_basis": ""}, "Choose what the reminder fee rests on.", "fee_basis"),
        ({"cost": "x"}, "Enter the collection costs", "cost"),
        ({"cost_basis": "invoice"}, "Choose what the collection costs rest on.", "cost_basis"),
        ({"cost_anyway": ""}, "Private persons are not asked for collection costs", "cost"),
        ({"credit": "x"}, "Enter the credit note", "credit"),
        ({"rate_kind": "law"}, "Choose the rate of the law, or name another one", "rate"),
        ({"clerk": str(uuid4())}, "Choose who answers this person.", "clerk"),
    ],
)
def test_each_gap_stands_on_its_field(portal: Portal, fields: dict[str, str], sentence: str, field: str) -> None:
    answer = portal.staff("lena").is_in().sends(PATH, page=PATH + "?lang=en", **{**GOOD, **fields})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in html
    assert f'id="{field}-error"' in html


def of_country(portal: Portal, country: str) -> None:
    with portal.parts.database.writing() as session:
        firm = session.get_one(Creditor, VELO)
        firm.country, firm.canton = country, ""


def test_a_french_consumer_is_not_asked_for_collection_costs(portal: Portal) -> None:
    of_country(portal, "FR")
    lena = portal.staff("lena").is_in()
    answer = lena.sends(PATH, page=PATH + "?lang=en", **{**GOOD, "fee": "", "fee_basis": "", "rate": "5"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "A private person can&#39;t be asked for collection costs: by CPCE L111-8" in html
    assert 'id="cost-error"' in html
    answer = lena.sends(PATH, **{**GOOD, "fee": "", "fee_basis": "", "cost": "", "cost_basis": ""})
    assert answer.status_code == 303


def test_whoever_opens_a_claim_meets_the_same_law(portal: Portal) -> None:
    of_country(portal, "FR")
    lines = (NewLine(PositionKind.AGENCY_COST, Basis.CONTRACT, Money(4000, "EUR"), TODAY),)
    new = NewClaim("2026-0901", "Velo", "1", TODAY, TODAY, TODAY, "EUR", lines)
    with portal.parts.database.writing() as session:
        firm, debtor = session.get_one(Creditor, VELO), session.get_one(Debtor, DORA.debtor_id)
        with pytest.raises(LineNotAllowed, match="CPCE L111-8"):
            open_claim(session, firm, debtor, CLARA, new, actor=system("test"), now=START, today=TODAY)


def test_a_rate_of_the_law_that_nobody_knows_yet_is_asked_for(portal: Portal) -> None:
    of_country(portal, "DE")
    given = {**GOOD, "rate": "", "rate_kind": "law"}
    answer = portal.staff("lena").is_in().sends(PATH, page=PATH + "?lang=en", **given)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert (
        "By BGB 288(1) no rate is known from Tuesday, 1\N{NO-BREAK SPACE}September\N{NO-BREAK SPACE}2026" in html
        or ("By BGB 288(1) no rate is known from 1" in html)
    )


def test_a_credit_note_lowers_the_invoice_from_its_day_on(portal: Portal) -> None:
    given = {**GOOD, "rate": "", "rate_kind": "law", "credit": "84.60", "credit_on": "1.10.2026", "cost": ""}
    answer = portal.staff("lena").is_in().sends(PATH, **given)
    assert answer.status_code == 303
    with portal.reading() as session:
        claim = claim_at_desk(session, creditor_id=VELO, reference="2026-0900")
        assert claim is not None
        total = claim_sum(session, claim, on=TODAY)
        claimed = {line.position.kind: (line.claimed.minor, line.open.minor) for line in total.lines}
        assert claimed["principal"] == (28460, 20000)  # type: ignore[index]
        assert claimed["credit"] == (-8460, 0)  # type: ignore[index]
        interest = next(line for line in total.lines if line.position.rate_table)
        assert [(part.principal.minor, part.days) for part in interest.stretches] == [(28460, 30), (20000, 52)]
        assert total.open.minor == 20000 + 2000 + interest.open.minor
        assert verify(session) == []


@pytest.mark.parametrize("name", ["clara", "otto"])
def test_who_may_not_import_finds_no_page(portal: Portal, name: str) -> None:
    assert portal.staff(name).is_in().opens(PATH).status_code == 404

"""Does a row of a file say what its author meant, and is each other row refused with its own reason?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from portal.rules.claims import Basis, PositionKind
from portal.rules.countries import profile_of
from portal.rules.import_evidence import file_key, kind_of, names_in, place_on
from portal.rules.import_rows import Light, Read, RowProblem, Setting, read_row
from portal.rules.imports import (
    Column,
    Row,
    RowFault,
    all_tidy,
    guarded,
    match_columns,
    missing_columns,
    read_day,
    tidy,
)
from portal.rules.openings import OpeningProblem
from portal.rules.people import normalise_name

TODAY = date(2026, 11, 23)
CLERK = UUID(int=1)
SETTING = Setting(
    country="CH", language="de", profile=profile_of("CH"), today=TODAY, pay_by=date(2026, 12, 14), currencies=("CHF",),
    clerks={"clara@velo.example": CLERK}, own_rates={}, small_minor=5_000,
)  # fmt: skip
GOOD = {
    "reference": "R-1", "debtor_name": "Anna Muster", "street": "Bahnhofstrasse 12a", "postcode": "4900",
    "town": "Langenthal", "language": "de", "title": "Velo", "invoice_number": "1", "invoice_date": "01.09.2026",
    "due_date": "2026-10-01", "principal": "1'234.50", "contact": "clara@velo.example", "evidence": "a.pdf",
}  # fmt: skip


def read(setting: Setting = SETTING, **changes: str) -> Read:
    said = GOOD | changes
    columns = {Column(name): place for place, name in enumerate(said)}
    return read_row(Row(2, tuple(said.values())), columns, len(said), setting)


def test_a_good_row_says_everything() -> None:
    got = read(replace(SETTING, evidence=frozenset({"a.pdf"})))
    assert (got.problems, got.lights, got.clerk_id, got.currency, got.language) == ((), (), CLERK, "CHF", "de")
    assert got.opening is not None
    assert got.opening.principal is not None
    assert (got.opening.principal.minor, got.opening.street, got.house_number) == (123450, "Bahnhofstrasse", "12a")


def test_a_file_that_never_says_what_for_names_the_invoice() -> None:
    said = {name: text for name, text in GOOD.items() if name != "title"}
    columns = {Column(name): place for place, name in enumerate(said)}
    for language, words in (("de", "Rechnung 1"), ("it", "Fattura 1")):
        row = Row(2, tuple((said | {"language": language}).values()))
        opening = read_row(row, columns, len(said), SETTING).opening
        assert opening is not None
        assert opening.title == words
    assert read(title="").problems == (OpeningProblem.TITLE_MISSING,)


@pytest.mark.parametrize(
    "text", ["2026-03-14", "14.03.2026", "14.3.2026", "14.3.26", "14/03/2026", "14-03-2026", "20260314", "2026/03/14",
             "2026-03-14T00:00:00", "2026-03-14 00:00:00", "46095", "46095.5", "14. 3. 2026"],
)  # fmt: skip
def test_a_day_in_every_usual_form(text: str) -> None:
    assert read_day(text) == date(2026, 3, 14)


@pytest.mark.parametrize(
    "text", ["", "31.02.2026", "03/14/2026", "2026-13-01", "0", "99999", "14.03", "gestern", "14.03/2026", "1899-01-01",
             "9" * 400, "20261301"],
)  # fmt: skip
def test_no_day_is_guessed(text: str) -> None:
    assert read_day(text) is None


@pytest.mark.parametrize(
    ("text", "minor"),
    [("1234.50", 123450), ("1'234.50", 123450), ("1’234.50", 123450), ("1.234,50", 123450), ("1,234.50", 123450),
     ("1 234,50", 123450), ("CHF 1'234.50", 123450), ("1234,5", 123450), ("1234", 123400), ("50.-", 5000),
     ("50.–", 5000), ("Fr. 20.–", 2000)],
)  # fmt: skip
def test_an_amount_in_every_usual_form(text: str, minor: int) -> None:
    got = read(principal=text).opening
    assert got is not None
    assert got.principal is not None
    assert got.principal.minor == minor


@pytest.mark.parametrize(
    "text", ["", "0", "-5", "1.234", "1,234", "EUR 5", "abc", "1e5", "12.345", "9" * 30, "NaN", "5 CHF 5"]
)
def test_no_amount_is_guessed(text: str) -> None:
    assert OpeningProblem.PRINCIPAL_UNREADABLE in read(principal=text).problems


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"debtor_name": ""}, OpeningProblem.NAME_MISSING),
        ({"debtor_name": "=HYPERLINK(1)"}, RowFault.FORMULA),
        ({"debtor_name": "A\0B"}, RowFault.HIDDEN_SIGNS),
        ({"debtor_name": "A\u202eB"}, RowFault.HIDDEN_SIGNS),
        ({"debtor_name": "A" * 300}, RowProblem.TEXT_TOO_LONG),
        ({"postcode": "?"}, OpeningProblem.POSTCODE_UNREADABLE),
        ({"reference": "a/b"}, OpeningProblem.REFERENCE_UNUSABLE),
        ({"reference": "CH9300762011623852957"}, RowProblem.REFERENCE_IS_ACCOUNT),
        ({"due_date": "2026-12-24"}, OpeningProblem.NOT_DUE_YET),
        ({"due_date": "2026-08-01"}, OpeningProblem.DUE_BEFORE_INVOICE),
        ({"invoice_date": "01.09.2010"}, OpeningProblem.INVOICE_ON_TOO_OLD),
        ({"currency": "EUR"}, OpeningProblem.CURRENCY_WITHOUT_ACCOUNT),
        ({"currency": "USD"}, RowProblem.CURRENCY_UNKNOWN),
        ({"country": "Atlantis"}, RowProblem.COUNTRY_UNKNOWN),
        ({"language": "xx"}, RowProblem.LANGUAGE_UNKNOWN),
        ({"debtor_kind": "?"}, RowProblem.KIND_UNKNOWN),
        ({"contact": "nobody@velo.example"}, OpeningProblem.CLERK_MISSING),
        ({"interest_from": "2026-10-02"}, OpeningProblem.INTEREST_REASON_MISSING),
        ({"interest_rate": "5"}, OpeningProblem.INTEREST_FROM_MISSING),
        ({"interest_rate": "50", "interest_from": "2026-10-02"}, OpeningProblem.RATE_UNREADABLE),
        ({"reminder_fee": "20"}, OpeningProblem.FEE_BASIS_MISSING),
        ({"reminder_fee": "zwanzig"}, OpeningProblem.FEE_UNREADABLE),
        ({"collection_cost": "40", "fee_basis": "none"}, OpeningProblem.COST_NOT_BY_DEFAULT),
        ({"paid_so_far": "viel"}, RowProblem.PAID_UNREADABLE),
        ({"paid_so_far": "9000"}, RowProblem.PAID_TOO_HIGH),
        ({"birth_date": "31.02.1980"}, OpeningProblem.FACT_UNREADABLE),
    ],
)
def test_a_row_is_refused_with_its_reason(changes: dict[str, str], problem: object) -> None:
    assert problem in read(**changes).problems


def test_what_a_clerk_should_look_at_is_said() -> None:
    assert read().lights == (Light.EVIDENCE_MISSING,)
    assert Light.ADDRESS_UNCLEAR in read(postcode="79539").lights
    assert Light.LANGUAGE_GUESSED in read(language="").lights
    assert read(language="", postcode="1201", town="Genève").language == "fr"
    assert read(language="", postcode="6900", town="Lugano").language == "it"
    assert Light.LIMITATION_NEAR in read(invoice_date="01.09.2017", due_date="01.10.2017").lights
    assert Light.SMALL in read(principal="20").lights


def test_interest_by_law_needs_only_its_first_day_and_reason() -> None:
    got = read(interest_from="2026-10-02", interest_reason="Mahnung")
    assert got.problems == ()
    assert got.opening is not None
    assert got.opening.rate_by_law


def test_a_company_without_a_name_inside_goes_to_its_accounts() -> None:
    got = read(debtor_kind="Firma", customer_number="K-77", language="fr")
    assert got.problems == ()
    assert got.opening is not None
    assert (got.opening.company, got.opening.contact_name) == (True, "Comptabilité")


def test_columns_of_common_exports_are_known() -> None:
    header = ["Rechnungs-Nr.", "Kundenname", "Straße", "PLZ", "Ort", "Rechnungsdatum", "Fälligkeit", "Betrag"]
    assert missing_columns(match_columns(header)) == []
    french = ["No facture", "Nom client", "Rue", "NPA", "Localité", "Date de facture", "Échéance", "Montant TTC"]
    assert missing_columns(match_columns(french)) == []
    assert match_columns(["Betrag", "principal"]) == {Column.PRINCIPAL: 1}
    assert Column.PRINCIPAL in missing_columns(match_columns(["Name"]))


def test_a_formula_goes_out_as_text_and_comes_back() -> None:
    for cell in ("=1+1", "+41 79", "-5", "@x", "plain"):
        assert tidy(guarded(cell)) == cell
    assert guarded("=1+1") == "'=1+1"


def test_markup_is_text_and_line_ends_are_spaces() -> None:
    got = read(debtor_name="<script>alert(1)</script>", title="Velo\nund  Helm\u200b", street="Gasse&nbsp;1")
    assert got.problems == ()
    assert got.opening is not None
    assert (got.opening.name, got.opening.title) == ("<script>alert(1)</script>", "Velo und Helm")


@pytest.mark.parametrize(
    "cell", [" \u00a0Velo \u2003 Helm\u2060", "'=1", "''", "'", "", "  ", "a\tb", "x\ufeff", "é\u0301 "]
)
def test_a_row_is_tidied_like_its_cells(cell: str) -> None:
    """All cells together take a shorter way, which must lead to the same words."""
    for cells in ((cell,), ("Muster", cell, "4900"), (cell, "Zürich", cell)):
        assert all_tidy(cells) == [tidy(one) for one in cells]


def test_a_name_is_compared_alike_whether_it_has_accents_or_not() -> None:
    assert normalise_name("O'Neil-Meier  AG.") == normalise_name("o neil meier ag") == "o neil meier ag"
    assert normalise_name("Müller-Łuk") == normalise_name("MULLER łuk")


def test_documents_are_known_by_their_names() -> None:
    assert names_in("a.pdf| C:\\x\\A.PDF |b.pdf|") == ("C:\\x\\A.PDF", "b.pdf")
    assert file_key("C:\\x\\U\u0308.PDF") == file_key("ü.pdf")
    kinds = ("Mahnung Rechnung 7.pdf", "AGB-2026.pdf", "tagblatt.pdf", "rg_7.pdf", "Vertrag.pdf")
    assert [kind_of(name, first=False).value for name in kinds] == ["reminder", "terms", "other", "invoice", "contract"]
    assert kind_of("0007.pdf", first=True).value == "invoice"
    shown = [kind_of(name, first=False) for name in kinds]
    assert place_on(PositionKind.PRINCIPAL, Basis.INVOICE, shown) == 3
    assert place_on(PositionKind.REMINDER_FEE, Basis.TERMS_CLAUSE, shown) == 1
    assert place_on(PositionKind.DEFAULT_INTEREST, Basis.LAW_DEFAULT_INTEREST, shown) is None

"""What a bill says to banking apps: against the qrbill package, public samples, and the rules of the standard."""

import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules import references
from portal.rules.money import Money
from portal.rules.transfers import (
    Account,
    Address,
    Bill,
    Method,
    PayloadUnreadable,
    TransferFault,
    TransferProblem,
    TransferRefused,
    epc_payload,
    epc_problems,
    method_for,
    parse_swiss,
    slip_amount,
    swiss_payload,
    swiss_problems,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from qrbill import QRBill

SAMPLES = sorted((Path(__file__).parent.parent / "data" / "qr-bill").glob("*.txt"))
PAYEE = Address("Velo Sutter AG", "Lagerstrasse", "14", "8400", "Winterthur", "CH")
PAYER = Address("Zoë Žák-Šimić", "Rue de l’Été".replace("’", "'"), "3a", "1800", "Vevey", "CH")
QRR = references.qr_reference("21000000000313947143000901")
BILL = Bill(Account("CH4431999123000889012"), PAYEE, PAYER, Money(128803, "CHF"), QRR, "Rechnung 2026-0417")
SEPA = replace(
    BILL,
    account=Account("DE89370400440532013000"),
    amount=Money(4550, "EUR"),
    reference=references.scor_reference("417"),
)

SIGNS = st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=["Cc"])
WORD = st.text(SIGNS.filter(lambda sign: sign not in "\xad\xa0"), min_size=1, max_size=24).filter(str.strip)
ADDRESS = st.builds(
    Address, WORD, st.one_of(st.just(""), WORD), st.text("0123456789a", max_size=5), st.text("0123456789", min_size=4,
    max_size=6), WORD, st.sampled_from(["CH", "LI", "DE", "IT"]),
)  # fmt: skip
MONEY = st.builds(Money, st.integers(1, 99_999_999_999), st.sampled_from(["CHF", "EUR"]))
ACCOUNT_AND_REFERENCE = st.one_of(
    st.tuples(st.just("CH4431999123000889012"), st.integers(1, 10**26 - 1).map(references.qr_reference)),
    st.tuples(
        st.just("CH9300762011623852957"),
        st.one_of(st.just(""), st.text("0123456789AZ", min_size=1, max_size=21).map(references.scor_reference)),
    ),
)


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    iban, reference = draw(ACCOUNT_AND_REFERENCE)
    payer, amount = draw(st.none() | ADDRESS), draw(st.none() | MONEY)
    open_currency = "CHF" if amount else draw(st.sampled_from(["CHF", "EUR"]))
    return Bill(Account(iban), draw(ADDRESS), payer, amount, reference, draw(st.just("") | WORD), open_currency)


def faults(bill: Bill) -> set[tuple[str, TransferFault]]:
    return {(problem.field, problem.fault) for problem in swiss_problems(bill)}


@given(bills())
@settings(max_examples=150, deadline=None)
def test_every_bill_comes_back_from_its_payload(bill: Bill) -> None:
    payload = swiss_payload(bill)
    assert payload.count("\n") == 30
    assert len(payload.encode()) <= 997
    assert parse_swiss(payload) == bill
    assert parse_swiss(payload.replace("\n", "\r\n")) == bill


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_public_samples_come_back_byte_for_byte(sample: Path) -> None:
    payload = sample.read_bytes().decode()
    assert swiss_payload(parse_swiss(payload)) == payload


def test_there_are_samples() -> None:
    assert len(SAMPLES) == 6


def _as_qrbill(address: Address) -> dict[str, str]:
    keys = {"name": "name", "street": "street", "house_number": "house_num", "postcode": "pcode", "town": "city"}
    return {theirs: getattr(address, ours) for ours, theirs in keys.items()} | {"country": address.country}


@pytest.mark.parametrize("payer", [PAYER, None])
@pytest.mark.parametrize("currency", ["CHF", "EUR"])
@pytest.mark.parametrize(
    ("iban", "reference"),
    [("CH4431999123000889012", QRR), ("CH9300762011623852957", "RF18539007547034"), ("CH9300762011623852957", "")],
)
def test_payload_is_that_of_the_qrbill_package(payer: Address | None, currency: str, iban: str, reference: str) -> None:
    bill = replace(BILL, account=Account(iban), payer=payer, amount=Money(159000, currency), reference=reference)
    theirs = QRBill(
        account=iban, creditor=_as_qrbill(PAYEE), amount="1590.00", currency=currency,
        reference_number=reference or None, debtor=_as_qrbill(payer) if payer else None,
        additional_information=bill.message,
    )  # fmt: skip
    assert swiss_payload(bill).split("\n") == theirs.qr_data().split("\r\n")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"reference": ""}, ("reference", TransferFault.REFERENCE_KIND)),
        ({"reference": "RF18539007547034"}, ("reference", TransferFault.REFERENCE_KIND)),
        ({"reference": QRR[:-1] + "0"}, ("reference", TransferFault.REFERENCE)),
        ({"reference": references.group_reference(QRR)}, ("reference", TransferFault.REFERENCE)),
        ({"account": Account("CH9300762011623852957")}, ("reference", TransferFault.REFERENCE_KIND)),
        ({"account": Account("DE89370400440532013000")}, ("account.iban", TransferFault.ACCOUNT_COUNTRY)),
        ({"account": Account("CH44 3199 9123 0008 8901 2")}, ("account.iban", TransferFault.ACCOUNT)),
        ({"account": Account(BILL.account.iban, "nonsense")}, ("account.bic", TransferFault.BIC)),
        ({"amount": Money(0, "CHF")}, ("amount", TransferFault.AMOUNT)),
        ({"amount": Money(-5, "CHF")}, ("amount", TransferFault.AMOUNT)),
        ({"amount": Money(100_000_000_000, "CHF")}, ("amount", TransferFault.AMOUNT)),
        ({"amount": Money(100, "USD")}, ("amount", TransferFault.CURRENCY)),
        ({"amount": None, "open_currency": "USD"}, ("amount", TransferFault.CURRENCY)),
        ({"message": "x" * 141}, ("message", TransferFault.TOO_LONG)),
        ({"message": "two\nlines"}, ("message", TransferFault.SIGNS)),
        ({"message": "李"}, ("message", TransferFault.SIGNS)),
        ({"payee": replace(PAYEE, name="x" * 71)}, ("payee.name", TransferFault.TOO_LONG)),
        ({"payee": replace(PAYEE, name=" ")}, ("payee.name", TransferFault.MISSING)),
        ({"payee": replace(PAYEE, country="Schweiz")}, ("payee.country", TransferFault.COUNTRY)),
        ({"payer": replace(PAYER, town="")}, ("payer.town", TransferFault.MISSING)),
        ({"payer": replace(PAYER, house_number="1" * 17)}, ("payer.house_number", TransferFault.TOO_LONG)),
    ],
)
def test_faulty_bills_are_refused_and_never_shortened(
    change: dict[str, object], expected: tuple[str, TransferFault]
) -> None:
    bill = replace(BILL, **change)  # type: ignore[arg-type]
    assert expected in faults(bill)
    with pytest.raises(TransferRefused) as refused:
        swiss_payload(bill)
    assert TransferProblem(*expected) in refused.value.problems


def test_all_faults_are_named_at_once() -> None:
    bill = replace(BILL, payee=replace(PAYEE, name="", town="x" * 36), amount=Money(0, "CHF"))
    assert {field for field, _ in faults(bill)} == {"payee.name", "payee.town", "amount"}


def test_a_payload_may_not_be_longer_than_the_code() -> None:
    wide = Address("Š" * 70, "Š" * 70, "Š" * 16, "Š" * 16, "Š" * 35, "CH")
    assert faults(replace(BILL, payee=wide, payer=wide, message="Š" * 140)) == {("payload", TransferFault.TOO_LONG)}


@pytest.mark.parametrize(
    ("line", "text"),
    [(0, "BCD"), (1, "0100"), (2, "2"), (4, "K"), (12, "x"), (18, "1,00"), (18, "1e3"), (19, "USD"), (30, "")],
)
def test_other_texts_are_unreadable(line: int, text: str) -> None:
    lines = swiss_payload(BILL).split("\n")
    lines[line] = text
    with pytest.raises(PayloadUnreadable):
        parse_swiss("\n".join(lines))


def test_a_wrong_reference_type_is_refused() -> None:
    with pytest.raises(TransferRefused):
        parse_swiss(swiss_payload(BILL).replace("\nQRR\n", "\nSCOR\n"))
    with pytest.raises(PayloadUnreadable):
        parse_swiss(swiss_payload(BILL) + "\n")


def test_epc_lines() -> None:
    assert epc_payload(SEPA).split("\n") == [
        "BCD", "002", "1", "SCT", "", "Velo Sutter AG", "DE89370400440532013000", "EUR45.50", "", "RF94417",
    ]  # fmt: skip
    free = replace(SEPA, reference="", amount=None, open_currency="EUR", message="Fattura 26/204")
    assert epc_payload(free).split("\n")[7:] == ["", "", "", "Fattura 26/204"]


def test_a_swiss_payee_of_an_epc_code_needs_the_bank_code() -> None:
    swiss = replace(SEPA, account=Account("CH9300762011623852957"))
    assert epc_problems(swiss) == [TransferProblem("account.bic", TransferFault.MISSING)]
    assert (
        epc_payload(replace(swiss, account=Account("CH9300762011623852957", "POFICHBE"))).split("\n")[4] == "POFICHBE"
    )


def test_epc_is_for_euro_and_never_for_a_qr_iban() -> None:
    assert epc_problems(replace(SEPA, amount=Money(100, "CHF"))) == [TransferProblem("amount", TransferFault.CURRENCY)]
    on_qr_iban = epc_problems(replace(BILL, amount=Money(100, "EUR"), account=Account(BILL.account.iban, "POFICHBE")))
    assert TransferProblem("account.iban", TransferFault.ACCOUNT) in on_qr_iban
    with pytest.raises(TransferRefused):
        epc_payload(replace(SEPA, payee=replace(PAYEE, name="x" * 71)))
    assert epc_problems(replace(SEPA, reference="", payee=replace(PAYEE, name="Š" * 70), message="Š" * 140)) == [
        TransferProblem("payload", TransferFault.TOO_LONG)
    ]


def test_the_account_decides_the_code() -> None:
    assert method_for(BILL) is Method.SWISS_QR
    assert method_for(replace(BILL, amount=Money(100, "EUR"))) is Method.SWISS_QR
    assert method_for(SEPA) is Method.EPC_QR
    assert method_for(replace(SEPA, amount=Money(100, "CHF"))) is Method.PLAIN
    assert method_for(replace(BILL, payee=replace(PAYEE, name="李"))) is Method.PLAIN


@pytest.mark.parametrize(
    ("minor", "printed"), [(159000, "1 590.00"), (5, "0.05"), (99_999_999_999, "999 999 999.99"), (100000, "1 000.00")]
)
def test_the_slip_parts_thousands_by_a_space(minor: int, printed: str) -> None:
    assert slip_amount(Money(minor, "CHF")) == printed

"""Check digits and forms of references and account numbers, against law.md 4.1 and python-stdnum."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban, iso11649
from stdnum.ch import esr

from portal.rules import references
from portal.rules.references import ReferenceKind

GOLDEN_QRR = ("210000000003139471430009017", "000008207791225857421286694", "123456789012345678901234567")
QR_IBAN, PLAIN_IBAN = "CH4431999123000889012", "CH9300762011623852957"
DIGITS = st.text("0123456789", min_size=1, max_size=26).filter(lambda digits: digits.strip("0"))


@pytest.mark.parametrize("reference", GOLDEN_QRR)
def test_golden_qr_references_have_their_check_digit(reference: str) -> None:
    assert references.qr_reference(reference[:-1]) == reference
    assert references.is_qr_reference(references.group_reference(reference))


def test_all_zero_is_no_qr_reference() -> None:
    assert not references.is_qr_reference("0" * 27)
    for made_from in (0, "", "0" * 26, 10**26, "12a", -1, "١٢"):
        with pytest.raises(ValueError, match="QR reference"):
            references.qr_reference(made_from)


@given(DIGITS)
def test_qr_check_digit_is_that_of_stdnum(digits: str) -> None:
    reference = references.qr_reference(digits)
    assert len(reference) == 27
    assert reference[-1] == esr.calc_check_digit(reference[:-1])
    assert references.is_qr_reference(reference)


@given(DIGITS, st.integers(0, 26), st.integers(1, 9))
def test_one_wrong_digit_is_found(digits: str, at: int, more: int) -> None:
    reference = references.qr_reference(digits)
    wrong = reference[:at] + str((int(reference[at]) + more) % 10) + reference[at + 1 :]
    assert not references.is_qr_reference(wrong)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=21))
def test_creditor_references_are_those_of_stdnum(body: str) -> None:
    reference = references.scor_reference(body)
    assert iso11649.is_valid(reference)
    assert references.is_scor(reference)
    assert references.kind_of(reference) is ReferenceKind.SCOR


def test_golden_creditor_references() -> None:
    assert references.scor_reference("539007547034") == "RF18539007547034"
    assert not references.is_scor("RF720191230100405JSH0438")
    for body in ("", "A" * 22, "A-1"):
        with pytest.raises(ValueError, match="creditor reference"):
            references.scor_reference(body)


@given(st.integers(1, 999_999), st.uuids())
def test_a_payable_has_one_reference_of_each_kind(creditor_no: int, payable_id: uuid.UUID) -> None:
    qrr = references.qr_reference_from(creditor_no, payable_id)
    scor = references.scor_reference_from(creditor_no, payable_id)
    assert (references.is_qr_reference(qrr), references.is_scor(scor)) == (True, True)
    assert qrr == references.qr_reference_from(creditor_no, payable_id)
    assert qrr[:6] == f"{creditor_no:06d}"
    assert len(scor) <= 25


def test_ten_thousand_payables_have_as_many_references() -> None:
    made = {references.qr_reference_from(7, uuid.UUID(int=number)) for number in range(10_000)}
    assert len(made) == 10_000


@pytest.mark.parametrize("creditor_no", [0, -3, 1_000_000])
def test_creditor_numbers_have_one_to_six_digits(creditor_no: int) -> None:
    with pytest.raises(ValueError, match="creditor number"):
        references.qr_reference_from(creditor_no, uuid.UUID(int=1))


@pytest.mark.parametrize(
    ("account", "is_iban", "is_qr_iban"),
    [
        (QR_IBAN, True, True),
        (PLAIN_IBAN, True, False),
        ("ch93 0076 2011 6238 5295 7", True, False),
        ("DE89370400440532013000", True, False),
        ("DE89370400440532013001", False, False),
        ("DE8937040044053201300", False, False),
        ("XX4431999123000889012", False, False),
        ("", False, False),
    ],
)
def test_account_numbers(account: str, is_iban: bool, is_qr_iban: bool) -> None:
    assert (references.is_iban(account), references.is_qr_iban(account)) == (is_iban, is_qr_iban)
    assert not is_iban or iban.is_valid(account)


@pytest.mark.parametrize(("iid", "expected"), [(29999, False), (30000, True), (31999, True), (32000, False)])
def test_the_bank_number_decides_what_a_qr_iban_is(iid: int, expected: bool) -> None:
    bban = f"{iid}123000889012"
    account = iban.calc_check_digits(f"CH00{bban}")
    assert references.is_qr_iban(f"CH{account}{bban}") is expected


def test_people_read_groups() -> None:
    assert references.group_iban(PLAIN_IBAN) == "CH93 0076 2011 6238 5295 7"
    assert references.group_reference(GOLDEN_QRR[0]) == "21 00000 00003 13947 14300 09017"
    assert references.group_reference("RF18539007547034") == "RF18 5390 0754 7034"
    assert references.group_reference("") == ""


def test_kinds_of_references() -> None:
    assert references.kind_of("") is ReferenceKind.NON
    assert references.kind_of(GOLDEN_QRR[0]) is ReferenceKind.QRR
    assert references.kind_of("12345") is None
    assert (references.is_bic("POFICHBEXXX"), references.is_bic("pofi")) == (True, False)

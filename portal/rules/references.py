"""Which reference and which account number is rightly formed, and how is a new reference made?"""

import hashlib
import re
import uuid
from enum import StrEnum

CARRY = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)
QR_IIDS = range(30000, 32000)
QR_DIGITS = 27
CREDITOR_DIGITS = 6
IBAN_LENGTHS = {
    "AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15,
    "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}  # fmt: skip


class ReferenceKind(StrEnum):
    """The three reference types of the Swiss QR-bill."""

    QRR = "QRR"
    SCOR = "SCOR"
    NON = "NON"


def compact(text: str) -> str:
    """The same reference or account number without the spaces people and papers put into it, in capitals."""
    return re.sub(r"\s", "", text).upper()


def check_digit(digits: str) -> str:
    """The modulo-10 recursive check digit of these digits (IG QR-bill v2.3, annex B)."""
    carry = 0
    for digit in digits:
        carry = CARRY[(carry + int(digit)) % 10]
    return str(-carry % 10)


def qr_reference(number: int | str) -> str:
    """The 27-digit QR reference of a number of at most 26 digits; ValueError for zero, for more, for other signs."""
    digits = str(number)
    if not re.fullmatch(r"[0-9]{1,26}", digits) or not digits.strip("0"):
        raise ValueError("a QR reference is made from 1 to 26 digits that are not all zero")
    padded = digits.zfill(QR_DIGITS - 1)
    return padded + check_digit(padded)


def qr_reference_from(creditor_no: int, payable_id: uuid.UUID) -> str:
    """The QR reference of one payable thing: creditor number, then 20 digits drawn from its id.

    The same id always gives the same reference; that two ids never share one is what the database's unique holds.
    """
    return qr_reference(_creditor_digits(creditor_no) + _digits_of(payable_id, 20))


def scor_reference_from(creditor_no: int, payable_id: uuid.UUID) -> str:
    """The ISO 11649 reference of one payable thing, for an account without QR-IBAN; made like the QR reference."""
    return scor_reference(_creditor_digits(creditor_no) + _digits_of(payable_id, 15))


def scor_reference(alnum: str) -> str:
    """The ISO 11649 reference "RF" + two check digits of 1 to 21 letters and digits; ValueError for anything else."""
    body = compact(alnum)
    if not re.fullmatch(r"[0-9A-Z]{1,21}", body):
        raise ValueError("a creditor reference is made from 1 to 21 letters and digits")
    return f"RF{98 - _mod97(body + 'RF00'):02d}{body}"


def is_qr_reference(text: str) -> bool:
    """Whether this is a QR reference of 27 digits with its right check digit."""
    digits = compact(text)
    return bool(re.fullmatch(r"[0-9]{27}", digits) and digits.strip("0")) and check_digit(digits[:-1]) == digits[-1]


def is_scor(text: str) -> bool:
    """Whether this is an ISO 11649 reference with its right check digits."""
    reference = compact(text)
    return bool(re.fullmatch(r"RF[0-9]{2}[0-9A-Z]{1,21}", reference)) and _mod97(reference[4:] + reference[:4]) == 1


def is_iban(text: str) -> bool:
    """Whether this is an account number of a SEPA country, with that country's length and right check digits."""
    iban = compact(text)
    known = len(iban) == IBAN_LENGTHS.get(iban[:2], 0) and re.fullmatch(r"[A-Z]{2}[0-9]{2}[0-9A-Z]+", iban)
    return bool(known) and _mod97(iban[4:] + iban[:4]) == 1


def is_qr_iban(text: str) -> bool:
    """Whether this account number takes only payments with a QR reference (bank number 30000 to 31999)."""
    iban = compact(text)
    return is_iban(iban) and iban[:2] in ("CH", "LI") and iban[4:9].isdigit() and int(iban[4:9]) in QR_IIDS


def is_bic(text: str) -> bool:
    """Whether this has the form of a bank's ISO 9362 code: 8 or 11 signs."""
    return bool(re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", text))


def kind_of(reference: str) -> ReferenceKind | None:
    """The type of a reference as the QR-bill names it, NON for none, None where it is neither."""
    if not reference:
        return ReferenceKind.NON
    if is_qr_reference(reference):
        return ReferenceKind.QRR
    return ReferenceKind.SCOR if is_scor(reference) else None


def group_iban(text: str) -> str:
    """The account number as it is printed: groups of four."""
    iban = compact(text)
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def group_reference(text: str) -> str:
    """The reference as it is printed: two digits and groups of five for a QR reference, else groups of four."""
    reference = compact(text)
    if not re.fullmatch(r"[0-9]{27}", reference):
        return group_iban(reference)
    return " ".join([reference[:2], *(reference[at : at + 5] for at in range(2, QR_DIGITS, 5))])


def _creditor_digits(creditor_no: int) -> str:
    if not 0 < creditor_no < 10**CREDITOR_DIGITS:
        raise ValueError("a creditor number has 1 to 6 digits")
    return str(creditor_no).zfill(CREDITOR_DIGITS)


def _digits_of(payable_id: uuid.UUID, count: int) -> str:
    return str(int.from_bytes(hashlib.sha256(payable_id.bytes).digest()) % 10**count).zfill(count)


#: Letters count from 10 (ISO 7064).
_AS_FIGURES = {ord(sign): str(int(sign, 36)) for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def _mod97(text: str) -> int:
    return int(text.translate(_AS_FIGURES)) % 97

"""What does a bank transfer have to say, and which QR code says it to a banking app?"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from portal.rules import references
from portal.rules.money import Money
from portal.rules.references import ReferenceKind

HIGHEST_MINOR = 99_999_999_999
SWISS_LINES = 31
SWISS_BYTES = 997
EPC_BYTES = 331
NOT_FOR_PAYMENT = (
    "DO NOT USE FOR PAYMENT",
    "NICHT ZUR ZAHLUNG VERWENDEN",
    "NE PAS UTILISER POUR LE PAIEMENT",
    "NON UTILIZZARE PER IL PAGAMENTO",
)
EEA = frozenset([
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
    "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
])  # fmt: skip
# IG QR-bill v2.3: Basic Latin, Latin-1, Latin Extended-A, and five signs more.
SWISS_SIGNS = re.compile("[\u0020-\u007e\u00a0-\u017f\u0218-\u021b\u20ac]*")
LENGTHS = {"name": 70, "street": 70, "house_number": 16, "postcode": 16, "town": 35}
REQUIRED = ("name", "postcode", "town")


@dataclass(frozen=True)
class Address:
    """A structured address (type S); country is two capital letters, street and house number may be empty."""

    name: str
    street: str
    house_number: str
    postcode: str
    town: str
    country: str


@dataclass(frozen=True)
class Account:
    """Where the money goes: an account number without spaces and, where it is needed, the bank's code."""

    iban: str
    bic: str | None = None


@dataclass(frozen=True)
class Bill:
    """One thing to pay by transfer; an empty reference means none.

    No amount means that the payer fills it in, in `open_currency`; with an amount that field stays as it is.
    """

    account: Account
    payee: Address
    payer: Address | None
    amount: Money | None
    reference: str
    message: str
    open_currency: str = "CHF"

    @property
    def currency(self) -> str:
        """The currency to pay in, CHF or EUR on a QR-bill."""
        return self.open_currency if self.amount is None else self.amount.currency


class TransferFault(StrEnum):
    """What can keep a bill from becoming a QR code."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    SIGNS = "signs"
    COUNTRY = "country"
    ACCOUNT = "account"
    ACCOUNT_COUNTRY = "account_country"
    BIC = "bic"
    CURRENCY = "currency"
    AMOUNT = "amount"
    REFERENCE = "reference"
    REFERENCE_KIND = "reference_kind"


@dataclass(frozen=True)
class TransferProblem:
    """One fault and the field it concerns, such as "payee.name"."""

    field: str
    fault: TransferFault


class TransferRefused(ValueError):
    """The bill can't be written as this QR code; `problems` names every reason."""

    def __init__(self, problems: list[TransferProblem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.fault}" for problem in problems))
        self.problems = problems


class PayloadUnreadable(ValueError):
    """The text is no QR-bill of version 2 with structured addresses."""


class Method(StrEnum):
    """Which QR code a transfer gets; PLAIN means the details as text only."""

    SWISS_QR = "swiss_qr"
    EPC_QR = "epc_qr"
    PLAIN = "plain"


def method_for(bill: Bill) -> Method:
    """The QR code that fits the account: Swiss for CH and LI in CHF and EUR, EPC for EUR on another SEPA account.

    A bill without a fitting code, or with a fault in it, is shown as plain details.
    """
    if bill.account.iban[:2] in ("CH", "LI"):
        return Method.PLAIN if swiss_problems(bill) else Method.SWISS_QR
    return Method.PLAIN if epc_problems(bill) else Method.EPC_QR


def swiss_problems(bill: Bill) -> list[TransferProblem]:
    """Every reason why this bill is no Swiss QR-bill (IG QR-bill v2.3); empty when it is one."""
    problems = [*_account_problems(bill.account), *_swiss_reference_problems(bill)]
    if bill.account.iban[:2] not in ("CH", "LI"):
        problems.append(TransferProblem("account.iban", TransferFault.ACCOUNT_COUNTRY))
    problems += _address_problems("payee", bill.payee)
    problems += _address_problems("payer", bill.payer) if bill.payer else []
    problems += _amount_problems(bill, ("CHF", "EUR"), zero_allowed=bill.message in NOT_FOR_PAYMENT)
    problems += _text_problems("message", bill.message, 140)
    if not problems and len(_swiss_text(bill).encode()) > SWISS_BYTES:
        problems.append(TransferProblem("payload", TransferFault.TOO_LONG))
    return problems


def epc_problems(bill: Bill) -> list[TransferProblem]:
    """Every reason why this bill gets no EPC QR code (EPC069-12 v2.1); a QR-IBAN takes no SEPA transfer."""
    iban, bic = bill.account.iban, bill.account.bic
    problems = _account_problems(bill.account)
    if references.is_qr_iban(iban):
        problems.append(TransferProblem("account.iban", TransferFault.ACCOUNT))
    if not bic and iban[:2] not in EEA:
        problems.append(TransferProblem("account.bic", TransferFault.MISSING))
    if bill.reference and not references.is_scor(bill.reference):
        problems.append(TransferProblem("reference", TransferFault.REFERENCE_KIND))
    problems += _text_problems("payee.name", bill.payee.name, 70, required=True)
    problems += _amount_problems(bill, ("EUR",), zero_allowed=False)
    problems += _text_problems("message", bill.message, 140)
    if not problems and len(_epc_text(bill).encode()) > EPC_BYTES:
        problems.append(TransferProblem("payload", TransferFault.TOO_LONG))
    return problems


def swiss_payload(bill: Bill) -> str:
    """The text of the Swiss QR code, 31 lines parted by LF; nothing is shortened, TransferRefused names all faults."""
    if problems := swiss_problems(bill):
        raise TransferRefused(problems)
    return _swiss_text(bill)


def epc_payload(bill: Bill) -> str:
    """The text of the EPC QR code (version 002, UTF-8); with a reference the message is left out, as the rules want."""
    if problems := epc_problems(bill):
        raise TransferRefused(problems)
    return _epc_text(bill)


def parse_swiss(payload: str) -> Bill:
    """The bill that a Swiss QR code says; PayloadUnreadable for other texts, TransferRefused for a faulty bill."""
    lines = payload.replace("\r\n", "\n").split("\n")
    if len(lines) != SWISS_LINES or lines[:3] != ["SPC", "0200", "1"] or lines[30] != "EPD" or any(lines[11:18]):
        raise PayloadUnreadable("this is no QR-bill of 31 lines, version 0200")
    payee, payer = _address_from(lines[4:11]), _address_from(lines[20:27])
    if payee is None:
        raise PayloadUnreadable("the payee is missing")
    amount, currency = _amount_from(lines[18], lines[19]), lines[19]
    open_currency = "CHF" if lines[18] else currency
    bill = Bill(Account(lines[3]), payee, payer, amount, lines[28], lines[29], open_currency)
    if references.kind_of(bill.reference) != lines[27]:
        raise TransferRefused([TransferProblem("reference", TransferFault.REFERENCE_KIND)])
    if problems := swiss_problems(bill):
        raise TransferRefused(problems)
    return bill


def as_payer(address: Address) -> Address | None:
    """The address in signs that a QR-bill knows, its letters without marks where need be; None where that won't do.

    The payer is the one field that may stay empty: a name in another script costs nobody the code.
    """
    fields = {name: _plain(getattr(address, name)) for name in LENGTHS}
    known = all(SWISS_SIGNS.fullmatch(text) for text in fields.values())
    return replace(address, **fields) if known else None


def _plain(text: str) -> str:
    return "".join(one if SWISS_SIGNS.fullmatch(one) else _bare(one) for one in unicodedata.normalize("NFC", text))


def _bare(sign: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", sign) if not unicodedata.combining(one))


def decimal_amount(amount: Money) -> str:
    """The sum as codes carry it: digits, a point, two digits."""
    return f"{amount.minor // 100}.{amount.minor % 100:02d}"


def slip_amount(amount: Money) -> str:
    """The sum as the slip prints it: thousands parted by a space ("1 590.00"), without the currency."""
    return f"{amount.minor // 100:,}".replace(",", " ") + f".{amount.minor % 100:02d}"


def _swiss_text(bill: Bill) -> str:
    kind = references.kind_of(bill.reference) or ReferenceKind.NON
    amount = "" if bill.amount is None else decimal_amount(bill.amount)
    lines = ["SPC", "0200", "1", bill.account.iban, *_address_lines(bill.payee), *[""] * 7, amount, bill.currency]
    return "\n".join([*lines, *_address_lines(bill.payer), kind.value, bill.reference, bill.message, "EPD"])


def _epc_text(bill: Bill) -> str:
    amount = "" if bill.amount is None else f"EUR{decimal_amount(bill.amount)}"
    lines = ["BCD", "002", "1", "SCT", bill.account.bic or "", bill.payee.name, bill.account.iban, amount, ""]
    return "\n".join([*lines, bill.reference, "" if bill.reference else bill.message]).rstrip("\n")


def _address_lines(address: Address | None) -> list[str]:
    if address is None:
        return [""] * 7
    line = [address.name, address.street, address.house_number, address.postcode, address.town, address.country]
    return ["S", *line]


def _address_from(lines: list[str]) -> Address | None:
    if not any(lines):
        return None
    if lines[0] != "S":
        raise PayloadUnreadable("only structured addresses are in use since November 2025")
    return Address(*lines[1:])


def _amount_from(amount: str, currency: str) -> Money | None:
    if currency not in ("CHF", "EUR"):
        raise PayloadUnreadable("the currency is neither CHF nor EUR")
    if not amount:
        return None
    if not re.fullmatch(r"[0-9]{1,9}\.[0-9]{2}", amount):
        raise PayloadUnreadable("the amount is not written as digits, a point and two digits")
    return Money(int(amount.replace(".", "")), currency)


def _account_problems(account: Account) -> list[TransferProblem]:
    problems = []
    if not references.is_iban(account.iban) or account.iban != references.compact(account.iban):
        problems.append(TransferProblem("account.iban", TransferFault.ACCOUNT))
    if account.bic and not references.is_bic(account.bic):
        problems.append(TransferProblem("account.bic", TransferFault.BIC))
    return problems


def _swiss_reference_problems(bill: Bill) -> list[TransferProblem]:
    kind = references.kind_of(bill.reference)
    if kind is None or bill.reference != references.compact(bill.reference):
        return [TransferProblem("reference", TransferFault.REFERENCE)]
    if (kind is ReferenceKind.QRR) != references.is_qr_iban(bill.account.iban):
        return [TransferProblem("reference", TransferFault.REFERENCE_KIND)]
    return []


def _address_problems(where: str, address: Address) -> Iterator[TransferProblem]:
    for field, most in LENGTHS.items():
        yield from _text_problems(f"{where}.{field}", getattr(address, field), most, required=field in REQUIRED)
    if not re.fullmatch("[A-Z]{2}", address.country):
        yield TransferProblem(f"{where}.country", TransferFault.COUNTRY)


def _text_problems(field: str, text: str, most: int, *, required: bool = False) -> Iterator[TransferProblem]:
    if required and not text.strip():
        yield TransferProblem(field, TransferFault.MISSING)
    if len(text) > most:
        yield TransferProblem(field, TransferFault.TOO_LONG)
    if not SWISS_SIGNS.fullmatch(text):
        yield TransferProblem(field, TransferFault.SIGNS)


def _amount_problems(bill: Bill, currencies: tuple[str, ...], *, zero_allowed: bool) -> Iterator[TransferProblem]:
    if bill.currency not in currencies:
        yield TransferProblem("amount", TransferFault.CURRENCY)
    if bill.amount is not None and not (0 if zero_allowed else 1) <= bill.amount.minor <= HIGHEST_MINOR:
        yield TransferProblem("amount", TransferFault.AMOUNT)

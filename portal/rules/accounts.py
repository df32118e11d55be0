"""Which account can a firm name for transfers, and when does a change of it need a second person?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.rules.references import compact, is_bic, is_iban, is_qr_iban

CURRENCIES = ("CHF", "EUR")
SWISS = ("CH", "LI")


class AccountProblem(StrEnum):
    CURRENCY_UNKNOWN = "currency_unknown"
    IBAN_MISSING = "iban_missing"
    IBAN_UNREADABLE = "iban_unreadable"
    IBAN_IS_QR = "iban_is_qr"
    QR_IBAN_UNREADABLE = "qr_iban_unreadable"
    QR_IBAN_IS_NONE = "qr_iban_is_none"
    QR_IBAN_IN_USE = "qr_iban_in_use"
    OTHER_COUNTRY = "other_country"
    BIC_UNREADABLE = "bic_unreadable"
    SAME_AS_BEFORE = "same_as_before"
    CHANGE_WAITS = "change_waits"
    OWN_REQUEST = "own_request"


@dataclass(frozen=True, slots=True)
class AccountTerms:
    """Where transfers in one currency go; `qr_iban` takes payments with a QR reference, `sepa` SEPA transfers."""

    currency: str
    iban: str
    qr_iban: str | None = None
    bic: str | None = None
    sepa: bool = False


def read(currency: str, iban: str, qr_iban: str, bic: str, *, sepa: bool) -> AccountTerms:
    """What was typed, as it is kept."""
    return AccountTerms(
        compact(currency), compact(iban), compact(qr_iban) or None, compact(bic) or None, sepa and currency == "EUR"
    )


def problems(terms: AccountTerms, *, qr_in_use: bool = False) -> list[AccountProblem]:
    """Say everything that stands against this account; `qr_in_use`: claims carry references for a QR-IBAN."""
    found = []
    if terms.currency not in CURRENCIES:
        found.append(AccountProblem.CURRENCY_UNKNOWN)
    if not terms.iban:
        found.append(AccountProblem.IBAN_MISSING)
    elif not is_iban(terms.iban):
        found.append(AccountProblem.IBAN_UNREADABLE)
    elif is_qr_iban(terms.iban):
        found.append(AccountProblem.IBAN_IS_QR)
    if terms.qr_iban is None:
        found += [AccountProblem.QR_IBAN_IN_USE] if qr_in_use else []
    elif not is_iban(terms.qr_iban):
        found.append(AccountProblem.QR_IBAN_UNREADABLE)
    elif not is_qr_iban(terms.qr_iban):
        found.append(AccountProblem.QR_IBAN_IS_NONE)
    elif is_iban(terms.iban) and terms.iban[:2] not in SWISS:
        found.append(AccountProblem.OTHER_COUNTRY)
    if terms.bic is not None and not is_bic(terms.bic):
        found.append(AccountProblem.BIC_UNREADABLE)
    return found


def needs_second(*, known: bool, letters: bool) -> bool:
    """True if a second person has to agree: debtors have letters that name this account (`decisions.md` 9)."""
    return known and letters

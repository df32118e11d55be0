"""Which words stand on a QR-bill, the official ones of IG QR-bill v2.3, annex D, in each language of the catalogues?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.gateways.pdf import QR_BILL_WORDS
from portal.rules.transfers import Method
from portal.web.i18n import N_, gettext_in

WORDS: Mapping[str, str] = {
    "title": N_("QR-bill"),
    "note": N_("Open it in your banking app. Payee, amount and reference are already filled in."),
    "code": N_("Swiss QR code"),
    "payment_part": N_("Payment part"),
    "account": N_("Account / Payable to"),
    "reference": N_("Reference"),
    "additional": N_("Additional information"),
    "currency": N_("Currency"),
    "amount": N_("Amount"),
    "receipt": N_("Receipt"),
    "acceptance_point": N_("Acceptance point"),
    "separate": N_("Separate before paying in"),
    "payable_by": N_("Payable by"),
    "payable_by_blank": N_("Payable by (name/address)"),
}
#: What a screen reader says for the picture.
PICTURES = {
    Method.SWISS_QR: N_("Swiss QR code"),
    Method.EPC_QR: N_("QR code for the bank transfer"),
    Method.PLAIN: N_("Details for the bank transfer"),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {Method: PICTURES}


def qr_bill_words(language: str) -> dict[str, str]:
    """The words of a QR-bill in this language."""
    return {name: gettext_in(language, WORDS[name]) for name in QR_BILL_WORDS}

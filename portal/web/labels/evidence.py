"""What is a document called, and what is missing before it can be added?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.evidence import EvidenceKind, EvidenceProblem
from portal.web.i18n import N_

KINDS: Mapping[EvidenceKind, str] = {
    EvidenceKind.INVOICE: N_("Invoice"),
    EvidenceKind.CONTRACT: N_("Contract"),
    EvidenceKind.ORDER: N_("Order"),
    EvidenceKind.DELIVERY_NOTE: N_("Delivery note"),
    EvidenceKind.TERMS: N_("Terms of business"),
    EvidenceKind.REMINDER: N_("Reminder"),
    EvidenceKind.RECEIPT: N_("Proof of payment"),
    EvidenceKind.PHOTO: N_("Photo"),
    EvidenceKind.OTHER: N_("Another document"),
}
PROBLEMS: Mapping[EvidenceProblem, str] = {
    EvidenceProblem.FILE_MISSING: N_("Choose the document."),
    EvidenceProblem.ONE_FILE_ONLY: N_("Add one document at a time, so that each has its title."),
    EvidenceProblem.TITLE_MISSING: N_("Write under which title the document is shown."),
    EvidenceProblem.TITLE_TOO_LONG: N_("The title is longer than %(limit)s characters. Shorten it."),
    EvidenceProblem.KIND_MISSING: N_("Choose what the document is."),
    EvidenceProblem.LETTER_NOT_ALLOWED: N_(
        "Your firm keeps health data. Its documents never open with the letter alone."
    ),
}
ON: Mapping[EvidenceProblem, str] = {
    EvidenceProblem.FILE_MISSING: "files",
    EvidenceProblem.ONE_FILE_ONLY: "files",
    EvidenceProblem.TITLE_MISSING: "title",
    EvidenceProblem.TITLE_TOO_LONG: "title",
    EvidenceProblem.KIND_MISSING: "kind",
    EvidenceProblem.LETTER_NOT_ALLOWED: "with_letter",
}

LABELS: dict[type[StrEnum], Mapping[Any, str]] = {EvidenceKind: KINDS, EvidenceProblem: PROBLEMS}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {EvidenceProblem: ON}

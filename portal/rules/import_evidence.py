"""Which document does a file of claims mean by a name, what is it likely to be, and on which line does it stand?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from portal.rules.attachments import MAX_CLAIM_FILES, FileType, display_name
from portal.rules.claims import Basis, PositionKind
from portal.rules.evidence import EvidenceKind
from portal.rules.imports import plain

#: One row names so many documents at most, as many as a claim holds.
MOST_NAMED = MAX_CLAIM_FILES
#: With these a word in a document's name begins; the first that fits wins, so that a reminder of an invoice is one.
_BEGINNINGS = {
    EvidenceKind.REMINDER: "mahn zahlungserinnerung rappel sollecit diffida remind dunning",
    EvidenceKind.DELIVERY_NOTE: "liefer livraison bollett consegna delivery",
    EvidenceKind.RECEIPT: "quittung zahlungsbeleg quittance recu ricevut receipt",
    EvidenceKind.TERMS: "agb geschaftsbedingung cg cgv conditions condizioni terms",
    EvidenceKind.CONTRACT: "vertrag contrat contract",
    EvidenceKind.ORDER: "bestell auftrag commande ordin order",
    EvidenceKind.INVOICE: "rechnung rg facture fattura invoice",
    EvidenceKind.PHOTO: "foto photo bild image img",
}
_ROOTS = tuple((kind, tuple(roots.split())) for kind, roots in _BEGINNINGS.items())
#: Two or three letters that would begin many words count only alone.
_WHOLE = frozenset({"agb", "cg", "cgv", "rg", "img"})
_BREAKS = re.compile(r"[\W_\d]+")
_FOLDERS = re.compile(r"[/\\]")


def file_key(name: str) -> str:
    """The same words for the same file, whichever folder, case and kind of accents somebody wrote."""
    return unicodedata.normalize("NFC", _FOLDERS.split(name)[-1]).strip().casefold()


def names_in(cell: str) -> tuple[str, ...]:
    """The files that a cell names, each once, in their order."""
    named = (name.strip() for name in cell.split("|"))
    return tuple({file_key(name): name for name in named if name}.values())


def kind_of(name: str, *, first: bool) -> EvidenceKind:
    """What this document is by the words in its name; without such a word the first one is the invoice."""
    words = [plain(word) for word in _BREAKS.split(name.rpartition(".")[0] or name) if word]
    for kind, roots in _ROOTS:
        if any(word == root or (root not in _WHOLE and word.startswith(root)) for word in words for root in roots):
            return kind
    return EvidenceKind.INVOICE if first else EvidenceKind.OTHER


def kinds_of(names: Sequence[str]) -> tuple[EvidenceKind, ...]:
    """What each of a row's documents is."""
    return tuple(kind_of(name, first=number == 0) for number, name in enumerate(names))


def title_of(name: str) -> str:
    """The title that both sides read: the file's name without anything that hides, and without its ending."""
    return display_name(name, FileType.PDF, "").removesuffix(FileType.PDF.suffix)


def place_on(kind: PositionKind, basis: Basis, kinds: Sequence[EvidenceKind]) -> int | None:
    """Which of these documents shows why this line is owed: the invoice, else the terms or the contract; or None."""
    wanted = EvidenceKind.INVOICE if kind is PositionKind.PRINCIPAL else _SHOWN_BY.get(basis)
    return next((place for place, found in enumerate(kinds) if found is wanted), None)


_SHOWN_BY = {Basis.TERMS_CLAUSE: EvidenceKind.TERMS, Basis.CONTRACT: EvidenceKind.CONTRACT}

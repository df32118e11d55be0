"""Which columns does a file of claims have, and what stands in a cell: which amount, which day, which word?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from portal.rules.claims import Basis, InterestReason
from portal.rules.people import DebtorKind


class TableFault(StrEnum):
    """Why a whole file is refused."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    OLD_FORMAT = "old_format"
    DAMAGED = "damaged"
    ENCODING = "encoding"
    NO_HEADER = "no_header"
    TOO_MANY_COLUMNS = "too_many_columns"
    COLUMNS_MISSING = "columns_missing"


class RowFault(StrEnum):
    """Why a row can't be read at all."""

    UNREADABLE = "unreadable"
    TOO_MANY_CELLS = "too_many_cells"
    CELL_TOO_LONG = "cell_too_long"
    HIDDEN_SIGNS = "hidden_signs"
    FORMULA = "formula"


class TableRefused(Exception):
    """Nothing of this file was kept; `columns` are those that are missing."""

    def __init__(self, fault: TableFault, columns: Sequence[str] = ()) -> None:
        super().__init__(fault.value)
        self.fault, self.columns = fault, tuple(columns)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one record, the line on which it begins, and what keeps it from being read."""

    line: int
    cells: tuple[str, ...]
    fault: RowFault | None = None


class Column(StrEnum):
    """What a column can say, by the names of our own file (`interfaces.md`)."""

    REFERENCE = "reference"
    DEBTOR_NAME = "debtor_name"
    DEBTOR_KIND = "debtor_kind"
    CONTACT_NAME = "contact_name"
    STREET = "street"
    HOUSE_NUMBER = "house_number"
    POSTCODE = "postcode"
    TOWN = "town"
    COUNTRY = "country"
    LANGUAGE = "language"
    BIRTH_DATE = "birth_date"
    CUSTOMER_NUMBER = "customer_number"
    EMAIL = "email"
    PHONE = "phone"
    TITLE = "title"
    INVOICE_NUMBER = "invoice_number"
    INVOICE_DATE = "invoice_date"
    DUE_DATE = "due_date"
    CURRENCY = "currency"
    PRINCIPAL = "principal"
    INTEREST_FROM = "interest_from"
    INTEREST_REASON = "interest_reason"
    INTEREST_RATE = "interest_rate"
    REMINDER_FEE = "reminder_fee"
    COLLECTION_COST = "collection_cost"
    FEE_BASIS = "fee_basis"
    PAID_SO_FAR = "paid_so_far"
    EVIDENCE = "evidence"
    CONTACT = "contact"


#: The column that a refused row has more than it came with.
REASON = "reason"

#: Without these no row can be taken.
NEEDED = (
    Column.DEBTOR_NAME, Column.STREET, Column.POSTCODE, Column.TOWN, Column.INVOICE_NUMBER, Column.INVOICE_DATE,
    Column.DUE_DATE, Column.PRINCIPAL,
)  # fmt: skip

#: What accounting programs of the five countries call these columns, as `plain` writes it.
SYNONYMS: dict[Column, str] = {
    Column.REFERENCE: ("referenz fall fallnummer aktenzeichen dossier numerodossier caseid case casenumber pratica"),
    Column.DEBTOR_NAME: (
        "name kunde kundenname debitor debitorname schuldner firmaname adressat empfanger "
        "client nomclient debiteur nomdebiteur nom raisonsociale cliente nomecliente "
        "debitore ragionesociale nome customer customername contactname"
    ),
    Column.DEBTOR_KIND: ("art kundenart debitorenart typ kundentyp typeclient tipocliente customertype kind"),
    Column.CONTACT_NAME: ("ansprechpartner kontaktperson zhdvon personnedecontact personadicontatto contactperson"),
    Column.STREET: (
        "strasse adresse anschrift strasseundhausnummer strassehausnummer strassenr "
        "adresse1 rue via indirizzo address street1 rechnungsadressestrasse"
    ),
    Column.HOUSE_NUMBER: "hausnummer hausnr nr numerocivico numerorue housenumber",
    Column.POSTCODE: "plz postleitzahl npa codepostal cp cap npalocalite zip zipcode postalcode",
    Column.TOWN: "ort stadt wohnort localite ville lieu luogo localita citta city",
    Column.COUNTRY: ("land laendercode landercode laenderkurzel pays codepays paese nazione countrycode"),
    Column.LANGUAGE: "sprache korrespondenzsprache langue lingua",
    Column.BIRTH_DATE: "geburtsdatum gebdatum datedenaissance datanascita datadinascita dateofbirth dob",
    Column.CUSTOMER_NUMBER: (
        "kundennummer kundennr kdnr debitorennummer debitorennr debitornr personenkonto "
        "konto kontonummer numeroclient noclient numerocliente nrcliente customerno "
        "customerid"
    ),
    Column.EMAIL: "mail emailadresse mailadresse courriel adressemail",
    Column.PHONE: "telefon tel telefonnummer mobile telephone telefono",
    Column.TITLE: (
        "titel bezeichnung betreff buchungstext text leistung objet titre libelle "
        "designation oggetto descrizione description subject"
    ),
    Column.INVOICE_NUMBER: (
        "rechnungsnummer rechnungsnr rechnung rgnr renr belegnummer belegnr belegfeld1 "
        "dokumentnr dokumentnummer opnummer opnr numerofacture nofacture facture "
        "numerodefacture numerofattura nrfattura fattura invoiceno invoice invoiceid "
        "documentnumber"
    ),
    Column.INVOICE_DATE: (
        "rechnungsdatum rgdatum belegdatum datum datefacture datedefacture datefattura "
        "datafattura date issuedate documentdate"
    ),
    Column.DUE_DATE: (
        "falligkeit falligkeitsdatum faelligkeit faelligkeitsdatum fallig faellig "
        "falligam faelligam zahlbarbis echeance datedecheance dateecheance scadenza "
        "datascadenza datadiscadenza duedate due payableby"
    ),
    Column.CURRENCY: "wahrung waehrung whg wkz devise monnaie valuta divisa",
    Column.PRINCIPAL: (
        "betrag rechnungsbetrag bruttobetrag total totalbetrag betraginklmwst umsatz "
        "forderung hauptforderung montant montantttc totalttc importo importototale "
        "totale amount total_amount grossamount invoiceamount totalgross"
    ),
    Column.INTEREST_FROM: "zinsab zinsenab verzugszinsab verzugsbeginn interetsdes interessidal",
    Column.INTEREST_REASON: "zinsgrund verzugsgrund motifinterets motivointeressi",
    Column.INTEREST_RATE: "zinssatz zins verzugszins tauxinterets taux tassointeressi tasso rate",
    Column.REMINDER_FEE: (
        "mahngebuhr mahngebuehr mahngebuhren mahngebuehren mahnspesen fraisderappel "
        "tassadisollecito spesedisollecito reminderfees"
    ),
    Column.COLLECTION_COST: "inkassokosten verzugsschaden fraisderecouvrement spesedincasso costs",
    Column.FEE_BASIS: "gebuhrengrundlage gebuehrengrundlage grundlage basefrais basespese",
    Column.PAID_SO_FAR: (
        "bezahlt bereitsbezahlt bezahltbisher gezahlt zahlungen anzahlung dejapaye paye "
        "montantpaye pagato giapagato acconto paid amountpaid"
    ),
    Column.EVIDENCE: ("belege dateien beilagen pieces justificatifs giustificativi allegati attachments files"),
    Column.CONTACT: ("sachbearbeiter zustandig zustaendig bearbeiter responsable gestionnaire responsabile clerk"),
}


#: Longer cells are worked out anew each time, so that nobody can fill the memory with them.
REMEMBERED = 40


def plain(text: str) -> str:
    """A column's name or a word as it is compared: small letters and figures without accents."""
    return _plain(text) if len(text) <= REMEMBERED else _plain.__wrapped__(text)


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    loose = unicodedata.normalize("NFKD", text).casefold().replace("ß", "ss")
    return "".join(sign for sign in loose if sign.isalnum() and not unicodedata.combining(sign))


_KNOWN = {plain(word): column for column, words in SYNONYMS.items() for word in words.split()} | {
    plain(column.value): column for column in Column
}


def match_columns(header: Sequence[str]) -> dict[Column, int]:
    """Which column stands at which place, by our names and by those of common exports; the first of two wins."""
    found: dict[Column, int] = {}
    exact = {plain(column.value): column for column in Column}
    for names in (exact, _KNOWN):
        for place, name in enumerate(header):
            column = names.get(plain(name))
            if column is not None and column not in found and place not in found.values():
                found[column] = place
    return found


def missing_columns(matched: Mapping[Column, int]) -> list[Column]:
    """The columns without which no row could be taken."""
    return [column for column in NEEDED if column not in matched]


_LINES = re.compile(r"\s+")
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffd]")
_EMPTY_SIGNS = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
#: A spreadsheet computes a cell that begins with one of these.
FORMULA_SIGNS = ("=", "@")
GUARDED = ("=", "@", "+", "-", "\t", "\r")


def tidy(cell: str) -> str:
    """A cell without what nobody sees: line ends and spaces in a row are one space, and no mark before a formula."""
    if cell.isprintable() and "  " not in cell:
        text = cell.strip()
    else:
        text = _LINES.sub(" ", _EMPTY_SIGNS.sub("", cell)).strip()
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in GUARDED else text


def all_tidy(cells: Sequence[str]) -> list[str]:
    """Every cell as `tidy` leaves it."""
    together = "".join(cells)
    if together.isprintable() and "  " not in together and "'" not in together:
        return [cell.strip() for cell in cells]
    return [tidy(cell) for cell in cells]


def guarded(cell: str) -> str:
    """A cell that no spreadsheet computes; `tidy` takes the mark away again."""
    return f"'{cell}" if cell.startswith(GUARDED) else cell


def fault_of(cells: Sequence[str], columns: int) -> RowFault | None:
    """What keeps a row with so many columns from being read: signs that nobody sees, a formula, cells too many."""
    if len(cells) > columns and any(cell.strip() for cell in cells[columns:]):
        return RowFault.TOO_MANY_CELLS
    together = "".join(cells)
    if ("\ufffd" in together or not together.isprintable()) and _HIDDEN.search(together):
        return RowFault.HIDDEN_SIGNS
    if ("=" in together or "@" in together) and any(cell.lstrip().startswith(FORMULA_SIGNS) for cell in cells):
        return RowFault.FORMULA
    return None


_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ][0-9:.,]{4,15}(?:Z|[+-][0-9:]{4,6})?)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([./-]) ?([0-9]{1,2})\2 ?([0-9]{4}|[0-9]{2})(?: [0-9:]{4,8})?")
_TOGETHER = re.compile(r"(19|20)([0-9]{2})([0-9]{2})([0-9]{2})")
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
#: Day 0 of a spreadsheet's numbers, as Excel counts since 1 March 1900.
SPREADSHEET_ZERO = date(1899, 12, 30)
_EARLIEST, _LATEST = date(1900, 1, 1), date(2099, 12, 31)


def read_day(text: str) -> date | None:
    """The day ("2026-03-14", "14.03.2026", "14.3.26", "14/03/2026", "20260314", a spreadsheet's number), or None.

    The day always stands before the month, as in all five countries; two figures of a year mean this century.
    """
    return _day(text) if text and len(text) <= REMEMBERED else None


@lru_cache(maxsize=8192)
def _day(text: str) -> date | None:
    try:
        return _day_written(text)
    except (ValueError, OverflowError):
        return None


def _day_written(text: str) -> date | None:
    found: date | None = None
    if len(text) == 10 and text[4] == "-":
        found = date.fromisoformat(text)
    elif match := _YEAR_FIRST.fullmatch(text):
        found = date(int(match[1]), int(match[2]), int(match[3]))
    elif match := _DAY_FIRST.fullmatch(text):
        year = int(match[4])
        found = date(year + 2000 if year < 100 else year, int(match[3]), int(match[1]))
    elif match := _TOGETHER.fullmatch(text):
        found = date(int(match[1] + match[2]), int(match[3]), int(match[4]))
    elif _SERIAL.fullmatch(text):
        found = SPREADSHEET_ZERO + timedelta(days=int(text.split(".")[0]))
    return found if found is not None and _EARLIEST <= found <= _LATEST else None


Meaning = TypeVar("Meaning")


def _words(meanings: Mapping[Meaning, str]) -> dict[str, Meaning]:
    return {plain(word): meaning for meaning, words in meanings.items() for word in words.split()}


KINDS = _words({
    DebtorKind.PERSON: "person p privat privatperson prive particulier personne privato persona individual herr frau",
    DebtorKind.COMPANY: "company c firma unternehmen f geschaeft entreprise societe azienda ditta business",
})  # fmt: skip
LANGUAGES = _words({
    "de": "de d deutsch allemand tedesco german dech dede deat",
    "fr": "fr f franzosisch franzoesisch francais francese french frch frfr",
    "it": "it i italienisch italien italiano italian itch itit",
    "en": "en e englisch anglais inglese english engb enus",
})  # fmt: skip
COUNTRIES = _words({
    "CH": "ch che schweiz suisse svizzera switzerland", "LI": "li lie fl liechtenstein",
    "DE": "de deu d deutschland allemagne germania germany", "AT": "at aut a osterreich oesterreich autriche austria",
    "FR": "fr fra f frankreich france francia", "IT": "it ita i italien italie italia italy",
})  # fmt: skip
CURRENCIES = _words({"CHF": "chf fr sfr franken francs franchi", "EUR": "eur euro euros €"}) | {"": "", "€": "EUR"}
REASONS = _words({
    InterestReason.AGREED_DUE_DATE: "agreedduedate verfalltag termin termefixe terminefisso",
    InterestReason.REMINDER_RECEIVED: "reminderreceived mahnung rappel sollecito diffida reminder",
    InterestReason.PAYMENT_ORDER_SERVED: "paymentorderserved zahlungsbefehl commandementdepayer precettoesecutivo",
    InterestReason.CONTRACT: "contract vertrag contrat contratto",
    InterestReason.JUDGMENT: "judgment urteil jugement sentenza",
})  # fmt: skip
BASES = _words({
    Basis.TERMS_CLAUSE: "termsclause agb cg cgv conditionsgenerales condizionigenerali terms",
    Basis.CONTRACT: "contract vertrag contrat contratto",
    Basis.PROVEN_DAMAGE: "provendamage schaden dommage danno",
    Basis.NONE: "none keine aucune nessuna",
})  # fmt: skip
BY_LAW = frozenset(map(plain, ("law", "gesetz", "gesetzlich", "legal", "légal", "legale")))

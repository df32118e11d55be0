"""What does a bank's file (camt.053, camt.054) say, read as a stream and without trusting a byte of it?

ISO 20022, SPS 1.7 (.04) and SPS 2019 and later (.08). The standard library's expat reads it: no tree is built, a
document type is refused before any entity could be declared, and every refusal knows its line.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import BinaryIO
from xml.parsers import expat

from portal.rules import references
from portal.rules.bank import (
    VERSIONS,
    BankEntry,
    BankFile,
    Detail,
    FileFault,
    FileKind,
    FileRefused,
    Statement,
)
from portal.rules.money import LARGEST_TYPED, Money

#: A day's file of a large firm has 20 MB; nothing in it is deeper or longer than this.
MOST_BYTES = 50 * 1024 * 1024
DEEPEST = 40
LONGEST = 1_000
MOST_VALUES = 20
CHUNK = 64 * 1024

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.05[0-9])\.001\.([0-9]{2})(?:\..*)?")
ROOTS = {"camt.053": ("BkToCstmrStmt", "Stmt"), "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}
NO_REFERENCE = frozenset({"", "NOTPROVIDED", "NONREF"})
AMOUNT = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,5})?")
CURRENCY = re.compile(r"[A-Z]{3}")
DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T.*|Z|[+-][0-9]{2}:[0-9]{2})?")

ABOUT_ACCOUNT = frozenset({
    "Id", "ElctrncSeqNb", "LglSeqNb", "StmtPgntn/PgNb", "NtfctnPgntn/PgNb", "Acct/Id/IBAN", "Acct/Id/Othr/Id",
    "Acct/Ccy",
})  # fmt: skip
ABOUT_ENTRY = frozenset({
    "Amt", "CdtDbtInd", "RvslInd", "Sts", "Sts/Cd", "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm",
    "AcctSvcrRef",
})  # fmt: skip
PEOPLE = tuple(f"RltdPties/{who}{party}/Nm" for who in ("Dbtr", "UltmtDbtr") for party in ("", "/Pty"))
REFERENCE = "RmtInf/Strd/CdtrRefInf/Ref"
ABOUT_DETAIL = frozenset({
    "Amt", "CdtDbtInd", "Refs/AcctSvcrRef", "Refs/EndToEndId", "RltdPties/DbtrAcct/Id/IBAN", "RmtInf/Ustrd", REFERENCE,
    "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry", *PEOPLE,
})  # fmt: skip


def read_bank_file(stream: BinaryIO) -> BankFile:
    """Everything booked in this file; raises FileRefused, which says the line and the element where it breaks."""
    reader = _Reader()
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > MOST_BYTES:
            raise FileRefused(FileFault.TOO_LARGE)
        reader.feed(chunk)
    if size == 0:
        raise FileRefused(FileFault.EMPTY)
    return reader.end()


class _Part:
    """The wanted values of one element, by their path below it."""

    __slots__ = ("line", "values", "wanted")

    def __init__(self, wanted: frozenset[str], line: int) -> None:
        self.wanted, self.line = wanted, line
        self.values: dict[str, list[tuple[str, str, int]]] = {}

    def keep(self, path: str, text: str, currency: str, line: int) -> None:
        kept = self.values.setdefault(path, [])
        if len(kept) < MOST_VALUES:
            kept.append((text, currency, line))

    def text(self, *paths: str) -> str:
        """The first of these that says anything."""
        for path in paths:
            for text, _currency, _line in self.values.get(path, ()):
                if text:
                    return text
        return ""

    def texts(self, path: str) -> tuple[str, ...]:
        return tuple(text for text, _currency, _line in self.values.get(path, ()) if text)

    def ref(self, path: str) -> str:
        found = self.text(path)
        return "" if found.upper() in NO_REFERENCE else found[:100]

    def money(self, where: str) -> Money:
        kept = self.values.get("Amt")
        if not kept:
            raise FileRefused(FileFault.MISSING, line=self.line, element=f"{where}/Amt")
        text, currency, line = kept[0]
        if not CURRENCY.fullmatch(currency):
            raise FileRefused(FileFault.UNREADABLE, line=line, element=f"{where}/Amt/@Ccy", said=currency[:40])
        return Money(_minor(text, f"{where}/Amt", line), currency)

    def day(self, name: str, where: str) -> date | None:
        for path in (f"{name}/Dt", f"{name}/DtTm"):
            for text, _currency, line in self.values.get(path, ()):
                found = DAY.fullmatch(text)
                try:
                    return date.fromisoformat(found[1] if found else "")
                except ValueError:
                    raise FileRefused(
                        FileFault.UNREADABLE, line=line, element=f"{where}/{path}", said=text[:40]
                    ) from None
        return None

    def credit(self, where: str) -> bool | None:
        text = self.text("CdtDbtInd")
        if text not in ("", "CRDT", "DBIT"):
            raise FileRefused(FileFault.UNREADABLE, line=self.line, element=f"{where}/CdtDbtInd", said=text[:40])
        return text == "CRDT" if text else None


def _minor(text: str, element: str, line: int) -> int:
    try:
        minor = Decimal(text) * 100 if AMOUNT.fullmatch(text) else Decimal("NaN")
        if minor <= LARGEST_TYPED and minor == minor.to_integral_value():
            return int(minor)
    except InvalidOperation:
        pass
    raise FileRefused(FileFault.UNREADABLE, line=line, element=element, said=text[:40])


class _Reader:
    """Follows the file element by element and keeps only what is asked for."""

    def __init__(self) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._finish
        parser.CharacterDataHandler = self._text
        self._parser = parser
        self._path: list[str] = []
        self._words: list[str] = []
        self._length = 0
        self._currency = ""
        self._began = 0
        self._kind: FileKind | None = None
        self._version = ""
        self._account: _Part | None = None
        self._entry: _Part | None = None
        self._detail: _Part | None = None
        self._details: list[Detail] = []
        self._entries: list[BankEntry] = []
        self._statements: list[Statement] = []
        self._number = self._outgoing = self._pending = 0

    def feed(self, chunk: bytes) -> None:
        self._parse(chunk, last=False)

    def end(self) -> BankFile:
        self._parse(b"", last=True)
        if self._kind is None or not self._statements:
            _root, statement = ROOTS[self._kind] if self._kind else ("Document", "Stmt")
            raise FileRefused(FileFault.MISSING, line=self._line, element=statement)
        return BankFile(self._kind, self._version, tuple(self._statements))

    @property
    def _line(self) -> int:
        return self._parser.CurrentLineNumber

    def _parse(self, chunk: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as problem:
            place = "/".join(self._path[-3:])
            said = expat.ErrorString(problem.code)
            raise FileRefused(FileFault.NOT_XML, line=problem.lineno, element=place, said=said) from None
        except (LookupError, ValueError):  # Python knows no such encoding, or none that expat could follow
            raise FileRefused(FileFault.NOT_XML, line=self._line, said="unknown encoding") from None

    def _doctype(self, *declared: object) -> None:
        raise FileRefused(FileFault.DTD, line=self._line, element="DOCTYPE")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if not self._path:
            self._root(namespace, local)
        self._path.append(local)
        if len(self._path) > DEEPEST:
            raise FileRefused(FileFault.NOT_XML, line=self._line, element=local, said="nested too deeply")
        self._words, self._length = [], 0
        self._currency = attributes.get("Ccy", "")
        self._began = self._line
        self._open(local)

    def _root(self, namespace: str, local: str) -> None:
        found = NAMESPACE.fullmatch(namespace)
        if found is None or local != "Document":
            raise FileRefused(FileFault.NOT_CAMT, line=self._line, element=local[:40], said=namespace[:80])
        kind, version = found[1], found[2]
        if kind not in ROOTS:
            raise FileRefused(FileFault.NOT_CAMT, line=self._line, element=local, said=kind)
        if version not in VERSIONS:
            raise FileRefused(FileFault.VERSION, line=self._line, element=local, said=f"{kind}.001.{version}")
        self._kind, self._version = FileKind(kind), version

    def _open(self, local: str) -> None:
        """A statement begins below its message, an entry below its statement, a payer's part below its entry."""
        if self._kind is None:
            return
        depth = len(self._path)
        message, statement = ROOTS[self._kind]
        if depth == 2 and local != message:
            raise FileRefused(FileFault.NOT_CAMT, line=self._line, element=local[:40], said=message)
        if depth == 3 and local == statement:
            self._account = _Part(ABOUT_ACCOUNT, self._line)
            self._entries = []
            self._number = self._outgoing = self._pending = 0
        elif depth == 4 and local == "Ntry" and self._account is not None:
            self._entry, self._details = _Part(ABOUT_ENTRY, self._line), []
        elif depth == 6 and local == "TxDtls" and self._entry is not None:
            self._detail = _Part(ABOUT_DETAIL, self._line)

    def _text(self, words: str) -> None:
        if self._length < LONGEST:
            self._words.append(words[: LONGEST - self._length])
            self._length += len(words)

    def _finish(self, name: str) -> None:
        depth, local = len(self._path), self._path[-1]
        if depth == 6 and local == "TxDtls" and self._detail is not None:
            self._end_detail(self._detail)
        elif depth == 4 and local == "Ntry" and self._entry is not None:
            self._end_entry(self._entry)
        elif depth == 3 and self._account is not None:
            self._end_statement(self._account)
        else:
            self._keep()
        self._path.pop()
        self._words, self._length = [], 0

    def _keep(self) -> None:
        for part, above in ((self._detail, 6), (self._entry, 4), (self._account, 3)):
            if part is not None:
                path = "/".join(self._path[above:])
                if path in part.wanted:
                    part.keep(path, "".join(self._words).strip(), self._currency, self._began)
                return

    def _end_detail(self, part: _Part) -> None:
        self._detail = None
        where = "Ntry/NtryDtls/TxDtls"
        self._details.append(
            Detail(
                amount=part.money(where) if "Amt" in part.values else None,
                credit=part.credit(where),
                servicer_ref=part.ref("Refs/AcctSvcrRef"),
                end_to_end=part.ref("Refs/EndToEndId"),
                references=part.texts(REFERENCE),
                payer=part.text(*PEOPLE)[:140],
                payer_iban=references.compact(part.text("RltdPties/DbtrAcct/Id/IBAN"))[:34],
                message=" ".join(part.texts("RmtInf/Ustrd"))[:280],
                returned=bool(part.text("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry")),
                line=part.line,
            )
        )

    def _end_entry(self, part: _Part) -> None:
        self._entry = None
        self._number += 1
        credit = part.credit("Ntry")
        if credit is None:
            raise FileRefused(FileFault.MISSING, line=part.line, element="Ntry/CdtDbtInd")
        status = part.text("Sts/Cd", "Sts")
        if not status:
            raise FileRefused(FileFault.MISSING, line=part.line, element="Ntry/Sts")
        reversal = part.text("RvslInd") in ("true", "1")
        if status != "BOOK":
            self._pending += 1
        elif not credit and not reversal and not any(detail.returned for detail in self._details):
            self._outgoing += 1
        else:
            self._entries.append(self._booked(part, credit=credit, reversal=reversal))
        self._details = []

    def _booked(self, part: _Part, *, credit: bool, reversal: bool) -> BankEntry:
        booked_on, value_on = part.day("BookgDt", "Ntry"), part.day("ValDt", "Ntry")
        booked_on, value_on = booked_on or value_on, value_on or booked_on
        if booked_on is None or value_on is None:
            raise FileRefused(FileFault.MISSING, line=part.line, element="Ntry/ValDt")
        return BankEntry(
            number=self._number,
            line=part.line,
            amount=part.money("Ntry"),
            credit=credit,
            reversal=reversal or not credit,
            booked_on=booked_on,
            value_on=value_on,
            servicer_ref=part.ref("AcctSvcrRef"),
            details=tuple(self._details),
        )

    def _end_statement(self, part: _Part) -> None:
        self._account = None
        iban = references.compact(part.text("Acct/Id/IBAN", "Acct/Id/Othr/Id"))
        if not iban:
            raise FileRefused(FileFault.MISSING, line=part.line, element="Acct/Id/IBAN")
        self._statements.append(
            Statement(
                id=part.text("Id")[:100],
                sequence=part.text("ElctrncSeqNb", "LglSeqNb")[:20],
                page=part.text("StmtPgntn/PgNb", "NtfctnPgntn/PgNb")[:10],
                iban=iban,
                currency=part.text("Acct/Ccy")[:3],
                line=part.line,
                entries=tuple(self._entries),
                outgoing=self._outgoing,
                pending=self._pending,
            )
        )

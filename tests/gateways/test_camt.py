"""Is a bank's file read as it is meant, in both versions, and refused by name where it can't be trusted?"""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from portal.gateways.camt import DEEPEST, read_bank_file
from portal.rules.bank import FileFault, FileKind, FileRefused
from portal.rules.money import Money
from portal.rules.references import qr_reference, scor_reference
from tests.bank_files import Ntry, Paper, Tx

DATA = Path(__file__).resolve().parents[1] / "data" / "camt"
QRR, RF = qr_reference(4711), scor_reference("539007547")


def refused(content: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as problem:
        read_bank_file(BytesIO(content))
    return problem.value


@pytest.mark.parametrize("version", ["04", "08"])
@pytest.mark.parametrize("kind", ["camt.053", "camt.054"])
def test_both_messages_in_both_versions_say_the_same(kind: str, version: str) -> None:
    entry = Ntry((Tx("100.00", QRR, "Dora & Söhne", ref="T1"), Tx("25.5", RF, ref="T2", message="Danke")), ref="E1")
    file = read_bank_file(Paper([entry], kind=kind, version=version).stream())
    assert (file.kind, file.version) == (FileKind(kind), version)
    statement = file.statements[0]
    assert (statement.iban, statement.currency, statement.id, statement.sequence) == (
        "CH9300762011623852957", "CHF", "STM-1", "1",
    )  # fmt: skip
    booked = statement.entries[0]
    assert booked.amount == Money(12550, "CHF")
    assert (booked.credit, booked.reversal, booked.servicer_ref) == (True, False, "E1")
    assert booked.value_on == date(2026, 11, 23)
    first, second = booked.details
    assert (first.amount, first.references, first.payer) == (Money(10000, "CHF"), (QRR,), "Dora & Söhne")
    assert (second.servicer_ref, second.references, second.message) == ("T2", (RF,), "Danke")
    assert second.end_to_end == "", "NOTPROVIDED is no name"


def test_only_booked_credits_and_what_takes_them_back_are_read() -> None:
    entries = [
        Ntry((Tx("1.00"),), status="PDNG"), Ntry((Tx("2.00"),), credit=False),
        Ntry((Tx("3.00"),), credit=False, reversal=True), Ntry((Tx("4.00", returned="AC04"),), credit=False),
        Ntry((Tx("5.00"),)),
    ]  # fmt: skip
    statement = read_bank_file(Paper(entries).stream()).statements[0]
    assert (statement.pending, statement.outgoing) == (1, 1)
    assert [(one.amount.minor, one.reversal) for one in statement.entries] == [(300, True), (400, True), (500, False)]


def test_files_that_nobody_here_wrote() -> None:
    statement = read_bank_file(BytesIO((DATA / "camt053.v4.xml").read_bytes())).statements[0]
    assert statement.iban == "NL26VAYB8060476890"
    assert statement.entries[0].amount == Money(885, "EUR")
    notice = read_bank_file(BytesIO((DATA / "camt054.v4.xml").read_bytes())).statements[0]
    assert (notice.iban, notice.entries, notice.outgoing) == ("CH2801234000123456789", (), 1)


@pytest.mark.parametrize("name", ["camt053.v2.minimal.xml", "camt053.v2.wrong.xml", "camt054.v2.xml"])
def test_version_02_is_refused_by_name(name: str) -> None:
    problem = refused((DATA / name).read_bytes())
    assert (problem.fault, problem.said) == (FileFault.VERSION, f"{name[:7].replace('t0', 't.0')[:8]}.001.02")


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'
OUTSIDE = '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
FAR = '<!DOCTYPE Document SYSTEM "http://192.0.2.1/camt.dtd">\n'


@pytest.mark.parametrize("before", [BOMB, OUTSIDE, FAR], ids=["bomb", "external entity", "external DTD"])
def test_a_document_type_is_refused_before_it_says_anything(before: str) -> None:
    problem = refused(Paper([Ntry((Tx("1.00"),))], before=before).bytes())
    assert (problem.fault, problem.line) == (FileFault.DTD, 2)


def test_a_document_type_is_refused_in_any_encoding() -> None:
    text = Paper([Ntry((Tx("1.00"),))], before=OUTSIDE).text().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    assert refused(text.encode("utf-16")).fault is FileFault.DTD


GOOD = Paper([Ntry((Tx("1.00", QRR),), ref="E1"), Ntry((Tx("2.00", QRR),), ref="E2")]).text()
BROKEN = {
    "a tag is not closed": (GOOD.replace("</RmtInf>", ""), FileFault.NOT_XML),
    "the end is missing": (GOOD[:-40], FileFault.NOT_XML),
    "an entity nobody declared": (GOOD.replace("Dora", "&dora;"), FileFault.NOT_XML),
    "no XML": ("Datum;Betrag\n1.1.2026;10.00", FileFault.NOT_XML),
    "another message": (GOOD.replace("camt.054.001.08", "pain.001.001.09"), FileFault.NOT_CAMT),
    "an intraday report": (Paper([], kind="camt.052").text(), FileFault.NOT_CAMT),
    "an amount with letters": (GOOD.replace(">2.00</Amt>", ">2.0O</Amt>"), FileFault.UNREADABLE),
    "half a Rappen": (GOOD.replace(">2.00</Amt>", ">2.005</Amt>"), FileFault.UNREADABLE),
    "a minus": (GOOD.replace(">2.00</Amt>", ">-2.00</Amt>"), FileFault.UNREADABLE),
    "no amount": (GOOD.replace('<Amt Ccy="CHF">2.00</Amt>\n', "", 1), FileFault.MISSING),
    "no direction": (GOOD.replace("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<Sts>"), FileFault.MISSING),
    "no state": (GOOD.replace("<Sts><Cd>BOOK</Cd></Sts>", ""), FileFault.MISSING),
    "no account": (GOOD.replace("<IBAN>CH9300762011623852957</IBAN>", ""), FileFault.MISSING),
    "no such day": (GOOD.replace("<Dt>2026-11-23</Dt>", "<Dt>2026-02-30</Dt>"), FileFault.UNREADABLE),
    "too deep": (GOOD.replace("<RmtInf>", "<a>" * DEEPEST + "</a>" * DEEPEST + "<RmtInf>"), FileFault.NOT_XML),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_says_where_it_breaks(name: str) -> None:
    text, fault = BROKEN[name]
    problem = refused(text.encode())
    assert problem.fault is fault
    assert problem.line >= 1
    assert problem.element or fault is FileFault.NOT_XML


@pytest.mark.parametrize("encoding", ["no-such", "shift_jis", "hex", "cp037"])
def test_an_encoding_that_nobody_can_follow_is_refused(encoding: str) -> None:
    problem = refused(GOOD.replace('encoding="UTF-8"', f'encoding="{encoding}"').encode())
    assert (problem.fault, problem.said) == (FileFault.NOT_XML, "unknown encoding")


def test_an_empty_file_and_one_without_an_account_are_refused() -> None:
    assert refused(b"").fault is FileFault.EMPTY
    text = GOOD[: GOOD.index("<Ntfctn>")] + GOOD[GOOD.index("</Ntfctn>") + 9 :]
    assert refused(text.encode()).fault is FileFault.MISSING

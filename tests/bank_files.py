"""What does a bank write? Files in .04 and .08 as the tests and the benchmark need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from xml.sax.saxutils import escape

IBAN = "CH9300762011623852957"
DAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Tx:
    """One payer's part: how much, with which reference, and who."""

    amount: str
    reference: str = ""
    payer: str = "Dora Keller"
    ref: str = ""
    message: str = ""
    end_to_end: str = ""
    returned: str = ""
    payer_iban: str = ""


@dataclass(frozen=True)
class Ntry:
    """One booking on the account; `amount` is by default the sum of its parts."""

    parts: tuple[Tx, ...] = ()
    amount: str = ""
    ref: str = ""
    credit: bool = True
    reversal: bool = False
    status: str = "BOOK"
    currency: str = "CHF"
    booked_on: date = DAY
    value_on: date = DAY
    silent: bool = False
    with_amounts: bool = True

    @property
    def total(self) -> str:
        return self.amount or f"{sum(round(float(part.amount) * 100) for part in self.parts) / 100:.2f}"


@dataclass(frozen=True)
class Paper:
    """A whole file: which message, which version, one account's bookings."""

    entries: Sequence[Ntry]
    kind: str = "camt.054"
    version: str = "08"
    iban: str = IBAN
    currency: str = "CHF"
    id: str = "STM-1"
    sequence: str = "1"
    before: str = ""
    more: Sequence[Paper] = field(default=())

    def text(self) -> str:
        message, statement = {
            "camt.053": ("BkToCstmrStmt", "Stmt"),
            "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
            "camt.052": ("BkToCstmrAcctRpt", "Rpt"),
        }[self.kind]
        inside = "".join(paper._statement(statement) for paper in (self, *self.more))
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n{self.before}'
            f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{self.kind}.001.{self.version}">\n<{message}>\n'
            "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-23T18:00:00+01:00</CreDtTm></GrpHdr>\n"
            f"{inside}</{message}>\n</Document>\n"
        )

    def bytes(self) -> bytes:
        return self.text().encode()

    def stream(self) -> BytesIO:
        return BytesIO(self.bytes())

    def _statement(self, name: str) -> str:
        currency = f"<Ccy>{self.currency}</Ccy>" if self.currency else ""
        entries = "".join(_entry(entry, self.version) for entry in self.entries)
        return (
            f"<{name}><Id>{self.id}</Id><ElctrncSeqNb>{self.sequence}</ElctrncSeqNb>"
            f"<Acct><Id><IBAN>{self.iban}</IBAN></Id>{currency}</Acct>\n"
            '<Bal><Tp><CdOrPrtry><Cd>CLAV</Cd></CdOrPrtry></Tp><Amt Ccy="CHF">1.00</Amt></Bal>\n'
            f"{entries}</{name}>\n"
        )


def _entry(entry: Ntry, version: str) -> str:
    status = f"<Cd>{entry.status}</Cd>" if version == "08" else entry.status
    parts = "" if entry.silent else "".join(_part(part, entry, version) for part in entry.parts)
    batch = f"<Btch><NbOfTxs>{len(entry.parts)}</NbOfTxs></Btch>" if len(entry.parts) > 1 else ""
    details = f"<NtryDtls>{batch}{parts}</NtryDtls>" if parts or batch else ""
    return (
        f'<Ntry>\n<Amt Ccy="{entry.currency}">{entry.total}</Amt>\n'
        f"<CdtDbtInd>{'CRDT' if entry.credit else 'DBIT'}</CdtDbtInd>"
        f"{'<RvslInd>true</RvslInd>' if entry.reversal else ''}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{entry.booked_on}</Dt></BookgDt><ValDt><Dt>{entry.value_on}</Dt></ValDt>"
        f"{f'<AcctSvcrRef>{entry.ref}</AcctSvcrRef>' if entry.ref else ''}\n{details}\n</Ntry>\n"
    )


def _part(part: Tx, entry: Ntry, version: str) -> str:
    name = f"<Nm>{escape(part.payer)}</Nm>"
    person = f"<Pty>{name}</Pty>" if version == "08" else name
    refs = f"<AcctSvcrRef>{part.ref}</AcctSvcrRef>" if part.ref else ""
    refs += f"<EndToEndId>{part.end_to_end or 'NOTPROVIDED'}</EndToEndId>"
    account = f"<DbtrAcct><Id><IBAN>{part.payer_iban}</IBAN></Id></DbtrAcct>" if part.payer_iban else ""
    about = f"<Ustrd>{escape(part.message)}</Ustrd>" if part.message else ""
    if part.reference:
        kind = "<Cd>SCOR</Cd>" if part.reference.startswith("RF") else "<Prtry>QRR</Prtry>"
        about += (
            f"<Strd><CdtrRefInf><Tp><CdOrPrtry>{kind}</CdOrPrtry></Tp><Ref>{part.reference}</Ref></CdtrRefInf></Strd>"
        )
    amount = f'<Amt Ccy="{entry.currency}">{part.amount}</Amt>' if entry.with_amounts else ""
    indicator = f"<CdtDbtInd>{'CRDT' if entry.credit else 'DBIT'}</CdtDbtInd>"
    returned = f"<RtrInf><Rsn><Cd>{part.returned}</Cd></Rsn></RtrInf>" if part.returned else ""
    return (
        f"<TxDtls><Refs>{refs}</Refs>{amount}{indicator}<RltdPties><Dbtr>{person}</Dbtr>{account}</RltdPties>"
        f"<RmtInf>{about}</RmtInf>{returned}</TxDtls>\n"
    )

"""Which bank file lies beside the demo, so that somebody can hand it in at the desk and see what happens?"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from sqlalchemy import select

from portal.demo.firms import VELO
from portal.rules.transfers import decimal_amount
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.web.parts import Parts

#: One who pays with the reference, one who forgets it, and one whom nobody knows.
WITH_REFERENCE, WITHOUT = "2026-0418", "2026-0389"
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"


def write_bank_file(parts: Parts, target: Path) -> None:
    """The bank's notice of today's three credits to Velo Sutter lies there: camt.054.001.08."""
    today = parts.clock().date()
    with parts.database.reading() as session:
        claims = {claim.reference: claim for claim in session.scalars(select(Claim))}
        first, second = claims[WITH_REFERENCE], claims[WITHOUT]
        owed, half = claim_sum(session, first, on=today).open, claim_sum(session, second, on=today).open
        parts_of_it = [
            _part("1", decimal_amount(owed), first.debtor.name, _reference(first.qr_reference)),
            _part("2", decimal_amount(half), second.debtor.name, f"<Ustrd>Rechnung {second.invoice_number}</Ustrd>"),
            _part("3", "42.00", "Anna Fremd", "<Ustrd>Danke</Ustrd>"),
        ]
    total = f"{(owed.minor + half.minor + 4200) // 100}.{(owed.minor + half.minor + 4200) % 100:02d}"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><BkToCstmrDbtCdtNtfctn>\n'
        f"<GrpHdr><MsgId>DEMO</MsgId><CreDtTm>{today}T18:00:00</CreDtTm></GrpHdr>\n"
        f"<Ntfctn><Id>DEMO-{today}</Id><ElctrncSeqNb>1</ElctrncSeqNb>\n"
        f"<Acct><Id><IBAN>{VELO.accounts[0].iban}</IBAN></Id><Ccy>CHF</Ccy></Acct>\n"
        f'<Ntry><Amt Ccy="CHF">{total}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\n'
        f"<BookgDt><Dt>{today}</Dt></BookgDt><ValDt><Dt>{today}</Dt></ValDt>"
        f"<AcctSvcrRef>DEMO-{today}-1</AcctSvcrRef>\n<NtryDtls><Btch><NbOfTxs>3</NbOfTxs></Btch>\n"
        + "".join(parts_of_it)
        + "</NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n",
        encoding="utf-8",
    )


def _part(number: str, amount: str, payer: str, about: str) -> str:
    return (
        f"<TxDtls><Refs><AcctSvcrRef>DEMO-T{number}</AcctSvcrRef><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
        f'<Amt Ccy="CHF">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<RltdPties><Dbtr><Pty><Nm>{escape(payer)}</Nm></Pty></Dbtr></RltdPties><RmtInf>{about}</RmtInf></TxDtls>\n"
    )


def _reference(text: str) -> str:
    return f"<Strd><CdtrRefInf><Tp><CdOrPrtry><Prtry>QRR</Prtry></CdOrPrtry></Tp><Ref>{text}</Ref></CdtrRefInf></Strd>"

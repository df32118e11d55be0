"""Which people, firms and claims do the tests know? Built once per engine, the same in every test.

Velo Sutter AG (Clara answers, Lena leads, Adam is the admin, Otto audits) claims from Dora (with costs), from Stefan
(a stranger to Dora) and from Dora a second time. Cabinet Rochat (Carl works there) claims from Colette.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

import pyotp
from sqlalchemy.orm import Session

from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.app import build_parts
from portal.gateways.hashing import CodeHasher, FactHasher, PasswordHasher, Peppers, cost_for
from portal.gateways.vault import DataKeys
from portal.rules.access import CODE_LIFE, FactKind, Right, Role, allowed
from portal.rules.claims import Basis, InterestReason, PositionKind
from portal.rules.history import EventKind, system
from portal.rules.letter_code import Code, make_code
from portal.rules.money import Money
from portal.settings import Settings
from portal.store.access import LetterCode
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.history import Event
from portal.store.letters import Letter, LetterClaim
from portal.store.people import Clerk, Debtor
from portal.store.schema import migrate
from portal.store.settings import BankAccount, Creditor
from portal.web.parts import Parts

NAMESPACE = UUID("5f2b1c7e-0000-4000-8000-000000000000")
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
TODAY = START.date()
KEY = "1:" + base64.b64encode(b"k" * 32).decode()
PASSWORD = "vierzehn blaue velos"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WEBHOOK_SECRET = "whsec_tests"


def ident(name: str) -> UUID:
    """The same id for the same name in every test and on every engine."""
    return uuid5(NAMESPACE, name)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    @property
    def today(self) -> date:
        return self.at.date()

    def move(self, **by: float) -> None:
        """Time goes on by so many days, hours, minutes, seconds."""
        self.at += timedelta(**by)

    def to(self, day: date, hour: int = 9) -> None:
        """It is that day, at this hour UTC."""
        self.at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def settings_for(url: str, folder: Path, **changes: object) -> Settings:
    """Settings of a demo-like installation on this machine, with keys that every test shares."""
    base = Settings(
        database_url=url,
        base_url="http://127.0.0.1",
        secret_key="tests only, and long enough for the check",
        code_peppers=KEY,
        data_keys=KEY,
        files_root=folder / "files",
        stripe_secret_key="sk_test_tests",
        stripe_webhook_secrets=(WEBHOOK_SECRET,),
        stripe_api_base="http://127.0.0.1:9",
        stripe_page_origin="http://127.0.0.1:9",
        mail_url="smtp://127.0.0.1:9",
        threads=4,
        demo=True,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def parts_for(settings: Settings, clock: Callable[[], datetime], **given: object) -> Parts:
    """The real parts with a cheap hasher."""
    return build_parts(settings, clock=clock, cheap=True, **given)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Known:
    """What a person in a test knows of a claim: the letter's code, the postcode, the fact."""

    name: str
    debtor_id: UUID
    claim_id: UUID
    reference: str
    code: str
    postcode: str
    language: str
    fact: str | None
    letter_id: UUID = field(default_factory=lambda: ident("no letter"))


def _code(name: str) -> Code:
    return make_code(random.Random(name).randrange)


DORA = Known(
    "Dora Keller", ident("dora"), ident("claim dora"), "2026-0418", _code("dora").printed, "4900", "de", "1987-03-14",
    ident("letter dora"),
)  # fmt: skip
DORA_SECOND = replace(DORA, claim_id=ident("claim dora 2"), reference="2026-0533")
STEFAN = Known(
    "Stefan Meyer", ident("stefan"), ident("claim stefan"), "2026-0777", _code("stefan").printed, "4912", "fr", None,
    ident("letter stefan"),
)  # fmt: skip
COLETTE = Known(
    "Colette Blanc", ident("colette"), ident("claim colette"), "F-2201", _code("colette").printed, "1003", "fr",
    "1990-07-01", ident("letter colette"),
)  # fmt: skip
PEOPLE = (DORA, STEFAN, COLETTE)

VELO, ROCHAT = ident("velo-sutter"), ident("cabinet-rochat")
CLARA, LENA, ADAM, OTTO, CARL = (ident(name) for name in ("clara", "lena", "adam", "otto", "carl"))
STAFF = {
    "clara": (CLARA, VELO, Role.AGENT, "Clara Meier"),
    "lena": (LENA, VELO, Role.LEAD, "Lena Huber"),
    "adam": (ADAM, VELO, Role.ADMIN, "Adam Frei"),
    "otto": (OTTO, VELO, Role.AUDITOR, "Otto Graf"),
    "carl": (CARL, ROCHAT, Role.LEAD, "Carl Rochat"),
}


def email_of(name: str) -> str:
    return f"{name}@example.org"


def otp_at(moment: datetime) -> str:
    """The six digits that a clerk's phone shows at this moment."""
    return pyotp.TOTP(SEED).at(moment)


def build(url: str) -> None:
    """The database has the newest schema and everybody the tests know."""
    database = Database(url)
    migrate(database)
    with database.writing() as session:
        fill(session)
    database.close()


def fill(session: Session) -> None:
    """Two firms, their people, and three claims with a letter each."""
    velo = Creditor(
        id=VELO, slug="velo-sutter", name="Velo Sutter AG", street="Bahnhofstrasse", house_number="12", postcode="4900",
        town="Langenthal", country="CH", canton="BE", language="de", phone="062 922 00 00", hours="Mo–Fr 9–12",
        stripe_account="acct_velo", number=1,
    )  # fmt: skip
    rochat = Creditor(
        id=ROCHAT, slug="cabinet-rochat", name="Cabinet dentaire Rochat", street="Rue de Bourg", house_number="4",
        postcode="1003", town="Lausanne", country="CH", canton="VD", language="fr", phone="021 311 00 00",
        hours="lu–ve 8–12", stripe_account="acct_rochat", number=2, health=True,
    )  # fmt: skip
    session.add_all([velo, rochat])
    session.flush()
    session.add_all(
        [
            BankAccount(
                creditor_id=VELO,
                currency="CHF",
                iban="CH9300762011623852957",
                qr_iban="CH4431999123000889012",
                bic=None,
            ),
            BankAccount(creditor_id=ROCHAT, currency="CHF", iban="CH5604835012345678009", qr_iban=None, bic=None),
        ]
    )
    _people(session)
    session.flush()
    dora = _claim(session, velo, DORA, principal=28460, cost=4000, clerk=CLARA, days_old=132)
    second = _claim(session, velo, DORA_SECOND, principal=9900, cost=0, clerk=CLARA, days_old=80)
    stefan = _claim(session, velo, STEFAN, principal=124000, cost=0, clerk=LENA, days_old=100)
    colette = _claim(session, rochat, COLETTE, principal=46000, cost=0, clerk=CARL, days_old=90)
    letter_for(session, DORA, [dora])
    letter_for(session, STEFAN, [stefan])
    letter_for(session, COLETTE, [colette])
    assert second.id != dora.id


def _people(session: Session) -> None:
    keys, passwords = DataKeys(KEY), PasswordHasher(cost_for(cheap=True))
    hashed = passwords.hash(PASSWORD)
    for name, (identity, creditor_id, role, full_name) in STAFF.items():
        session.add(
            Clerk(
                id=identity, creditor_id=creditor_id, email=email_of(name), name=full_name, function="Buchhaltung",
                phone="062 922 00 11", hours="Mo–Fr 9–12", role=role.value, password_hash=hashed,
                totp_seed=keys.seal(SEED.encode(), f"totp|{identity}".encode()),
                language="fr" if creditor_id == ROCHAT else "de",
            )
        )  # fmt: skip
    facts = FactHasher(Peppers(KEY))
    for known, creditor_id, town in (
        (DORA, VELO, "Langenthal"),
        (STEFAN, VELO, "Lotzwil"),
        (COLETTE, ROCHAT, "Lausanne"),
    ):
        session.add(
            Debtor(
                id=known.debtor_id, creditor_id=creditor_id, name=known.name, street="Gartenweg", house_number="3",
                postcode=known.postcode, town=town, country="CH", language=known.language, customer_number=f"K-{town}",
                fact_kind=FactKind.BIRTH_DATE.value if known.fact else None,
                fact_hash=facts.hash(creditor_id, FactKind.BIRTH_DATE, known.fact) if known.fact else None,
            )
        )  # fmt: skip


def _claim(
    session: Session, creditor: Creditor, known: Known, *, principal: int, cost: int, clerk: UUID, days_old: int
) -> Claim:
    invoice_on = TODAY - timedelta(days=days_old)
    due = invoice_on + timedelta(days=30)
    lines = [
        NewLine(
            PositionKind.PRINCIPAL, Basis.INVOICE, Money(principal, "CHF"), due, label=f"Rechnung {known.reference}"
        ),
        NewLine(
            PositionKind.DEFAULT_INTEREST, Basis.LAW_DEFAULT_INTEREST, Money(0, "CHF"), due, rate_percent="5",
            interest_from=due + timedelta(days=11), interest_reason=InterestReason.REMINDER_RECEIVED,
        ),
    ]  # fmt: skip
    if cost:
        lines.append(
            NewLine(PositionKind.REMINDER_FEE, Basis.TERMS_CLAUSE, Money(cost, "CHF"), due, label="Mahngebühr")
        )
    debtor = session.get_one(Debtor, known.debtor_id)
    new = NewClaim(
        reference=known.reference, title="Service und neue Bremsen für Ihr Velo", invoice_number=known.reference,
        invoice_on=invoice_on, due_on=due, pay_by=TODAY + timedelta(days=11), currency="CHF", lines=tuple(lines),
        next_writing_on=TODAY + timedelta(days=14),
    )  # fmt: skip
    now = START - timedelta(days=7)
    claim = open_claim(
        session,
        creditor,
        debtor,
        clerk,
        new,
        actor=system("example"),
        now=now,
        today=now.date(),
        claim_id=known.claim_id,
    )
    session.flush()
    return claim


def letter_for(
    session: Session, known: Known, claims: list[Claim], *, issued: datetime = START - timedelta(days=5)
) -> Letter:
    """A letter that names these claims is in the person's hands, with the code the tests know."""
    creditor_id = claims[0].creditor_id
    letter = Letter(
        id=known.letter_id, creditor_id=creditor_id, debtor_id=known.debtor_id, kind="first", language=known.language,
        dated_on=issued.date(), pay_by=claims[0].pay_by, issued_at=issued,
    )  # fmt: skip
    session.add(letter)
    session.flush()
    for claim in claims:
        amount = claim_sum(session, claim, on=issued.date()).open.minor
        session.add(
            LetterClaim(
                letter_id=letter.id, claim_id=claim.id, creditor_id=creditor_id, amount_minor=amount,
                fixed_until=claim.pay_by,
            )
        )  # fmt: skip
        session.add(
            Event(
                creditor_id=creditor_id, claim_id=claim.id, at=issued, kind=EventKind.LETTER_ISSUED.value,
                actor="system", subject="letter", subject_id=letter.id, details={"pay_by": claim.pay_by.isoformat()},
            )
        )  # fmt: skip
    compact = known.code.replace(" ", "")
    hashed = CodeHasher(Peppers(KEY), cost_for(cheap=True)).hash(compact[:6], compact[6:15])
    session.add(
        LetterCode(
            creditor_id=creditor_id, letter_id=letter.id, debtor_id=known.debtor_id, lookup=compact[:6],
            salt=hashed.salt, hash=hashed.hash, kdf=hashed.kdf, kid=hashed.kid, issued_at=issued,
            expires_at=issued + CODE_LIFE,
        )
    )  # fmt: skip
    session.flush()
    return letter


def firm_of(known: Known) -> UUID:
    """The creditor that claims from this person."""
    return ROCHAT if known.name == COLETTE.name else VELO


def may(name: str, right: Right) -> bool:
    """Whether this clerk's role has the right."""
    return allowed(STAFF[name][2], right)


def canaries(known: Known) -> list[str]:
    """Words that stand only in what this person wrote or got, and must never be seen by anybody else."""
    return [f"CNRY-{known.reference}-{kind}" for kind in ("message", "dispute", "hardship", "file", "answer")]


def slug_of(known: Known) -> str:
    """The first segment of the letter's link."""
    return "cabinet-rochat" if firm_of(known) == ROCHAT else "velo-sutter"

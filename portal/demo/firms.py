"""Which three firms does the demo show, who works there, and where does their money go?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.demo import papers
from portal.demo.papers import Firm
from portal.rules.access import Role


@dataclass(frozen=True)
class Account:
    """Where transfers in one currency go."""

    currency: str
    iban: str
    qr_iban: str | None = None
    bic: str | None = None


@dataclass(frozen=True)
class Colleague:
    """Somebody at a firm's desk; the sign-in is the mail address."""

    name: str
    email: str
    role: Role
    function: str
    phone: str
    feminine: bool = True


@dataclass(frozen=True)
class DemoFirm:
    """A creditor of the demo with its people, its accounts and its paper."""

    slug: str
    number: int
    language: str
    canton: str
    hours: str
    stripe_account: str
    methods: str
    paper: Firm
    staff: tuple[Colleague, ...]
    accounts: tuple[Account, ...]
    accent: str = ""
    health: bool = False
    #: Who pays the rest within so many days of the letter pays no reminder fee; 0: no such promise.
    goodwill_days: int = 0

    @property
    def name(self) -> str:
        return self.paper.address.name

    @property
    def standin_account(self) -> str:
        """How the Stripe stand-in is told about this firm's account."""
        currencies = ",".join(account.currency for account in self.accounts)
        return f"{self.stripe_account}:{currencies}:{self.methods}:{self.name}"


VELO = DemoFirm(
    slug="velo-sutter", number=101, language="de", canton="BE", hours="Mo–Fr 8–12, 13.30–17",
    stripe_account="acct_velosutter", methods="card,twint", accent="#0F5257", goodwill_days=20,
    paper=replace(papers.WORKSHOP, iban="CH9300762011623852957"),
    staff=(
        Colleague("Claudia Meier", "claudia@velo-sutter.example", Role.AGENT, "Buchhaltung", "062 555 01 41"),
        Colleague("Beat Sutter", "beat@velo-sutter.example", Role.LEAD, "Inhaber", "062 555 01 42", feminine=False),
        Colleague("Ruth Sutter", "ruth@velo-sutter.example", Role.ADMIN, "Verwaltung", "062 555 01 43"),
    ),
    accounts=(Account("CHF", "CH9300762011623852957", "CH4431999123000889012"),),
)  # fmt: skip
DENTAIRE = DemoFirm(
    slug="dentaire-du-lac", number=102, language="fr", canton="VD", hours="8.00–12.00, 13.30–17.00",
    stripe_account="acct_dentairelac", methods="card,twint", accent="#2F4B7C", health=True,
    paper=replace(papers.PRACTICE, iban="CH5604835012345678009"),
    staff=(
        Colleague("Sylvie Favre", "sylvie@dentaire-lac.example", Role.AGENT, "Facturation", "021 555 01 73"),
        Colleague("Hélène Rochat", "helene@dentaire-lac.example", Role.LEAD, "Médecin-dentiste", "021 555 01 74"),
        Colleague("Marc Rochat", "marc@dentaire-lac.example", Role.ADMIN, "Administration", "021 555 01 75", False),
    ),
    accounts=(Account("CHF", "CH5604835012345678009"),),
)  # fmt: skip
GIARDINO = DemoFirm(
    slug="giardino-bernasconi", number=103, language="it", canton="TI", hours="8.00–12.00, 13.30–17.00",
    stripe_account="acct_giardino", methods="card,sepa_debit", accent="#3B5D24",
    paper=replace(papers.GARDEN, iban="CH3880808001234567890"),
    staff=(
        Colleague("Marco Bernasconi", "marco@giardino-bernasconi.example", Role.AGENT, "Ufficio", "091 555 01 94",
                  False),
        Colleague("Elena Bernasconi", "elena@giardino-bernasconi.example", Role.LEAD, "Titolare", "091 555 01 95"),
        Colleague("Paola Riva", "paola@giardino-bernasconi.example", Role.ADMIN, "Amministrazione", "091 555 01 96"),
    ),
    accounts=(
        Account("CHF", "CH3880808001234567890"),
        Account("EUR", "CH3880808001234567890", bic="RAIFCH22XXX"),
    ),
)  # fmt: skip
FIRMS = (VELO, DENTAIRE, GIARDINO)

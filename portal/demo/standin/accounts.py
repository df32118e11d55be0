"""Which connected accounts does the stand-in keep, in which currencies, and what may their customers pay with?"""

from dataclasses import dataclass
from typing import Any

METHODS = ("card", "twint")
TWINT_LIMIT_MINOR = 500_000  # CHF 5,000.00 per payment: docs.stripe.com/payments/twint


@dataclass(frozen=True)
class Account:
    """A connected account: currencies in upper case, methods out of `METHODS`, `name` as the pay page shows it."""

    id: str
    currencies: tuple[str, ...] = ("CHF",)
    methods: tuple[str, ...] = METHODS
    name: str = ""

    def __post_init__(self) -> None:
        if not self.id.startswith("acct_"):
            raise ValueError(f"an account's id starts with acct_, not {self.id!r}")
        if not self.currencies or not all(len(code) == 3 and code.isupper() for code in self.currencies):
            raise ValueError(f"{self.id}: currencies are three upper-case letters, not {self.currencies!r}")
        if not self.methods or not set(self.methods) <= set(METHODS):
            raise ValueError(f"{self.id}: methods are {METHODS}, not {self.methods!r}")


def parsed(text: str) -> Account:
    """The account behind `acct_x:CHF,EUR:card,twint:Name`; all parts but the id may be left out."""
    id, currencies, methods, name = (*text.split(":", 3), "", "", "")[:4]
    return Account(
        id,
        tuple(currencies.split(",")) if currencies else ("CHF",),
        tuple(methods.split(",")) if methods else METHODS,
        name,
    )


def offered(account: Account, currency: str, amount: int, allowed: list[str] | None, excluded: list[str]) -> list[str]:
    """What a session of `amount` minor units offers: the account's methods less what sum and filters rule out."""
    twint = currency.upper() == "CHF" and amount <= TWINT_LIMIT_MINOR
    methods = [method for method in account.methods if method != "twint" or twint]
    return [method for method in methods if (allowed is None or method in allowed) and method not in excluded]


def shape(account: Account, created: int) -> dict[str, Any]:
    """The account as Stripe's API shows it."""
    return {
        "id": account.id,
        "object": "account",
        "business_profile": {"name": account.name or account.id, "url": None, "support_email": None},
        "capabilities": {
            f"{method}_payments": "active" if method in account.methods else "inactive" for method in METHODS
        },
        "charges_enabled": True,
        "country": "CH",
        "created": created,
        "default_currency": account.currencies[0].lower(),
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": account.name or account.id, "timezone": "Europe/Zurich"}},
        "type": "standard",
    }

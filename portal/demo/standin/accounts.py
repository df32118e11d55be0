"""Which connected accounts does the stand-in keep, in which currencies, and what may their customers pay with?"""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

METHODS = ("card", "twint", "sepa_debit", "paypal")
USUAL = ("card", "twint")
ONLY_IN = {"twint": "CHF", "sepa_debit": "EUR"}  # docs.stripe.com/payments/twint, …/sepa-debit
TWINT_LIMIT_MINOR = 500_000  # CHF 5,000.00 per payment: docs.stripe.com/payments/twint


@dataclass(frozen=True)
class Account:
    """A connected account: currencies in upper case, methods out of `METHODS`, `name` as the pay page shows it."""

    id: str
    currencies: tuple[str, ...] = ("CHF",)
    methods: tuple[str, ...] = USUAL
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
        tuple(methods.split(",")) if methods else USUAL,
        name,
    )


@dataclass(frozen=True)
class Standing:
    """What Stripe lets an account do at the moment, and what it still wants to know; `gone`: we may not see it."""

    charges_enabled: bool = True
    payouts_enabled: bool = True
    details_submitted: bool = True
    currently_due: tuple[str, ...] = ()
    disabled_reason: str | None = None
    gone: bool = False


#: An account that was just opened: nothing works before its owner has said who he is.
FRESH = Standing(
    charges_enabled=False, payouts_enabled=False, details_submitted=False,
    currently_due=("business_type", "external_account", "tos_acceptance.date"),
    disabled_reason="requirements.past_due",
)  # fmt: skip


@dataclass
class Accounts:
    """The accounts by id, those from the command line and those opened since, and what each may do."""

    known: dict[str, Account] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)

    def standing(self, id: str) -> Standing:
        """What this account may do."""
        return self.standings.get(id, Standing())

    def open(self, account: Account) -> None:
        """One more account exists, and can't do anything yet."""
        self.known[account.id], self.standings[account.id] = account, FRESH
        self.opened.append(account.id)

    def change(self, id: str, **changes: Any) -> None:
        """From now on the account may do this."""
        self.standings[id] = replace(self.standing(id), **changes)

    def saved(self) -> dict[str, Any]:
        """What has to survive a restart, as JSON."""
        return {
            "opened": [asdict(self.known[id]) for id in self.opened],
            "standings": {id: asdict(one) for id, one in self.standings.items()},
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Everything is as it was when it was saved."""
        for one in saved.get("opened", []):
            names = {**one, "currencies": tuple(one["currencies"]), "methods": tuple(one["methods"])}
            self.open(Account(**names))
        for id, one in saved.get("standings", {}).items():
            self.standings[id] = Standing(**{**one, "currently_due": tuple(one["currently_due"])})


def offered(account: Account, currency: str, amount: int, allowed: list[str] | None, excluded: list[str]) -> list[str]:
    """What a session of `amount` minor units offers: the account's methods less what sum and filters rule out."""
    methods = [
        method for method in account.methods
        if ONLY_IN.get(method, currency.upper()) == currency.upper()
        and not (method == "twint" and amount > TWINT_LIMIT_MINOR)
    ]
    return [method for method in methods if (allowed is None or method in allowed) and method not in excluded]


def shape(account: Account, created: int, standing: Standing | None = None) -> dict[str, Any]:
    """The account as Stripe's API shows it."""
    now = standing or Standing()
    due = list(now.currently_due)
    return {
        "id": account.id,
        "object": "account",
        "business_profile": {"name": account.name or account.id, "url": None, "support_email": None},
        "capabilities": {
            f"{method}_payments": "active" if method in account.methods and now.charges_enabled else "inactive"
            for method in METHODS
        },
        "charges_enabled": now.charges_enabled,
        "country": "CH",
        "created": created,
        "default_currency": account.currencies[0].lower(),
        "details_submitted": now.details_submitted,
        "email": None,
        "metadata": {},
        "payouts_enabled": now.payouts_enabled,
        "requirements": {
            "alternatives": [], "current_deadline": None, "currently_due": due, "disabled_reason": now.disabled_reason,
            "errors": [], "eventually_due": due, "past_due": [], "pending_verification": [],
        },
        "settings": {"dashboard": {"display_name": account.name or account.id, "timezone": "Europe/Zurich"}},
        "type": "standard",
    }  # fmt: skip

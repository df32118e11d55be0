"""Is everything there that the portal needs: configuration, database, schema, storage, scanner, Stripe, mail?"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from portal.gateways.files import FileUnreadable, StorageFull
from portal.gateways.scan import ClamdScanner, ScanFailed
from portal.gateways.stripe import StripeDown, StripeRefused
from portal.rules.payments import PayMethod
from portal.settings import Settings
from portal.store.database import answers
from portal.store.schema import at_head
from portal.store.settings import creditors
from portal.web.parts import Parts


@dataclass(frozen=True)
class Finding:
    """One part, whether it is good, and a sentence about it."""

    part: str
    good: bool
    sentence: str

    @property
    def line(self) -> str:
        return f"{'ok   ' if self.good else 'wrong'}  {self.part:13}  {self.sentence}"


def look(parts: Parts) -> Iterator[Finding]:
    """One finding for each part, in the order in which they need each other."""
    settings = parts.settings
    yield Finding("configuration", True, f"complete, for {settings.base_url}")
    database = _database(parts)
    yield database
    schema = _schema(parts) if database.good else Finding("schema", False, "not looked at, the database is away")
    yield schema
    yield _storage(parts)
    yield _scanner(settings)
    if schema.good:
        yield from _stripe(parts)
    else:
        yield Finding("Stripe", False, "not asked, the schema comes first")
    yield _mail(parts)


def _tried(part: str, good: str, work: Callable[[], bool], bad: str, *errors: type[Exception]) -> Finding:
    try:
        return Finding(part, True, good) if work() else Finding(part, False, bad)
    except errors as error:
        return Finding(part, False, f"{bad} ({type(error).__name__})")


def _database(parts: Parts) -> Finding:
    engine = "SQLite" if parts.database.is_sqlite else "PostgreSQL"
    return _tried(
        "database", f"{engine} answers", lambda: answers(parts.database), f"{engine} does not answer", SQLAlchemyError
    )


def _schema(parts: Parts) -> Finding:
    return _tried(
        "schema", "the newest, with the ledger's guards", lambda: at_head(parts.database),
        "not the newest: run `portal migrate`", SQLAlchemyError,
    )  # fmt: skip


def _storage(parts: Parts) -> Finding:
    def there_and_back() -> bool:
        data = secrets.token_bytes(64)
        key = parts.files.put(data)
        same = parts.files.get(key) == data
        parts.files.delete(key)
        return same

    return _tried(
        "storage", f"{parts.settings.files_root} takes files and gives them back", there_and_back,
        f"{parts.settings.files_root} can't be used", OSError, StorageFull, FileUnreadable,
    )  # fmt: skip


def _scanner(settings: Settings) -> Finding:
    if not settings.clamd:
        return Finding("clamd", True, "not configured: files are copied in the sandbox, but not scanned")
    return _tried(
        "clamd", f"{settings.clamd} scans", lambda: ClamdScanner(settings.clamd, timeout=10).scan(b"clean").clean,
        f"{settings.clamd} does not scan", ScanFailed, OSError,
    )  # fmt: skip


def _stripe(parts: Parts) -> Iterator[Finding]:
    """One line for each creditor's account: whether it is open to us, takes payments and pays out."""
    with parts.database.reading() as session:
        accounts = [(creditor.slug, creditor.stripe_account) for creditor in creditors(session)]
    if not accounts:
        yield Finding("Stripe", True, "not asked: there is no creditor yet, see `portal add-creditor`")
    for slug, account in accounts:
        yield _account(parts, slug, account)


def _account(parts: Parts, slug: str, account: str) -> Finding:
    if not account:
        return Finding("Stripe", True, f"{slug}: no account, so transfers only")
    try:
        found = parts.stripe.account_state(account)
    except (StripeDown, StripeRefused) as error:
        return Finding("Stripe", False, f"{slug}: no answer for {account} ({type(error).__name__})")
    if not found.charges_enabled:
        return Finding("Stripe", False, f"{slug}: {account} takes no payments ({found.disabled_reason or 'not said'})")
    ways = ", ".join(method for method in PayMethod if method.value in found.methods)
    paid_out = "pays out" if found.payouts_enabled else "holds payouts back"
    return Finding("Stripe", found.payouts_enabled, f"{slug}: {account} takes {ways or 'nothing'} and {paid_out}")


def _mail(parts: Parts) -> Finding:
    """Whether the server lets us in, with TLS, name and password."""
    if not parts.mail.configured:
        return Finding("mail", True, "not configured: nobody is told by e-mail, and nobody is offered it")
    server = urlsplit(parts.settings.mail_url)
    where = f"{server.hostname}:{server.port or 587}"
    return _tried("mail", f"{where} lets us in", parts.mail.greets, f"{where} does not let us in", OSError)

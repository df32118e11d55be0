"""Which parts was this application built from, and what time is it for this request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app

from portal.gateways.calendars import CalendarSource
from portal.gateways.contact_proofs import ContactProofs
from portal.gateways.files import FileStore
from portal.gateways.hashing import CodeHasher, FactHasher, HashGate, PaperNumbers, PasswordHasher, PinHasher
from portal.gateways.mail import MailGateway
from portal.gateways.pdf import Papers
from portal.gateways.pixels import Converter
from portal.gateways.specimen_codes import SpecimenCodes
from portal.gateways.stripe import StripeGateway
from portal.gateways.vault import DataKeys
from portal.rules.dates import Calendar
from portal.settings import Settings
from portal.store.database import Database
from portal.store.settings import Creditor
from portal.web.i18n import zone

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Parts:
    """Everything that `create_app` put together, in one frozen value."""

    settings: Settings
    database: Database
    clock: Clock
    stripe: StripeGateway
    files: FileStore
    data_keys: DataKeys
    codes: CodeHasher
    facts: FactHasher
    pins: PinHasher
    passwords: PasswordHasher
    gate: HashGate
    calendars: CalendarSource
    papers: Papers
    pictures: Converter
    numbers: PaperNumbers
    contact: ContactProofs
    specimens: SpecimenCodes
    mail: MailGateway
    real_clock: Clock


def parts() -> Parts:
    """The parts of the running application."""
    found: Parts = current_app.extensions["portal"]
    return found


def now() -> datetime:
    """This moment, aware, by the application's clock."""
    return parts().clock()


def today() -> date:
    """This day in the creditor's zone."""
    return now().astimezone(zone()).date()


def calendar_of(creditor: Creditor) -> Calendar:
    """The working days of the creditor's canton, for this year and the next two."""
    year = (now() - timedelta(days=365)).year
    return parts().calendars.calendar(creditor.country, creditor.canton or None, range(year, year + 5))

"""How is the portal put together: the one composition root."""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import paths
from portal.gateways.calendars import CalendarSource, HolidayCalendars
from portal.gateways.contact_proofs import ContactProofs
from portal.gateways.files import FileStore, LocalFiles
from portal.gateways.hashing import (
    CodeHasher,
    FactHasher,
    HashGate,
    PaperNumbers,
    PasswordHasher,
    Peppers,
    PinHasher,
    cost_for,
)
from portal.gateways.mail import MailGateway, NoMail, SmtpMail
from portal.gateways.pdf import Papers
from portal.gateways.pixels import SandboxConverter
from portal.gateways.specimen_codes import SpecimenCodes
from portal.gateways.stripe import StripeGateway
from portal.gateways.stripe_client import StripeClientGateway
from portal.gateways.vault import DataKeys
from portal.rules.letter_code import self_test
from portal.settings import Settings, SettingsIncomplete, problems
from portal.store.database import Database
from portal.web import assets, drafts, errors, fronts, i18n, limits, login, logs, pages, security, webhooks
from portal.web.api import health
from portal.web.parts import Clock, Parts
from portal.web.slow_bodies import SlowBodies
from portal.web.transaction import Portal, release


def system_clock() -> datetime:
    """This moment by the machine's clock."""
    return datetime.now(UTC)


class DemoClock:
    """The demo's clock: the machine's, moved to a day and by an offset in seconds that a file holds."""

    def __init__(self, day: str = "", file: Path | None = None) -> None:
        started = system_clock()
        moved = datetime.fromisoformat(f"{day}T{started:%H:%M:%S}+00:00") - started if day else timedelta()
        self._offset = timedelta(seconds=round(moved.total_seconds()))
        self._file = file

    def __call__(self) -> datetime:
        offset = self._offset
        if self._file is not None and self._file.is_file():
            offset += timedelta(seconds=int(self._file.read_text().strip() or "0"))
        return system_clock() + offset


def clock_of(settings: Settings) -> Clock:
    """The machine's clock, or in the demo one that can be moved."""
    if settings.demo and (settings.demo_day or settings.clock_file):
        return DemoClock(settings.demo_day, settings.clock_file)
    return system_clock


def mail_of(settings: Settings) -> MailGateway:
    """The mail server of this installation, or the stand-in that says that there is none."""
    return SmtpMail(settings.mail_url, f"post@{settings.host}") if settings.mail_url else NoMail()


@lru_cache(maxsize=1)
def _check_generator() -> None:
    """Once per process: letter codes come out evenly, or the portal does not start (`security.md` 2.3)."""
    self_test(secrets.randbelow)


#: How long somebody at the desk waits for a picture of theirs.
PICTURE_SECONDS = 10.0


def build_parts(
    settings: Settings,
    *,
    clock: Clock | None = None,
    stripe: StripeGateway | None = None,
    files: FileStore | None = None,
    calendars: CalendarSource | None = None,
    mail: MailGateway | None = None,
    database: Database | None = None,
    cheap: bool = False,
) -> Parts:
    """Everything outside the pages, built once; tests pass their own clock and a cheap hasher."""
    stated = problems(settings)
    if stated:
        raise SettingsIncomplete(stated)
    _check_generator()
    cost = cost_for(cheap=cheap)
    peppers = Peppers(settings.code_peppers)
    data_keys = DataKeys(settings.data_keys)
    floor = {"min_free_bytes": 0, "min_free_share": 0.0} if settings.demo else {}
    return Parts(
        settings=settings,
        database=database or Database(settings.database_url),
        clock=clock or clock_of(settings),
        stripe=stripe or StripeClientGateway(settings.stripe_secret_key, settings.stripe_api_base),
        files=files or LocalFiles(settings.files_root, data_keys, **floor),  # type: ignore[arg-type]
        data_keys=data_keys,
        codes=CodeHasher(peppers, cost),
        facts=FactHasher(peppers),
        pins=PinHasher(peppers, cost),
        passwords=PasswordHasher(cost),
        gate=HashGate(settings.threads),
        calendars=calendars or HolidayCalendars(),
        papers=Papers(paths.STATIC / "fonts", paths.TEMPLATES / "letters"),
        pictures=SandboxConverter(seconds=PICTURE_SECONDS),
        numbers=PaperNumbers(peppers),
        contact=ContactProofs(peppers),
        specimens=SpecimenCodes(peppers),
        mail=mail or mail_of(settings),
        real_clock=system_clock,
    )


def create_app(settings: Settings, *, parts: Parts | None = None) -> Flask:
    """The portal as a WSGI application, or SettingsIncomplete with a sentence for everything that is missing."""
    logging.getLogger("portal").setLevel(logging.INFO)
    built = parts or build_parts(settings)
    app = Portal(
        "portal",
        root_path=str(paths.PACKAGE),
        static_folder=None,
        template_folder=str(paths.TEMPLATES),
    )
    app.jinja_environment = pages.Templates
    app.config.update(
        SECRET_KEY=hashlib.sha256(b"flask|" + settings.secret_key.encode()).hexdigest(),
        SESSION_COOKIE_NAME="__Host-f" if settings.https else "f",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        WTF_I18N_ENABLED=False,
        MAX_CONTENT_LENGTH=security.UPLOAD_LIMIT,
        MAX_FORM_PARTS=60,
        TRUSTED_HOSTS=None if settings.demo else [settings.host],
        PROPAGATE_EXCEPTIONS=False,
    )
    app.extensions["portal"] = built
    i18n.load(paths.TRANSLATIONS)
    security.csrf.init_app(app)
    login.install(app)
    pages.install(app)
    errors.install(app)
    logs.install(app)
    app.before_request(security.at_the_door)
    limits.install(app)
    app.after_request(security.note_presence)
    app.after_request(drafts.forget_when_sent)
    app.after_request(security.add_headers)
    app.teardown_request(lambda error: release())
    app.teardown_request(lambda error: i18n.forget_language())
    _register(app)
    security.refuse_unmarked(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=1, x_host=0
        )
    app.wsgi_app = SlowBodies(app.wsgi_app, threads=settings.threads)  # type: ignore[method-assign]
    return app


def _register(app: Flask) -> None:
    for module in (assets, webhooks, health):
        app.register_blueprint(module.pages)
    for name, modules, prefix in (("debtor", fronts.DEBTOR, ""), ("creditor", fronts.DESK, "/desk")):
        side = Blueprint(name, f"portal.web.{name}")
        for module in modules:
            side.register_blueprint(module.pages)
        app.register_blueprint(side, url_prefix=prefix or None)

"""Which answer does a person get when something can't be done: error, status, sentence."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from portal.gateways.files import StorageFull
from portal.gateways.hashing import TooBusy
from portal.gateways.stripe import StripeDown
from portal.rules.history import MoveNotAllowed
from portal.web import traces
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.login import NotSignedIn, at_desk
from portal.web.parts import now, parts
from portal.web.transaction import SessionEnded, release

log = logging.getLogger("portal.web")


class SomethingChanged(Exception):
    """The thing was decided, or the sum changed, while the person was looking at the old page."""


def install(app: Flask) -> None:
    """Register the one table of errors."""
    for error in (SomethingChanged, MoveNotAllowed, StaleDataError, IntegrityError):
        app.register_error_handler(error, _changed)
    app.register_error_handler(NotSignedIn, _not_signed_in)
    app.register_error_handler(SessionEnded, _not_signed_in)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(TooBusy, _busy)
    app.register_error_handler(OperationalError, _database_down)
    app.register_error_handler(StorageFull, _storage_full)
    app.register_error_handler(StripeDown, _provider_down)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, title: str, *sentences: str, links: tuple[tuple[str, str], ...] = ()) -> Response:
    """An answer that says what is wrong, and always the way on and a phone number."""
    release()
    texts = [*sentences]
    creditor = g.get("creditor")
    if creditor is not None and creditor.phone and not at_desk(request.path):
        texts.append(_("You can also call %(name)s: %(phone)s.", name=creditor.name, phone=creditor.phone))
    body = render_template("errors/page.html", title=title, sentences=texts, links=list(links) or [_way_on()])
    return Response(body, status=status, mimetype="text/html")


def _way_on() -> tuple[str, str]:
    if at_desk(request.path):
        return _("Back to today"), "/desk"
    if g.get("visitor") is not None:
        return _("Back to my case"), "/claims"
    creditor = g.get("creditor")
    return _("To the start page"), f"/{creditor.slug}" if creditor is not None else "/"


def _changed(error: Exception) -> Response:
    if isinstance(error, IntegrityError):
        log.warning("a lost race on a constraint: %s", type(error.orig).__name__)
    return error_page(
        409,
        _("Something has changed"),
        _("While you were looking at this page, something has changed. Nothing was sent."),
        _("Look at the page again and then decide."),
        links=((_("Look again"), request.path if request.method == "GET" else _last_page()), _way_on()),
    )


def _last_page() -> str:
    rule = request.url_rule
    return request.path if rule is not None and rule.methods and "GET" in rule.methods else _way_on()[1]


def _not_signed_in(error: Exception) -> BaseResponse:
    release()
    if at_desk(request.path):
        return redirect("/desk/sign-in", 303)
    ended = g.get("ended")
    visitor = g.get("visitor")
    if request.method == "POST":
        who = (visitor.creditor_id, visitor.debtor_id, False) if visitor is not None else ended
        if who is not None and who[1] is not None and not who[2]:
            traces.keep_draft(
                parts().database,
                creditor_id=who[0],
                debtor_id=who[1],
                signed_in_id=visitor.session_id if visitor is not None else g.get("ended_session"),
                path=request.path,
                fields=request.form.to_dict(flat=False),
                now=now(),
            )
    creditor = g.get("creditor")
    target = url_for("debtor.access.entry", slug=creditor.slug) if creditor is not None else "/"
    return redirect(target + ("?ended=1" if ended is not None or visitor is not None else ""), 303)


def _form_too_old(error: CSRFError) -> Response:
    return error_page(
        400,
        _("This page was open for too long"),
        _("Nothing was sent. Go back, load the page again and send it once more."),
    )


def _busy(error: Exception) -> Response:
    answer = error_page(429, _("Many people are here at the moment"), _("Try again in a few seconds."))
    answer.headers["Retry-After"] = "2"
    return answer


def _database_down(error: OperationalError) -> Response:
    log.error("the database did not answer: %s", type(error.orig).__name__)
    answer = error_page(
        503,
        _("This takes too long at the moment"),
        _("Nothing was sent. Try again in a minute."),
    )
    answer.headers["Retry-After"] = "30"
    return answer


def _storage_full(error: Exception) -> Response:
    log.error("the file storage is full")
    return error_page(
        503,
        _("We can't take files at the moment"),
        _("Nothing was sent. You can send your text without a file, and the file later."),
    )


def _provider_down(error: Exception) -> Response:
    return error_page(
        503,
        _("Card and TWINT do not answer at the moment"),
        _("No money was taken. You can pay by bank transfer, or try again in a few minutes."),
    )


def _http(error: HTTPException) -> BaseResponse:
    code = error.code or 500
    if code in {301, 302, 303, 307, 308}:
        return error.get_response()
    answer = _answer_to(code)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _answer_to(code: int) -> Response:
    if code == 404:
        where = N_("Check the address, or look for the case under Cases.")
        if not at_desk(request.path):
            where = N_("Check the address, or start again from your letter.")
        return error_page(404, _("This page does not exist"), _(where))
    if code == 405:
        return error_page(405, _("This can't be done here"), _("Go back and use the buttons of the page."))
    if code == 408:
        return error_page(
            408,
            _("The connection was too slow"),
            _("Nothing was sent. Try again, or send a smaller photo."),
        )
    if code == 413:
        much = N_("Nothing was sent. Send at most 5 files of 10 MB each.")
        if request.path.startswith("/desk/import"):
            much = N_("Nothing was sent. Send at most 50 MB and 400 files at once, the others afterwards.")
        return error_page(413, _("That is too much at once"), _(much))
    if code == 429:
        return error_page(429, _("That was too often"), _("Wait a little, then try again."))
    if code == 503:
        return error_page(503, _("This takes too long at the moment"), _("Nothing was sent. Try again in a minute."))
    if code >= 500:
        return _unexpected(None)
    return error_page(400, _("We could not read this"), _("Nothing was sent. Go back and try again."))


def _unexpected(error: Exception | None) -> Response:
    if error is not None:
        log.exception("an unexpected error on %s", request.url_rule)
    return error_page(
        500,
        _("Something went wrong on our side"),
        _("Nothing was sent. Try again in a few minutes."),
    )

"""How does a view become a page: template by endpoint, the words and formats that templates know."""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask, Response, g, make_response, render_template, request, session, url_for
from flask.templating import Environment
from flask_wtf.csrf import generate_csrf

from portal.store.settings import Creditor
from portal.web import drafts, i18n
from portal.web.assets import css_url, static_url
from portal.web.forms import Form
from portal.web.login import ClerkVisitor, DebtorVisitor


class Templates(Environment):
    """Flask's templates; what all of them know is complete before the first is read, and looked up in one step."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A template's names as one dict: a chain of dicts is asked link by link for every macro of every page."""
        return {**self.globals, **(d or {})}


def install(app: Flask) -> None:
    """Give the templates our words, formats and addresses."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: i18n.gettext(text),
        lambda one, many, n: i18n.ngettext_plain(one, many, n),
        newstyle=True,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        money=i18n.money,
        minus=i18n.minus,
        day=i18n.day,
        weekday=i18n.weekday,
        month_day=i18n.month_day,
        month=i18n.month,
        moment=i18n.moment,
        clock=i18n.clock,
        file_size=i18n.file_size,
        static_url=static_url,
        csrf_token=_csrf_token,
        op=lambda: str(uuid4()),
    )
    app.context_processor(_context)


def page(*, status: int | None = None, **values: Any) -> Response:
    """The page of this endpoint: debtor.plans.propose is templates/debtor/plans/propose.html; refused forms are 422."""
    endpoint = request.endpoint or ""
    return page_of(endpoint.replace(".", "/") + ".html", status=status, **values)


def page_of(template: str, *, status: int | None = None, **values: Any) -> Response:
    """This template as an answer; a form with problems makes it a 422."""
    form = values.get("form")
    if isinstance(form, Form):
        drafts.fill(form)
    refused = form is not None and bool(form.errors)
    return make_response(render_template(template, **values), status or (422 if refused else 200))


def _csrf_token() -> str:
    """The token of this browser's forms; signed once and remembered, because signing packs it anew each time."""
    token = _signed(session["csrf_token"]) if "csrf_token" in session else generate_csrf()
    return str(token)


@lru_cache(maxsize=8192)
def _signed(seed: str) -> str:
    return str(generate_csrf())


def _context() -> dict[str, Any]:
    creditor: Creditor | None = g.get("creditor")
    visitor = g.get("visitor")
    return {
        "lang": i18n.language(),
        "locale_tag": i18n.locale_tag(),
        "languages": _languages(),
        "brand": None if creditor is None else _brand(creditor, visitor),
        "person": visitor,
        "css_url": css_url(creditor.accent if creditor is not None else ""),
        "kept_draft": g.get("kept_draft", False),
        "keys": visitor.shortcuts if isinstance(visitor, ClerkVisitor) else False,
    }


def _brand(creditor: Creditor, visitor: object) -> dict[str, Any]:
    home = f"/{creditor.slug}"
    if isinstance(visitor, DebtorVisitor):
        home = "/claims"
    elif isinstance(visitor, ClerkVisitor):
        home = "/desk"
    return {
        "name": creditor.name,
        "slug": creditor.slug,
        "phone": creditor.phone,
        "hours": creditor.hours,
        "town": creditor.town,
        "home_url": home,
    }


def _languages() -> list[tuple[str, str, bool]]:
    now = i18n.language()
    safe = request.method == "GET" or (
        request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    )
    path = "/" + request.path.lstrip("/") if safe else "/"  # "//name" would lead to another site
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    before = f"{path}?{urlencode(kept)}&lang=" if kept else f"{path}?lang="
    return [(code, before + code, code == now) for code in i18n.LANGUAGES]


def back_to(endpoint: str, **values: Any) -> Response:
    """303 to another page, so that Back and reload never send twice."""
    answer = make_response("", 303)
    answer.headers["Location"] = url_for(endpoint, **values)
    return answer

"""Can debtors pay by card and TWINT, what does the payment provider say about it, and how does a firm begin?"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect

from portal.actions import connections
from portal.actions.connections import AlreadyOpen
from portal.gateways.stripe import StripeDown, StripeRefused
from portal.rules.access import Right
from portal.rules.connections import ConnectionProblem, ConnectionStatus
from portal.rules.payments import PayMethod
from portal.store.connections import Connection, connection_of, status_now
from portal.web import i18n
from portal.web.errors import SomethingChanged
from portal.web.forms import Form
from portal.web.i18n import gettext as _
from portal.web.labels.connections import FIELDS, PROBLEMS, STATUSES
from portal.web.labels.payments import METHODS
from portal.web.login import clerk, creditor
from portal.web.pages import back_to, page_of
from portal.web.parts import now, parts
from portal.web.security import Who, who
from portal.web.transaction import commit_then, db

pages = Blueprint("connections", __name__)

TINTS = {ConnectionStatus.READY: "good", ConnectionStatus.NONE: "", ConnectionStatus.NOT_LOOKED_AT: ""}


class StepForm(Form):
    """Nothing to fill in: pressing the button says it."""


@pages.get("/settings/card")
@who(Who.CLERK, Right.READ)
def overview() -> Response:
    """What the provider said of the firm's account, and when."""
    return _page(StepForm(formdata=None))


@pages.post("/settings/card/check")
@who(Who.CLERK, Right.SETTINGS)
def check() -> Response:
    """The provider is asked at this moment."""
    have, firm = parts(), creditor().id
    commit_then(lambda: connections.look(have.database, have.stripe, firm, now=now()))
    return back_to("creditor.connections.overview")


@pages.post("/settings/card/connect")
@who(Who.CLERK, Right.SETTINGS)
def connect() -> Response:
    """On to the provider's own form, with an account that is opened for the firm if it has none."""
    have, firm, form = parts(), creditor().id, StepForm()
    page = f"{have.settings.base_url}/desk/settings/card"
    try:
        address = commit_then(lambda: connections.begin(have.database, have.stripe, firm, page=page))
    except AlreadyOpen as raced:
        raise SomethingChanged from raced
    except StripeDown:
        form.refuse([ConnectionProblem.DOWN], PROBLEMS, FIELDS[ConnectionProblem])
        return _page(form, status=503)
    except StripeRefused:
        form.refuse([ConnectionProblem.CLOSED], PROBLEMS, FIELDS[ConnectionProblem])
        return _page(form)
    answer: Response = redirect(address, 303)  # type: ignore[assignment]
    return answer


def _page(form: StepForm, *, status: int | None = None) -> Response:
    account = creditor().stripe_account
    row = connection_of(db(), creditor().id)
    row = row if row is not None and row.account == account else None
    word = status_now(db(), creditor().id, account)
    complete = word is ConnectionStatus.READY and row is not None and not row.due
    return page_of(
        "creditor/connections/overview.html",
        status=status,
        form=form,
        account=account,
        sentence=_(STATUSES[word]),
        tint=TINTS.get(word, "wait"),
        rows=_rows(row) if row is not None else [],
        checked=i18n.moment(row.checked_at) if row is not None else "",
        may=clerk().may(Right.SETTINGS),
        may_begin=clerk().may(Right.SETTINGS) and not complete and word is not ConnectionStatus.CLOSED,
    )


def _rows(row: Connection) -> list[tuple[str, Any]]:
    yes, no = _("yes"), _("no")
    ways = [_(METHODS[method]) for method in PayMethod if method.value in row.methods]
    due = ", ".join(str(one).replace("_", " ").replace(".", ": ") for one in row.due)
    return [
        (_("Account number"), row.account),
        (_("Takes payments"), yes if row.charges_enabled else no),
        (_("Pays out to you"), yes if row.payouts_enabled else no),
        (_("Ways to pay"), " · ".join(ways) or _("none")),
        (_("Still missing, in the provider's words"), due or _("nothing")),
    ]

"""To which account do debtors transfer, and who agrees to another one?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, request
from wtforms import BooleanField, StringField

from portal.actions.accounts import decide_account, name_account
from portal.rules.access import Right
from portal.rules.accounts import CURRENCIES, AccountProblem, needs_second, read
from portal.rules.references import group_iban
from portal.store.accounts import AccountChange, waiting_changes
from portal.store.bank import accounts_of
from portal.store.people import clerk_by_id
from portal.store.set_up import letters_out
from portal.store.settings import BankAccount
from portal.web import i18n
from portal.web.creditor.set_up import back_from_step
from portal.web.forms import Form
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels.accounts import FIELDS, PROBLEMS
from portal.web.login import clerk, creditor
from portal.web.pages import back_to, page, page_of
from portal.web.parts import now
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("accounts", __name__)


class AccountForm(Form):
    """Where transfers in one currency go."""

    currency = StringField(N_("Currency"))
    iban = StringField(N_("IBAN"))
    qr_iban = StringField(N_("QR-IBAN, if you have one"))
    bic = StringField(N_("BIC of the bank"))
    sepa = BooleanField(N_("The account takes SEPA transfers"))


class DecideForm(Form):
    """Nothing to fill in: one button agrees, the other drops."""


@pages.get("/settings/account")
@who(Who.CLERK, Right.READ)
def overview() -> Response:
    """The accounts that hold, and a change that waits for a second person."""
    return _overview(DecideForm(formdata=None))


@pages.route("/settings/account/change", methods=["GET", "POST"])
@who(Who.CLERK, Right.BANK)
def change() -> Response:
    """Name an account, or ask for another one."""
    form = AccountForm()
    held = {row.currency: row for row in accounts_of(db(), creditor().id)}
    if request.method == "GET":
        _fill(form, held)
    elif form.sent_well() and (named := _named(form)) is not None:
        waits = isinstance(named, AccountChange)
        return back_to("creditor.accounts.overview") if waits else back_from_step("creditor.accounts.overview")
    second = bool(held) and needs_second(known=True, letters=letters_out(db(), creditor().id))
    return page(form=form, currencies=[(one, one) for one in CURRENCIES], second=second)


@pages.post("/settings/account/<uuid:id>/agree")
@who(Who.CLERK, Right.APPROVE)
def agree(id: UUID) -> Response:
    """The account that a colleague asked for holds from now on."""
    return _decided(id, taken=True)


@pages.post("/settings/account/<uuid:id>/drop")
@who(Who.CLERK, Right.APPROVE)
def drop(id: UUID) -> Response:
    """What was asked for is dropped; the account stays as it was."""
    return _decided(id, taken=False)


def _decided(id: UUID, *, taken: bool) -> Response:
    form = DecideForm()
    done = decide_account(db(), creditor().id, id, taken=taken, clerk_id=clerk().clerk_id, now=now())
    if done is None:
        abort(404)
    if isinstance(done, list):
        form.refuse(done, PROBLEMS, FIELDS[AccountProblem])
        return _overview(form)
    return back_to("creditor.accounts.overview")


def _overview(form: DecideForm) -> Response:
    held = accounts_of(db(), creditor().id)
    return page_of(
        "creditor/accounts/overview.html",
        form=form,
        rows=[_row(row) for row in held],
        waiting=[_shown(row) for row in waiting_changes(db(), creditor().id)],
        may_change=clerk().may(Right.BANK),
        may_agree=clerk().may(Right.APPROVE),
    )


def _row(row: BankAccount | AccountChange) -> tuple[str, ...]:
    qr = group_iban(row.qr_iban) if row.qr_iban else _("none")
    return (row.currency, group_iban(row.iban), qr, row.bic or "–")


def _shown(row: AccountChange) -> dict[str, Any]:
    asker = clerk_by_id(db(), row.creditor_id, row.asked_by)
    return {
        "id": row.id,
        "rows": [_row(row)],
        "who": asker.name if asker else "",
        "when": i18n.moment(row.asked_at),
        "own": row.asked_by == clerk().clerk_id,
    }


def _fill(form: AccountForm, held: dict[str, BankAccount]) -> None:
    usual = "CHF" if creditor().country == "CH" else "EUR"
    currency = request.args.get("currency", "") or next(iter(held), usual)
    form.currency.data = currency if currency in CURRENCIES else usual
    row = held.get(form.currency.data)
    if row is not None:
        form.iban.data, form.sepa.data = group_iban(row.iban), row.sepa
        form.qr_iban.data, form.bic.data = group_iban(row.qr_iban or ""), row.bic or ""


def _named(form: AccountForm) -> AccountChange | BankAccount | None:
    given = {name: str(form[name].data or "") for name in ("currency", "iban", "qr_iban", "bic")}
    terms = read(**given, sepa=bool(form.sepa.data))
    found = name_account(db(), creditor().id, terms, clerk_id=clerk().clerk_id, now=now())
    if isinstance(found, list):
        form.refuse(found, PROBLEMS, FIELDS[AccountProblem])
        return None
    return found

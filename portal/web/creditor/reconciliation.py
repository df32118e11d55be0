"""Do our books say what Stripe's and the bank's say, and what was found that a person has to look at?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort

from portal.actions import findings
from portal.rules.access import Right
from portal.rules.money import Money
from portal.rules.payments import AccountKind
from portal.rules.reconciliation import FindingKind, Loop
from portal.store import reconciliation as reads
from portal.store.ledger import account_id, balance
from portal.store.people import clerks_of
from portal.store.reconciliation import Finding, ProviderPayout
from portal.store.settings import currencies_of
from portal.web import i18n
from portal.web.i18n import gettext as _
from portal.web.labels.reconciliation import FINDINGS, LOOPS, PAYOUTS, TO_DO
from portal.web.login import clerk
from portal.web.pages import back_to, page
from portal.web.parts import now
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("reconciliation", __name__)

SHOWN_FINDINGS, SHOWN_PAYOUTS = 100, 10


@pages.get("/reconciliation")
@who(Who.CLERK, Right.READ)
def overview() -> Response:
    """When the books were last compared, what stands where, and what was found, the oldest first."""
    firm = clerk().creditor_id
    names = {row.id: row.name for row in clerks_of(db(), firm)}
    reached = reads.cursors(db(), firm)
    return page(
        compared=[(_(LOOPS[loop]), i18n.moment(reached[loop]) if loop in reached else _("not yet")) for loop in Loop],
        sums=_sums(firm),
        findings=[_shown(row, names) for row in reads.open_findings(db(), firm, limit=SHOWN_FINDINGS)],
        count=reads.count_open(db(), firm),
        payouts=[_payout(row) for row in reads.payouts_of(db(), firm, limit=SHOWN_PAYOUTS)],
        may_act=clerk().may(Right.BOOK),
    )


@pages.post("/reconciliation/<uuid:finding_id>/take")
@who(Who.CLERK, Right.BOOK)
def take(finding_id: UUID) -> Response:
    """The finding belongs to whoever pressed the button."""
    findings.take(db(), _finding(finding_id), clerk_id=clerk().clerk_id)
    return back_to("creditor.reconciliation.overview")


@pages.post("/reconciliation/<uuid:finding_id>/done")
@who(Who.CLERK, Right.BOOK)
def done(finding_id: UUID) -> Response:
    """The finding is closed, by whom and when; it comes up again only with other figures."""
    findings.close(db(), _finding(finding_id), clerk_id=clerk().clerk_id, now=now())
    return back_to("creditor.reconciliation.overview")


def _finding(finding_id: UUID) -> Finding:
    found = reads.finding_at(db(), clerk().creditor_id, finding_id)
    if found is None:
        abort(404)
    return found


def _sums(firm: UUID) -> list[tuple[Any, ...]]:
    rows = []
    for currency in currencies_of(db(), firm):
        there, held, coming = (
            Money(sign * balance(db(), account_id(firm, kind, currency)), currency)
            for kind, sign in ((AccountKind.PROVIDER_CLEARING, 1), (AccountKind.SUSPENSE, -1),
                               (AccountKind.PROVIDER_FEE, 1))
        )  # fmt: skip
        rows.append((currency, there, held, coming))
    return rows


def _shown(row: Finding, names: dict[UUID, str]) -> dict[str, Any]:
    kind = FindingKind(row.kind)
    has_sum = row.minor is not None and row.currency is not None
    return {
        "id": row.id,
        "title": _(FINDINGS[kind]),
        "to_do": _(TO_DO[kind]),
        "object": row.object_id,
        "amount": Money(row.minor or 0, row.currency or "") if has_sum else None,
        "since": i18n.moment(row.since),
        "owner": names.get(row.owner_id, "") if row.owner_id else "",
        "mine": row.owner_id == clerk().clerk_id,
    }


def _payout(row: ProviderPayout) -> tuple[Any, ...]:
    seen = i18n.day(row.seen_on) if row.seen_on else _("not yet")
    return (
        i18n.day(row.arrives_on), row.id, Money(row.amount_minor, row.currency), _(PAYOUTS.get(row.status, row.status)),
        seen,
    )  # fmt: skip

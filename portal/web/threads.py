"""How do a claim's events and its next steps become one thread with dates, for the debtor and for the desk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from portal.rules.claims import ClaimStatus
from portal.rules.history import ActorKind, EventKind
from portal.rules.money import Money
from portal.rules.plans import Instalment, PlanStatus, open_amounts, paid_in_all
from portal.rules.procedure import Procedure, Step, StepKind, next_steps
from portal.store.claim_page import ClaimPage
from portal.store.standing import Matters
from portal.store.timeline import EventRow
from portal.web import i18n
from portal.web.i18n import gettext as _
from portal.web.labels import history, procedure

Entry = dict[str, Any]


def steps_of(page: ClaimPage, today: date) -> tuple[Step, ...]:
    """What is planned on this claim from today on, as far as this person may know."""
    claim, matters, facts = page.claim, page.owed.matters, page.owed.facts
    waits = page.whole_file or facts.suggestion_waiting or facts.dispute_open
    return next_steps(
        Procedure(
            running=claim.status == ClaimStatus.OPEN,
            pay_by=claim.pay_by,
            person_writes_on=claim.next_writing_on,
            promised_on=claim.promised_on if waits else None,
            offer=_offer(matters, claim.currency),
            instalments=coming_instalments(page, today),
            deferred_until=facts.deferred_until,
            payment_expected_until=claim.announced_until if page.whole_file else None,
            pauses=tuple(row.until_on for row in _pauses(matters, today)),
            step_announced_for=claim.step_announced_for,
        ),
        today,
    )


def _offer(matters: Matters, currency: str) -> tuple[date, Money] | None:
    row = matters.one("offer")
    return (row.until_on, Money(row.minor, currency)) if row and row.until_on and row.minor else None


def schedule_of(matters: Matters, currency: str) -> tuple[Instalment, ...]:
    """The instalments of the live plan, in their order."""
    return tuple(
        Instalment(row.other, row.until_on, Money(row.minor, currency))
        for row in matters.all("instalment")
        if row.other is not None and row.until_on is not None and row.minor is not None
    )


def paid_on_plan(page: ClaimPage) -> Money:
    """What came in since the live plan's schedule was made, counted as everywhere (`store/plans.progress`)."""
    plan = page.owed.matters.one("plan")
    currency = page.claim.currency
    if plan is None or plan.minor is None:
        return Money.zero(currency)
    covered = frozenset(UUID(one) for one in json.loads(plan.text or "[]"))
    came_in = paid_in_all(page.owed.total, covered).minor - (plan.other or 0)
    return Money(max(0, came_in), currency)


def coming_instalments(page: ClaimPage, today: date) -> tuple[tuple[date, Money], ...]:
    """What is still to come of an agreed plan: day and open sum."""
    plan = page.owed.matters.one("plan")
    if plan is None or plan.flag or plan.status not in (PlanStatus.AGREED, PlanStatus.LATE):
        return ()
    schedule = schedule_of(page.owed.matters, page.claim.currency)
    left = open_amounts(schedule, paid_on_plan(page), today)
    return tuple((one.due, rest) for one, rest in zip(schedule, left, strict=True) if rest.minor > 0)


def for_debtor(page: ClaimPage, today: date) -> list[Entry]:
    """The thread as the debtor reads it: what was, oldest first, then today, then what comes."""
    titles = _titles(page)
    base = f"/claims/{page.claim.reference}"
    entries = [_happened(event, _("you"), titles, desk=False) | _receipt(event, base) for event in page.events]
    if not any(event.kind is EventKind.INVOICE_SENT for event in page.events):
        entries.insert(0, _invoice(page))
    entries.append(_today(page, today))
    return [*entries, *_planned(page, today, procedure.STEPS)]


def for_desk(page: ClaimPage, today: date, chosen: str) -> list[Entry]:
    """The thread as the desk reads it: what is planned on top, then the newest first; the filter picks kinds."""
    kinds = history.FILTERS[chosen][1] if chosen in history.FILTERS else frozenset(EventKind)
    shown = [event for event in page.events if event.kind in kinds]
    titles, base = _titles(page), f"/desk/claims/{page.claim.reference}"
    return [
        *reversed(_planned(page, today, procedure.AT_DESK)),
        *[_happened(event, page.head.debtor.name, titles, desk=True) | _receipt(event, base) for event in shown],
        *([] if any(event.kind is EventKind.INVOICE_SENT for event in page.events) else [_invoice(page)]),
    ]


def _titles(page: ClaimPage) -> dict[UUID, str]:
    """The titles of the documents that this person may see, by the event's subject."""
    return {row.id: row.title for row, _file in page.evidence}


def _happened(event: EventRow, debtor: str, titles: Mapping[UUID, str], *, desk: bool) -> Entry:
    local = event.at.astimezone(i18n.zone())
    about = [history.who(event, debtor), *history.figures(event.details)]
    if event.kind is EventKind.EVIDENCE_ADDED and event.subject_id is not None and event.subject_id in titles:
        about.append(titles[event.subject_id])
    if not desk and event.actor is ActorKind.SYSTEM:
        about = about[1:]
    rule = history.RULES.get(str(event.details.get("rule", "")))
    if desk and event.actor is ActorKind.SYSTEM and rule is not None:
        about[0] = _("automatic: %(rule)s", rule=_(rule))
    if desk:
        about.append(_("only the desk sees it") if event.internal else _("both sides see it"))
    return {
        "when": i18n.moment(event.at) if desk else i18n.day(local.date()),
        "iso": local.date().isoformat(),
        "text": history.sentence(event),
        "detail": " · ".join(about),
    }


def _receipt(event: EventRow, base: str) -> Entry:
    """The way from a payment to its receipt."""
    if event.kind is not EventKind.PAYMENT_RECEIVED or event.subject != "entry":
        return {}
    amounts = history.figures({"amount": event.details.get("amount")})
    words = _("Receipt for %(amount)s", amount=amounts[0]) if amounts else _("Receipt, PDF")
    return {"href": f"{base}/receipts/{event.subject_id}.pdf", "link": words}


def _invoice(page: ClaimPage) -> Entry:
    claim = page.claim
    return {
        "when": i18n.day(claim.invoice_on),
        "iso": claim.invoice_on.isoformat(),
        "text": _("Invoice sent, payable by %(day)s", day=i18n.day(claim.due_on)),
    }


def _today(page: ClaimPage, today: date) -> Entry:
    running = page.claim.status == ClaimStatus.OPEN
    return {
        "when": _("Today, %(day)s", day=i18n.day(today)),
        "iso": today.isoformat(),
        "text": _("You are here."),
        "detail": _("You can pay, suggest something or write to us.") if running else "",
        "now": True,
    }


def _planned(page: ClaimPage, today: date, words: Mapping[StepKind, str]) -> list[Entry]:
    return [_step(step, page.head.person.name, words) for step in steps_of(page, today)]


def _step(step: Step, name: str, words: Mapping[StepKind, str]) -> Entry:
    amount = i18n.money(step.amount) if step.amount else ""
    text = _(words[step.kind], name=name, amount=amount)
    return {"when": i18n.weekday(step.on), "iso": step.on.isoformat(), "text": text, "planned": True}


def _pauses(matters: Matters, today: date) -> Sequence[Any]:
    """Pauses that end by themselves; what waits for an answer has its promise instead."""
    shown = []
    plan, deferral = matters.one("plan"), matters.one("deferral")
    causes: set[UUID] = {row.id for row in (plan, deferral) if row is not None}
    for row in matters.open_pauses(today):
        if row.ref not in causes:
            shown.append(row)
    return shown

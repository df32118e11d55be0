"""What waits for the desk today: decide, answer, for information; who waits longest stands first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, g, request, url_for

from portal.actions.rates import MISSING_TASK
from portal.actions.today import finish
from portal.rules.access import Right
from portal.rules.disputes import DisputeReason
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.today import Group, days_waited, rank
from portal.store import today as reads
from portal.store.claim_page import Owed, owed_on
from portal.store.import_desk import has_claims
from portal.store.people import clerk_by_id
from portal.store.today import Task, ToDecide, Waiting
from portal.web import i18n
from portal.web.creditor import set_up
from portal.web.forms import Form
from portal.web.i18n import gettext as _
from portal.web.i18n import ngettext
from portal.web.labels import history
from portal.web.labels.disputes import REASONS
from portal.web.labels.today import GROUPS, OTHER_TASK, PLACES, TASK_PAGES, TASKS
from portal.web.login import ClerkVisitor, clerk
from portal.web.pages import back_to, page
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("today", __name__)

NEWS_DAYS = timedelta(days=3)
#: Tasks that end with a letter.
WANTS_LETTER = frozenset({"new_letter", "letter_retired"})
#: Tasks that end with a right address.
WRONG_ADDRESS = frozenset({"returned_post", "not_me"})
#: Tasks that end with money that goes back.
GIVES_BACK = frozenset({"refund_credit", "refund_failed"})
Row = dict[str, Any]


class DoneForm(Form):
    """Nothing to fill in: pressing the button says that the task is done."""


class Areas:
    """The desk's areas with the number that waits; asked for only when a page of the desk shows them."""

    def __init__(self, visitor: ClerkVisitor) -> None:
        self._visitor = visitor

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Row]:
        visitor, here = self._visitor, request.path
        count = reads.count_waiting(db(), visitor.creditor_id, approver=approver())
        yield {"title": _("Today"), "href": "/desk", "count": count, "current": here == "/desk"}
        if set_up.leading() is not None:
            yield {"title": _("The first hour"), "href": "/desk/set-up", "current": here.startswith("/desk/set-up")}
        yield {"title": _("Cases"), "href": "/desk/claims", "current": here.startswith("/desk/claims"), "key": "/"}
        if visitor.may(Right.IMPORT) or visitor.may(Right.EXPORT):
            yield {"title": _("Import"), "href": "/desk/imports", "current": here.startswith("/desk/import")}
        yield {"title": _("Letters"), "href": "/desk/letters", "current": here.startswith("/desk/letters")}
        if visitor.may(Right.BOOK):
            books = "/desk/reconciliation"
            yield {"title": _("Books"), "href": books, "current": here.startswith(books)}
        yield {"title": _("Bank"), "href": "/desk/bank", "current": here.startswith("/desk/bank")}
        if visitor.may(Right.PEOPLE):
            yield {"title": _("People"), "href": "/desk/people", "current": here.startswith("/desk/people")}
        yield {"title": _("Limits"), "href": "/desk/settings", "current": here.startswith("/desk/settings")}


@pages.app_context_processor
def frame() -> dict[str, Any]:
    """Every page of the desk shows its areas at the side."""
    visitor = g.get("visitor")
    return {"side_items": Areas(visitor)} if isinstance(visitor, ClerkVisitor) else {}


@pages.get("")
@who(Who.CLERK, Right.READ)
def inbox() -> Response:
    """The three groups of the day."""
    visitor, day = clerk(), today()
    deciding = reads.to_decide(db(), visitor.creditor_id, approver=approver())
    waiting = reads.waiting_claims(db(), visitor.creditor_id, {one.claim_id for one in deciding})
    owed = owed_on(db(), [one.claim for one in waiting.values()], today=day)
    said = reads.unanswered(db(), visitor.creditor_id)
    there = [one for one in deciding if one.claim_id in waiting]
    decide = _sorted([_decision(one, waiting[one.claim_id], owed, said, day) for one in there])
    rest = [one for one in waiting.values() if one.claim.id not in {item.claim_id for item in deciding}]
    answer = _sorted([_question(one, owed, said, day) for one in rest])
    groups = [
        _group(Group.DECIDE, decide, _("Nothing to decide.")),
        _group(Group.ANSWER, answer, _("Nothing to answer.")),
        _group(Group.INFORMATION, _information(visitor.creditor_id, day), _("Nothing new in the last days.")),
    ]
    return page(groups=groups, first_hour=set_up.leading(), nothing_here=_nothing_here(groups))


def _nothing_here(groups: list[Row]) -> bool:
    """Whether this is a desk without a single case, for somebody who may bring some in."""
    busy = any(group["rows"] for group in groups)
    return not busy and clerk().may(Right.IMPORT) and not has_claims(db(), clerk().creditor_id)


@pages.get("/tasks/<uuid:id>")
@who(Who.CLERK, Right.READ)
def task(id: UUID) -> Response:
    """One task, with the way to its claim and a button when it is done."""
    found = _task(id)
    waiting = reads.open_tasks(db(), clerk().creditor_id)
    reference = next((reference for row, reference, _name in waiting if row.id == id), None)
    done_by = clerk_by_id(db(), clerk().creditor_id, found.done_by) if found.done_by else None
    return page(
        task=found,
        title=task_words(found),
        about=_task_detail(found),
        claim_href=url_for("creditor.claims.claim", reference=reference) if reference else "",
        refund_href=_refund_place(found, reference),
        address_href=_address_place(found, reference),
        letters_href=_letters_place(found, reference),
        bank_href="/desk/bank" if found.kind == "bank_waiting" else "",
        may_finish=clerk().may(Right.ANSWER) or clerk().may(Right.PEOPLE),
        done_by=done_by.name if done_by else "",
    )


def _letters_place(task: Task, reference: str | None) -> str:
    """Where a letter about this case is printed, for those who may print it."""
    fits = reference is not None and task.kind in WANTS_LETTER and clerk().may(Right.LETTERS)
    return url_for("creditor.picks.choose", q=reference) if fits else ""


def _address_place(task: Task, reference: str | None) -> str:
    """Where an address is entered anew, for those who may enter it."""
    fits = reference is not None and task.kind in WRONG_ADDRESS and clerk().may(Right.ADDRESS)
    return url_for("creditor.addresses.enter", reference=reference) if fits else ""


def _refund_place(task: Task, reference: str | None) -> str:
    """Where money goes back, for those who may give it."""
    fits = reference is not None and task.kind in GIVES_BACK and clerk().may(Right.REFUND)
    return url_for("creditor.refunds.give", reference=reference) if fits else ""


@pages.post("/tasks/<uuid:id>/done")
@who(Who.CLERK, Right.READ)
def done(id: UUID) -> Response:
    """The task is done, by whom and when; it leaves the list."""
    visitor = clerk()
    if not (visitor.may(Right.ANSWER) or visitor.may(Right.PEOPLE)):
        abort(404)
    actor = Actor(ActorKind.CLERK, clerk_id=visitor.clerk_id, signed_in_id=visitor.session_id)
    finish(db(), _task(id), actor=actor, now=now())
    return back_to("creditor.today.inbox")


def task_words(task: Task) -> str:
    """What the task asks for."""
    return _(TASKS.get(task.kind, OTHER_TASK))


def waits(since: datetime, promised_on: date | None, day: date) -> tuple[str, bool]:
    """For how long somebody waits, in words, and whether the promise has passed or is of today."""
    if promised_on is not None and promised_on < day:
        return _("promised for %(day)s", day=i18n.month_day(promised_on)), True
    if promised_on == day:
        return _("promised for today"), True
    waited = days_waited(since.astimezone(i18n.zone()).date(), day)
    return (ngettext("waits %(num)s day", "waits %(num)s days", waited) if waited else _("today")), False


def _waits_for(since: datetime, promised_on: date | None, day: date) -> tuple[str, bool]:
    text, late = waits(since, promised_on, day)
    if promised_on is not None and promised_on > day:
        text += " · " + _("answer by %(day)s", day=i18n.short_weekday(promised_on))
    return text, late


def approver() -> UUID | None:
    """Who is at the desk, if a second person's consent is theirs to give; nobody agrees to an own request."""
    return clerk().clerk_id if clerk().may(Right.APPROVE) else None


def decision_words(one: ToDecide, currency: str) -> str:
    """What has to be decided, in one phrase."""
    if one.kind == "dispute":
        return _("Objection: %(reason)s", reason=_(REASONS[DisputeReason(one.word or "other")]))
    if one.kind == "plan":
        amount = i18n.money(Money(one.minor or 0, currency))
        return ngettext(
            "Suggestion: %(num)s instalment of %(amount)s",
            "Suggestion: %(num)s instalments of %(amount)s",
            one.count or 0,
            amount=amount,
        )
    if one.kind == "refund":
        return _("Refund of %(amount)s waits for a second person", amount=i18n.money(Money(one.minor or 0, currency)))
    if one.kind == "deferral" and one.until_on is not None:
        return _("Suggestion: all at once by %(day)s", day=i18n.day(one.until_on))
    return _("Can pay nothing at the moment")


def _decision(
    one: ToDecide, found: Waiting, owed: dict[UUID, Owed], said: dict[UUID, tuple[datetime, str]], day: date
) -> Row:
    words = decision_words(one, found.claim.currency)
    extra = [_("and a message")] if one.claim_id in said else []
    place = f"/desk/claims/{found.claim.reference}/{PLACES[one.kind]}/{one.id}"
    return _row(found, owed, place, one.since, [words, *extra], day)


def _question(found: Waiting, owed: dict[UUID, Owed], said: dict[UUID, tuple[datetime, str]], day: date) -> Row:
    since, text = said.get(found.claim.id, (found.claim.waiting_since or found.claim.opened_at, ""))
    words = " ".join(text.split())
    short = words if len(words) <= 80 else words[:80].rstrip() + " …"
    place = url_for("creditor.messages.write", reference=found.claim.reference)
    return _row(found, owed, place, found.claim.waiting_since or since, [short or _("Waits for an answer")], day)


def _row(found: Waiting, owed: dict[UUID, Owed], href: str, since: datetime, words: list[str], day: date) -> Row:
    claim = found.claim
    text, late = _waits_for(since, claim.promised_on, day)
    paused = [_("paused")] if owed[claim.id].matters.open_pauses(day) else []
    mine = [] if claim.clerk_id == clerk().clerk_id else [found.clerk]
    detail = [*words, i18n.money(owed[claim.id].total.open), *paused, found.debtor.language.upper(), *mine]
    return {
        "name": found.debtor.name,
        "href": href,
        "waits": text,
        "late": late,
        "detail": " · ".join(detail),
        "rank": rank(claim.promised_on, since, day),
    }


def _sorted(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["rank"])


def _group(group: Group, rows: list[Row], empty: str) -> Row:
    return {"title": _(GROUPS[group]), "rows": rows, "empty": empty}


def _information(creditor_id: UUID, day: date) -> list[Row]:
    rows = []
    for task, _reference, name in reads.open_tasks(db(), creditor_id):
        text, _late = waits(task.since, None, day)
        place = TASK_PAGES.get(task.kind)
        href = url_for(place) if place else url_for("creditor.today.task", id=task.id)
        detail = " · ".join([task_words(task), *_task_detail(task)])
        rows.append({"name": name or _("Task"), "href": href, "waits": text, "detail": detail})
    for news in reads.news_since(db(), creditor_id, now() - NEWS_DAYS):
        sums = history.figures(news.details)
        href = url_for("creditor.claims.claim", reference=news.reference)
        detail = " · ".join([_(history.EVENTS[news.kind]), *sums])
        rows.append({"name": news.debtor, "href": href, "waits": i18n.moment(news.at), "detail": detail})
    return rows


def _task(id: UUID) -> Task:
    found = reads.task_at(db(), clerk().creditor_id, id)
    if found is None:
        abort(404)
    return found


def _task_detail(task: Task) -> list[str]:
    minor, currency = task.details.get("minor"), task.details.get("currency")
    sums = [i18n.money(Money(minor, currency))] if isinstance(minor, int) and isinstance(currency, str) else []
    due = [_("by %(day)s", day=i18n.day(task.due_on))] if task.due_on else []
    if task.kind == MISSING_TASK:
        first = i18n.day(date.fromisoformat(str(task.details["day"])))
        due = [_("%(law)s from %(day)s", law=task.details["law"], day=first)]
    count = task.details.get("count")
    amounts = [ngettext("%(num)s amount", "%(num)s amounts", count)] if isinstance(count, int) else []
    reply = task.details.get("reply")
    said = [_("The mail server said: %(reply)s", reply=reply)] if isinstance(reply, str) and reply else []
    to = task.details.get("to")
    whom = [_("To %(address)s", address=to)] if isinstance(to, str) else []
    return [*sums, *amounts, *due, *whom, *said]

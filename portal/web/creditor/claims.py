"""What does the desk see of the firm's claims: a list to search, and each claim with both sides of it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from portal.actions.goodwill import promise_of
from portal.actions.rooms import proof_of
from portal.rules.access import Right
from portal.rules.claims import ClaimStatus, Standing
from portal.rules.goodwill import announced
from portal.rules.money import Money
from portal.store import claim_page
from portal.store.attachments import attachments_on
from portal.store.claim_page import ClaimPage, owed_on
from portal.store.import_desk import import_for_desk
from portal.store.imports import ClaimImport
from portal.store.messages import clerk_names, decision_words, messages_of
from portal.store.today import claims_at_desk, open_tasks, to_decide
from portal.web import i18n, threads, traces
from portal.web.conversations import Item, conversation
from portal.web.creditor.today import approver, task_words, waits
from portal.web.creditor.today import decision_words as asked_words
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels import history
from portal.web.labels.access import PROTECTIONS
from portal.web.labels.claims import STANDINGS, TINTS
from portal.web.labels.goodwill import promise_sentence
from portal.web.labels.pauses import REASONS as PAUSES
from portal.web.labels.today import PLACES
from portal.web.login import clerk, creditor
from portal.web.pages import page
from portal.web.parts import today
from portal.web.security import Who, who
from portal.web.sums import paper_rows, sum_rows
from portal.web.transaction import db

pages = Blueprint("claims", __name__)

ON_ONE_PAGE = 50
LAST_SAID = 3
VIEWS = {
    "open": (N_("Open"), (ClaimStatus.OPEN.value, ClaimStatus.HANDED_OVER.value)),
    "closed": (N_("Closed"), (ClaimStatus.SETTLED.value, ClaimStatus.WITHDRAWN.value)),
    "draft": (N_("Prepared"), (ClaimStatus.DRAFT.value,)),
    "all": (N_("All"), tuple(status.value for status in ClaimStatus)),
}
#: What a clerk can begin on a claim: the address below it, its words, the right, and the key.
BEGINS = (
    ("messages", N_("Answer or note"), Right.ANSWER, "r"),
    ("offer", N_("Offer a lower amount"), Right.OFFER, ""),
    ("waive", N_("Waive a line"), Right.WAIVE, ""),
    ("booking", N_("Book a payment"), Right.BOOK, ""),
    ("refund", N_("Give money back"), Right.REFUND, ""),
    ("evidence", N_("Add a document"), Right.ANSWER, ""),
    ("pause", N_("Pause"), Right.PAUSE, "p"),
    ("resume", N_("End a pause"), Right.PAUSE, ""),
    ("returned", N_("A letter came back"), Right.ADDRESS, ""),
    ("address", N_("Enter the address anew"), Right.ADDRESS, ""),
    ("letter-code", N_("New letter code"), Right.REISSUE, ""),
)
Row = dict[str, Any]


@pages.get("/claims")
@who(Who.CLERK, Right.READ)
def every() -> Response:
    """The firm's claims, fifty on a page, found by name, reference, invoice number or title."""
    view = request.args.get("view", "open")
    view = view if view in VIEWS else "open"
    words = request.args.get("q", "")[:100].strip()
    number = max(1, min(request.args.get("page", 1, type=int) or 1, 10_000))
    brought = _import(request.args.get("import", "", type=str))
    found = claims_at_desk(
        db(),
        clerk().creditor_id,
        words=words,
        statuses=VIEWS[view][1] if not words or view != "open" else VIEWS["all"][1],
        offset=(number - 1) * ON_ONE_PAGE,
        limit=ON_ONE_PAGE + 1,
        import_id=brought.id if brought else None,
    )
    shown = found[:ON_ONE_PAGE]
    owed = owed_on(db(), [one.claim for one in shown], today=today())
    rows = []
    for one in shown:
        word = owed[one.claim.id].standing
        rows.append(
            (
                {"text": one.debtor.name, "href": url_for("creditor.claims.claim", reference=one.claim.reference)},
                one.claim.reference,
                {"tag": _(STANDINGS[word]), "tint": TINTS[word], "text": ""},
                owed[one.claim.id].total.open,
                i18n.day(one.claim.invoice_on),
                one.clerk,
            )
        )
    return page(
        rows=rows,
        words=words,
        view=view,
        views=[
            {"title": _(title), "href": _list_link(name, brought), "current": name == view}
            for name, (title, _statuses) in VIEWS.items()
        ],
        brought=brought,
        earlier=_list_link(view, brought, words, number - 1) if number > 1 else "",
        more=_list_link(view, brought, words, number + 1) if len(found) > ON_ONE_PAGE else "",
        new_href="/desk/claims/new" if clerk().may(Right.IMPORT) else "",
        import_href="/desk/imports" if clerk().may(Right.IMPORT) else "",
        offers_href="/desk/offers" if clerk().may(Right.OFFER) else "",
    )


@pages.get("/claims/<reference>")
@who(Who.CLERK, Right.READ)
def claim(reference: str) -> Response:
    """One claim: what was said and what to decide, the sum, the evidence, the person, and one thread."""
    shown = claim_page.at_desk(db(), clerk().creditor_id, reference, today=today())
    if shown is None:
        abort(404)
    if clerk().may(Right.ANSWER):
        traces.later(traces.read_by_clerk, shown.claim.creditor_id, shown.claim.id)
    day, chosen = today(), request.args.get("show", "")
    word = shown.owed.standing
    return page(
        claim=shown.claim,
        debtor=shown.head.debtor,
        protection=_(PROTECTIONS[proof_of(shown.head.debtor, strict=creditor().strict)]),
        path=f"/desk/claims/{reference}",
        word=_(STANDINGS[word]),
        tint=TINTS[word],
        meta=" · ".join([_("Case %(reference)s", reference=reference), _invoice_words(shown)]),
        sees=_sees(shown, day),
        cards=_cards(shown, day),
        tasks=_tasks(shown),
        said=said_on(shown)[-LAST_SAID:],
        rows=sum_rows(shown.owed.total, shown.owed.matters, waive=f"/desk/claims/{reference}/waive"),
        total={"label": _("Still open"), "money": shown.owed.total.open},
        pauses=_pauses(shown, day),
        promised=_promised(shown, day),
        papers=paper_rows(shown.evidence, lambda id: url_for("creditor.evidence.document", reference=reference, id=id)),
        plan=_plan(shown, day),
        address=_address(shown),
        clerk_name=shown.head.clerk.name,
        deputy_name=shown.head.deputy.name if shown.head.deputy else "",
        begins=_begins(shown),
        entries=threads.for_desk(shown, day, chosen),
        filters=_filters(reference, chosen),
        seen_at=shown.claim.debtor_read_at,
    )


def said_on(shown: ClaimPage) -> list[Item]:
    """The whole conversation on a claim as the desk reads it, with its own notes."""
    claim = shown.claim
    return conversation(
        messages_of(db(), claim.creditor_id, claim.id, notes=True),
        attachments_on(db(), claim.creditor_id, claim.id),
        list(reversed(shown.events)),
        names=clerk_names(db(), claim.creditor_id),
        debtor=shown.head.debtor.name,
        desk=True,
        reasons=decision_words(db(), claim.creditor_id, claim.id),
        file_address=_file_address,
        page_address=lambda _word: "",
    )


def _file_address(id: UUID) -> str:
    return url_for("creditor.evidence.sent_file", id=id)


def _list_link(view: str, brought: ClaimImport | None, words: str = "", number: int | None = None) -> str:
    only: dict[str, Any] = {"import": brought.id} if brought else {}
    return url_for("creditor.claims.every", view=view, q=words or None, page=number, **only)


def _import(asked: str) -> ClaimImport | None:
    """The import whose cases alone are asked for."""
    try:
        return import_for_desk(db(), clerk().creditor_id, UUID(asked))
    except ValueError:
        return None


def _invoice_words(shown: ClaimPage) -> str:
    claim = shown.claim
    return _("Invoice %(number)s of %(day)s", number=claim.invoice_number, day=i18n.day(claim.invoice_on))


def _sees(shown: ClaimPage, day: date) -> str:
    """What the debtor reads as the standing, in the same words."""
    word = _(STANDINGS[shown.owed.standing])
    promised, name = shown.claim.promised_on, shown.head.debtor.name
    if promised is not None and shown.owed.standing is not Standing.SETTLED:
        return _("%(name)s sees: %(word)s, answer by %(day)s", name=name, word=word, day=i18n.weekday(promised))
    return _("%(name)s sees: %(word)s", name=name, word=word)


def _cards(shown: ClaimPage, day: date) -> list[Row]:
    """What waits for a decision, each with the page to decide on."""
    claim, rows = shown.claim, []
    for number, one in enumerate(to_decide(db(), claim.creditor_id, claim.id, approver=approver()), start=1):
        text, late = waits(one.since, claim.promised_on, day)
        rows.append(
            {
                "title": asked_words(one, claim.currency),
                "waits": text,
                "late": late,
                "href": f"/desk/claims/{claim.reference}/{PLACES[one.kind]}/{one.id}",
                "key": str(number) if number <= 3 else "",
                "text": next((row.text for row in shown.owed.matters.all("dispute") if row.id == one.id), "") or "",
            }
        )
    return rows


def _tasks(shown: ClaimPage) -> list[Row]:
    return [
        {"title": task_words(task), "href": url_for("creditor.today.task", id=task.id)}
        for task, _reference, _name in open_tasks(db(), shown.claim.creditor_id, shown.claim.id)
    ]


def _pauses(shown: ClaimPage, day: date) -> list[str]:
    rows = []
    for pause in shown.owed.matters.open_pauses(day):
        reason = next((_(words) for kind, words in PAUSES.items() if kind == pause.word), pause.word or "")
        since = i18n.day(pause.from_on) if pause.from_on else ""
        if pause.until_on is None:
            rows.append(_("%(reason)s, since %(since)s until decided", reason=reason, since=since))
        else:
            until = i18n.day(pause.until_on)
            rows.append(_("%(reason)s, from %(since)s to %(until)s", reason=reason, since=since, until=until))
    return rows


def _promised(shown: ClaimPage, day: date) -> str:
    """What the standing rule promises on this claim, in the words that the debtor reads."""
    if shown.claim.status not in (ClaimStatus.OPEN, ClaimStatus.HANDED_OVER):
        return ""
    letters = [row.from_on for row in shown.owed.matters.all("letter") if row.from_on is not None]
    found = announced(shown.owed.total, promise_of(creditor(), min(letters, default=None)), day)
    return promise_sentence(found) if found else ""


def _plan(shown: ClaimPage, day: date) -> Row | None:
    plan = shown.owed.matters.one("plan")
    schedule = threads.schedule_of(shown.owed.matters, shown.claim.currency)
    if plan is None or not schedule:
        return None
    left = {due for due, _amount in threads.coming_instalments(shown, day)}
    running = bool(left)
    rows = [
        (i18n.day(one.due), one.amount, (_("open") if one.due in left else _("paid")) if running else "")
        for one in schedule
    ]
    total = Money(plan.minor or 0, shown.claim.currency)
    return {"href": f"/desk/claims/{shown.claim.reference}/plans/{plan.id}", "rows": rows, "total": total}


def _address(shown: ClaimPage) -> list[str]:
    debtor = shown.head.debtor
    return [
        line
        for line in (
            debtor.name,
            debtor.contact_name,
            f"{debtor.street} {debtor.house_number}".strip(),
            f"{debtor.postcode} {debtor.town}",
            debtor.email or "",
            debtor.phone or "",
        )
        if line
    ]


def _begins(shown: ClaimPage) -> list[Row]:
    """What this clerk may begin on this claim as it stands."""
    running = shown.claim.status in (ClaimStatus.OPEN, ClaimStatus.HANDED_OVER)
    paused = bool(shown.owed.matters.open_pauses(today()))
    hidden = set() if running else {"offer", "waive", "pause", "resume"}
    if not shown.owed.matters.all("letter"):
        hidden.add("returned")
    if not paused:
        hidden.add("resume")
    if shown.owed.total.paid.minor <= 0:
        hidden.add("refund")
    if shown.owed.matters.one("offer") is not None:
        hidden.add("offer")
    return [
        {"href": f"/desk/claims/{shown.claim.reference}/{place}", "title": _(words), "key": key or None}
        for place, words, right, key in BEGINS
        if clerk().may(right) and place not in hidden
    ]


def _filters(reference: str, chosen: str) -> list[Row]:
    everything = {"title": _("All"), "href": url_for("creditor.claims.claim", reference=reference)}
    rows = [everything | {"current": chosen not in history.FILTERS}]
    for name, (words, _kinds) in history.FILTERS.items():
        href = url_for("creditor.claims.claim", reference=reference, show=name)
        rows.append({"title": _(words), "href": href, "current": chosen == name})
    return rows

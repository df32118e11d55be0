"""How does the desk print letters together: choose, look at each, print, mark as posted, call back, print one anew?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from portal.actions import letter_posts, letter_prints
from portal.actions.letter_prints import PrintTakenOver
from portal.actions.letter_runs import HeldBack, survey
from portal.gateways.files import FileUnreadable
from portal.rules.access import Right
from portal.rules.letter_runs import (
    POSTED_AHEAD,
    WHILE_WAITING,
    PostedProblem,
    RunState,
)
from portal.rules.letters import MOST_IN_A_FILE, Hindrance
from portal.rules.money import Money, total
from portal.store import letter_runs as store
from portal.store.letter_runs import LetterRun, Sent
from portal.store.letters import Wanted
from portal.store.people import clerk_by_id
from portal.web import i18n
from portal.web.creditor.picks import SHOWN_HELD, by_reason, claims_of, held_row, owed_on_letter
from portal.web.errors import error_page
from portal.web.forms import DayField, DecidingForm
from portal.web.i18n import N_, NAMES, ngettext
from portal.web.i18n import gettext as _
from portal.web.labels.letter_runs import FIELDS, KINDS, POSTED, STATES, TINTS
from portal.web.letter_prints import deadline, in_turn, kind_of, manifest, printing
from portal.web.login import clerk, creditor
from portal.web.pages import back_to, page
from portal.web.parts import now, parts, today
from portal.web.security import Who, who
from portal.web.serving import POLICY, disposition
from portal.web.transaction import commit_then, db

pages = Blueprint("runs", __name__)

Row = dict[str, Any]
ON_ONE_PAGE = 50
DOWNLOADS = {"pdf": "application/pdf", "csv": "text/csv"}


class PostedForm(DecidingForm):
    """The day on which the letters go to the post."""

    posted = DayField(N_("Day on which the letters go to the post"))


class SureForm(DecidingForm):
    """Nothing to fill in: the page says what happens."""


@pages.get("/letters")
@who(Who.CLERK, Right.READ)
def every() -> Response:
    """The firm's print runs, the newest first, from the desk and from the command line."""
    at = max(1, min(request.args.get("page", 1, type=int) or 1, 10_000))
    found = store.runs_of(db(), clerk().creditor_id, offset=(at - 1) * ON_ONE_PAGE, limit=ON_ONE_PAGE + 1)
    rows = [
        (
            {"text": i18n.moment(run.asked_at), "href": url_for("creditor.runs.one", run_id=run.id)},
            name or _("command line"),
            run.letters or "",
            {"tag": _(STATES[RunState(run.state)]), "tint": TINTS[RunState(run.state)], "text": _since(run)},
            _file_state(run),
        )
        for run, name in found[:ON_ONE_PAGE]
    ]
    return page(
        rows=rows,
        may_print=clerk().may(Right.LETTERS),
        earlier=at - 1,
        later=at + 1 if len(found) > ON_ONE_PAGE else 0,
    )


def _since(run: LetterRun) -> str:
    if run.revoked_at is not None:
        return i18n.day(run.revoked_at.astimezone(i18n.zone()).date())
    return i18n.day(run.posted_on) if run.posted_on is not None else ""


def _file_state(run: LetterRun) -> str:
    if run.printed_at is None or not run.letters:
        return ""
    if run.files_gone_at is not None:
        return _("deleted")
    return _("on the server") if run.clerk_id is not None else _("with whoever printed it")


@pages.get("/letters/<uuid:run_id>")
@who(Who.CLERK, Right.READ)
def one(run_id: UUID) -> Response:
    """A run: what each letter will say before it is printed, and what became of it afterwards."""
    run = run_here(run_id)
    by = clerk_by_id(db(), run.creditor_id, run.clerk_id) if run.clerk_id else None
    shown: Row = {"found": None, "letters": [], "files": []}
    if run.state == RunState.DRAFT:
        shown = _draft(run)
    elif run.state != RunState.PRINTING:
        shown = _printed(run)
    return page(
        run=run,
        form=SureForm(formdata=None),
        state=_(STATES[RunState(run.state)]),
        tint=TINTS[RunState(run.state)],
        told=_told(run, by.name if by else _("command line")),
        may=clerk().may(Right.LETTERS),
        left_out=[_left_out(row) for row in store.held_of(db(), run.creditor_id, run.id)],
        chosen=store.count_picks(db(), run.creditor_id, run.id),
        **shown,
    )


def _told(run: LetterRun, name: str) -> list[str]:
    said = [_("Prepared by %(name)s on %(day)s.", name=name, day=i18n.moment(run.asked_at))]
    if run.printed_at is not None and run.letters:
        words = ngettext("%(num)s letter was printed on %(day)s.", "%(num)s letters were printed on %(day)s.",
                         run.letters, day=i18n.moment(run.printed_at))  # fmt: skip
        said.append(words)
    if run.posted_on is not None:
        said.append(_("Posted on %(day)s.", day=i18n.weekday(run.posted_on)))
    if run.revoked_at is not None:
        said.append(_("Called back on %(day)s: no code of this run opens a case any more.",
                      day=i18n.moment(run.revoked_at)))  # fmt: skip
    if run.files_gone_at is not None:
        said.append(_("The file is deleted from the server since %(day)s.", day=i18n.moment(run.files_gone_at)))
    return said


def _draft(run: LetterRun) -> Row:
    found = survey(db(), creditor(), today=today(), wanted=Wanted(run_id=run.id))
    at = max(1, min(request.args.get("page", 1, type=int) or 1, 10_000))
    some = found.recipients[(at - 1) * ON_ONE_PAGE : at * ON_ONE_PAGE]
    claims = claims_of(some)
    rows = [
        (
            {"text": one.name, "href": url_for("creditor.previews.one", run_id=run.id, reference=one.claims[0][1])},
            f"{one.street}, {one.postcode} {one.town}",
            one.references,
            NAMES[one.language],
            _(KINDS[kind_of(one)]),
            owed_on_letter(one, claims),
            i18n.day(deadline([claims[claim_id][0] for claim_id, _reference in one.claims], today())),
        )
        for one in some
    ]
    return {
        "found": found,
        "rows": rows,
        "files": -(-len(found.recipients) // MOST_IN_A_FILE),
        "held": [held_row(one) for one in by_reason(found.held)[:SHOWN_HELD]],
        "earlier": at - 1,
        "later": at + 1 if len(found.recipients) > at * ON_ONE_PAGE else 0,
    }


def _printed(run: LetterRun) -> Row:
    at = max(1, min(request.args.get("page", 1, type=int) or 1, 10_000))
    some = store.letters_of_run(db(), run.creditor_id, run.id, offset=(at - 1) * ON_ONE_PAGE, limit=ON_ONE_PAGE + 1)
    files = store.files_of(db(), run.creditor_id, run.id)
    return {
        "found": None,
        "rows": [_letter(run, one) for one in some[:ON_ONE_PAGE]],
        "files": [
            {
                "title": ngettext("File %(place)s, %(num)s letter", "File %(place)s, %(num)s letters", file.letters,
                                  place=file.number),
                "pdf": _download(run, file.id, "pdf") if file.file_key and clerk().may(Right.LETTERS) else "",
                "csv": _download(run, file.id, "csv"),
            }
            for file in files
        ],
        "earlier": at - 1,
        "later": at + 1 if len(some) > ON_ONE_PAGE else 0,
        "may_post": run.state == RunState.PRINTED and clerk().may(Right.LETTERS),
        "may_revoke": run.state in (RunState.PRINTED, RunState.POSTED) and clerk().may(Right.LETTERS),
    }  # fmt: skip


def _download(run: LetterRun, file_id: UUID, kind: str) -> str:
    return url_for("creditor.runs.download", run_id=run.id, file_id=file_id, kind=kind)


def _letter(run: LetterRun, one: Sent) -> tuple[Any, ...]:
    first = one.claims[0][0] if one.claims else ""
    sums = total([Money(minor, currency) for _reference, minor, currency in one.claims], one.claims[0][2])
    state: Row = {"tag": _("code valid"), "tint": "good", "text": ""}
    if one.revoked_at is not None:
        state = {"tag": _("code dead"), "tint": "pause", "text": ""}
    elif one.used_at is not None:
        state = {"tag": _("opened"), "tint": "good", "text": i18n.moment(one.used_at)}
    return (
        {"text": one.person.name, "href": f"/desk/claims/{first}"},
        one.references,
        NAMES[one.letter.language],
        sums,
        i18n.day(one.letter.pay_by),
        state,
        *_ways(run, one, first),
    )


def _ways(run: LetterRun, one: Sent, reference: str) -> tuple[Any, Any]:
    """What can be done with one letter that went out: print it anew, or say that it came back."""
    alive = run.state in (RunState.PRINTED, RunState.POSTED)
    anew: Row | str = ""
    back: Row | str = ""
    if alive and clerk().may(Right.REISSUE):
        place = url_for("creditor.reissues.reissue", run_id=run.id, letter_id=one.letter.id)
        anew = {"text": _("Print anew"), "href": place, "about": one.person.name}
    if alive and clerk().may(Right.ADDRESS) and one.revoked_at is None:
        place = url_for("creditor.addresses.returned", reference=reference, letter=one.letter.id)
        back = {"text": _("Came back"), "href": place, "about": one.person.name}
    return anew, back


def _left_out(row: tuple[str, str, str, str]) -> tuple[Any, ...]:
    reference, name, held, what = row
    return held_row(HeldBack(reference, name, Hindrance(held), what))


@pages.post("/letters/<uuid:run_id>/print")
@who(Who.CLERK, Right.LETTERS)
def print_out(run_id: UUID) -> Response:
    """The letters are printed: a few at once, many by the worker."""
    run = _locked(run_id)
    if run.state == RunState.DRAFT:
        few = store.count_picks(db(), run.creditor_id, run.id) <= WHILE_WAITING
        letter_prints.let_print(db(), run, now=now())
        print_soon(run, few=few)
    return back_to("creditor.runs.one", run_id=run_id)


def print_soon(run: LetterRun, *, few: bool) -> None:
    """A few letters are printed before this request is answered, many by the worker."""
    letter_prints.queue(db(), run, now=now(), waited_for=few)
    if few:
        commit_then(partial(_print_now, run.creditor_id, run.id))


def _print_now(creditor_id: UUID, run_id: UUID) -> None:
    have = parts()
    try:
        printing(have, creditor_id, run_id, new=partial(in_turn, have))
    except PrintTakenOver:
        return


@pages.post("/letters/<uuid:run_id>/drop")
@who(Who.CLERK, Right.LETTERS)
def drop(run_id: UUID) -> Response:
    """What was prepared is given up."""
    letter_prints.drop(db(), _locked(run_id))
    return back_to("creditor.runs.every")


@pages.get("/letters/<uuid:run_id>/file/<uuid:file_id>.<kind>")
@who(Who.CLERK, Right.READ)
def download(run_id: UUID, file_id: UUID, kind: str) -> Response:
    """The letters as a PDF, as long as the file lies here, or what the printer counts by as a table without codes."""
    run = run_here(run_id)
    file = store.file_at(db(), run.creditor_id, run.id, file_id)
    if file is None or kind not in DOWNLOADS or (kind == "pdf" and not clerk().may(Right.LETTERS)):
        abort(404)
    day = run.asked_at.astimezone(i18n.zone()).date()
    name = f"{creditor().slug}-{day}-{file.number}.{kind}"
    if kind == "csv":
        rows = store.letters_of_run(db(), run.creditor_id, run.id, file_id=file.id)
        return _attached(manifest(rows).encode("utf-8-sig"), name, kind)
    try:
        data = parts().files.get(file.file_key or "")
    except FileUnreadable:
        return error_page(
            410, _("This file is no longer here"), _("It is deleted once the letters are posted, or after 7 days.")
        )
    return _attached(data, name, kind)


def _attached(data: bytes, name: str, kind: str) -> Response:
    answer = Response(data, mimetype=DOWNLOADS[kind])
    answer.headers["Content-Disposition"] = disposition(name)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.route("/letters/<uuid:run_id>/posted", methods=["GET", "POST"])
@who(Who.CLERK, Right.LETTERS)
def posted(run_id: UUID) -> Response:
    """The letters went to the post: the file is deleted in the same act."""
    run = _locked(run_id) if request.method == "POST" else run_here(run_id)
    form = PostedForm()
    if request.method == "GET":
        if run.state != RunState.PRINTED:
            abort(404)
        form.posted.data = f"{today():%d.%m.%Y}"
    elif run.state == RunState.POSTED and run.posted_on == form.posted.day():
        return back_to("creditor.runs.one", run_id=run_id)
    elif form.sent_well():
        zone = creditor().timezone
        done = letter_posts.mark_posted(
            db(), run, form.posted.day(), clerk_id=clerk().clerk_id, zone=zone, now=now(), today=today()
        )
        if isinstance(done, letter_posts.Ended):
            return _ended(run, done)
        printed, latest = letter_posts.printed_on(run, zone), today() + POSTED_AHEAD
        form.refuse(
            done, POSTED, FIELDS[PostedProblem], example=f"{today():%d.%m.%Y}", printed=i18n.day(printed),
            latest=i18n.day(latest),
        )  # fmt: skip
    return page(form=form, run=run, files=store.files_of(db(), run.creditor_id, run.id))


@pages.route("/letters/<uuid:run_id>/revoke", methods=["GET", "POST"])
@who(Who.CLERK, Right.LETTERS)
def revoke(run_id: UUID) -> Response:
    """The whole run is called back: no code of it opens anything any more."""
    run = _locked(run_id) if request.method == "POST" else run_here(run_id)
    form = SureForm()
    if request.method == "GET" and run.state not in (RunState.PRINTED, RunState.POSTED):
        abort(404)
    if form.sent_well():
        if run.state == RunState.REVOKED:
            return back_to("creditor.runs.one", run_id=run_id)
        return _ended(run, letter_posts.revoke_run(db(), run, clerk_id=clerk().clerk_id, now=now()))
    return page(form=form, run=run)


def _ended(run: LetterRun, done: letter_posts.Ended) -> Response:
    """What was decided is kept; then the bytes go, and the histories are told as far as somebody can wait."""
    commit_then(partial(_clear, run.creditor_id, run.id, done.keys))
    return back_to("creditor.runs.one", run_id=run.id)


def _clear(creditor_id: UUID, run_id: UUID, keys: Sequence[str]) -> None:
    have = parts()
    for key in keys:
        have.files.delete(key)
    letter_posts.tell(have.database, creditor_id, run_id, now=now(), most=letter_posts.TOLD_AT_ONCE)


def run_here(run_id: UUID) -> LetterRun:
    """This run of the clerk's own firm, else the same 404."""
    found = store.run_at(db(), clerk().creditor_id, run_id)
    if found is None:
        abort(404)
    return found


def _locked(run_id: UUID) -> LetterRun:
    found = store.run_locked(db(), clerk().creditor_id, run_id)
    if found is None:
        abort(404)
    return found

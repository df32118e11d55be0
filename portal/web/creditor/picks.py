"""Which claims get a letter: those with all checks green can be chosen, the others stand with their reason?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from flask import Blueprint, Response, request
from wtforms import BooleanField, SelectMultipleField

from portal.actions import letter_prints
from portal.actions.letter_runs import HeldBack, Recipient, Survey, survey
from portal.rules.access import Right
from portal.rules.letter_runs import ChosenProblem
from portal.rules.letters import Hindrance, LetterKind, is_quiet
from portal.rules.money import Money, total
from portal.store import letter_runs as store
from portal.store.claim_page import owed_on
from portal.store.claims import Claim
from portal.store.imports import import_at
from portal.store.letters import Wanted
from portal.web import i18n
from portal.web.forms import DecidingForm
from portal.web.i18n import LANGUAGES, N_, NAMES
from portal.web.i18n import gettext as _
from portal.web.labels.letter_hindrances import HINDRANCES
from portal.web.labels.letter_runs import CHOSEN, FIELDS, KINDS
from portal.web.letter_prints import kind_of
from portal.web.login import clerk, creditor
from portal.web.pages import back_to, page
from portal.web.parts import now, parts, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("picks", __name__)

Row = dict[str, Any]
#: So many letters can be ticked one by one; the others that fit go along or stay.
TO_TICK = 100
#: So many claims are looked at for one list.
LOOKED_AT = 5_000
SHOWN_HELD = 100
PRINTED_TOGETHER = (LetterKind.FIRST, LetterKind.REMINDER)


class ChooseForm(DecidingForm):
    """Which of the letters that could be printed today are printed."""

    pick = SelectMultipleField(N_("Letters"), choices=[], validate_choice=False)
    rest = BooleanField()


@pages.route("/letters/new", methods=["GET", "POST"])
@who(Who.CLERK, Right.LETTERS)
def choose() -> Response:
    """Which claims get a letter: those with all checks green can be ticked, the others stand with their reason."""
    wanted, kind = _filter()
    with parts().database.reading() as session:  # nobody who writes waits for this
        found = survey(session, creditor(), today=today(), wanted=wanted, limit=LOOKED_AT)
    fitting = [one for one in found.recipients if kind is None or kind_of(one) is kind]
    form = ChooseForm()
    if request.method == "POST":
        picked = _picked(form, fitting)
        if picked:
            run_id = uuid5(creditor().id, f"letters {form.op_id()}")
            claims = [claim_id for one in picked for claim_id, _reference in one.claims]
            run = letter_prints.draft(db(), creditor().id, claims, run_id=run_id, clerk_id=clerk().clerk_id, now=now())
            return back_to("creditor.runs.one", run_id=run.id)
        form.refuse([ChosenProblem.NOTHING], CHOSEN, FIELDS[ChosenProblem])
    else:
        form.pick.data, form.rest.data = [_key(one) for one in fitting[:TO_TICK]], True
    return page(
        form=form,
        quiet=is_quiet(today()),
        words=wanted.words,
        options=_options(fitting[:TO_TICK]),
        more=max(0, len(fitting) - TO_TICK),
        count=len(fitting),
        held=[held_row(one) for one in by_reason(found.held)[:SHOWN_HELD]],
        held_more=max(0, len(found.held) - SHOWN_HELD),
        looked_at=LOOKED_AT if _looked_at(found) >= LOOKED_AT else 0,
        tongues=[("", _("All languages")), *((code, NAMES[code]) for code in LANGUAGES)],
        kinds=[
            ("", _("All letters")),
            *((one.value, _(KINDS[one])) for one in (LetterKind.FIRST, LetterKind.REMINDER)),
        ],
        brought=wanted.import_id,
        chosen={"language": wanted.language, "kind": kind.value if kind else "", "days": _days()},
        query=request.query_string.decode("ascii", "ignore"),
    )


def _looked_at(found: Survey) -> int:
    return len(found.held) + sum(len(one.claims) for one in found.recipients)


def _filter() -> tuple[Wanted, LetterKind | None]:
    """The filter stands in the address, also when the letters are chosen."""
    given = request.args
    days = _days()
    kind = next((one for one in LetterKind if one.value == given.get("kind")), None)
    return Wanted(
        words=given.get("q", "")[:100].strip(),
        language=given.get("language", "") if given.get("language") in LANGUAGES else "",
        due_until=today() - timedelta(days=int(days)) if days else None,
        import_id=_import(),
    ), kind


def _import() -> UUID | None:
    """Only the claims of this file, if it is one of ours."""
    try:
        with parts().database.reading() as session:
            found = import_at(session, creditor().id, UUID(request.args.get("import", "")))
    except ValueError:
        return None
    return found.id if found else None


def _days() -> str:
    raw = request.args.get("days", "").strip()
    return raw if raw.isascii() and raw.isdigit() and len(raw) <= 4 else ""


def _picked(form: ChooseForm, fitting: Sequence[Recipient]) -> list[Recipient]:
    ticked = set(form.pick.data or [])
    rest = fitting[TO_TICK:] if form.rest.data else []
    return [one for one in fitting[:TO_TICK] if _key(one) in ticked] + list(rest)


def _key(one: Recipient) -> str:
    return f"{one.debtor_id}:{one.currency}"


def _options(found: Sequence[Recipient]) -> list[tuple[str, str, str]]:
    claims = claims_of(found)
    return [
        (
            _key(one),
            f"{one.name}, {one.references}: {i18n.money(owed_on_letter(one, claims))}",
            f"{one.street}, {one.postcode} {one.town} · {NAMES[one.language]} · {_(KINDS[kind_of(one)])}",
        )
        for one in found
    ]


def claims_of(found: Sequence[Recipient]) -> dict[UUID, tuple[Claim, Money]]:
    """The claims of these letters with what is open on each today."""
    ids = [claim_id for one in found for claim_id, _reference in one.claims]
    claims = store.claims_by_ids(db(), creditor().id, ids)
    owed = owed_on(db(), claims, today=today())
    return {claim.id: (claim, owed[claim.id].total.open) for claim in claims}


def owed_on_letter(one: Recipient, claims: dict[UUID, tuple[Claim, Money]]) -> Money:
    """What is open today on everything that the letter names."""
    return total([claims[claim_id][1] for claim_id, _reference in one.claims], one.currency)


def by_reason(held: Sequence[HeldBack]) -> list[HeldBack]:
    """The same reasons together, then by name."""
    order = list(Hindrance)
    return sorted(held, key=lambda one: (order.index(one.why), one.name, one.reference))


def held_row(one: HeldBack) -> tuple[Any, ...]:
    """Who gets no letter about what, why, and where that is mended."""
    words = _(HINDRANCES[one.why], what=one.what)
    return one.name, {"text": one.reference, "href": f"/desk/claims/{one.reference}"}, words, _mend(one)


#: Where a hindrance is mended: the page below the claim, or another one, and what one does there.
MEND = {
    Hindrance.ADDRESS_UNCLEAR: (Right.ADDRESS, "/desk/claims/{}/address", N_("Enter the address")),
    Hindrance.ADDRESS_MISSING: (Right.ADDRESS, "/desk/claims/{}/address", N_("Enter the address")),
    Hindrance.SIGNS: (Right.ADDRESS, "/desk/claims/{}/address", N_("Enter the address")),
    Hindrance.WAITS_FOR_US: (Right.ANSWER, "/desk/claims/{}/messages", N_("Answer")),
    Hindrance.DOCUMENTS_MISSING: (Right.ANSWER, "/desk/claims/{}/evidence", N_("Add a document")),
    Hindrance.PAUSED: (Right.PAUSE, "/desk/claims/{}/resume", N_("End the pause")),
    Hindrance.NO_RATE: (Right.SETTINGS, "/desk/rates", N_("Enter the rate")),
    Hindrance.NO_ACCOUNT: (Right.BANK, "/desk/settings", N_("Enter the account")),
}


def _mend(one: HeldBack) -> Row | str:
    right, place, words = MEND.get(one.why, (Right.READ, "", ""))
    if not place or not clerk().may(right):
        return ""
    return {"text": _(words), "href": place.format(one.reference), "about": one.reference}

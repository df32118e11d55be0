"""Who prints a run of letters, here or in the worker, and what does a letter look like before it is printed?"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.actions import letter_posts
from portal.actions.letter_prints import Keep, Printer, PrintTakenOver, print_run
from portal.actions.letter_runs import HeldBack, Recipient
from portal.actions.letters import NewCode, new_code
from portal.rules.imports import guarded
from portal.rules.letter_code import Code
from portal.rules.letters import LetterKind, pay_by
from portal.store.claims import Claim
from portal.store.letter_runs import Sent
from portal.store.letters import Letter
from portal.store.people import Debtor
from portal.store.settings import Creditor, creditor_by_id
from portal.web.letter_paper import Data, Writing, letter_data, letter_title
from portal.web.parts import Parts

MANIFEST = ("place", "reference", "name", "street", "postcode", "town", "country", "language", "letter")


def in_turn(have: Parts) -> NewCode:
    """A code made in a request: as few at once as the gate lets in."""
    with have.gate.enter():
        return new_code(have.codes)


def printing(
    have: Parts, creditor_id: UUID, run_id: UUID, *, keep: Keep | None = None, now: datetime | None = None,
    alive: Callable[[], None] = lambda: None, told: Callable[[HeldBack], None] = lambda held: None,
    new: Callable[[], NewCode] | None = None,
) -> None:  # fmt: skip
    """The run is printed into files that lie encrypted in our store, unless `keep` puts them elsewhere."""
    with have.database.reading() as session:
        firm = creditor_by_id(session, creditor_id)
        session.expunge(firm)
    moment = now or have.clock()
    today = moment.astimezone(ZoneInfo(firm.timezone)).date()
    printer = Printer(
        codes=have.codes,
        write=partial(_data, have, today),
        set=partial(have.papers.letters, letter_title(firm, firm.language), firm.name),
        keep=keep or (lambda _number, pdf: have.files.put(pdf)),
        alive=alive,
        told=told,
        new=new,
    )
    print_run(have.database, creditor_id, run_id, printer, now=moment, today=today)


def work_off(have: Parts, payload: dict[str, str], alive: Callable[[], None]) -> None:
    """The worker's part of a run: what is not printed is printed, what became of its letters is told."""
    creditor_id, run_id = UUID(payload["creditor_id"]), UUID(payload["run_id"])
    try:
        printing(have, creditor_id, run_id, alive=alive)
    except PrintTakenOver:
        return
    letter_posts.tell(have.database, creditor_id, run_id, now=have.clock())


def _data(
    have: Parts, today: date, session: Session, firm: Creditor, letter: Letter, code: Code, person: Debtor,
    claims: Sequence[Claim],
) -> Data:  # fmt: skip
    return letter_data(session, Writing(firm, letter, code, person, claims, have.settings.base_url, today))


def specimen_data(
    session: Session, have: Parts, firm: Creditor, person: Debtor, claims: Sequence[Claim], *, kind: LetterKind,
    now: datetime, today: date,
) -> Data:  # fmt: skip
    """The letter as it would be printed today, with a code that opens no case; nothing is written."""
    letter = Letter(
        id=uuid4(), creditor_id=firm.id, debtor_id=person.id, kind=kind.value, language=person.language,
        dated_on=today, pay_by=deadline(claims, today), issued_at=now,
    )  # fmt: skip
    return _data(have, today, session, firm, letter, have.specimens.code(firm.id), person, claims)


def deadline(claims: Sequence[Claim], today: date) -> date:
    """The day that a letter about these claims names."""
    return min(pay_by(claim.pay_by, today) for claim in claims)


def manifest(rows: Sequence[Sent]) -> str:
    """What the printer counts by, letter for letter in the order of the file; no code stands in it."""
    text = io.StringIO()
    table = csv.writer(text, delimiter=";", lineterminator="\r\n")
    table.writerow(MANIFEST)
    for place, one in enumerate(rows, 1):
        to = one.person
        street = f"{to.street} {to.house_number}".strip()
        cells = (
            one.references, to.name, street, to.postcode, to.town, to.country, one.letter.language, str(one.letter.id)
        )  # fmt: skip
        table.writerow([place, *(guarded(cell) for cell in cells)])
    return text.getvalue()


def kind_of(recipient: Recipient) -> LetterKind:
    """Whether this would be the first letter about the claims, or a reminder."""
    return LetterKind.REMINDER if recipient.reminder else LetterKind.FIRST

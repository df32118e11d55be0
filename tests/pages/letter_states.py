"""The desk's pages about letters that are printed together, come back and go out anew, in each of their states."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from portal.actions import addresses, letter_prints
from portal.rules.letter_runs import RunState
from portal.store.access import code_of_letter
from portal.store.letter_runs import LetterFile, LetterRun
from portal.store.letters import Letter
from tests import examples
from tests.examples import START, TODAY
from tests.pages.acts import Act, send, sent_empty
from tests.pages.debtor_states import At, fixed
from tests.pages.stage import CLERK, WHEN, Case, State


def page(template: str, name: str, at: At, who: str = "lena", does: Act | None = None, **begins: Any) -> State:
    status = 422 if does is not None and "error" in name else 200
    return State(f"{template}, {name}", f"creditor/{template}.html", who, at, does, status, begins)


def prepared(below: str = "") -> At:
    """Two letters are chosen: one can be printed, the other's address is unclear."""

    def at(case: Case) -> str:
        _letter(case).dated_on -= timedelta(days=30)
        row = letter_prints.draft(
            case.session, examples.VELO, [case.claim.id, examples.STEFAN.claim_id], run_id=uuid4(),
            clerk_id=examples.LENA, now=START,
        )  # fmt: skip
        return f"/desk/letters/{row.id}{below.format(case.claim.reference)}"

    return at


def ready(case: Case) -> str:
    """The case's letter is long ago, so that it can get another one."""
    _letter(case).dated_on -= timedelta(days=30)
    return "/desk/letters/new"


def printed(state: RunState = RunState.PRINTED, below: str = "", **more: Any) -> At:
    """The case's letter was printed in a run that has come so far."""

    def at(case: Case) -> str:
        row = LetterRun(
            creditor_id=examples.VELO, clerk_id=examples.LENA, state=state.value, asked_at=START, printed_at=START,
            letters=0 if state in (RunState.FAILED, RunState.PRINTING) else 1, **more,
        )  # fmt: skip
        case.session.add(row)
        case.session.flush()
        file = LetterFile(
            creditor_id=examples.VELO, run_id=row.id, number=1, letters=1,
            file_key=None if row.files_gone_at else "0" * 32,
        )  # fmt: skip
        case.session.add(file)
        case.session.flush()
        letter = _letter(case)
        if row.letters:
            letter.run_id, letter.file_id, letter.place = row.id, file.id, 1
        return f"/desk/letters/{row.id}{below.format(letter.id)}"

    return at


def returned(case: Case) -> str:
    """The case's letter came back, and the address waits."""
    letter = _letter(case)
    code = code_of_letter(case.session, examples.VELO, letter.id)
    assert code is not None
    addresses.came_back(case.session, letter, code, case.debtor, actor=CLERK, **WHEN)
    return f"{case.desk}/address"


def without_street(case: Case) -> str:
    """Nothing can be printed anew to somebody without a street."""
    case.debtor.street = ""
    return printed(below="/reissue/{}")(case)


def _letter(case: Case) -> Letter:
    return case.session.get_one(Letter, case.known.letter_id)


GONE = {"files_gone_at": START, "posted_on": TODAY, "posted_by": examples.LENA}
STATES = [
    page("runs/every", "empty", fixed("/desk/letters"), "carl"),
    page("runs/every", "for the auditor", lambda case: printed()(case)[:13], "otto"),
    page("picks/choose", "ready", ready),
    page("picks/choose", "none is ready", fixed("/desk/letters/new?q=Nirgendwo"), "adam"),
    page("picks/choose", "with error", ready, "lena", sent_empty("pick", form="main form:has([name=pick])")),
    page("previews/one", "paper and phone", prepared("/specimen/{}")),
    page("runs/one", "prepared", prepared()),
    page("runs/one", "being printed", printed(RunState.PRINTING)),
    page("runs/one", "printed", printed(), "adam"),
    page("runs/one", "posted, for the auditor", printed(RunState.POSTED, **GONE), "otto"),
    page("runs/one", "called back", printed(RunState.REVOKED, revoked_at=START, **GONE)),
    page("runs/one", "failed", printed(RunState.FAILED, problem="letter: line 3")),
    page("runs/posted", "asked", printed(below="/posted")),
    page("runs/posted", "with error", printed(below="/posted"), "lena", send(posted="31.12.2031")),
    page("runs/revoke", "printed", printed(below="/revoke")),
    page("runs/revoke", "posted", printed(RunState.POSTED, "/revoke", **GONE), "adam"),
    page("reissues/reissue", "asked", printed(below="/reissue/{}"), "adam"),
    page("reissues/reissue", "with error", without_street, "adam", send()),
    page("addresses/enter", "unclear", returned, "clara"),
    page("addresses/enter", "with error", returned, "clara", send(street="", postcode="x")),
    page("addresses/returned", "asked", lambda case: f"{case.desk}/returned", "clara"),
    page("addresses/returned", "with error", lambda case: f"{case.desk}/returned", "clara", sent_empty("letter")),
]

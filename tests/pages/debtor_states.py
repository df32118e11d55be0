"""Every page that a reader of a letter can meet, in each of its states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from portal.rules.disputes import Decision, DisputeReason, DisputeStatus
from portal.rules.money import Money
from portal.rules.pauses import PauseReason
from portal.rules.receipts import Issued, PaperKind
from tests import examples
from tests.examples import TODAY
from tests.pages.acts import Act, send, sent_empty, with_photo
from tests.pages.stage import WORDS, Case, State

At = Callable[[Case], str]
Step = Callable[[Case], Any]
SLUG = "/velo-sutter"
SOON = TODAY + timedelta(days=5)


def page(template: str, name: str, at: At, who: str = "file", does: Act | None = None, **begins: Any) -> State:
    status = 422 if does is not None and "error" in name else 200
    return State(f"{template}, {name}", f"debtor/{template}.html", who, at, does, status, begins)


def fixed(path: str) -> At:
    """The page lies here, whatever happened."""
    return lambda case: path


def after(*steps: Step, place: str = "") -> At:
    """These steps have happened; the page lies at this place below the claim."""

    def at(case: Case) -> str:
        for step in steps:
            step(case)
        return f"{case.path}{place}"

    return at


def sets(**values: Any) -> Step:
    return lambda case: case.sets(**values)


def plan(count: int = 12, status: str = "") -> Step:
    def step(case: Case) -> None:
        made = case.proposes(count)
        if status:
            made.status, made.live_flag = status, None

    return step


def later(days: int, status: str = "") -> Step:
    def step(case: Case) -> None:
        row = case.asks_for_time(days)
        if status:
            row.status, row.reason = status, WORDS

    return step


def hardship(status: str) -> Step:
    def step(case: Case) -> None:
        row = case.tells_hardship()
        row.status, row.reason, row.clerk_id = status, "Bis wann brauchen Sie Ruhe?", examples.CLARA
        case.file("hardship", row.id, "Verfügung Sozialdienst.pdf")

    return step


def objection(reason: DisputeReason = DisputeReason.PAID) -> At:
    return lambda case: f"{case.path}/dispute/{case.objects(reason).id}"


def decided(decision: Decision, reason: DisputeReason = DisputeReason.QUALITY) -> At:
    return lambda case: f"{case.path}/dispute/{case.is_decided(decision, reason).id}"


def taken_back(case: Case) -> str:
    row = case.objects()
    row.status = DisputeStatus.WITHDRAWN.value
    return f"{case.path}/dispute/{row.id}"


def offer(status: str = "") -> At:
    def at(case: Case) -> str:
        row = case.is_offered()
        if status:
            row.status, row.live_flag = status, None
        return f"{case.path}/offer/{row.id}"

    return at


def own_number(case: Case) -> str:
    number = case.parts.numbers.number(case.creditor.id, Issued(PaperKind.RECEIPT, TODAY), "receipt")
    return f"{SLUG}/genuine?paper={number}"


def paid(status: str) -> At:
    return lambda case: f"/paid/{case.attempt(status).return_ref}"


CLAIM: dict[str, tuple[Step, ...]] = {
    "still open": (),
    "settled": (sets(status="settled", ended_on=TODAY),),
    "withdrawn": (sets(status="withdrawn", ended_on=TODAY),),
    "handed over": (sets(status="handed_over"),),
    "answer for you": (Case.is_answered,),
    "checking": (Case.objects,),
    "checking the costs": (lambda case: case.objects(DisputeReason.COSTS),),
    "paused": (Case.rests,),
    "evidence missing": (lambda case: case.rests(PauseReason.EVIDENCE_MISSING),),
    "step announced": (sets(step_announced_for=SOON),),
    "counter-offer": (Case.is_countered,),
    "suggestion waiting": (plan(),),
    "later day waiting": (later(90),),
    "instalment late": (Case.is_late,),
    "instalments running": (plan(3),),
    "payment announced": (sets(announced_until=SOON),),
    "payment in progress": (lambda case: case.attempt("open"),),
    "deferred": (later(20),),
    "offer": (Case.is_offered,),
    "part paid": (Case.is_booked,),
}

ENTRY = [
    page("access/entry", "the firm's", fixed(SLUG), "nobody"),
    page("access/entry", "no firm", fixed("/"), "nobody"),
    page("access/entry", "session ended", fixed(f"{SLUG}?ended=1"), "nobody"),
    page("access/entry", "with error", fixed(SLUG), "nobody", send(code="ABC", postcode="49")),
    page("access/open_file", "asked", after(place="/open"), "letter"),
    page("access/open_file", "with error", after(place="/open"), "letter", send(fact="12")),
    page("access/pin", "asked", after(place="/pin"), fact=False),
    page("access/pin", "with error", after(place="/pin"), "file", send(pin="123456"), fact=False),
    page("access/pin", "not needed", after(place="/pin")),
    page("letters/not_me", "asked", fixed(f"{SLUG}/not-me"), "nobody"),
    page("letters/not_me", "with error", fixed(f"{SLUG}/not-me"), "nobody", send()),
    page("letters/not_me", "done", fixed(f"{SLUG}/not-me?done=1"), "nobody"),
    page("letters/genuine", "open", fixed(f"{SLUG}/genuine"), "nobody"),
    page("letters/genuine", "with error", fixed(f"{SLUG}/genuine"), "nobody", send(paper="ABC")),
    page("letters/genuine", "a number that is ours", own_number, "nobody"),
    page("letters/genuine", "a number that is not ours", fixed(f"{SLUG}/genuine?paper={'0' * 18}"), "nobody"),
    page("letters/specimen", "test letter", fixed(f"{SLUG}/specimen"), "nobody"),
    page("letters/new_letter", "asked", fixed(f"{SLUG}/new-letter"), "nobody"),
    page("help/advice", "anyone", fixed("/help"), "nobody"),
    page("help/advice", "signed in", fixed("/help"), "letter"),
    page("help/privacy", "anyone", fixed("/privacy"), "nobody"),
    page("help/accessibility", "anyone", fixed("/accessibility"), "nobody"),
]
CLAIMS = [
    *(page("claims/claim", f"{name}, {who}", after(*steps), who, papers=name != "evidence missing")
      for name, steps in CLAIM.items() for who in ("file", "letter")),
    page("claims/claim", "no costs", after(), "letter", costs=0),
    page("claims/every", "two claims", fixed("/claims"), "file", second=True),
    page("claims/every", "two claims, one checked", lambda case: case.objects() and "/claims", "file", second=True),
]
PAY = [
    page("payments/pay", "everything", after(place="/pay")),
    page("payments/pay", "with error", after(place="/pay"), "letter", send(part="other", amount="zwölf")),
    page("payments/pay", "offer and part", after(Case.is_offered, place="/pay")),
    page("payments/pay", "instalment", after(plan(3), place="/pay")),
    page("payments/pay", "while one line is checked", after(CLAIM["checking the costs"][0], place="/pay")),
    page("payments/told", "told", after(sets(announced_until=SOON), place="/told")),
    *(page("payments/returned", status, paid(status), "nobody") for status in ("paid", "open", "expired")),
]
RECEIPTS = [
    page("receipts/every", "nothing paid", after(place="/receipts")),
    page("receipts/every", "in room 1", after(Case.is_booked, place="/receipts"), "letter"),
    page("receipts/every", "two payments", after(Case.is_booked, lambda case: case.is_booked(7000), place="/receipts")),
    page("receipts/every", "settled", after(lambda case: case.is_booked(50000), place="/receipts")),
    page("receipts/every", "with error", after(place="/receipts"), "file", send(on_day="31", on_month="2")),
]
PLANS = [
    page("plans/propose", "choose", after(place="/plan"), "letter"),
    page("plans/propose", "with error", after(place="/plan"), "letter", send()),
    page("plans/propose", "after a no", after(plan(12, "declined"), place="/plan")),
    page("plans/propose", "small sum", after(lambda case: case.is_booked(30000), place="/plan")),
    page("plans/other", "asked", after(place="/plan/other"), "letter"),
    page("plans/other", "with error", after(place="/plan/other"), "letter", send(amount="zwölf")),
    page("plans/check", "counts at once", after(place="/plan/check?instalments=3&day=25"), "letter"),
    page("plans/check", "waits for an answer", after(place="/plan/check?instalments=12&day=1"), "letter"),
    page("plans/show", "waiting", after(plan(), place="/plan")),
    page("plans/show", "counter-offer", after(Case.is_countered, place="/plan")),
    page("plans/show", "agreed", after(plan(3), place="/plan")),
    page("plans/show", "late", after(Case.is_late, place="/plan")),
    page("plans/show", "late, with error", after(Case.is_late, place="/plan"), "file", send(date_day="40")),
    page("plans/hidden", "in room 1", after(plan(3), place="/plan"), "letter"),
]
LATER = [
    page("deferrals/ask", "choose", after(place="/later"), "letter"),
    page("deferrals/ask", "with error", after(place="/later"), "letter", send()),
    page("deferrals/ask", "own day, with error", after(place="/later"), "letter",
         send(date="other", date_day="31", date_month="2", date_year="2027")),
    page("deferrals/ask", "after a no", after(later(90, "declined"), place="/later")),
    page("deferrals/show", "granted", after(later(20), place="/later")),
    page("deferrals/show", "waiting", after(later(90), place="/later")),
]
HARDSHIP = [
    page("hardship/tell", "asked", after(place="/hardship"), "letter"),
    page("hardship/tell", "in room 2", after(place="/hardship")),
    page("hardship/tell", "with error", after(place="/hardship"), "letter", send(text="x" * 3001)),
    page("hardship/tell", "after a no", after(hardship("declined"), place="/hardship")),
    *(page("hardship/show", status, after(hardship(status), place="/hardship"))
      for status in ("told", "asked", "accepted")),
]
DISPUTES = [
    page("disputes/begin", "reasons", after(place="/dispute"), "letter"),
    page("disputes/begin", "with an earlier one", after(Case.objects, place="/dispute")),
    *(page("disputes/ask", reason, after(place=f"/dispute?reason={reason}"), "letter") for reason in DisputeReason),
    page("disputes/ask", "with error", after(place="/dispute?reason=amount"), "letter", sent_empty("amount")),
    page("disputes/ask", "with error and kept file", after(place="/dispute?reason=other"), "letter", with_photo),
    page("disputes/shows", "sent", objection()),
    page("disputes/shows", "asked", decided(Decision(DisputeStatus.ASKED, "Haben Sie noch die Quittung?"))),
    page("disputes/shows", "asked, with error",
         decided(Decision(DisputeStatus.ASKED, "Haben Sie noch die Quittung?")), "file", send(text="")),
    page("disputes/shows", "upheld", decided(
        Decision(DisputeStatus.UPHELD, WORDS, found=Money(28460, "CHF"), found_on=TODAY - timedelta(days=90)),
        DisputeReason.PAID)),
    page("disputes/shows", "upheld, not owed", decided(Decision(DisputeStatus.UPHELD, WORDS))),
    page("disputes/shows", "partly", decided(Decision(DisputeStatus.PARTLY, WORDS, new_sum=Money(20000, "CHF")))),
    page("disputes/shows", "rejected", decided(Decision(DisputeStatus.REJECTED, WORDS))),
    page("disputes/shows", "taken back", taken_back),
]  # fmt: skip
MESSAGES = [
    page("messages/write", "empty", after(place="/messages"), "letter"),
    page("messages/write", "with error", after(place="/messages"), "letter", send(text="")),
    page("messages/write", "waiting", after(Case.writes, place="/messages")),
    page("messages/write", "thread", after(Case.is_answered, place="/messages")),
    page("offers/show", "live", offer(), "letter"),
    page("offers/show", "expired", offer("expired")),
    page("offers/show", "taken", offer("taken")),
]
NOTICES = [
    page("notices/contact", "nothing chosen", after(place="/contact")),
    page("notices/contact", "saved", after(Case.wants_mail, place="/contact?saved=1")),
    page("notices/contact", "with error", after(place="/contact"), "file", send(way="email", email="dora")),
    page("notices/confirm", "asked", after(Case.gave_address, place="/contact/confirm")),
    page("notices/confirm", "with error", after(Case.gave_address, place="/contact/confirm"), "file", send(code="1")),
    page("notices/stop", "asked", Case.stop_page, "nobody"),
    page("notices/stopped", "done", Case.stop_page, "nobody", send()),
]
ERRORS = [
    State(f"error {status}, {who}", "errors/page.html", who, fixed(f"/broken/{status}"), None, status)
    for status, who in ((404, "nobody"), (404, "file"), (409, "file"), (429, "nobody"), (503, "letter"), (500, "file"))
]
STATES = [*ENTRY, *CLAIMS, *PAY, *RECEIPTS, *PLANS, *LATER, *HARDSHIP, *DISPUTES, *MESSAGES, *NOTICES, *ERRORS]

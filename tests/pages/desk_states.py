"""Every page of the desk, in each of its states."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

from PIL import Image
from playwright.sync_api import Page

from portal.actions import credits, pauses
from portal.actions.ledger import Cause, book_payment
from portal.actions.stationery import change_look
from portal.rules.disputes import DisputeReason, DisputeStatus
from portal.rules.letters import Window
from portal.rules.money import Money
from portal.rules.pauses import PauseReason
from portal.rules.payments import AccountKind, CauseType
from portal.rules.reconciliation import FindingKind
from portal.store.accounts import AccountChange
from portal.store.bank import BankFileRow, BankTransaction
from portal.store.claims import Claim
from portal.store.connections import Connection
from portal.store.payments import PaymentAttempt
from portal.store.people import Absence
from portal.store.reconciliation import Finding, ProviderPayout
from portal.store.refunds import Refund, credit_left
from portal.store.stationery import Logo, look_locked
from portal.store.today import Task
from tests import examples
from tests.examples import START, TODAY, ident
from tests.objects import bank_money
from tests.pages.acts import Act, press, send, sent_empty, twice
from tests.pages.debtor_states import CLAIM, At, fixed, hardship
from tests.pages.stage import LEAD, MIA, Case, State, new_firm


def page(template: str, name: str, at: At, who: str = "clara", does: Act | None = None, **begins: Any) -> State:
    status = 422 if does is not None and "error" in name else 200
    return State(f"{template}, {name}", f"creditor/{template}.html", who, at, does, status, begins)


def below(place: str = "", *steps: Any) -> At:
    """These steps have happened; the desk's page of the claim, or one below it."""

    def at(case: Case) -> str:
        for step in steps:
            step(case)
        return f"{case.desk}{place}"

    return at


def plan_to_decide(case: Case) -> str:
    return f"{case.desk}/plans/{case.proposes().id}"


def plan_decided(case: Case) -> str:
    return f"{case.desk}/plans/{case.proposes(3).id}"


def time_to_decide(case: Case) -> str:
    return f"{case.desk}/deferrals/{case.asks_for_time().id}"


def hardship_in(status: str) -> At:
    def at(case: Case) -> str:
        row = case.tells_hardship()
        row.status = status
        case.file("hardship", row.id, "Verfügung Sozialdienst.pdf")
        return f"{case.desk}/hardship/{row.id}"

    return at


def dispute(reason: DisputeReason = DisputeReason.PAID, status: str = "open", to: str = "") -> At:
    def at(case: Case) -> str:
        row = case.objects(reason)
        row.status = status
        return f"{case.desk}/disputes/{row.id}{to and '?to='}{to}"

    return at


def rests_by_hand(case: Case) -> None:
    until = TODAY + timedelta(days=30)
    pauses.pause(
        case.session, case.claim, PauseReason.CREDITOR, until=until, text="Ferien", actor=LEAD, now=START, today=TODAY
    )


def paid_by_card(case: Case) -> PaymentAttempt:
    """More than everything came through the provider, so that there is credit as well."""
    attempt = case.attempt("paid")
    attempt.pi_id, attempt.amount_minor = f"pi_{attempt.id.hex}", 50000
    case.session.flush()
    cause = Cause(CauseType.ATTEMPT, attempt.id, f"{attempt.pi_id}:captured:50000")
    book_payment(
        case.session, case.claim, Money(50000, "CHF"), clearing=AccountKind.PROVIDER_CLEARING, value_on=TODAY,
        cause=cause, actor=LEAD, now=START, today=TODAY, method="card",
    )  # fmt: skip
    return attempt


def credit_and_another(case: Case) -> Claim:
    """The person has paid too much here and owes on another case."""
    paid_by_card(case)
    return case.opens(f"{case.claim.reference}-2")


def credit_moved(case: Case) -> None:
    """A part of the credit has paid the other case."""
    other = credit_and_another(case)
    wish = credits.Wish(other.id, Money(1_000, "CHF"))
    left = credit_left(case.session, case.claim)
    when = {"now": START, "today": TODAY}
    found = credits.move_credit(
        case.session,
        case.claim,
        case.creditor,
        wish,
        op=uuid4(),
        seen_minor=left,
        actor=LEAD,
        **when,  # type: ignore[arg-type]
    )
    assert found == []


def refund_in(status: str, way: str = "original") -> At:
    def at(case: Case) -> str:
        attempt = paid_by_card(case)
        row = Refund(
            id=uuid4(), **case.own(), attempt_id=attempt.id if way == "original" else None, way=way, status=status,
            amount_minor=12000, currency="CHF", reason="paid_twice", value_on=None if way == "original" else TODAY,
            alone=status != "requested", requested_by=examples.LENA, requested_at=START,
            failure="charge_already_refunded" if status == "failed" else None,
        )  # fmt: skip
        case.session.add(row)
        case.session.flush()
        return f"{case.desk}/refund/{row.id}"

    return at


def connected(**what: Any) -> At:
    def at(case: Case) -> str:
        case.session.merge(
            Connection(
                **{"creditor_id": examples.VELO, "account": "acct_velo", "checked_at": START, "charges_enabled": True,
                   "payouts_enabled": True, "details_submitted": True, "methods": ["card", "twint"], "due": [],
                   "problem": "", **what}
            )
        )  # fmt: skip
        return "/desk/settings/card"

    return at


def task(case: Case) -> str:
    row = Task(
        **case.own(), kind="evidence_missing", details={}, since=START - timedelta(days=2), due_on=TODAY
    )  # fmt: skip
    case.session.add(row)
    case.session.flush()
    return f"/desk/tasks/{row.id}"


def absent(case: Case) -> str:
    first = TODAY + timedelta(days=30)
    row = Absence(
        creditor_id=examples.VELO, clerk_id=examples.LENA, deputy_id=examples.CLARA, from_on=first,
        until_on=first + timedelta(days=7),
    )  # fmt: skip
    case.session.add(row)
    return "/desk/people"


def many_made(case: Case) -> str:
    details = {"made": ["2026-0418"], "left_out": [["2026-0419", "paused"]], "until": TODAY.isoformat()}
    row = Task(creditor_id=examples.VELO, kind="offers_made", details=details, since=START, done_at=START)
    case.session.add(row)
    case.session.flush()
    return f"/desk/offers/{row.id}"


def looked_too_soon(page: Page) -> None:
    page.locator("main [name=until]").fill("soon")
    looked(page)


def looked(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main button[name=look]").click()


def money(**more: Any) -> At:
    """An amount of a bank's file that waits, or was decided by a lead."""

    def at(case: Case) -> str:
        row = _amount(case, **more)
        return f"/desk/bank/{row.id}"

    return at


def waiting_money(case: Case) -> str:
    _amount(case)
    return "/desk/bank"


def _amount(case: Case, **more: Any) -> BankTransaction:
    file = BankFileRow(
        creditor_id=examples.VELO, name="camt054-2026-11-20.xml", sha256=b"0" * 32, kind="camt.054", version="08",
        taken_at=START, noted_at=START, done_at=START, booked=12, known=3, unmatched=1,
    )  # fmt: skip
    case.session.add(file)
    case.session.flush()
    row = bank_money(
        case.session, examples.VELO, file.id, uuid4(), 4200, payer=case.debtor.name,
        message=f"Danke {case.claim.invoice_number}", **more,
    )  # fmt: skip
    if row.status == "booked":
        row.claim_id, row.why, row.decided_by, row.decided_at = case.claim.id, None, examples.LENA, START
    case.session.add(row)
    case.session.flush()
    return row


BEFORE = [
    page("access/sign_in", "asked", fixed("/desk/sign-in"), "nobody"),
    page("access/sign_in", "with error", fixed("/desk/sign-in"), "nobody", sent_empty("email", "password")),
]


def new_sign_in(page: Page) -> None:
    press(page, "main form[action$='/sign-in']")


def books_differ(case: Case) -> str:
    """Each kind of finding, and two payouts."""
    firm = case.claim.creditor_id
    for number, kind in enumerate(FindingKind):
        case.session.add(
            Finding(
                creditor_id=firm, kind=kind.value, object_id=f"po_1ABCdefGHIjkl{case.claim.reference}", minor=48250,
                currency="CHF", since=START, owner_id=examples.LENA if number % 2 else None,
            )
        )  # fmt: skip
    for status in ("paid", "failed"):
        case.session.add(
            ProviderPayout(
                id=f"po_1ABCdefGHI{status}{case.claim.reference}", creditor_id=firm, amount_minor=48250,
                currency="CHF", status=status, created_on=TODAY, arrives_on=TODAY,
            )
        )  # fmt: skip
    return "/desk/reconciliation"


def first_hour(place: str, *, person: bool = False) -> At:
    """A firm that nobody has set up yet."""

    def at(case: Case) -> str:
        new_firm(case.session, person=person)
        return place

    return at


def account_asked_for(case: Case) -> str:
    """Lena agrees or Adam waits: another account was asked for."""
    if case.session.get(AccountChange, ident("other account")) is None:
        case.session.add(
            AccountChange(
                id=ident("other account"), creditor_id=examples.VELO, currency="CHF", iban="CH5604835012345678009",
                qr_iban="CH4431999123000889012", bic=None, sepa=False, asked_by=examples.ADAM, asked_at=START,
            )
        )  # fmt: skip
    return "/desk/settings/account"


def with_logo(case: Case) -> str:
    """Adam had chosen a logo."""
    if look_locked(case.session, examples.VELO) is None:
        made = io.BytesIO()
        Image.new("RGB", (600, 150), "black").save(made, "JPEG")
        change_look(
            case.session, examples.VELO, Window.LEFT, logo=Logo(made.getvalue(), 600, 150), clerk_id=examples.ADAM,
            now=START,
        )  # fmt: skip
    return "/desk/settings/letters/look"


def no_picture(page: Page) -> None:
    """Adam chooses a text file."""
    page.set_input_files("#logo", {"name": "logo.txt", "mimeType": "text/plain", "buffer": b"no picture"})
    press(page, "main form:has(#logo)")


FIRST_HOUR = [
    page("today/inbox", "first hour", first_hour("/desk"), "urs"),
    page("set_up/overview", "nothing done", first_hour("/desk/set-up"), "urs"),
    page("set_up/overview", "everything done", fixed("/desk/set-up"), "adam"),
    page("set_up/letter", "steps missing", first_hour("/desk/set-up/letter"), "urs"),
    page("set_up/letter", "asked", fixed("/desk/set-up/letter"), "adam"),
    page("set_up/letter", "with error", fixed("/desk/set-up/letter"), "adam", sent_empty("language")),
    page("firm/change", "asked", fixed("/desk/settings/firm"), "adam"),
    page("firm/change", "with error", fixed("/desk/settings/firm"), "adam", send(name="", phone="later")),
    page("accounts/overview", "none", first_hour("/desk/settings/account"), "urs"),
    page("accounts/overview", "to agree", account_asked_for, "lena"),
    page("accounts/overview", "own request", account_asked_for, "adam"),
    page("accounts/change", "asked", first_hour("/desk/settings/account/change"), "urs"),
    page("accounts/change", "second person", fixed("/desk/settings/account/change"), "adam"),
    page("accounts/change", "with error", first_hour("/desk/settings/account/change"), "urs", send(iban="CH00")),
    page("stationery/overview", "asked", fixed("/desk/settings/letters"), "adam"),
    page("stationery/look", "none", fixed("/desk/settings/letters/look"), "adam"),
    page("stationery/look", "with a logo", with_logo, "adam"),
    page("stationery/look", "with error", fixed("/desk/settings/letters/look"), "adam", no_picture),
    page("stationery/texts", "ours", fixed("/desk/settings/letters/de"), "adam"),
    page("stationery/texts", "with error", fixed("/desk/settings/letters/fr"), "adam", send(opening="{open} {jour}")),
    page("people/new", "asked", fixed("/desk/people/new"), "adam"),
    page("people/new", "with error", fixed("/desk/people/new"), "adam", sent_empty("name", "email", "role")),
    page("people/change", "a colleague", fixed(f"/desk/people/{examples.CLARA}"), "adam"),
    page("people/change", "oneself, with error", fixed(f"/desk/people/{examples.ADAM}"), "adam", sent_empty("name")),
    page("people/_sign_in", "shown once", first_hour(f"/desk/people/{MIA}", person=True), "urs", new_sign_in),
]
LISTS = [
    page("today/inbox", "full", fixed("/desk")),
    page("today/inbox", "empty", fixed("/desk"), "carl"),
    page("today/task", "open", task),
    page("today/task", "for the auditor", task, "otto"),
    page("claims/every", "all", fixed("/desk/claims")),
    page("claims/every", "second page", fixed("/desk/claims?page=2")),
    page("claims/every", "nothing found", fixed("/desk/claims?q=Nirgendwo")),
    page("people/overview", "nobody away", fixed("/desk/people"), "adam"),
    page("people/overview", "with an absence", absent, "adam"),
    page("people/absence", "asked", fixed("/desk/people/absence"), "adam"),
    page("people/absence", "with error", fixed("/desk/people/absence"), "adam", sent_empty("first", "last")),
    page("reconciliation/overview", "nothing found", fixed("/desk/reconciliation"), "otto"),
    page("reconciliation/overview", "with findings", books_differ, "lena"),
    page("bank/overview", "with money", waiting_money, "lena"),
    page("bank/overview", "for the auditor", waiting_money, "otto"),
    page("bank/overview", "empty", fixed("/desk/bank"), "carl"),
    page("bank/overview", "with error", fixed("/desk/bank"), "lena", send()),
    page("bank/money", "waiting", money(), "lena"),
    page("bank/money", "with error", money(), "lena", send(reference="NOPE-1")),
    page("bank/money", "booked", money(status="booked"), "lena"),
    page("settings/overview", "to read", fixed("/desk/settings")),
    page("settings/overview", "to change", fixed("/desk/settings"), "adam"),
    page("connections/overview", "ready", connected(), "adam"),
    page("connections/overview", "stopped", connected(charges_enabled=False, due=["external_account"], methods=[])),
    page("connections/overview", "not answering", connected(problem="down"), "adam"),
    page("settings/change", "asked", fixed("/desk/settings/change"), "adam"),
    page("settings/change", "with error", fixed("/desk/settings/change"), "adam", send(answer_days="many")),
    page("offers/many", "asked", fixed("/desk/offers"), "lena"),
    page("offers/many", "shown", fixed("/desk/offers"), "lena", looked),
    page("offers/many", "with error", fixed("/desk/offers"), "lena", looked_too_soon),
    page("offers/made", "some left out", many_made, "lena"),
    page("rates/enter", "asked", fixed("/desk/rates"), "adam"),
    page("rates/enter", "with error", fixed("/desk/rates"), "adam", send(percent="much")),
    page("settings/goodwill", "asked", fixed("/desk/settings/goodwill"), "adam"),
    page("settings/goodwill", "with error", fixed("/desk/settings/goodwill"), "adam", send(days="six")),
]
CLAIMS = [
    *(
        page("claims/claim", name, below("", *steps), papers=name != "evidence missing")
        for name, steps in CLAIM.items()
    ),
    page("claims/claim", "for the auditor", below("", *CLAIM["answer for you"]), "otto"),
    page("claims/claim", "for the lead, two claims", below("", *CLAIM["answer for you"]), "lena", second=True),
    page("claims/claim", "hardship", below("", hardship("told"))),
    page("messages/write", "empty", below("/messages")),
    page("messages/write", "thread", below("/messages", Case.is_answered)),
    page("messages/write", "with error", below("/messages", Case.writes), "clara", send(text="")),
    page("messages/write", "for the auditor", below("/messages", Case.writes), "otto"),
]
DECISIONS = [
    page("plans/decide", "waiting", plan_to_decide),
    page("plans/decide", "with error", plan_to_decide, "clara", sent_empty("decision")),
    page("plans/decide", "decided", plan_decided),
    page("deferrals/decide", "waiting", time_to_decide),
    page("deferrals/decide", "with error", time_to_decide, "clara", sent_empty("decision")),
    *(page("hardship/decide", status, hardship_in(status)) for status in ("told", "asked", "accepted")),
    page("hardship/decide", "with error", hardship_in("told"), "clara", sent_empty("decision")),
    *(page("disputes/decision", reason, dispute(reason)) for reason in DisputeReason if reason != DisputeReason.AMOUNT),
    page("disputes/decision", "rejected", dispute(DisputeReason.QUALITY, DisputeStatus.REJECTED)),
    *(page("disputes/decision", f"to {to}", dispute(to=to)) for to in ("upheld", "partly", "asked", "rejected")),
    *(
        page("disputes/decision", f"to {to}, with error", dispute(to=to), "clara", sent_empty("text"))
        for to in ("partly", "asked")
    ),
]
ACTS = [
    page("waivers/waive", "asked", below("/waive")),
    page("waivers/waive", "with error", below("/waive"), "clara", sent_empty("line")),
    page("offers/make", "asked", below("/offer"), "lena"),
    page("offers/make", "with error", below("/offer"), "lena", sent_empty("amount", "until")),
    page("offers/make", "one is live", below("/offer", Case.is_offered), "lena"),
    page("receipts/every", "nothing paid", below("/receipts")),
    page("receipts/every", "settled", below("/receipts", lambda case: case.is_booked(50000)), "otto"),
    page("receipts/every", "with error", below("/receipts"), "clara", send(on_year="2031")),
    page("bookings/book", "asked", below("/booking"), "lena"),
    page("bookings/book", "with error", below("/booking"), "lena", sent_empty("amount")),
    page("bookings/book", "one is booked", below("/booking", Case.is_booked), "lena"),
    page("credits/move", "nothing to move", below("/credit"), "lena"),
    page("credits/move", "asked", below("/credit", credit_and_another), "lena"),
    page("credits/move", "with error", below("/credit", credit_and_another), "lena", sent_empty("amount")),
    page("credits/move", "repeated", below("/credit", credit_and_another), "lena", send()),
    page("credits/move", "moved before", below("/credit", credit_moved), "lena"),
    page("refunds/give", "nothing to give", below("/refund"), "lena"),
    page("refunds/give", "asked", below("/refund", paid_by_card), "lena"),
    page("refunds/give", "with error", below("/refund", paid_by_card), "lena", sent_empty("amount", "reason")),
    page("refunds/give", "with one before", below("/refund", refund_in("failed")), "lena"),
    page("refunds/one", "for the second person", refund_in("requested"), "adam"),
    page("refunds/one", "for the one who asked", refund_in("requested"), "lena"),
    page("refunds/one", "being checked", refund_in("unknown"), "lena"),
    page("refunds/one", "by transfer", refund_in("succeeded", "transfer"), "lena"),
    page("refunds/one", "failed", refund_in("failed"), "otto"),
    page("pauses/pause", "asked", below("/pause")),
    page("pauses/pause", "with error", below("/pause"), "clara", sent_empty("how", "until", "text")),
    page("pauses/resume", "asked", below("/resume", rests_by_hand)),
    page("pauses/resume", "with error", below("/resume", rests_by_hand), "clara", sent_empty("resumes", "text")),
    page("letters/letter_code", "asked", below("/letter-code"), "adam"),
    page("letters/_paper", "issued", below("/letter-code"), "adam", send()),
    State("letters, already shown", "creditor/letters/_shown.html", "adam", below("/letter-code"), twice, 409),
    page("evidence/add", "asked", below("/evidence")),
    page("evidence/add", "with error", below("/evidence"), "clara", sent_empty("title")),
    page("openings/new", "asked", fixed("/desk/claims/new"), "lena"),
    page("openings/new", "with error", fixed("/desk/claims/new"), "lena", send()),
]
ERRORS = [State("error 404, desk", "errors/page.html", "clara", fixed("/desk/claims/NOPE"), None, 404)]
STATES = [*BEFORE, *FIRST_HOUR, *LISTS, *CLAIMS, *DECISIONS, *ACTS, *ERRORS]

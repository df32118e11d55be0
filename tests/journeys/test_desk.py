"""Does a clerk's morning work: sign in, see who waits longest, decide in a few actions, with and without JavaScript?"""

from __future__ import annotations

from dataclasses import replace

from portal.actions.disputes import raise_objection
from portal.actions.messages import send
from portal.rules.claims import ClaimStatus
from portal.rules.disputes import DisputeReason, Objection
from portal.rules.history import Actor, ActorKind
from portal.store.claims import Claim
from portal.store.disputes import Dispute, disputes_of
from tests import examples
from tests.examples import DORA, DORA_SECOND, STEFAN, VELO, Known
from tests.journeys.live import Live
from tests.journeys.manners import Manner, turn
from tests.journeys.steps import Books, Deskhand, at_desk, reader

DEBTOR = Actor(ActorKind.DEBTOR)


def objects(live: Live, known: Known) -> Dispute:
    """Somebody has said that something is not right."""
    with live.parts.database.writing() as session:
        claim = session.get_one(Claim, known.claim_id)
        raise_objection(
            session, claim, Objection(DisputeReason.NOT_ORDERED, frozenset(), "Das war ich nicht.", None),
            op=examples.ident(known.reference), promised_on=live.clock.today, actor=DEBTOR, now=live.clock(),
            today=live.clock.today,
        )  # fmt: skip
    found: Dispute = Books(live).ask(lambda session: disputes_of(session, VELO, known.claim_id)[0])
    return found


def writes(live: Live, known: Known) -> None:
    """Somebody has written."""
    with live.parts.database.writing() as session:
        claim = session.get_one(Claim, known.claim_id)
        send(
            session, claim, "Eine Frage.", op=examples.ident("question"), files=(), promised_on=live.clock.today,
            actor=DEBTOR, now=live.clock(),
        )  # fmt: skip


@turn(0)
def test_who_waits_longest_stands_on_top_and_an_objection_takes_four_actions(live: Live, manner: Manner) -> None:
    writes(live, DORA_SECOND)
    live.clock.move(days=1)
    first = objects(live, STEFAN)
    live.clock.move(days=1)
    second = objects(live, DORA)
    clara = at_desk(live, manner=manner)
    assert clara.today() == [
        clara.at(STEFAN, f"/disputes/{first.id}"),
        clara.at(DORA, f"/disputes/{second.id}"),
        clara.at(DORA_SECOND, "/messages"),
    ]
    clara.taps = 0
    clara.taps_on("main a.item")
    clara.sees("Das war ich nicht.")
    clara.taps_on("main a.button[href$='?to=upheld']")
    clara.has("main .preview .said[lang=fr]")
    clara.sends("main form:has([name=files])")
    assert clara.taps <= 4
    assert Books(live).claim(STEFAN.claim_id).status == ClaimStatus.SETTLED
    assert clara.today() == [clara.at(DORA, f"/disputes/{second.id}"), clara.at(DORA_SECOND, "/messages")]


@turn(1)
def test_a_wrong_code_stays_outside_and_password_and_code_may_come_one_after_the_other(
    live: Live, manner: Manner
) -> None:
    clara = Deskhand(live, live.desk(scripts=manner.scripts, language=manner.language), manner.language)
    clara.goes_to(f"/desk/sign-in?lang={manner.language}")
    clara.types("[name=email]", examples.email_of("clara"))
    clara.types("[name=password]", examples.PASSWORD)
    clara.sends()
    clara.has("[name=email]", 0)
    clara.types("[name=otp]", "000000")
    clara.sends(status=422)
    clara.goes_to("/desk/sign-in")
    clara.types("[name=email]", examples.email_of("clara"))
    clara.types("[name=password]", examples.PASSWORD)
    clara.sends()
    clara.types("[name=otp]", examples.otp_at(live.clock()))
    clara.sends()
    clara.is_at("/desk")
    clara.taps_on("form[action='/desk/sign-out'] button")
    clara.goes_to("/desk")
    clara.is_at("/desk/sign-in")


@turn(2)
def test_two_clerks_decide_at_once_and_the_second_is_told(live: Live, manner: Manner) -> None:
    raised = objects(live, DORA)
    place = f"/disputes/{raised.id}?to=upheld"
    clara, lena = at_desk(live, manner=manner), at_desk(live, "lena", manner)
    clara.opens(DORA, place)
    lena.opens(DORA, place)
    clara.sends("main form:has([name=files])")
    lena.sends("main form:has([name=files])", status=409)
    assert Books(live).claim().status == ClaimStatus.SETTLED


NEW = {
    "name": "Nora Neu",
    "street": "Dorfstrasse",
    "house_number": "7",
    "postcode": "4914",
    "town": "Roggwil",
    "birth_date": "5.6.1990",
    "reference": "2026-0900",
    "title": "Kettenblatt und Montage",
    "invoice_number": "R-900",
    "invoice_on": "1.9.2026",
    "due_on": "1.10.2026",
    "principal": "180.00",
}


@turn(3)
def test_a_case_by_hand_gets_a_letter_whose_code_opens_it(live: Live, manner: Manner) -> None:
    adam = at_desk(live, "adam", manner)
    adam.goes_to("/desk/claims/new")
    for name, text in NEW.items():
        adam.types(f"main [name={name}]", text)
    adam.sends("main form:has([name=principal])")
    adam.is_at("/desk/claims/2026-0900")
    adam.goes_to("/desk/claims/2026-0900/letter-code")
    adam.sends("main form:has([name=stop_old])")
    adam.has("main img")
    printed = adam.page.locator("main code").inner_text()
    nora = reader(live, replace(DORA, reference="2026-0900", code=printed, postcode="4914", fact="1990-06-05"), manner)
    nora.comes_in()
    assert "180.00" in nora.amount()
    nora.opens_the_file()
    nora.looks()
    nora.has(f"main a[href='{nora.path}/open']", 0)

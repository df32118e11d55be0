"""Does somebody who says that something is not right get rest at once, a decision, and the words that belong to it?"""

from __future__ import annotations

from portal.rules.claims import ClaimStatus
from portal.rules.disputes import DisputeStatus
from portal.rules.pauses import PauseReason
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.disputes import Dispute, disputes_of
from portal.store.pauses import open_pauses
from tests import hostile
from tests.examples import DORA, VELO
from tests.journeys.live import Live
from tests.journeys.manners import Manner, turn
from tests.journeys.steps import Books, Reader, at_desk, reader

OBJECTION = "main form:has([name=files])"


def disputes(live: Live) -> list[Dispute]:
    found: list[Dispute] = Books(live).ask(lambda session: disputes_of(session, VELO, DORA.claim_id))
    return found


def paused_for(live: Live) -> list[str]:
    rows = Books(live).ask(lambda session: open_pauses(session, VELO, DORA.claim_id, live.clock.today))
    return [row.reason for row in rows]


def owed(live: Live) -> int:
    return int(
        Books(live).ask(
            lambda session: claim_sum(session, session.get_one(Claim, DORA.claim_id), on=live.clock.today).open.minor
        )
    )


def objects(dora: Reader, reason: str) -> None:
    dora.comes_in()
    dora.taps_on(f"main a.row[href='{dora.path}/dispute']")
    dora.taps_on(f"main a[href='{dora.path}/dispute?reason={reason}']")


@turn(0)
def test_already_paid_with_a_heic_photo_is_upheld_with_an_apology(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    objects(dora, "paid")
    dora.adds("[name=files]", "IMG_0815.HEIC", "image/heic", hostile.heic())
    dora.sends(OBJECTION)
    assert dora.taps == 5
    dora.sees("IMG_0815.jpg")
    assert paused_for(live) == [PauseReason.DISPUTE]
    live.work()
    (raised,) = disputes(live)
    clara = at_desk(live, manner=manner)
    assert clara.today() == [clara.at(DORA, f"/disputes/{raised.id}")]
    clara.taps_on("main a.item")
    assert clara.saves("main a[href^='/desk/files/']").startswith(b"\xff\xd8")
    clara.taps_on("main a.button[href$='?to=upheld']")
    clara.has("main .preview .said")
    apology = clara.page.locator("[name=text]").input_value()
    clara.types("[name=found_on]", "11.8.2026")
    clara.sends(OBJECTION)
    clara.is_at(clara.at(DORA))
    assert Books(live).claim().status == ClaimStatus.SETTLED
    assert paused_for(live) == []
    dora.opens_the_file()
    dora.goes_to(f"{dora.path}/dispute/{raised.id}")
    dora.sees(apology.split("\n")[0].strip())
    assert dora.saves("main a[href^='/files/']").startswith(b"\xff\xd8")
    dora.looks()
    dora.has(f"main a[href^='{dora.path}/pay']", 0)


@turn(1)
def test_the_costs_are_contested_and_the_rest_is_paid(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.taps_on(f"main dl.sum a[href='{dora.path}/dispute?reason=costs']")
    dora.sends(OBJECTION)
    assert dora.taps == 3
    dora.taps_on(f"main a[href='{dora.path}/pay']")
    dora.has("[name=part]:checked")
    dora.taps_on("main form:has(input[type=hidden][name=amount]) button[name=method][value=card]")
    assert dora.taps == 5
    dora.taps_on("button[name=act][value=pay]")
    live.work()
    assert owed(live) == 4000
    assert Books(live).claim().status == ClaimStatus.OPEN
    assert [one.status for one in disputes(live)] == [DisputeStatus.OPEN]
    assert paused_for(live) == [PauseReason.DISPUTE]
    dora.looks()


@turn(2)
def test_a_hostile_file_is_refused_on_its_field_and_nothing_typed_is_lost(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    objects(dora, "quality")
    dora.types("[name=text]", "Die Bremse quietscht.\nSeit Montag.")
    dora.adds("[name=files]", "bremse.jpg", "image/jpeg", hostile.svg())
    dora.sends(OBJECTION, status=422)
    dora.has("#files-error")
    dora.has(".problems a[href='#files']")
    assert dora.page.locator("[name=text]").input_value() == "Die Bremse quietscht.\nSeit Montag."
    assert disputes(live) == []
    dora.adds("[name=files]", "bremse.jpg", "image/jpeg", hostile.jpeg_with_place())
    dora.sends(OBJECTION)
    assert len(disputes(live)) == 1
    dora.sees("Die Bremse quietscht.")
    live.work()
    dora.opens_the_file()
    dora.goes_to(f"{dora.path}/dispute/{disputes(live)[0].id}")
    assert b"Exif" not in dora.saves("main a[href^='/files/']")


@turn(3)
def test_a_question_is_asked_answered_and_the_objection_taken_back(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    objects(dora, "amount")
    dora.types("[name=amount]", "250")
    dora.types("[name=text]", "Die Kette war nicht bestellt.")
    dora.sends(OBJECTION)
    clara = at_desk(live)
    clara.today()
    clara.taps_on("main a.item")
    clara.taps_on("main a.button[href$='?to=asked']")
    clara.types("[name=text]", "Welche Kette meinen Sie?")
    clara.sends(OBJECTION)
    assert [one.status for one in disputes(live)] == [DisputeStatus.ASKED]
    dora.opens_the_file()
    dora.taps_on(f"main a.button[href^='{dora.path}/']")
    dora.goes_to(f"{dora.path}/dispute/{disputes(live)[0].id}")
    dora.sees("Welche Kette meinen Sie?")
    dora.types("[name=text]", "Die silberne.")
    dora.sends("main form[action$='/answer']")
    assert [one.status for one in disputes(live)] == [DisputeStatus.OPEN]
    dora.taps_on("main form[action$='/withdraw'] button")
    assert [one.status for one in disputes(live)] == [DisputeStatus.WITHDRAWN]
    assert paused_for(live) == []
    assert owed(live) > 25000

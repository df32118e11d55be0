"""Can a person say that something is not right, is everything paused at once, and does the desk's answer reach her?"""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.rules.access import Room
from portal.rules.claims import ClaimStatus, PositionKind
from portal.rules.disputes import DisputeReason, DisputeStatus
from portal.rules.history import EventKind
from portal.rules.pauses import PauseReason
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, positions_of
from portal.store.disputes import Dispute, disputed_lines
from portal.store.history import Event
from portal.store.pauses import Pause, open_pauses
from portal.worker import Worker
from tests import examples, hostile
from tests.people import Clerk, Debtor, Portal

REASONS = [reason for reason in DisputeReason if reason not in (DisputeReason.OTHER, DisputeReason.AMOUNT)]


def photo(data: bytes | None = None, name: str = "beleg.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(hostile.jpeg() if data is None else data), name


def works(portal: Portal, **given: object) -> int:
    return Worker(portal.parts, wall=portal.clock, **given).drain()  # type: ignore[arg-type]


def disputes(portal: Portal) -> list[Dispute]:
    return list(portal.read(lambda session: session.scalars(select(Dispute).order_by(Dispute.raised_at)).all()))


def claim(portal: Portal) -> Claim:
    found: Claim = portal.read(lambda session: session.get(Claim, examples.DORA.claim_id))
    return found


def owed(portal: Portal) -> int:
    def ask(session: object) -> int:
        row = session.get(Claim, examples.DORA.claim_id)  # type: ignore[attr-defined]
        return claim_sum(session, row, on=portal.clock.today).open.minor  # type: ignore[arg-type]

    return int(portal.read(ask))


def events(portal: Portal) -> list[str]:
    return list(
        portal.read(
            lambda session: session.scalars(
                select(Event.kind).where(Event.claim_id == examples.DORA.claim_id).order_by(Event.seq)
            ).all()
        )
    )


def pauses(portal: Portal) -> list[Pause]:
    return list(
        portal.read(
            lambda session: open_pauses(session, examples.VELO, examples.DORA.claim_id, portal.clock.today)
        )
    )


def objects(dora: Debtor, reason: str, **fields: object) -> object:
    return dora.sends(f"{dora.path}/dispute", page=f"{dora.path}/dispute?reason={reason}", **fields)


def decides(clara: Clerk, dispute: Dispute, to: str, **fields: object) -> object:
    path = f"{clara.at(examples.DORA)}/disputes/{dispute.id}"
    return clara.sends(path, page=f"{path}?to={to}", **fields)


@pytest.mark.parametrize("reason", REASONS)
def test_without_a_word_the_case_is_paused_at_once(portal: Portal, reason: DisputeReason) -> None:
    dora = portal.dora.is_in(Room.LETTER)
    page = dora.follows(objects(dora, reason))
    assert "no reminders, no new costs, no legal steps" in page or "paus" in page.lower()
    (dispute,) = disputes(portal)
    assert (dispute.status, dispute.reason) == (DisputeStatus.OPEN, reason)
    assert [pause.reason for pause in pauses(portal)] == [PauseReason.DISPUTE]
    assert claim(portal).promised_on is not None
    assert events(portal)[-2:] == [EventKind.DISPUTE_RAISED, EventKind.PAUSED]


def test_the_list_has_eight_reasons_and_costs_only_where_there_are_some(portal: Portal) -> None:
    dora = portal.dora.is_in()
    assert dora.reads(f"{dora.path}/dispute").count("?reason=") == 8
    second = f"/claims/{examples.DORA_SECOND.reference}/dispute"
    assert dora.reads(second).count("?reason=") == 7


def test_already_paid_with_a_heic_photo_is_upheld_and_settles(portal: Portal) -> None:
    dora = portal.dora.is_in()
    answer = objects(
        dora, "paid", files=photo(hostile.heic(), "IMG_0815.HEIC"), paid_day="11", paid_month="8", paid_year="2026"
    )
    dora.follows(answer)
    assert works(portal) >= 1
    page = dora.follows(answer)
    assert "IMG_0815.jpg" in page
    (dispute,) = disputes(portal)
    clara = portal.staff("clara").is_in()
    shown = clara.reads(f"{clara.at(examples.DORA)}/disputes/{dispute.id}")
    assert "IMG_0815.jpg" in shown
    assert decides(clara, dispute, "upheld").status_code == 303  # type: ignore[attr-defined]
    row = claim(portal)
    assert row.status == ClaimStatus.SETTLED
    assert owed(portal) == 0
    assert not pauses(portal)
    assert row.answered_at == portal.clock()
    (dispute,) = disputes(portal)
    assert (dispute.status, dispute.found_on) == (DisputeStatus.UPHELD, date(2026, 8, 11))
    told = dora.reads(f"{dora.path}/dispute/{dispute.id}")
    assert "11." in told
    assert "2026" in told
    assert {EventKind.DISPUTE_UPHELD, EventKind.PAYMENT_RECEIVED, EventKind.CLAIM_SETTLED} <= set(events(portal))


def test_not_ordered_upheld_credits_everything(portal: Portal) -> None:
    dora = portal.dora.is_in()
    objects(dora, "not_ordered")
    (dispute,) = disputes(portal)
    clara = portal.staff("clara").is_in()
    assert decides(clara, dispute, "upheld").status_code == 303  # type: ignore[attr-defined]
    assert claim(portal).status == ClaimStatus.SETTLED
    assert EventKind.CREDITED in events(portal)
    assert EventKind.PAYMENT_RECEIVED not in events(portal)


def test_the_amount_is_right_in_part_and_the_new_sum_is_open(portal: Portal) -> None:
    dora = portal.dora.is_in()
    before = owed(portal)
    refused = objects(dora, "amount", amount="9999")
    assert refused.status_code == 422  # type: ignore[attr-defined]
    assert not disputes(portal)
    objects(dora, "amount", amount="250", text="Die Kette war nicht bestellt.")
    (dispute,) = disputes(portal)
    clara = portal.staff("clara").is_in()
    assert decides(clara, dispute, "partly", new_sum="9999").status_code == 422  # type: ignore[attr-defined]
    assert decides(clara, dispute, "partly", new_sum="250").status_code == 303  # type: ignore[attr-defined]
    assert before > 25000
    assert owed(portal) == 25000
    assert claim(portal).status == ClaimStatus.OPEN
    assert not pauses(portal)
    (dispute,) = disputes(portal)
    assert dispute.new_sum_minor == 25000


def test_ask_back_and_answer_with_a_document(portal: Portal) -> None:
    dora = portal.dora.is_in()
    objects(dora, "quality", text="Die Bremse quietscht.")
    (dispute,) = disputes(portal)
    clara = portal.staff("clara").is_in()
    assert decides(clara, dispute, "asked", text="").status_code == 422  # type: ignore[attr-defined]
    assert decides(clara, dispute, "asked", text="Seit wann genau?").status_code == 303  # type: ignore[attr-defined]
    assert claim(portal).waiting_since is None
    path = f"{dora.path}/dispute/{dispute.id}"
    assert "Seit wann genau?" in dora.reads(path)
    assert pauses(portal)
    empty = dora.sends(f"{path}/answer", page=path)
    assert empty.status_code == 422
    answer = dora.sends(f"{path}/answer", page=path, text="Seit Montag.", files=photo())
    assert answer.status_code == 303
    (dispute,) = disputes(portal)
    assert dispute.status == DisputeStatus.OPEN
    assert claim(portal).waiting_since is not None


def test_a_rejection_keeps_the_pause_for_ten_days_and_can_be_answered_once(portal: Portal) -> None:
    dora = portal.dora.is_in()
    objects(dora, "too_old")
    (dispute,) = disputes(portal)
    clara = portal.staff("clara").is_in()
    assert decides(clara, dispute, "rejected", text="").status_code == 422  # type: ignore[attr-defined]
    sent = decides(clara, dispute, "rejected", text="Die Frist läuft noch.", files=photo(hostile.pdf(), "frist.pdf"))
    assert sent.status_code == 303  # type: ignore[attr-defined]
    (pause,) = pauses(portal)
    assert pause.until_on == portal.clock.today + timedelta(days=10)
    path = f"{dora.path}/dispute/{dispute.id}"
    works(portal)
    page = dora.reads(path)
    assert "Die Frist läuft noch." in page
    assert "frist.pdf" in page
    dora.sends(f"{path}/answer", page=path, text="Nein, sie lief 2021 ab.")
    (dispute,) = disputes(portal)
    assert (dispute.status, dispute.reopened) == (DisputeStatus.OPEN, True)
    assert [row.until_on for row in pauses(portal)] == [None]
    decides(clara, dispute, "rejected", text="Sie läuft bis 2031.")
    again = dora.posts(f"{path}/answer", token_from=f"{dora.path}/dispute?reason=other", text="Doch.")
    assert again.status_code == 409


def test_one_line_is_contested_and_the_rest_can_be_paid(portal: Portal) -> None:
    dora = portal.dora.is_in()
    page = dora.follows(objects(dora, "costs"))
    assert "/pay" in page

    def undisputed(session: object) -> tuple[int, set[str]]:
        row = session.get(Claim, examples.DORA.claim_id)  # type: ignore[attr-defined]
        found = claim_sum(session, row, on=portal.clock.today)  # type: ignore[arg-type]
        return found.undisputed.minor, {str(line.position.kind) for line in found.lines if line.disputed}

    minor, kinds = portal.read(undisputed)
    assert kinds == {PositionKind.REMINDER_FEE}
    assert 0 < minor == owed(portal) - 4000
    again = objects(dora, "costs")
    assert again.status_code == 422  # type: ignore[attr-defined]
    chosen = portal.read(lambda session: [str(row.id) for row in positions_of(session, claim(portal))][:1])
    assert objects(dora, "quality", lines=chosen).status_code == 303  # type: ignore[attr-defined]
    assert len(disputes(portal)) == 2
    assert len(portal.read(lambda s: disputed_lines(s, examples.VELO, examples.DORA.claim_id))) == 2


def test_upheld_costs_leave_the_rest_open(portal: Portal) -> None:
    dora = portal.dora.is_in()
    before = owed(portal)
    objects(dora, "costs")
    (dispute,) = disputes(portal)
    decides(portal.staff("clara").is_in(), dispute, "upheld")
    assert owed(portal) == before - 4000
    assert claim(portal).status == ClaimStatus.OPEN


def test_taking_it_back_ends_the_pause(portal: Portal) -> None:
    dora = portal.dora.is_in()
    objects(dora, "other", text="Ich habe mich geirrt.")
    (dispute,) = disputes(portal)
    path = f"{dora.path}/dispute/{dispute.id}"
    assert dora.sends(f"{path}/withdraw", page=path).status_code == 303
    assert not pauses(portal)
    assert claim(portal).waiting_since is None
    assert disputes(portal)[0].status == DisputeStatus.WITHDRAWN


def test_a_double_click_sends_once(portal: Portal) -> None:
    dora = portal.dora.is_in()
    op = "5e0a7d84-0000-4000-8000-000000000001"
    first = objects(dora, "returned", op=op)
    second = objects(dora, "returned", op=op)
    assert first.headers["Location"] == second.headers["Location"]  # type: ignore[attr-defined]
    assert len(disputes(portal)) == 1


def test_words_are_needed_only_for_something_else(portal: Portal) -> None:
    dora = portal.dora.is_in()
    refused = objects(dora, "other")
    assert refused.status_code == 422  # type: ignore[attr-defined]
    nonsense = dora.posts(f"{dora.path}/dispute", token_from=f"{dora.path}/dispute?reason=paid", reason="gibberish")
    assert nonsense.status_code == 422


def test_lines_of_others_and_nonsense_are_refused(portal: Portal) -> None:
    dora = portal.dora.is_in()
    stefan = portal.read(
        lambda s: str(positions_of(s, s.get(Claim, examples.STEFAN.claim_id))[0].id)
    )
    for lines in (stefan, "x", "00000000-0000-0000-0000-000000000000"):
        assert objects(dora, "quality", lines=lines).status_code == 422  # type: ignore[attr-defined]
    assert not disputes(portal)


def test_strangers_and_the_letter_alone_see_nothing(portal: Portal) -> None:
    dora = portal.dora.is_in()
    objects(dora, "other", text="GEHEIM-4711")
    (dispute,) = disputes(portal)
    path = f"{dora.path}/dispute/{dispute.id}"
    for person in (portal.stefan.is_in(), portal.colette.is_in(), portal.dora.is_in(Room.LETTER)):
        assert person.opens(path).status_code == 404
    assert "GEHEIM-4711" not in portal.dora.is_in(Room.LETTER).reads(f"{dora.path}/dispute")
    second = f"/claims/{examples.DORA_SECOND.reference}/dispute/{dispute.id}"
    assert dora.opens(second).status_code == 404
    desk = f"/desk/claims/{examples.DORA.reference}/disputes/{dispute.id}"
    assert portal.staff("carl").is_in().opens(desk).status_code == 404
    assert portal.staff("otto").is_in().opens(desk).status_code == 404
    assert portal.staff("clara").is_in().opens(desk).status_code == 200


def test_room_one_reads_no_decision(portal: Portal) -> None:
    dora = portal.dora.is_in(Room.LETTER)
    objects(dora, "too_old", text="Alt.")
    (dispute,) = disputes(portal)
    decides(portal.staff("clara").is_in(), dispute, "rejected", text="GEHEIM-4711")
    page = dora.reads(f"{dora.path}/dispute/{dispute.id}")
    assert "GEHEIM-4711" not in page
    assert f"{dora.path}/open" in page


def test_two_decisions_and_an_old_page_get_409(portal: Portal) -> None:
    dora = portal.dora.is_in()
    objects(dora, "not_ordered")
    (dispute,) = disputes(portal)
    clara, lena = portal.staff("clara").is_in(), portal.staff("lena").is_in()
    path = f"{clara.at(examples.DORA)}/disputes/{dispute.id}"
    token = lena.token(f"{path}?to=rejected")
    assert decides(clara, dispute, "upheld").status_code == 303  # type: ignore[attr-defined]
    late = lena.client.post(path, data={"to": "rejected", "text": "Nein", "csrf_token": token})
    assert late.status_code == 409
    assert disputes(portal)[0].status == DisputeStatus.UPHELD

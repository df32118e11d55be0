"""Do two people who write to each other read each other, and does a note at the desk stay there?"""

from __future__ import annotations

from portal.store.messages import Message, messages_of
from tests.examples import DORA, VELO
from tests.journeys.live import Live
from tests.journeys.manners import Manner, turn
from tests.journeys.steps import Books, at_desk, reader

SAID = "Guten Tag, wofür sind die 40 Franken?"
ANSWERED = "Guten Tag. Das ist die Mahngebühr. Ich melde mich bis Freitag. Clara Meier"
NOTE = "CNRY kennt sie aus dem Verein"


def said(live: Live) -> list[Message]:
    found: list[Message] = Books(live).ask(lambda session: messages_of(session, VELO, DORA.claim_id, notes=True))
    return found


@turn(0)
def test_a_message_is_answered_and_both_see_that_it_was_read(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.taps_on(f"main a.row[href='{dora.path}/messages']")
    dora.types("[name=text]", SAID)
    dora.sends("main form:has([name=text])")
    assert dora.taps == 3
    dora.sees(SAID)
    dora.has("main .notice.good")
    assert Books(live).claim().promised_on is not None
    live.clock.move(minutes=8)
    clara = at_desk(live, manner=manner)
    assert clara.today() == [clara.at(DORA, "/messages")]
    clara.taps_on("main a.item")
    clara.sees(SAID)
    clara.types("#text", ANSWERED)
    clara.taps_on("main button[name=look]")
    clara.has("main .preview .said[lang=de]")
    assert len(said(live)) == 1
    clara.sends(f"main form[action='{clara.at(DORA, '/messages')}']")
    assert said(live)[0].read_at == live.clock()
    assert Books(live).claim().promised_on is None
    assert clara.today() == []
    assert said(live)[1].read_at is None
    live.clock.move(minutes=5)
    dora.opens_the_file()
    dora.taps_on(f"main a.button[href='{dora.path}/messages']")
    dora.sees(ANSWERED)
    clara.opens(DORA)
    assert said(live)[1].read_at == live.clock()
    clara.has("main section[aria-labelledby=waits] > p.hint")


@turn(1)
def test_a_note_at_the_desk_never_leaves_it(live: Live, manner: Manner) -> None:
    clara = at_desk(live, manner=manner)
    clara.opens(DORA, "/messages")
    clara.types("#note-text", NOTE)
    clara.sends(f"main form[action='{clara.at(DORA, '/notes')}']")
    clara.sees(NOTE)
    clara.has("main .messages .internal", 1)
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.opens_the_file()
    for path in (dora.path, f"{dora.path}/messages", f"{dora.path}/dispute", "/claims"):
        dora.goes_to(path)
        assert NOTE not in dora.page.content()


@turn(2)
def test_an_empty_message_is_refused_and_a_photo_is_sent_with_one(live: Live, manner: Manner) -> None:
    dora = reader(live, manner=manner)
    dora.comes_in()
    dora.opens_the_file()
    dora.goes_to(f"{dora.path}/messages")
    dora.sends("main form:has([name=text])", status=422)
    dora.has("#text-error")
    dora.types("[name=text]", SAID)
    dora.sends("main form:has([name=text])")
    dora.has("main .messages .mine", 1)
    assert [one.text for one in said(live)] == [SAID]

"""Can somebody who sends too often be stopped, by all workers together, without stopping those who read?"""

from __future__ import annotations

import io

from tests.people import Portal


def test_the_sixty_first_post_of_a_minute_waits_and_pages_go_on(portal: Portal) -> None:
    dora = portal.dora.is_in()
    path = f"{dora.path}/messages"
    token = dora.token(path)
    answers = [dora.client.post(path, data={"csrf_token": token, "text": ""}).status_code for _ in range(61)]
    assert set(answers[:60]) == {422}
    assert answers[60] == 429
    assert dora.opens("/claims").status_code in {200, 303}
    portal.clock.move(minutes=1)
    assert dora.client.post(path, data={"csrf_token": token, "text": ""}).status_code == 422


def test_a_stranger_on_another_session_is_not_stopped(portal: Portal) -> None:
    dora, stefan = portal.dora.is_in(), portal.stefan.is_in()
    token = dora.token(f"{dora.path}/messages")
    for _ in range(61):
        dora.client.post(f"{dora.path}/messages", data={"csrf_token": token, "text": ""})
    own = stefan.token(f"{stefan.path}/messages")
    assert stefan.client.post(f"{stefan.path}/messages", data={"csrf_token": own, "text": ""}).status_code == 422


def test_the_twenty_first_upload_of_an_hour_waits_and_words_go_on(portal: Portal) -> None:
    dora = portal.dora.is_in()
    path = f"{dora.path}/messages"
    token = dora.token(path)

    def sends(**fields: object) -> int:
        return dora.client.post(path, data={"csrf_token": token, "text": "", **fields}).status_code

    assert [sends(files=(io.BytesIO(b"GIF89a"), "photo.gif")) for _ in range(20)] == [422] * 20
    assert sends(files=(io.BytesIO(b"GIF89a"), "photo.gif")) == 429
    assert sends() == 422
    portal.clock.move(minutes=61)
    again = portal.dora.is_in()
    assert again.opens(path).status_code == 200

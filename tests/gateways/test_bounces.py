"""Is every report of mail servers read, and does whatever a stranger sends end in an answer?"""

from __future__ import annotations

from uuid import UUID, uuid4

from portal.gateways.bounces import LONGEST_REPLY, Bounce, BounceReason, read_bounce
from tests.faults.test_bounces import ADDRESS, DOMAIN, SAID, report


def test_a_report_names_the_mail_the_address_and_the_servers_words() -> None:
    name = uuid4()
    said = SAID.partition("; ")[2]
    own = Bounce(name, frozenset({ADDRESS}), said)
    assert read_bounce(report(f"<{name}@{DOMAIN}>"), DOMAIN) == own
    assert read_bounce(report(f"<{name}@{DOMAIN}>", whole=False).replace(b"\n", b"\r\n"), DOMAIN) == own
    back = read_bounce(report("<x@y.example>", back_to=f"Back <back+{name.hex}@{DOMAIN}>"), DOMAIN)
    assert isinstance(back, Bounce)
    assert (back.notice_id, back.to_its_own) == (UUID(name.hex), True)


def test_the_servers_words_are_short_and_plain() -> None:
    raw = report(f"<{uuid4()}@{DOMAIN}>").replace(b"smtp; 550 ", b"smtp; 550 \x1b[31m" + b"very " * 200)
    found = read_bounce(raw, DOMAIN)
    assert isinstance(found, Bounce)
    assert len(found.reply) <= LONGEST_REPLY
    assert found.reply.isprintable()
    bare = read_bounce(report(f"<{uuid4()}@{DOMAIN}>").replace(b"Diagnostic-Code", b"X-Said"), DOMAIN)
    assert isinstance(bare, Bounce)
    assert bare.reply == "5.1.1"


def test_broken_reports_are_read_without_harm() -> None:
    """Every piece of a good report cut away or doubled, and nests of parts: an answer, never an exception."""
    raw = report(f"<{uuid4()}@{DOMAIN}>")
    lines = raw.split(b"\n")
    for at in range(len(lines)):
        for broken in (lines[:at] + lines[at + 1 :], lines[:at] + lines[at:] * 2, lines[:at]):
            assert isinstance(read_bounce(b"\n".join(broken), DOMAIN), Bounce | BounceReason)
    nest = b"".join(b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(300))
    assert isinstance(read_bounce(nest, DOMAIN), BounceReason)
    deep = raw
    for _ in range(40):
        deep = b"Content-Type: message/rfc822\n\n" + deep
    assert isinstance(read_bounce(deep, DOMAIN), BounceReason)

"""Do a claim's papers say what the ledger says, to the right person only, tagged and in the reader's language?"""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from uuid import UUID, uuid4

import pikepdf
import pytest

from portal.actions import bookings, waivers
from portal.actions.bookings import Found
from portal.actions.ledger import Cause, book_payment
from portal.rules.access import Role, Room
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.payments import AccountKind, CauseType, NoteCode
from portal.rules.receipts import Issued, PaperKind
from portal.store.access import SignedIn
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.payments import bookings_of
from portal.store.settings import Creditor
from portal.web.i18n import digits
from tests.examples import DORA, LENA, STEFAN, TODAY, VELO
from tests.pdf_text import text_of
from tests.people import Debtor, Portal

pytestmark = pytest.mark.slow

PAPERS = f"/claims/{DORA.reference}/receipts"
NUMBER = r"[0-9A-Z]{6}-[0-9A-Z]{6}-[0-9A-Z]{6}"
ISSUED = Issued(PaperKind.RECEIPT, TODAY)
CLERK = Actor(ActorKind.CLERK, clerk_id=LENA)


def books(portal: Portal, minor: int, value_on: date | None = None) -> None:
    """A payment came by bank and was booked today."""
    today, found = portal.clock.today, Money(minor, "CHF")
    with portal.writing() as session:
        bookings.book(
            session, session.get_one(Claim, DORA.claim_id),
            Found(found, value_on or today, "", NoteCode.BANK_TRANSFER), op=uuid4(), seen_minor=None, actor=CLERK,
            now=portal.clock(), today=today,
        )  # fmt: skip


def pays(portal: Portal, minor: int, signed_in_id: UUID | None = None) -> None:
    """Somebody paid on the provider's page, in this session."""
    with portal.writing() as session:
        book_payment(
            session, session.get_one(Claim, DORA.claim_id), Money(minor, "CHF"),
            clearing=AccountKind.PROVIDER_CLEARING, value_on=portal.clock.today,
            cause=Cause(CauseType.ATTEMPT, uuid4(), f"pi_{uuid4()}:captured:{minor}"),
            actor=Actor(ActorKind.DEBTOR, signed_in_id=signed_in_id), now=portal.clock(), today=portal.clock.today,
        )  # fmt: skip


def owed(portal: Portal, on: date | None = None) -> int:
    with portal.reading() as session:
        return claim_sum(session, session.get_one(Claim, DORA.claim_id), on=on or portal.clock.today).open.minor


def written(minor: int) -> str:
    return digits(minor, "CHF")


def links(page: str) -> list[str]:
    """The receipts that a page leads to, the newest first."""
    return list(dict.fromkeys(re.findall(r'href="(/(?:desk/)?claims/[^"]+/receipts/[0-9a-f-]{36}\.pdf)"', page)))


def reads(person: Debtor, path: str, language: str = "en") -> str:
    """The words of a paper, after a look at its form: tagged, titled, in the language, with its fonts inside."""
    answer = person.opens(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert answer.status_code == 200, path
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    named = answer.headers["Content-Disposition"]
    assert named.startswith("attachment")
    assert DORA.reference not in named
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang).split("-")[0] == language
        assert str(pdf.docinfo.Title).endswith(", Velo Sutter AG")
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as metadata:
            assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        for page in pdf.pages:
            for font in page.Resources.Font.values():
                assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor
    return text_of(answer.data)


def test_a_receipt_shows_every_line_and_the_rest_that_the_claim_shows_that_day(portal: Portal) -> None:
    before, dora = owed(portal), portal.dora.is_in()
    books(portal, 10000)
    said = reads(dora, links(dora.reads(PAPERS))[0])
    with portal.reading() as session:
        total = claim_sum(session, session.get_one(Claim, DORA.claim_id), on=TODAY)
    for line in total.lines:
        row = f"{written(line.open.minor + line.paid.minor)} {written(line.paid.minor)} {written(line.open.minor)}"
        assert row in said, line.position.kind
    assert f"Total {written(before)} 100.00 {written(total.open.minor)}" in said
    assert f"CHF {written(total.open.minor)} is still open, interest included" in said
    assert "Art. 88 and 89" in said
    assert "284.60 5 % 24.08.2026 18.11.2026 84" in said


def test_a_receipt_stays_what_it_was(portal: Portal) -> None:
    dora = portal.dora.is_in()
    books(portal, 10000)
    path = links(dora.reads(PAPERS))[0]
    first = dora.opens(path).data
    assert dora.opens(path).data == first
    portal.clock.move(days=20)
    books(portal, 5000)
    with portal.writing() as session:
        claim, firm = session.get_one(Claim, DORA.claim_id), session.get_one(Creditor, VELO)
        line = claim_sum(session, claim, on=portal.clock.today).lines[0]
        assert not waivers.waive(
            session, claim, firm, line.position.id, Money(1000, "CHF"), role=Role.LEAD, op=uuid4(), actor=CLERK,
            now=portal.clock(), today=portal.clock.today,
        )  # fmt: skip
    assert portal.dora.is_in().opens(path).data == first


def test_the_last_receipt_says_that_nothing_is_open_and_reserves_nothing(portal: Portal) -> None:
    dora, whole = portal.dora.is_in(), owed(portal)
    books(portal, whole + 1000)
    said = reads(dora, links(dora.reads(PAPERS))[0])
    assert "nothing is open any more, neither interest nor costs" in said
    assert "Art. 88" not in said
    assert "CHF 10.00 was more than was open" in said


def test_a_payment_that_was_taken_back_says_so(portal: Portal) -> None:
    dora = portal.dora.is_in()
    books(portal, 10000)
    path = links(dora.reads(PAPERS))[0]
    with portal.writing() as session:
        claim = session.get_one(Claim, DORA.claim_id)
        row = bookings_of(session, VELO, claim.id)[0]
        bookings.take_back(session, claim, row, actor=CLERK, now=portal.clock(), today=TODAY)
    assert "This receipt no longer counts" in reads(dora, path)
    assert "payment taken back" in dora.reads(PAPERS)


def test_a_receipt_whose_money_was_spread_again_says_by_which_it_was_replaced(portal: Portal) -> None:
    dora = portal.dora.is_in()
    books(portal, 10000)
    old = links(dora.reads(PAPERS))[0]
    figures = reads(dora, old)
    books(portal, 4000, TODAY - timedelta(days=2))
    every = links(dora.reads(PAPERS))
    assert len(every) == 3
    assert "replaced by a newer one" in dora.reads(PAPERS)
    said = reads(dora, old)
    number = re.findall(NUMBER, said)[0]
    assert f"replaced on 23 November 2026 by the receipt {number}" in said
    new = next(path for path in every if re.findall(NUMBER, reads(dora, path)) == [number])
    assert new != old
    assert "CHF 100.00" in reads(dora, new)
    assert figures.split("Still open")[1] in said
    with portal.reading() as session:
        total = claim_sum(session, session.get_one(Claim, DORA.claim_id), on=TODAY)
    for line in total.lines:
        if line.open.minor:
            assert f" {written(line.open.minor)} " in reads(dora, new)
    assert f"CHF {written(total.open.minor)} is still open" in reads(dora, new)
    statement = reads(dora, f"{PAPERS}/statement.pdf")
    assert statement.count("Payment received") == 2
    assert "reversed" not in statement


def test_a_statement_of_a_past_day_is_the_sum_of_that_day(portal: Portal) -> None:
    then: dict[date, int] = {}
    for days, minor in ((0, 0), (3, 4321), (9, 0), (30, 10000), (40, 0)):
        portal.clock.move(days=days)
        if minor:
            books(portal, minor)
        then[portal.clock.today] = owed(portal)
    portal.clock.move(days=5)
    dora = portal.dora.is_in()
    assert len(set(then.values())) == len(then)
    for day, open_minor in then.items():
        said = reads(dora, f"{PAPERS}/statement.pdf?on={day.isoformat()}")
        assert f"Open on this day CHF {written(open_minor)}" in said, day
        balance = re.search(r"([0-9’.]+) How the interest comes about", said)
        assert balance is not None
        assert balance[1] == written(open_minor), day
    last = reads(dora, f"{PAPERS}/statement.pdf")
    assert "43.21" in last
    assert "100.00" in last


def test_a_statement_leads_from_the_form_and_a_day_that_is_none_is_refused(portal: Portal) -> None:
    dora = portal.dora.is_in()
    good = dora.opens(PAPERS, query_string={"on_day": "20", "on_month": "11", "on_year": "2026"})
    assert good.status_code == 303
    assert good.headers["Location"] == f"{PAPERS}/statement.pdf?on=2026-11-20"
    for day, sentence in ((("24", "11", "2026"), "still to come"), (("1", "1", "2020"), "no invoice yet"),
                          (("31", "2", "2026"), "Enter a day"), (("", "", ""), "Enter a day")):  # fmt: skip
        asked = dict(zip(("on_day", "on_month", "on_year"), day, strict=True))
        answer = dora.opens(PAPERS, query_string=asked)
        assert answer.status_code == 422, day
        assert sentence in answer.get_data(as_text=True)
    for bad in ("2026-11-24", "1999-01-01", "morgen", "2026-13-01"):
        assert dora.opens(f"{PAPERS}/statement.pdf?on={bad}").status_code == 404


def test_a_confirmation_comes_when_it_is_over_and_names_the_goodwill(portal: Portal) -> None:
    dora = portal.dora.is_in()
    assert dora.opens(f"{PAPERS}/confirmation.pdf").status_code == 404
    with portal.writing() as session:
        claim, firm = session.get_one(Claim, DORA.claim_id), session.get_one(Creditor, VELO)
        fee = next(line for line in claim_sum(session, claim, on=TODAY).lines if line.position.label == "Mahngebühr")
        assert not waivers.waive(
            session, claim, firm, fee.position.id, None, whole=True, role=Role.LEAD, op=uuid4(), actor=CLERK,
            now=portal.clock(), today=TODAY,
        )  # fmt: skip
    books(portal, owed(portal))
    assert f'href="{PAPERS}/confirmation.pdf"' in dora.reads(PAPERS)
    assert f'href="{PAPERS}"' in dora.reads(f"/claims/{DORA.reference}")
    said = reads(dora, f"{PAPERS}/confirmation.pdf")
    assert "settled in full (per saldo)" in said
    assert "granted by Lena Huber −40.00" in said
    assert "Total 327.92 40.00 287.92 0.00" in said
    assert "per Saldo erledigt" in reads(dora, f"{PAPERS}/confirmation.pdf", "de")


def test_room_1_has_the_receipt_of_what_it_paid_and_no_other(portal: Portal) -> None:
    books(portal, 2000)
    dora = portal.dora.is_in(Room.LETTER)
    assert links(dora.reads(PAPERS)) == []
    with portal.reading() as session:
        mine = session.query(SignedIn).where(SignedIn.debtor_id == DORA.debtor_id).one().id
    pays(portal, 3000, mine)
    pays(portal, 1000, uuid4())
    own = links(dora.reads(PAPERS))
    assert all("CHF 30.00" in reads(dora, path) for path in own)
    assert own[-1] in dora.reads(f"/claims/{DORA.reference}")
    every = links(portal.dora.is_in().reads(PAPERS))
    assert len(every) >= len(own) + 2
    for path in (*(set(every) - set(own)), f"{PAPERS}/statement.pdf", f"{PAPERS}/confirmation.pdf"):
        assert dora.opens(path).status_code == 404


def test_a_stranger_gets_the_usual_404(portal: Portal) -> None:
    books(portal, 2000)
    path = links(portal.dora.is_in().reads(PAPERS))[0]
    stefan = portal.stefan.is_in()
    for one in (path, PAPERS, f"{PAPERS}/statement.pdf", path.replace(DORA.reference, STEFAN.reference)):
        assert stefan.opens(one).status_code == 404
    assert portal.dora.opens(path).status_code == 303


def number_in(said: str) -> str:
    return str(re.findall(NUMBER, said)[-1])


def test_anybody_can_check_a_number_and_learns_nothing_else(portal: Portal) -> None:
    books(portal, 2000)
    dora = portal.dora.is_in()
    number = number_in(reads(dora, links(dora.reads(PAPERS))[0]))
    page = portal.dora.speaks("en").reads(f"/velo-sutter/genuine?paper={number.lower().replace('-', '+')}")
    assert "We issued a receipt with this number, dated 23 November 2026." in page.replace("\u00a0", " ")
    for secret in (DORA.name, DORA.reference, "CHF", "20.00"):
        assert secret not in page
    statement = number_in(reads(dora, f"{PAPERS}/statement.pdf?on=2026-11-20"))
    assert "We issued a statement of account" in dora.reads(f"/velo-sutter/genuine?paper={statement}")
    assert "have not issued" in portal.colette.speaks("en").reads(f"/cabinet-rochat/genuine?paper={number}")
    assert dora.opens("/velo-sutter/genuine?paper=ABC").status_code == 422


def test_guessing_numbers_ends_soon_and_a_genuine_one_still_gets_its_answer(portal: Portal) -> None:
    dora = portal.dora.speaks("en")
    numbers = portal.parts.numbers
    foreign = [numbers.number(uuid4(), ISSUED, f"x {n}") for n in range(30)]
    answers = [dora.opens(f"/velo-sutter/genuine?paper={number}").status_code for number in foreign]
    assert answers[0] == 200
    assert answers[-1] == 429
    own = numbers.number(VELO, ISSUED, "receipt 1")
    assert "We issued a receipt" in dora.reads(f"/velo-sutter/genuine?paper={own}")
    assert dora.opens("/velo-sutter/genuine?paper=typing-error").status_code == 422


def test_every_paper_is_in_the_readers_language(portal: Portal) -> None:
    books(portal, 10000)
    dora = portal.dora.is_in()
    receipt = links(dora.reads(PAPERS))[0]
    for language, path in (("de", receipt), ("fr", f"{PAPERS}/statement.pdf"), ("it", receipt)):
        said = reads(dora, path, language)
        for english in ("payment", "still open", "interest", "invoice", "Number of"):
            assert english not in said, (path, english)


def test_a_settled_case_leads_to_its_receipt_by_way_of_the_file_that_holds_it(portal: Portal) -> None:
    books(portal, owed(portal))
    case = f"/claims/{DORA.reference}"
    page = portal.dora.is_in(Room.LETTER).reads(case + "?lang=en")
    assert "Open your file and save the receipt" in page
    assert f'class="button" href="{case}/open"' in page
    assert "Save your receipt" in portal.dora.is_in(Room.FILE).reads(case + "?lang=en")

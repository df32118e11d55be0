"""Does the desk get the same papers as the debtor, in the debtor's language, and only of its own firm?"""

from __future__ import annotations

import io

import pikepdf

from tests.examples import DORA, STEFAN
from tests.people import Portal
from tests.web.debtor.test_receipts import PAPERS, books, links


def test_the_desk_reads_what_the_debtor_reads(portal: Portal) -> None:
    books(portal, 10000)
    dora, clara = portal.dora.is_in().speaks("de"), portal.staff("clara").is_in()
    page = clara.reads(f"/desk{PAPERS}")
    assert [f"/desk{path}" for path in links(dora.reads(PAPERS))] == links(page)
    assert f'href="/desk{PAPERS}"' in clara.reads(clara.at(DORA))
    assert links(page)[0] in clara.reads(clara.at(DORA))
    for path in (links(page)[0], f"/desk{PAPERS}/statement.pdf?on=2026-11-20"):
        assert clara.opens(path).data == dora.opens(path.removeprefix("/desk")).data
    asked = clara.opens(f"/desk{PAPERS}", query_string={"on_day": "20", "on_month": "11", "on_year": "2026"})
    assert asked.headers["Location"] == f"/desk{PAPERS}/statement.pdf?on=2026-11-20"
    assert clara.opens(f"/desk{PAPERS}", query_string={"on_day": "24", "on_month": "11"}).status_code == 422
    assert "Papers of case" in clara.reads(f"/desk{PAPERS}")


def test_a_paper_speaks_its_debtors_language_whoever_prints_it(portal: Portal) -> None:
    made = portal.staff("clara").is_in().opens(f"/desk/claims/{STEFAN.reference}/receipts/statement.pdf").data
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert str(pdf.Root.Lang).startswith("fr")


def test_another_firm_gets_the_usual_404(portal: Portal) -> None:
    books(portal, 2000)
    path = links(portal.staff("clara").is_in().reads(f"/desk{PAPERS}"))[0]
    carl = portal.staff("carl").is_in()
    for one in (path, f"/desk{PAPERS}", f"/desk{PAPERS}/statement.pdf"):
        assert carl.opens(one).status_code == 404
    assert portal.staff("otto").is_in().opens(path).status_code == 200

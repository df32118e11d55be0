"""Is the same money known again in every file, and does new money never look like known money?"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from portal.gateways.camt import read_bank_file
from portal.rules.bank import BankState, FileFault, FileRefused, Movement, Why, first_doubt, odd_date
from portal.rules.bank_identity import Seen, Sorted, check_sums, movements, sort_out
from portal.rules.references import qr_reference
from tests.bank_files import Ntry, Paper, Tx

A, B, C = (qr_reference(number) for number in (1, 2, 3))


def moved(paper: Paper) -> list[list[Movement]]:
    return [found for statement in read_bank_file(paper.stream()).statements for found in movements(statement)]


class Kept:
    """What a database would hold after each of these files."""

    def __init__(self) -> None:
        self.rows: list[Seen] = []
        self.money: dict[UUID, int] = {}

    def takes(self, paper: Paper) -> list[Sorted]:
        return [self._entry(found) for found in moved(paper)]

    def _entry(self, found: list[Movement]) -> Sorted:
        there = {found[0].entry_key: [row for row in self.rows if row.entry_key == found[0].entry_key]}
        answer = sort_out(found, {row.identity: row for row in self.rows}, there)
        if answer.replaces is not None:
            self.rows.remove(answer.replaces)
            self.money.pop(answer.replaces.id)
        for one in answer.new:
            row = Seen(
                uuid4(), one.identity, one.entry_key, one.place, one.whole, one.servicer_ref, BankState.UNMATCHED
            )
            self.rows.append(row)
            self.money[row.id] = one.amount.minor
        return answer

    @property
    def total(self) -> int:
        return sum(self.money.values())


BATCH = Ntry((Tx("10.00", A, ref="T1"), Tx("20.00", B, ref="T2"), Tx("20.00", C, ref="T3")), ref="E1")
NAMELESS = Ntry((Tx("10.00", A), Tx("20.00", B), Tx("20.00", B)), ref="E1")
SINGLE = Ntry((Tx("10.00", A, ref="T1"),), ref="E1")
UNNAMED = Ntry((Tx("10.00", A),))


@pytest.mark.parametrize("entry", [BATCH, NAMELESS, SINGLE, UNNAMED], ids=["batch", "nameless", "single", "unnamed"])
def test_the_same_file_again_brings_nothing(entry: Ntry) -> None:
    kept = Kept()
    kept.takes(Paper([entry]))
    before = kept.total
    assert all(not one.new for one in kept.takes(Paper([entry])))
    assert kept.total == before == sum(round(float(part.amount) * 100) for part in entry.parts)


@pytest.mark.parametrize("silent_first", [True, False])
@pytest.mark.parametrize("entry", [BATCH, NAMELESS, SINGLE], ids=["batch", "nameless", "single"])
def test_a_booking_without_its_parts_and_then_with_them_is_the_same_money(entry: Ntry, silent_first: bool) -> None:
    whole = Ntry(entry.parts, ref=entry.ref, silent=True)
    papers = [Paper([whole], kind="camt.053", id="S"), Paper([entry], kind="camt.054", id="N")]
    kept = Kept()
    for paper in papers if silent_first else reversed(papers):
        kept.takes(paper)
    assert kept.total == sum(round(float(part.amount) * 100) for part in entry.parts)
    for paper in papers:
        assert all(not one.new for one in kept.takes(paper))


def test_parts_in_another_order_are_known_by_their_own_references() -> None:
    kept = Kept()
    kept.takes(Paper([BATCH]))
    turned = Ntry(tuple(reversed(BATCH.parts)), ref="E1")
    assert all(not one.new for one in kept.takes(Paper([turned])))


def test_the_same_parts_in_both_messages_are_known_even_where_only_one_names_them() -> None:
    for first, second in ((BATCH, NAMELESS), (NAMELESS, BATCH)):
        kept = Kept()
        kept.takes(Paper([first], kind="camt.053"))
        kept.takes(Paper([second], kind="camt.054"))
        assert kept.total == 5000


def test_two_equal_payments_of_one_day_are_two() -> None:
    kept = Kept()
    kept.takes(Paper([UNNAMED, UNNAMED]))
    assert kept.total == 2000
    kept.takes(Paper([SINGLE, SINGLE], id="another"))
    assert kept.total == 4000


def test_a_reference_used_again_for_another_sum_is_other_money() -> None:
    kept = Kept()
    kept.takes(Paper([SINGLE]))
    kept.takes(Paper([Ntry((Tx("11.00", A, ref="T1"),), ref="E1")], id="S2"))
    assert kept.total == 2100


def test_a_batch_that_a_clerk_has_given_to_a_claim_is_not_booked_again_by_its_parts() -> None:
    kept = Kept()
    kept.takes(Paper([Ntry(BATCH.parts, ref="E1", silent=True)]))
    row = kept.rows[0]
    kept.rows[0] = Seen(row.id, row.identity, row.entry_key, 0, True, "", BankState.BOOKED)
    assert all(not one.new for one in kept.takes(Paper([BATCH])))


def test_a_batch_must_add_up() -> None:
    paper = Paper([Ntry((Tx("10.00", A), Tx("20.00", B)), amount="31.00")])
    with pytest.raises(FileRefused) as problem:
        check_sums(read_bank_file(paper.stream()).statements[0])
    assert (problem.value.fault, problem.value.said) == (FileFault.SUM, "30.00 / 31.00")
    assert problem.value.line > 1


def test_parts_without_amounts_and_other_currencies_are_refused() -> None:
    for entry, fault in (
        (Ntry((Tx("1.00"), Tx("2.00")), with_amounts=False), FileFault.MISSING),
        (Ntry((Tx("1.00"),), currency="EUR"), FileFault.CURRENCY),
    ):
        with pytest.raises(FileRefused) as problem:
            check_sums(read_bank_file(Paper([entry]).stream()).statements[0])
        assert problem.value.fault is fault


def test_what_keeps_money_from_booking_itself() -> None:
    day = date(2026, 11, 23)
    wrong = A[:-1] + str((int(A[-1]) + 1) % 10)
    cases = {
        None: Tx("1.00", A), Why.NO_REFERENCE: Tx("1.00"), Why.BAD_REFERENCE: Tx("1.00", wrong),
    }  # fmt: skip
    for why, part in cases.items():
        assert first_doubt(moved(Paper([Ntry((part,))]))[0][0], day) is why
    late = Ntry((Tx("1.00", A),), value_on=day - timedelta(days=2000))
    assert first_doubt(moved(Paper([late]))[0][0], day) is Why.ODD_DATE
    back = Ntry((Tx("1.00", A),), reversal=True)
    assert first_doubt(moved(Paper([back]))[0][0], day) is Why.CAME_BACK
    assert first_doubt(moved(Paper([Ntry(BATCH.parts, silent=True)]))[0][0], day) is Why.BATCH
    assert odd_date(day + timedelta(days=60), day)

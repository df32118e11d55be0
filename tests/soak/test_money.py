"""Does money always add up, whatever happens to it in whichever order and however often (issue 3, show 1)?

100 lives per engine in `make test`, 5,000 in `make soak`; every life is undone afterwards.
"""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from portal.rules.disputes import DisputeStatus
from tests.soak.undone import UndoneDatabase
from tests.soak.world import World

pytestmark = pytest.mark.slow

LIVES, STEPS = int(os.environ.get("LIVES", "100")), 6
SOAK_LIVES, SOAK_STEPS = int(os.environ.get("SOAK_LIVES", "5000")), 20

#: A few forms, so that the same one is often sent twice.
ops = st.integers(min_value=1, max_value=12)
which = st.sampled_from([0, 0, 0, 1, 2, 5])
cents = st.one_of(st.integers(min_value=1, max_value=20_000), st.sampled_from([9_900, 28_460, 100, 200, 201, 124_000]))
parts = st.sampled_from([1, 33, 50, 80, 99, 100])
ages = st.integers(min_value=0, max_value=60)


class Life(RuleBasedStateMachine):
    """Everybody acts in any order; after each step the figures agree, in the end every rule of the ledger holds."""

    database: UndoneDatabase
    counted: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.database.begin()
        self.world = World(self.database)
        self.last: Callable[[], object] | None = None
        self.counted["lives"] += 1

    def does(self, act: Callable[[], object], claim: UUID | None) -> None:
        before = self.world.stands()
        act()
        self.last = act
        self.counted["acts"] += 1
        after = self.world.stands()
        if after[0] != before[0]:
            self.counted[f"moved money: {sys._getframe(1).f_code.co_name}"] += 1
        if claim is not None and after != before:
            self.world.compare(claim)

    def claim(self, number: int) -> UUID:
        return self.world.claims[number % len(self.world.claims)]

    @initialize(
        principal=cents,
        fee=st.sampled_from([0, 2_000]),
        rate=st.sampled_from(["5", "9.27", "0.1"]),
        age=ages,
        begins=st.sampled_from(["card", "bank", "by hand", "plan", "nothing"]),
        part=st.sampled_from([50, 99, 33]),
        promised=st.sampled_from([0, 14, 40]),
    )
    def opens_first(self, principal: int, fee: int, rate: str, age: int, begins: str, part: int, promised: int) -> None:
        """A claim of its own, which comes first, and something that has happened to it already."""
        world, op = self.world, self.world.op(0)
        if promised:
            world.promises(promised)
        world.opens(principal, fee, rate, age)
        world.claims.reverse()
        chosen, minor = world.claims[0], max(1, principal * part // 100)
        if begins == "card":
            world.pays(chosen, part, op)
        elif begins == "bank":
            world.hands_in(world.paper(chosen, minor, age // 2, "camt.054"))
        elif begins == "by hand":
            world.books(chosen, minor, age // 2, op)
        elif begins == "plan":
            world.suggests(chosen, 3, 1, op)
        world.compare(chosen)

    @rule(days=st.sampled_from([0, 1, 3, 9, 31, 90]))
    def days_pass(self, days: int) -> None:
        self.does(lambda: self.world.days_pass(days), None)
        self.last = lambda: self.world.days_pass(0)

    @rule(claim=which, minor=cents, days_ago=ages, op=ops)
    def books(self, claim: int, minor: int, days_ago: int, op: int) -> None:
        chosen = self.claim(claim)
        self.does(lambda: self.world.books(chosen, minor, days_ago, self.world.op(op)), chosen)

    @rule(claim=which, booking=which)
    def takes_back(self, claim: int, booking: int) -> None:
        chosen = self.claim(claim)
        self.does(lambda: self.world.takes_back(chosen, booking), chosen)
        self.last = None

    @rule(claim=which, part=parts, op=ops)
    def starts(self, claim: int, part: int, op: int) -> None:
        chosen = self.claim(claim)
        self.does(lambda: self.world.starts(chosen, part, self.world.op(op)), chosen)
        self.last = None

    @rule(claim=which, part=parts, op=ops)
    def pays_at_once(self, claim: int, part: int, op: int) -> None:
        chosen = self.claim(claim)
        self.does(lambda: self.world.pays(chosen, part, self.world.op(op)), chosen)
        self.last = None

    @precondition(lambda self: self.world.pages())
    @rule(page=which, tells=st.booleans())
    def pays(self, page: int, tells: bool) -> None:
        chosen, self.last = self.world.pages()[page % len(self.world.pages())], None
        if not chosen.state.received_minor:
            self.world.stripe.pay(chosen, self.world.now)
        if tells:
            self.does(lambda: self.world.converges(chosen), self.world.of_page[chosen.id])

    @precondition(lambda self: any(page.state.received_minor for page in self.world.pages()))
    @rule(
        page=which,
        part=st.sampled_from([0, 10, 50, 100]),
        bank=st.booleans(),
        lost=st.booleans(),
        tells=st.booleans(),
    )
    def gives_back(self, page: int, part: int, bank: bool, lost: bool, tells: bool) -> None:
        """Refunded, or taken back by the payer's bank, in all so much; less than before means that it came again."""
        paid = [one for one in self.world.pages() if one.state.received_minor]
        chosen, self.last = paid[page % len(paid)], None
        state = chosen.state
        other = state.refunded_minor if bank else state.disputed_out_minor
        so_much = min(state.received_minor * part // 100, state.received_minor - other)
        if not bank:
            so_much = max(so_much, chosen.asked_back)
        chosen.becomes(**{"disputed_out_minor" if bank else "refunded_minor": so_much})
        if bank:
            chosen.becomes(dispute_lost=lost and so_much > 0)
        if tells:
            self.does(lambda: self.world.converges(chosen), self.world.of_page[chosen.id])

    @precondition(lambda self: self.world.pages())
    @rule(page=which)
    def worker_asks(self, page: int) -> None:
        chosen = self.world.pages()[page % len(self.world.pages())]
        self.does(lambda: self.world.converges(chosen), self.world.of_page[chosen.id])

    @rule(claim=which, minor=cents, part=st.sampled_from([50, 100]), transfer=st.booleans(), op=ops)
    def refunds(self, claim: int, minor: int, part: int, transfer: bool, op: int) -> None:
        chosen = self.claim(claim)
        self.does(lambda: self.world.refunds(chosen, minor, part, transfer, self.world.op(op)), chosen)

    @rule(claim=which, minor=cents, days_ago=ages, kind=st.sampled_from(["camt.053", "camt.054"]), known=st.booleans())
    def bank_says(self, claim: int, minor: int, days_ago: int, kind: str, known: bool) -> None:
        chosen = self.claim(claim)
        file = self.world.paper(chosen if known else None, minor, days_ago, kind)
        self.does(lambda: self.world.hands_in(file), chosen)

    @precondition(lambda self: self.world.papers)
    @rule(file=which, as_other=st.booleans(), back=st.booleans())
    def bank_says_it_again(self, file: int, as_other: bool, back: bool) -> None:
        """The same file, the same money in the other kind of file, or that the bank has taken it back."""
        again = self.world.paper_again(file, as_other=as_other, back=back)
        self.does(lambda: self.world.hands_in(again), None)

    @rule(claim=which, line=which, part=parts, op=ops)
    def waives(self, claim: int, line: int, part: int, op: int) -> None:
        chosen = self.claim(claim)
        self.does(lambda: self.world.waives(chosen, line, part, self.world.op(op)), chosen)

    @rule(claim=which, part=st.sampled_from([30, 80, 99]), days=st.sampled_from([7, 20, 90]), op=ops)
    def offers(self, claim: int, part: int, days: int, op: int) -> None:
        chosen = self.claim(claim)
        self.does(lambda: self.world.offers(chosen, part, days, self.world.op(op)), chosen)

    @rule(claim=which, days_ago=st.sampled_from([0, 1, 9]), op=ops)
    def takes_offer(self, claim: int, days_ago: int, op: int) -> None:
        chosen = self.claim(claim)
        self.does(lambda: self.world.takes_offer(chosen, days_ago, self.world.op(op)), chosen)
        self.last = None

    @rule(claim=which, count=st.integers(min_value=2, max_value=12), day=st.sampled_from([1, 15, 28]), op=ops)
    def suggests(self, claim: int, count: int, day: int, op: int) -> None:
        chosen = self.claim(claim)
        self.does(lambda: self.world.suggests(chosen, count, day, self.world.op(op)), chosen)

    @rule(claim=which, count=st.integers(min_value=1, max_value=6), op=ops)
    def answers_plan(self, claim: int, count: int, op: int) -> None:
        chosen = self.claim(claim)
        self.does(lambda: self.world.answers_plan(chosen, count, self.world.op(op)), chosen)
        self.last = None

    @rule(claim=which, line=st.one_of(st.none(), which), op=ops)
    def objects(self, claim: int, line: int | None, op: int) -> None:
        chosen = self.claim(claim)
        self.does(lambda: self.world.objects(chosen, line, self.world.op(op)), chosen)

    @rule(
        claim=which,
        to=st.sampled_from([DisputeStatus.UPHELD, DisputeStatus.PARTLY, DisputeStatus.REJECTED]),
        minor=cents,
        op=ops,
    )
    def decides(self, claim: int, to: DisputeStatus, minor: int, op: int) -> None:
        chosen = self.claim(claim)
        self.does(lambda: self.world.decides(chosen, to, minor, 0, self.world.op(op)), chosen)
        self.last = None

    @precondition(lambda self: self.last is not None)
    @rule()
    def again(self) -> None:
        """The same form sent twice, the same question asked twice: the ledger says the same."""
        before = self.world.dump()
        if self.last is not None:
            self.last()
        self.last = None
        assert self.world.dump() == before

    def teardown(self) -> None:
        try:
            for page in self.world.pages():
                if page.id in self.world.of_page:
                    self.world.converges(page)
            self.world.compare(*self.world.claims)
            self.world.compare_interest()
            self.database.check_deferred()
            assert self.world.findings() == []
            self.counted["sums in the end"] += len(self.world.dump())
        finally:
            self.database.undo()


@pytest.fixture
def undone(database_url: str) -> Iterator[UndoneDatabase]:
    database = UndoneDatabase(database_url)
    yield database
    database.close()


def live(database: UndoneDatabase, lives: int, steps: int, *, derandomize: bool) -> None:
    """So many lives, one after the other; what was done is said at the end."""
    counted: Counter[str] = Counter()
    kind = type("Life", (Life,), {"database": database, "counted": counted})
    chosen = settings(
        settings.get_profile("usual"),
        max_examples=lives,
        stateful_step_count=steps,
        derandomize=derandomize,
        phases=(Phase.generate, Phase.shrink) if os.environ.get("SOAK_SHRINK") else (Phase.generate,),
        report_multiple_bugs=False,
    )
    gc.collect()
    gc.freeze()  # a quarter of a life's time is spent looking through what is never thrown away
    try:
        run_state_machine_as_test(kind, settings=chosen)
    finally:
        gc.unfreeze()
    engine = "SQLite" if database.is_sqlite else "PostgreSQL"
    print(f"\n{engine}: {', '.join(f'{count} {name}' for name, count in sorted(counted.items()))}")


def test_money_adds_up_in_any_life(undone: UndoneDatabase) -> None:
    live(undone, LIVES, STEPS, derandomize=True)


@pytest.mark.soak
def test_money_adds_up_in_thousands_of_lives(undone: UndoneDatabase) -> None:
    live(undone, SOAK_LIVES, SOAK_STEPS, derandomize=False)

"""Does whoever was promised something come first, and then whoever waits longest?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from portal.rules.today import days_waited, rank

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_promise_passed_then_promise_of_today_then_the_longest_wait() -> None:
    items = {
        "long wait": (None, NOW - timedelta(days=9)),
        "promised tomorrow": (TODAY + timedelta(days=1), NOW - timedelta(days=3)),
        "promised today": (TODAY, NOW - timedelta(hours=1)),
        "passed, waits shorter": (TODAY - timedelta(days=1), NOW - timedelta(days=2)),
        "passed, waits longer": (TODAY - timedelta(days=1), NOW - timedelta(days=4)),
    }
    order = sorted(items, key=lambda name: rank(*items[name], TODAY))
    assert order == [
        "passed, waits longer", "passed, waits shorter", "promised today", "long wait", "promised tomorrow",
    ]  # fmt: skip


def test_the_first_day_counts_as_none() -> None:
    assert days_waited(TODAY, TODAY) == 0
    assert days_waited(TODAY - timedelta(days=2), TODAY) == 2

"""Is every job done, by one worker at a time, however often it is asked for and whoever dies meanwhile?"""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import select

from portal.actions import jobs
from portal.rules.jobs import LEASE, MOST_ATTEMPTS, JobKind, JobState
from portal.store.jobs import Job, failed_jobs
from portal.web.parts import Parts
from tests.examples import Clock


def put(parts: Parts, clock: Clock, key: str) -> bool:
    with parts.database.writing() as session:
        return jobs.enqueue(session, JobKind.SWEEP, key, {"n": 1}, now=clock())


def row(parts: Parts, key: str) -> Job:
    with parts.database.reading() as session:
        return session.scalars(select(Job).where(Job.dedupe_key == key)).one()


def test_the_same_key_waits_once(parts: Parts, clock: Clock) -> None:
    assert put(parts, clock, "a")
    assert not put(parts, clock, "a")
    taken = jobs.take(parts.database, now=clock())
    assert taken is not None
    assert taken.payload == {"n": 1}
    jobs.done(parts.database, taken)
    assert not put(parts, clock, "a")
    assert jobs.take(parts.database, now=clock()) is None
    assert row(parts, "a").state == JobState.DONE


def test_a_dead_workers_job_comes_back_and_its_late_answer_changes_nothing(parts: Parts, clock: Clock) -> None:
    put(parts, clock, "a")
    first = jobs.take(parts.database, now=clock())
    assert first is not None
    assert jobs.take(parts.database, now=clock()) is None
    clock.move(seconds=LEASE.total_seconds())
    second = jobs.take(parts.database, now=clock())
    assert second is not None
    assert (second.id, second.attempts) == (first.id, 2)
    jobs.done(parts.database, first)
    jobs.failed(parts.database, first, "late", now=clock())
    assert row(parts, "a").state == JobState.DUE
    jobs.done(parts.database, second)
    assert row(parts, "a").state == JobState.DONE


def test_a_failed_try_waits_longer_each_time_until_it_is_given_up(parts: Parts, clock: Clock) -> None:
    put(parts, clock, "a")
    waited: list[timedelta] = []
    while (taken := jobs.take(parts.database, now=clock())) is not None:
        jobs.failed(parts.database, taken, "no luck", now=clock())
        waited.append(row(parts, "a").run_at - clock())
        clock.at = row(parts, "a").run_at
    assert len(waited) == MOST_ATTEMPTS
    assert waited == sorted(waited)
    assert waited[0] == timedelta(seconds=5)
    assert waited[-1] == timedelta(hours=1)
    with parts.database.reading() as session:
        assert [job.dedupe_key for job in failed_jobs(session)] == ["a"]


def test_many_workers_do_each_job_once(parts: Parts, clock: Clock) -> None:
    for n in range(30):
        put(parts, clock, str(n))
    found: list[object] = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        while (taken := jobs.take(parts.database, now=clock())) is not None:
            found.append(taken.id)
            jobs.done(parts.database, taken)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == len(set(found)) == 30


def test_old_done_work_is_forgotten(parts: Parts, clock: Clock) -> None:
    put(parts, clock, "a")
    put(parts, clock, "b")
    taken = jobs.take(parts.database, now=clock())
    assert taken is not None
    jobs.done(parts.database, taken)
    clock.move(days=31)
    assert jobs.forget_old(parts.database, now=clock()) == 1
    assert jobs.take(parts.database, now=clock()) is not None

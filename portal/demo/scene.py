"""How does a demo person's story happen: firms, claims, letters and evidence, each step at its own moment?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.demo.firms import DemoFirm
from portal.demo.persons import Person
from portal.rules.access import Role
from portal.rules.dates import Calendar
from portal.rules.history import Actor, ActorKind
from portal.store.claims import Claim
from portal.store.people import Debtor
from portal.store.settings import Creditor
from portal.web.parts import Parts

T = TypeVar("T")
ZONE = ZoneInfo("Europe/Zurich")
DEBTOR = Actor(ActorKind.DEBTOR)


@dataclass(frozen=True)
class Desk:
    """A firm of the demo once it is in the database."""

    firm: DemoFirm
    creditor: Creditor
    clerks: dict[Role, UUID]

    def actor(self, role: Role = Role.AGENT) -> Actor:
        """This colleague doing something."""
        return Actor(ActorKind.CLERK, clerk_id=self.clerks[role])


@dataclass(frozen=True)
class Moment:
    """When a step of a story happens."""

    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()


@dataclass
class Story:
    """One person's case from the first invoice to today; steps only ever go forward in time."""

    parts: Parts
    session: Session
    desk: Desk
    person: Person
    debtor: Debtor
    end: datetime
    claims: list[Claim] = field(default_factory=list)
    code: str = ""
    _last: datetime | None = None

    @property
    def claim(self) -> Claim:
        return self.claims[0]

    @property
    def creditor(self) -> Creditor:
        return self.desk.creditor

    @property
    def calendar(self) -> Calendar:
        year = self.end.year
        return self.parts.calendars.calendar("CH", self.desk.firm.canton, range(year - 1, year + 4))

    @property
    def clerk(self) -> Actor:
        return self.desk.actor()

    @property
    def lead(self) -> Actor:
        return self.desk.actor(Role.LEAD)

    def at(self, days_ago: int, clock: str = "10:15") -> Moment:
        """So many days ago at this local time, but never before the step before and never after now."""
        hour, minute = (int(part) for part in clock.split(":"))
        day = self.end.astimezone(ZONE).date() - timedelta(days=days_ago)
        return self._forward(datetime.combine(day, time(hour, minute), ZONE))

    def at_day(self, days_ago: int) -> date:
        """The local day so many days ago."""
        return self.end.astimezone(ZONE).date() - timedelta(days=days_ago)

    def at_work(self, days_ago: int, clock: str = "10:15") -> Moment:
        """The same on a working day: nobody at the desk works on Sundays."""
        hour, minute = (int(part) for part in clock.split(":"))
        day = self.end.astimezone(ZONE).date() - timedelta(days=days_ago)
        today = self.end.astimezone(ZONE).date()
        opens = min(self.calendar.next_working_day(day), today)
        return self._forward(datetime.combine(opens, time(hour, minute), ZONE))

    def _forward(self, wanted: datetime) -> Moment:
        latest = self.end - timedelta(minutes=4)
        floor = self._last + timedelta(minutes=2) if self._last else wanted
        self._last = max(min(wanted, latest), floor)
        return Moment(self._last)

    def opens_at(self, moment: datetime) -> None:
        """Nothing in this story happens before this moment."""
        self._last = moment


def day_of(moment: datetime) -> date:
    """The local day of a moment."""
    return moment.astimezone(ZONE).date()


def new_op() -> UUID:
    """The id of one click."""
    return uuid4()


Telling = Callable[[Story], None]


class DemoBroken(Exception):
    """An action refused a step of the sample data; the message names the step and the reasons."""


def must(step: str, outcome: T | list[Any]) -> T:
    """What the action made; raises DemoBroken if it answered with reasons instead of doing what the story says."""
    if isinstance(outcome, list):
        raise DemoBroken(f"{step}: {', '.join(str(reason) for reason in outcome)}")
    return outcome


def none_against(step: str, reasons: Sequence[object]) -> None:
    """Raise DemoBroken if an action named reasons why it could not be done."""
    if reasons:
        raise DemoBroken(f"{step}: {', '.join(str(reason) for reason in reasons)}")

"""How did a claim's sum come about, told in plain words and numbers for whoever has to explain it: clerk or auditor?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.rules.ledger import ClaimSum, Line
from portal.rules.money import Money
from portal.rules.payments import EntryKind
from portal.rules.receipts import Movement, counts
from portal.store.claims import Claim
from portal.store.receipts import movements_of, sum_then, who_was_generous
from portal.store.settings import Creditor
from portal.web import i18n
from portal.web.i18n import gettext as _
from portal.web.labels.claims import BASES
from portal.web.labels.receipts import movement_words
from portal.web.sums import line_name, stretch_sentence


def story(session: Session, creditor: Creditor, claim: Claim, *, on: date, language: str) -> list[str]:
    """The claim as of a day, line after line of text: what happened and what it did, the interest, what is open.

    Everything counts by its value date; what was known only later says on which day it was booked.
    """
    i18n.set_language(language)
    try:
        return list(_told(session, creditor, claim, on))
    finally:
        i18n.forget_language()


def _told(session: Session, creditor: Creditor, claim: Claim, on: date) -> Iterator[str]:
    zone = ZoneInfo(creditor.timezone)
    total = sum_then(session, claim, on=on, zone=zone)
    movements = [one for one in movements_of(session, claim) if counts(one.kind, one.value_on, on)]
    yield f"{claim.reference} · {claim.title} · {creditor.name}"
    yield _("As of %(day)s", day=i18n.day(on))
    yield from _heading(_("What happened"))
    names = {line.position.id: line_name(line) for line in total.lines}
    generous = who_was_generous(session, claim)
    balance = 0
    for one in sorted(movements, key=lambda one: (one.value_on, one.seq)):
        balance += one.minor
        yield from _movement(one, claim.currency, names, generous, zone, balance)
    yield from _interest(total, balance)
    yield from _heading(_("What is open on %(day)s", day=i18n.day(on)))
    for line in total.lines:
        yield from _line(line)
    yield _("Total: %(amount)s", amount=i18n.money(total.open))
    credit = -sum(one.credit_minor for one in movements)
    if credit:
        yield _("To the debtor’s credit: %(amount)s", amount=i18n.money(Money(credit, claim.currency)))


def _heading(words: str) -> tuple[str, str, str]:
    return "", words, "-" * len(words)


def _movement(
    one: Movement,
    currency: str,
    names: Mapping[UUID, str],
    generous: Mapping[tuple[str, UUID], str],
    zone: ZoneInfo,
    balance: int,
) -> Iterator[str]:
    """The day and what it was; then each line it touched; then what was open after it."""
    concerned = ", ".join(names.get(position, "") for position, _minor in one.lines)
    known = movement_words(one.kind, one.cause_type)
    said = _(known, line=concerned) if "%(line)s" in known else _(known)
    name = generous.get((one.cause_type, one.cause_id))
    if name and one.kind is EntryKind.WAIVER:
        said = _("Waived by %(name)s: %(line)s", name=name, line=concerned)
    booked = one.booked_at.astimezone(zone).date()
    later = _("booked on %(day)s", day=i18n.day(booked))
    yield f"{i18n.day(one.value_on)}: {said}" + (f" ({later})" if booked != one.value_on else "")
    for position, minor in one.lines:
        yield f"    {names.get(position, '')}: {_signed(minor, currency)}"
    if one.credit_minor:
        yield "    " + _("To the debtor’s credit: %(amount)s", amount=_signed(-one.credit_minor, currency))
    yield "    " + _("Open after it: %(amount)s", amount=i18n.money(Money(balance, currency)))


def _interest(total: ClaimSum, balance: int) -> Iterator[str]:
    """Every stretch with its base, rate, days and convention, and what of it no fact has fixed yet."""
    bearing = [line for line in total.lines if line.stretches]
    if not bearing:
        return
    yield from _heading(_("How the interest was counted"))
    for line in bearing:
        yield line_name(line)
        for stretch in line.stretches:
            yield f"    {stretch_sentence(stretch)}"
        yield "    " + _("Interest in all: %(amount)s", amount=i18n.money(line.claimed - line.position.claimed))
    waiting = total.open.minor - balance
    if waiting:
        yield _("Of it not booked yet: %(amount)s", amount=i18n.money(Money(waiting, total.currency)))


def _line(line: Line) -> Iterator[str]:
    yield f"{line.position.number}. {line_name(line)}: {i18n.money(line.open)}"
    yield "    " + _(
        "claimed %(claimed)s, waived %(waived)s, paid %(paid)s",
        claimed=i18n.money(line.claimed),
        waived=i18n.money(line.waived),
        paid=i18n.money(line.paid),
    )
    yield f"    {_(BASES[line.position.basis])}"


def _signed(minor: int, currency: str) -> str:
    sign = "+" if minor > 0 else ""
    return f"{sign}{i18n.money(Money(minor, currency))}"

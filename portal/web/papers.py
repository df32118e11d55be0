"""What stands on a claim's papers, from the ledger alone: receipt, statement of account, confirmation of settlement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response

from portal.rules.claims import ClaimStatus, InterestReason
from portal.rules.ledger import ClaimSum, Line
from portal.rules.money import Money
from portal.rules.payments import CauseType, EntryKind
from portal.rules.receipts import (
    FOLLOWS,
    Issued,
    Movement,
    PaperKind,
    Receipt,
    ReceiptLine,
    payments,
    receipt_of,
    told,
)
from portal.store.claims import Claim, positions_of
from portal.store.receipts import movements_of, sum_at_booking, sum_then, who_was_generous
from portal.web import i18n
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels.claims import BASES, DAY_COUNTS, INTEREST_REASONS
from portal.web.labels.countries import percent
from portal.web.labels.receipts import RESERVATION, RESERVATION_CH, TITLES, movement_words
from portal.web.login import creditor
from portal.web.parts import today
from portal.web.sheets import Paper, Table, digits, local, number_of, served, short
from portal.web.sums import Row, line_name
from portal.web.transaction import db

ENDED = (ClaimStatus.SETTLED, ClaimStatus.WITHDRAWN)


def receipt(claim: Claim, entry_id: UUID) -> Response | None:
    """The receipt of this payment on this claim; None where the entry is none."""
    movements = movements_of(db(), claim)
    found = receipt_of(movements, entry_id, _order(claim), claim.currency)
    if found is None:
        return None
    total = sum_at_booking(db(), claim, found.entry, movements)
    return served(claim, _receipt(claim, found, {line.position.id: line for line in total.lines}))


def statement(claim: Claim, on: date) -> Response:
    """The claim as it stood on a day: its lines, everything that happened, and how the interest was counted."""
    return served(claim, _statement(claim, on))


def settlement(claim: Claim) -> Response | None:
    """That nothing is claimed any more; None while the claim is not over."""
    if not is_over(claim) or claim.ended_on is None:
        return None
    return served(claim, _settlement(claim, claim.ended_on))


def receipts_of(claim: Claim) -> list[Receipt]:
    """The receipts of all payments on a claim, the newest first."""
    movements, order = movements_of(db(), claim), _order(claim)
    made = (receipt_of(movements, one.id, order, claim.currency) for one in payments(movements))
    return [one for one in made if one is not None][::-1]


def rows(claim: Claim, path: str) -> list[Row]:
    """The receipts as the rows of a page: the sum and the day, and what became of them."""
    made = []
    for one in receipts_of(claim):
        day = i18n.day(one.entry.value_on)
        words = [_("Receipt, PDF")]
        if one.replaced_by is not None:
            words.append(_("replaced by a newer one"))
        elif one.undone is not None:
            words.append(_("payment taken back"))
        title = _("%(amount)s, value date %(day)s", amount=i18n.money(one.amount), day=day)
        made.append(
            {"id": one.entry.id, "href": f"{path}/{one.entry.id}.pdf", "title": title, "detail": ", ".join(words)}
        )
    return made


def is_over(claim: Claim) -> bool:
    """Whether there is a confirmation: the claim is settled or withdrawn."""
    return claim.status in ENDED and claim.ended_on is not None


def _order(claim: Claim) -> list[UUID]:
    return [position.id for position in positions_of(db(), claim)]


def _receipt(claim: Claim, found: Receipt, lines: Mapping[UUID, Line]) -> Paper:
    entry = found.entry
    day = i18n.day(entry.value_on)
    facts = [
        (_("Payment of"), i18n.money(found.amount)),
        (_("Value date"), day),
        (_("Booked on"), i18n.day(local(entry.booked_at))),
        *about_claim(claim),
    ]
    rows = [_spread(one, lines[one.position_id], dropped=_dropped(found)) for one in found.lines]
    sums = [found.sum_of(lambda one: one.before), found.sum_of(lambda one: one.paid)]
    sums += [found.sum_of(lambda one: one.dropped)] if _dropped(found) else []
    columns = [Table.wide(_("Line")), Table.figures(_("Owed before")), Table.figures(_("This payment"))]
    columns += [Table.figures(_("Waived"))] if _dropped(found) else []
    columns.append(Table.figures(_("Still open")))
    words = _(
        "All amounts in %(currency)s, with the interest that counted on %(day)s.", currency=claim.currency, day=day
    )
    total = [_("Total"), *(digits(one) for one in (*sums, found.open))]
    spread = Table(columns, rows, _("How the payment was used"), total if rows else [], [words] if rows else [])
    paper = Paper(*_named(entry), _(TITLES[PaperKind.RECEIPT]), facts)
    words = N_("%(name)s has received your payment of %(amount)s. Thank you.")
    if entry.cause_type == CauseType.CLAIM:
        words = N_("%(name)s has used %(amount)s of your credit on another case for this one.")
    paper.lead.append(_(words, name=creditor().name, amount=i18n.money(found.amount)))
    paper.tables = [spread] if rows else []
    paper.tables += interest_tables([line for line in lines.values() if _posted(line)])
    if found.to_credit.minor > 0:
        credit = i18n.money(found.to_credit)
        paper.after.append(_("%(amount)s was more than was open. It is yours: your credit.", amount=credit))
    if found.to_missing.minor > 0:
        words = N_("%(amount)s makes up for money that went back to you before and was not there any more.")
        paper.after.append(_(words, amount=i18n.money(found.to_missing)))
    paper.after.append(_rest(found, day))
    paper.notice = [*_replaced(claim, found), *(_returned(claim, one) for one in found.returned)]
    return paper


def _posted(line: Line) -> bool:
    """What was posted is what these stretches add up to; a sum that was fixed otherwise has no such table."""
    return line.claimed == line.position.claimed + line.posted_interest


def _dropped(found: Receipt) -> bool:
    return any(one.dropped.minor for one in found.lines)


def _spread(one: ReceiptLine, line: Line, *, dropped: bool) -> list[Any]:
    cells = [one.before, one.paid, *([one.dropped] if dropped else []), one.open]
    return [line_name(line), *(digits(cell) for cell in cells)]


def _rest(found: Receipt, day: str) -> str:
    if found.open.minor <= 0:
        return _("After this payment nothing is open any more, neither interest nor costs.")
    left = _("On %(day)s, %(amount)s is still open, interest included.", day=day, amount=i18n.money(found.open))
    return f"{left} {_(RESERVATION_CH if creditor().country == 'CH' else RESERVATION)}"


def _named(entry: Movement) -> tuple[Issued, str]:
    """What the number of this entry's receipt is made from."""
    return Issued(PaperKind.RECEIPT, local(entry.booked_at)), f"receipt {entry.id}"


def _replaced(claim: Claim, found: Receipt) -> list[str]:
    if found.undone is None:
        return []
    if found.replaced_by is None:
        day = i18n.day(local(found.undone.booked_at))
        return [_("This payment was taken back on %(day)s. This receipt no longer counts.", day=day)]
    day = i18n.day(local(found.replaced_by.booked_at))
    number = number_of(claim, *_named(found.replaced_by))
    words = _("This receipt was replaced on %(day)s by the receipt %(number)s.", day=day, number=number)
    return [words, _("An earlier payment became known, so this one was spread over the lines again.")]


def _returned(claim: Claim, one: Movement) -> str:
    """What went back of a payment after its receipt was made."""
    amount = i18n.money(Money(-one.received_minor, claim.currency))
    what = _(movement_words(one.kind, one.cause_type))
    return _("%(what)s on %(day)s: %(amount)s", what=what, day=i18n.day(one.value_on), amount=amount)


def _statement(claim: Claim, on: date) -> Paper:
    total = sum_then(db(), claim, on=on, zone=i18n.zone())
    movements = movements_of(db(), claim)
    day = i18n.day(on)
    facts = [*about_claim(claim), (_("Open on this day"), i18n.money(total.open))]
    credit = -sum(one.credit_minor for one in movements if one.value_on <= on)
    if credit > 0:
        facts.append((_("Your credit"), i18n.money(Money(credit, claim.currency))))
    issued, heading = Issued(PaperKind.STATEMENT, today()), _("Statement of account as of %(day)s", day=day)
    paper = Paper(issued, f"statement {claim.id} {on}", heading, facts)
    paper.tables = [sum_table(total), _movement_table(claim, told(movements, on), total, on)]
    paper.tables += interest_tables(total.lines)
    words = N_("Payments count from their value date. This statement holds what was booked by %(day)s.")
    paper.after.append(_(words, day=i18n.day(today())))
    return paper


def sum_table(total: ClaimSum) -> Table:
    """Each line with what it rests on: claimed, waived (where anything was), paid, and still open."""
    waived = any(line.waived.minor for line in total.lines)
    columns = [Table.wide(_("Line")), Table.figures(_("Claimed"))]
    columns += [Table.figures(_("Waived"))] if waived else []
    columns += [Table.figures(_("Paid")), Table.figures(_("Still open"))]
    shown = [line for line in total.lines if line.claimed.minor or line.evidenced]
    rows = [[[line_name(line), _(BASES[line.position.basis])], *_figures(line, waived=waived)] for line in shown]
    words = _("All amounts in %(currency)s.", currency=total.currency)
    sums = [_("Total"), *_figures(total, waived=waived)]
    return Table(columns, rows, _("How the amount comes about"), sums, [words])


def _figures(part: Line | ClaimSum, *, waived: bool) -> list[str]:
    return [digits(one) for one in (part.claimed, *([part.waived] if waived else []), part.paid, part.open)]


def _movement_table(claim: Claim, movements: Sequence[Movement], total: ClaimSum, on: date) -> Table:
    names = {line.position.id: line_name(line) for line in total.lines}
    generous = who_was_generous(db(), claim)
    rows: list[list[Any]] = []
    balance = 0
    for one in movements:
        balance += one.minor
        words = _what(claim, one, names, generous)
        sums = [_in(claim, one.minor), _in(claim, balance)]
        rows.append([short(one.value_on), short(local(one.booked_at)), words, *sums])
    rest = total.open.minor - balance
    if rest:
        words = [_("Interest, as shown below"), _("not booked yet")]
        rows.append([short(on), "", words, _in(claim, rest), digits(total.open)])
    columns = [
        Table.narrow(_("Value date")), Table.narrow(_("Booked")), Table.wide(_("What")), Table.figures(_("Amount")),
        Table.figures(_("Balance")),
    ]  # fmt: skip
    return Table(columns, rows, _("What happened"))


def _what(
    claim: Claim, one: Movement, names: Mapping[UUID, str], generous: Mapping[tuple[str, UUID], str]
) -> list[str]:
    lines = ", ".join(dict.fromkeys(names[position] for position, _minor in one.lines if position in names))
    known = movement_words(one.kind, one.cause_type)
    words = _(known, line=lines) if "%(line)s" in known else _(known)
    fine = []
    if name := generous.get((one.cause_type, one.cause_id)):
        fine.append(_("granted by %(name)s", name=name))
    if one.credit_minor < 0 and one.kind is EntryKind.PAYMENT:
        credit = i18n.money(Money(-one.credit_minor, claim.currency))
        fine.append(_("%(amount)s more than was open, your credit", amount=credit))
    return [words, ", ".join(fine)]


def interest_tables(lines: Sequence[Line]) -> list[Table]:
    """Base, rate, from, to, days and convention of every stretch; the last day is not counted."""
    rows, notes = [], []
    for line in lines:
        for one in line.stretches:
            rows.append(
                [digits(one.principal), percent(one.rate), short(one.start), short(one.end), str(one.days),
                 _(DAY_COUNTS[one.convention])]
            )  # fmt: skip
        if line.stretches and line.position.interest_reason:
            notes.append(_(INTEREST_REASONS[InterestReason(line.position.interest_reason)]))
    if not rows:
        return []
    columns = [
        Table.figures(_("Interest on")), Table.figures(_("Rate a year")), Table.narrow(_("From")),
        Table.narrow(_("To")), Table.figures(_("Days")), Table.wide(_("Convention")),
    ]  # fmt: skip
    notes.append(_("The first day is counted, the last one is not. The interest is rounded once."))
    return [Table(columns, rows, _("How the interest comes about"), note=[" ".join(dict.fromkeys(notes))])]


def _settlement(claim: Claim, ended_on: date) -> Paper:
    total = sum_then(db(), claim, on=today(), zone=i18n.zone())
    movements = movements_of(db(), claim)
    facts = [(_("Closed on"), i18n.day(ended_on)), *about_claim(claim)]
    paper = Paper(
        Issued(PaperKind.SETTLEMENT, ended_on), f"settlement {claim.id}", _(TITLES[PaperKind.SETTLEMENT]), facts
    )
    if claim.status == ClaimStatus.SETTLED:
        words = _("%(name)s confirms: nothing is open any more from this invoice.", name=creditor().name)
    else:
        words = _("%(name)s confirms: nothing is asked of you any more from this invoice.", name=creditor().name)
    full = _("The matter is settled in full (per saldo): principal, interest and costs are no longer claimed.")
    paper.lead.append(f"{words} {full}")
    if total.open.minor == 0:
        paper.tables.append(sum_table(total))
    goodwill = _goodwill_table(claim, movements, total)
    paper.tables += [goodwill] if goodwill.rows else []
    credit = -sum(one.credit_minor for one in movements)
    if credit > 0:
        amount = i18n.money(Money(credit, claim.currency))
        paper.after.append(_("You have paid %(amount)s too much. It is yours and stays your credit.", amount=amount))
    paper.after.append(_("Thank you. There is nothing more for you to do."))
    return paper


def _goodwill_table(claim: Claim, movements: Sequence[Movement], total: ClaimSum) -> Table:
    """What was waived, line by line, with the name of whoever granted it."""
    names = {line.position.id: line_name(line) for line in total.lines}
    generous = who_was_generous(db(), claim)
    undone = {one.reverses_id for one in movements}
    rows = []
    for one in movements:
        if one.kind in FOLLOWS and one.id not in undone:
            words = _what(claim, one, names, generous)
            rows.append([short(one.value_on), words, _in(claim, one.minor)])
    columns = [Table.narrow(_("Day")), Table.wide(_("What")), Table.figures(_("Amount"))]
    return Table(columns, rows, _("What was waived"))


def about_claim(claim: Claim) -> list[tuple[str, str]]:
    number, day = claim.invoice_number, i18n.day(claim.invoice_on)
    return [
        (_("Invoice"), _("%(number)s of %(day)s", number=number, day=day)),
        (_("For"), claim.title),
        (_("Case"), claim.reference),
    ]


def _in(claim: Claim, minor: int) -> str:
    return digits(Money(minor, claim.currency))

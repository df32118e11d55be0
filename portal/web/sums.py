"""How does a claim's sum read line by line, with what each line rests on, so that it adds up on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from portal.rules.claims import COST_KINDS, InterestReason
from portal.rules.countries import rate_table
from portal.rules.goodwill import Goodwill
from portal.rules.ledger import ClaimSum, InterestStretch, Line
from portal.rules.money import Money, total
from portal.rules.payments import NoteCode
from portal.store.attachments import Attachment
from portal.store.evidence import Evidence
from portal.store.standing import Matter, Matters
from portal.web import i18n
from portal.web.i18n import N_, ngettext
from portal.web.i18n import gettext as _
from portal.web.labels.claims import BASES, DAY_COUNTS, INTEREST_REASONS, POSITIONS
from portal.web.labels.countries import CONTESTABILITY, law_words, percent

Row = dict[str, Any]


def sum_rows(
    owed: ClaimSum,
    matters: Matters,
    *,
    contest: str = "",
    papers: Mapping[UUID, str] | None = None,
    waive: str = "",
) -> list[Row]:
    """The lines as claimed, then everything that was taken off or paid.

    `papers` are the addresses of the evidence; `contest` is where the debtor objects to a cost, `waive` where the desk
    drops one that nothing supports.
    """
    lines = [line for line in owed.lines if line.claimed.minor or line.evidenced]
    rows = [_claimed(line, contest, papers or {}) | (_at_desk(line, waive) if waive else {}) for line in lines]
    for line in owed.lines:
        rows += _taken_off(line, matters)
    if owed.paid.minor:
        rows.append({"label": _("Paid so far"), "money": owed.paid, "minus": True})
    return rows


def offer_row(owed: ClaimSum, offer: Matter) -> Row:
    """What an offer takes off, as a line of its own."""
    rest = owed.open - Money(offer.minor or 0, owed.currency)
    label = _("Waived if you pay by %(day)s", day=i18n.weekday(offer.until_on)) if offer.until_on else _("Waived")
    return {"label": label, "money": rest, "minus": True, "fine": offer.name or ""}


def goodwill_row(goodwill: Goodwill) -> Row:
    """What the creditor's promise to everybody takes off, as a line of its own."""
    label = _("Waived if you pay by %(day)s", day=i18n.weekday(goodwill.until))
    return {"label": label, "money": goodwill.drops, "minus": True, "fine": _("Promised to everybody")}


def paper_detail(file: Attachment) -> str:
    """What kind of file it is, how many pages, how big: "PDF, 2 pages, 84 KB"."""
    kind = "PDF" if (file.ready_type or file.type).endswith("pdf") else "JPG"
    pages = [ngettext("%(num)s page", "%(num)s pages", file.pages)] if file.pages else []
    return ", ".join([kind, *pages, i18n.file_size(file.ready_size or file.size)])


def paper_rows(evidence: Sequence[tuple[Evidence, Attachment]], address: Any) -> list[Row]:
    """The documents with their kind and size; `address` makes the link from a document's id."""
    return [{"href": address(row.id), "title": row.title, "detail": paper_detail(file)} for row, file in evidence]


def line_name(line: Line) -> str:
    """What the line is called: the creditor's own words, else the kind of line."""
    return line.position.label or _(POSITIONS[line.position.kind])


def _claimed(line: Line, contest: str, papers: Mapping[UUID, str]) -> Row:
    cost = line.position.kind in COST_KINDS
    row: Row = {"label": line_name(line), "money": line.claimed, "fine": _rests_on(line)}
    paper = papers.get(line.position.evidence_id) if line.position.evidence_id else None
    if line.disputed:
        row["label"] = _("%(line)s (objection under way)", line=line_name(line))
    elif cost and contest and line.waived.minor < line.claimed.minor:
        row |= {"href": contest, "link": _("Don't agree with the costs?")}
    if paper:
        row |= {"paper": paper, "paper_link": _("Show the document")}
    return row


def _at_desk(line: Line, waive: str) -> Row:
    """How firm the line stands and what became of it; one that nothing supports can only be waived."""
    texts = [_rests_on(line), _(CONTESTABILITY[line.contestability])]
    if not line.evidenced:
        texts.append(_("Not evidenced: it can only be waived."))
    if line.disputed or line.paid.minor > 0 or line.waived.minor > 0:
        parts = (
            (N_("paid %(amount)s"), line.paid),
            (N_("taken off %(amount)s"), line.waived),
            (N_("objected to %(amount)s"), line.open if line.disputed else Money.zero(line.open.currency)),
            (N_("still open %(amount)s"), line.open),
        )
        told = [_(text, amount=i18n.money(amount)) for text, amount in parts if amount.minor]
        texts.append(_as_sentence(told))
    row: Row = {"fine": " ".join(texts)}
    if not line.evidenced and line.open.minor > 0:
        row |= {"href": f"{waive}?line={line.position.id}", "link": _("Waive")}
    return row


def _as_sentence(told: Sequence[str]) -> str:
    words = ", ".join(told)
    return f"{words[:1].upper()}{words[1:]}."


def _rests_on(line: Line) -> str:
    texts = [stretch_sentence(stretch) for stretch in line.stretches]
    if line.no_rate_from is not None:
        last = line.no_rate_from - timedelta(days=1)
        texts.append(_("Counted up to %(day)s only: the rate of the days after is not known yet.", day=i18n.day(last)))
    texts.append(_(BASES[line.position.basis]))
    if line.position.rate_table is not None:
        texts[-1] = f"{texts[-1].removesuffix('.')} ({law_words(rate_table(line.position.rate_table).law)})."
    if line.stretches and line.position.interest_reason:
        texts.append(_(INTEREST_REASONS[InterestReason(line.position.interest_reason)]))
    return " ".join(texts)


def stretch_sentence(stretch: InterestStretch) -> str:
    """Rate, base, from, to, days and how they were counted, in one sentence."""
    return ngettext(
        "%(rate)s a year on %(amount)s from %(start)s to %(end)s: %(num)s day, %(counted)s.",
        "%(rate)s a year on %(amount)s from %(start)s to %(end)s: %(num)s days, %(counted)s.",
        stretch.days,
        rate=percent(stretch.rate),
        amount=i18n.money(stretch.principal),
        start=i18n.day(stretch.start),
        end=i18n.day(stretch.end),
        counted=_(DAY_COUNTS[stretch.convention]),
    )


def _taken_off(line: Line, matters: Matters) -> list[Row]:
    rows: list[Row] = []
    signed = [row for row in matters.all("waiver") if row.ref == line.position.id]
    for row in signed:
        words = _("Waived by %(name)s: %(line)s", name=row.name, line=line_name(line)) if row.name else None
        if row.word == NoteCode.PAID_IN_TIME:
            words = _("Waived because you paid in time: %(line)s", line=line_name(line))
        rows.append(
            {
                "label": words or _("Waived: %(line)s", line=line_name(line)),
                "money": Money(row.minor or 0, line.open.currency),
                "minus": True,
                "fine": i18n.day(row.at.astimezone(i18n.zone()).date()) if row.at else "",
            }
        )
    known = total((row["money"] for row in rows), line.open.currency)
    rest = line.waived - known
    if rest.minor > 0:
        rows.append({"label": _("Taken off: %(line)s", line=line_name(line)), "money": rest, "minus": True})
    return rows

"""What does the command line say about the books: are they true, and how did a sum come about?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import paths
from portal.actions.ledger_rebuild import rebuild
from portal.store.claims import Claim
from portal.store.ledger_checks import verify
from portal.store.ledger_dump import canonical
from portal.store.settings import Creditor, creditor_by_id
from portal.web import i18n
from portal.web.ledger_story import story
from portal.web.parts import Parts

OpenParts = Callable[[], AbstractContextManager[Parts]]


@click.group()
def ledger() -> None:
    """The books."""


@ledger.command("verify")
@click.pass_obj
def verify_ledger(open_parts: OpenParts) -> None:
    """All invariants of the ledger; exit 1 and the offending rows if one fails."""
    with open_parts() as parts, parts.database.reading() as session:
        found = verify(session)
    for finding in found:
        amount = "" if finding.minor is None else f" {finding.currency or ''} {finding.minor}"
        click.echo(f"{finding.rule}: {finding.subject} {finding.subject_id}{amount}")
    click.echo(f"{len(found)} rows break a rule." if found else "Every rule of the ledger holds.")
    raise SystemExit(1 if found else 0)


@ledger.command("dump")
@click.option("--canonical", "in_one_form", is_flag=True, required=True, help="Sums only: no ids, no clock times.")
@click.pass_obj
def dump_ledger(open_parts: OpenParts, in_one_form: bool) -> None:
    """The whole ledger as text lines that are the same whichever way led there."""
    with open_parts() as parts, parts.database.reading() as session:
        for line in canonical(session):
            click.echo(line)


@ledger.command("rebuild")
@click.pass_obj
def rebuild_ledger(open_parts: OpenParts) -> None:
    """What is kept beside the ledger is computed again from it; exit 1 if a rule still does not hold."""
    with open_parts() as parts:
        changed = rebuild(parts.database, now=parts.clock())
        with parts.database.reading() as session:
            left = verify(session)
    for subject, count in sorted(changed.items()):
        click.echo(f"{subject}: {count} computed again")
    click.echo(f"{len(left)} rows break a rule; `portal ledger verify` names them." if left else "All of it is true.")
    raise SystemExit(1 if left else 0)


@ledger.command("explain")
@click.argument("reference")
@click.option("--creditor", "slug", default="", help="The firm's slug, where several have a claim with this reference.")
@click.option("--on", "day", type=click.DateTime(formats=["%Y-%m-%d"]), help="The day, YYYY-MM-DD; by default today.")
@click.option("--lang", "language", type=click.Choice(list(i18n.LANGUAGES)), default="en", show_default=True)
@click.pass_obj
def explain_claim(open_parts: OpenParts, reference: str, slug: str, day: datetime | None, language: str) -> None:
    """A claim's story in words and numbers: what happened, what it did to which line, the interest, what is open."""
    i18n.load(paths.TRANSLATIONS)
    with open_parts() as parts, parts.database.reading() as session:
        found = _claims(session, reference, slug)
        if not found:
            raise click.ClickException(f"There is no claim {reference!r}.")
        if len(found) > 1:
            raise click.ClickException(f"Several firms have a claim {reference!r}; say which with --creditor.")
        creditor = creditor_by_id(session, found[0].creditor_id)
        on = day.date() if day else parts.clock().astimezone(ZoneInfo(creditor.timezone)).date()
        for line in story(session, creditor, found[0], on=on, language=language):
            click.echo(line)


def _claims(session: Session, reference: str, slug: str) -> list[Claim]:
    query = select(Claim).join(Creditor, Creditor.id == Claim.creditor_id)
    query = query.where(Claim.reference == reference, Claim.undone_at.is_(None))
    return list(session.scalars(query.where(Creditor.slug == slug) if slug else query))

"""What does a creditor's own letter look like and say: its logo, its window, and its texts in each language?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Uuid, bindparam, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.database import Table


class LetterLook(Table):
    """A creditor without a row has no logo, and the window that is usual in its country."""

    __tablename__ = "letter_look"

    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"), primary_key=True)
    #: right or left; empty follows the country.
    window: Mapped[str] = mapped_column(default="")
    #: A JPEG that we made ourselves, on white; its sides in pixels.
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    logo_width: Mapped[int | None]
    logo_height: Mapped[int | None]
    changed_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("\"window\" IN ('', 'right', 'left')", "window"),
        CheckConstraint("(logo IS NULL) = (logo_width IS NULL) AND (logo IS NULL) = (logo_height IS NULL)", "logo"),
    )


class LetterText(Table):
    """A creditor's own words in one language; a part without a row says what comes with the portal."""

    __tablename__ = "letter_text"

    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditor.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    changed_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture of ours and its sides in pixels."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Stationery:
    """What a letter is set on; `window` is empty where the country decides, and a part not in `texts` is ours."""

    window: str = ""
    logo: Logo | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


#: Put together once, as it is asked for every letter of a run.
LOOK = select(LetterLook.window, LetterLook.logo, LetterLook.logo_width, LetterLook.logo_height).where(
    LetterLook.creditor_id == bindparam("creditor", type_=Uuid())
)
TEXTS = select(LetterText.part, LetterText.text).where(
    LetterText.creditor_id == bindparam("creditor", type_=Uuid()), LetterText.language == bindparam("language")
)


def stationery_of(session: Session, creditor_id: UUID, language: str) -> Stationery:
    """What this creditor's letters in this language are set on."""
    look = session.execute(LOOK, {"creditor": creditor_id}).first()
    own = {row.part: row.text for row in session.execute(TEXTS, {"creditor": creditor_id, "language": language})}
    if look is None:
        return Stationery(texts=own)
    logo = None if look.logo is None else Logo(look.logo, look.logo_width, look.logo_height)
    return Stationery(look.window, logo, own)


def look_locked(session: Session, creditor_id: UUID) -> LetterLook | None:
    """The creditor's look, held against a second change at the same moment."""
    return session.scalar(select(LetterLook).where(LetterLook.creditor_id == creditor_id).with_for_update())


def texts_in(session: Session, creditor_id: UUID, language: str) -> dict[str, LetterText]:
    """The creditor's own words in this language, by part."""
    rows = session.scalars(
        select(LetterText).where(LetterText.creditor_id == creditor_id, LetterText.language == language)
    )
    return {row.part: row for row in rows}


def languages_with_texts(session: Session, creditor_id: UUID) -> frozenset[str]:
    """The languages in which the creditor says something in its own words."""
    return frozenset(session.scalars(select(LetterText.language).where(LetterText.creditor_id == creditor_id)))


def has_look(session: Session, creditor_id: UUID) -> bool:
    """Whether the creditor ever decided about its look."""
    return bool(session.scalar(select(exists().where(LetterLook.creditor_id == creditor_id))))


def has_texts(session: Session, creditor_id: UUID) -> bool:
    """Whether the creditor says anything in its own words."""
    return bool(session.scalar(select(exists().where(LetterText.creditor_id == creditor_id))))

"""What do people do in a test? Dora owes, Clara is the clerk, Stefan owes something else, Carl works elsewhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Self
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.rules.access import Room
from portal.store.access import SignedIn
from portal.web.parts import Parts
from tests import examples
from tests.examples import Clock, Known


class _Forms(HTMLParser):
    """Reads the forms of a page: where each goes, and what its hidden and prefilled fields hold."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        if not self.forms:
            return
        fields = self.forms[-1][1]
        if tag == "input" and given.get("name"):
            kind = given.get("type", "text")
            if kind in {"submit", "button", "file"} or (kind in {"radio", "checkbox"} and "checked" not in given):
                return
            fields.setdefault(given["name"], []).append(given.get("value", ""))
        if tag == "textarea" and given.get("name"):
            self._area = given["name"]
            fields[self._area] = [""]
        if tag == "select":
            self._select = given.get("name")
        if tag == "option" and self._select and "selected" in given:
            fields[self._select] = [given.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1][1][self._area][0] += data


def forms_of(html: str) -> list[tuple[str, dict[str, list[str]]]]:
    """The forms of a page as (action, fields with what they hold already)."""
    reader = _Forms()
    reader.feed(html)
    return reader.forms


@dataclass
class Portal:
    """One running portal in a test: its application, its parts, its clock."""

    app: Flask
    parts: Parts
    clock: Clock
    engine: str
    people: list[Person] = field(default_factory=list)

    def person(self, known: Known) -> Debtor:
        return Debtor(self, self.app.test_client(), known)

    @property
    def dora(self) -> Debtor:
        return self.person(examples.DORA)

    @property
    def stefan(self) -> Debtor:
        return self.person(examples.STEFAN)

    @property
    def colette(self) -> Debtor:
        return self.person(examples.COLETTE)

    def staff(self, name: str) -> Clerk:
        """clara (agent), lena (lead), adam (admin), otto (auditor) of Velo Sutter; carl (lead) of Cabinet Rochat."""
        return Clerk(self, self.app.test_client(), name)

    def reading(self) -> Any:
        return self.parts.database.reading()

    def writing(self) -> Any:
        return self.parts.database.writing()

    def read(self, question: Any) -> Any:
        """What `question(session)` answers in a short reading transaction."""
        with self.parts.database.reading() as session:
            return question(session)


@dataclass
class Person:
    """Somebody with a browser."""

    portal: Portal
    client: FlaskClient

    def opens(self, path: str, **more: Any) -> TestResponse:
        """The page under this path."""
        return self.client.get(path, **more)

    def speaks(self, language: str) -> Self:
        """Pages come in this language from now on; tests read English unless they are about languages."""
        assert self.client.get(f"/help?lang={language}").status_code == 200
        return self

    def reads(self, path: str) -> str:
        """The text of a page that must be there."""
        answer = self.opens(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers.get("Location"))
        return answer.get_data(as_text=True)

    def sends(self, path: str, *, form: int | None = None, page: str | None = None, **fields: Any) -> TestResponse:
        """Opens the page, fills its form in and sends it; `page` is where the form stands if not under `path`.

        `form` picks one of several forms by place; else the one whose action is the path (or empty).
        """
        html = self.reads(page or path)
        sent = _pick(forms_of(html), path, form)
        for name, value in fields.items():
            sent[name] = list(value) if isinstance(value, list | tuple) and not _is_file(value) else [value]
        data = {name: values if len(values) > 1 else values[0] for name, values in sent.items() if values}
        return self.client.post(path, data=data, content_type="multipart/form-data" if _has_files(data) else None)

    def posts(self, path: str, *, token_from: str | None = None, **fields: Any) -> TestResponse:
        """Sends these fields and nothing else but a CSRF token of this browser."""
        return self.client.post(path, data={**fields, "csrf_token": self.token(token_from)})

    def token(self, page: str | None = None) -> str:
        """A CSRF token for this browser, from a page with a form."""
        html = self.reads(page or "/velo-sutter")
        for _, fields in forms_of(html):
            if "csrf_token" in fields:
                return fields["csrf_token"][0]
        raise AssertionError(f"no form with a token on {page}")

    def follows(self, answer: TestResponse) -> str:
        """The page a good POST leads to."""
        assert answer.status_code == 303, (answer.status_code, answer.get_data(as_text=True)[:3000])
        return self.reads(answer.headers["Location"])


@dataclass
class Debtor(Person):
    """Somebody who got a letter."""

    known: Known

    @property
    def path(self) -> str:
        return f"/claims/{self.known.reference}"

    def is_in(self, room: Room = Room.FILE) -> Debtor:
        """Signed in with the letter, in this room, without going through the entry page."""
        token = f"{uuid4().hex}{uuid4().hex[:11]}"
        with self.portal.writing() as session:
            session.add(self._row(session, token, room))
        self.client.set_cookie("s", token)
        return self.speaks("en")

    def _row(self, session: Session, token: str, room: Room) -> SignedIn:
        creditor = examples.ROCHAT if self.known.name == examples.COLETTE.name else examples.VELO
        return SignedIn(
            token_hash=hashlib.sha256(token.encode()).digest(), audience="debtor", creditor_id=creditor,
            debtor_id=self.known.debtor_id, room=room.value, letters=[str(self.known.letter_id)],
            started_at=self.portal.clock(), seen_at=self.portal.clock(), proved_at=self.portal.clock(),
        )  # fmt: skip

    def signs_in(self, slug: str = "velo-sutter") -> TestResponse:
        """Through the entry page, with the code and the postcode of the letter."""
        return self.sends(f"/{slug}/enter", page=f"/{slug}", form=0, code=self.known.code, postcode=self.known.postcode)


@dataclass
class Clerk(Person):
    """Somebody at the desk."""

    name: str

    def is_in(self) -> Clerk:
        """Signed in at the desk, without going through its sign-in page."""
        identity, creditor_id, _, _ = examples.STAFF[self.name]
        token = f"{uuid4().hex}{uuid4().hex[:11]}"
        with self.portal.writing() as session:
            session.add(
                SignedIn(
                    token_hash=hashlib.sha256(token.encode()).digest(), audience="desk", creditor_id=creditor_id,
                    clerk_id=identity, started_at=self.portal.clock(), seen_at=self.portal.clock(),
                )
            )  # fmt: skip
        self.client.set_cookie("a", token)
        return self.speaks("en")

    def at(self, known: Known) -> str:
        """The desk's page of this person's claim."""
        return f"/desk/claims/{known.reference}"


def _pick(forms: list[tuple[str, dict[str, list[str]]]], path: str, place: int | None) -> dict[str, list[str]]:
    with_token = [(action, fields) for action, fields in forms if "csrf_token" in fields]
    assert with_token, "no form on the page"
    if place is not None:
        return dict(with_token[place][1])
    exact = [fields for action, fields in with_token if action == path]
    own = [fields for action, fields in with_token if action == ""]
    return dict((exact or own or [with_token[0][1]])[0])


def _is_file(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) >= 2 and hasattr(value[0], "read")


def _has_files(data: dict[str, Any]) -> bool:
    flat = [item for value in data.values() for item in (value if isinstance(value, list) else [value])]
    return any(_is_file(item) for item in flat)

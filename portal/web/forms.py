"""What has a person typed: one base for all forms, our own sentences, and nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from flask import request
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import ValidationError

from portal.rules.dates import from_parts, parse_day
from portal.rules.money import Money, parse_amount
from portal.web.i18n import gettext as _


class Form(FlaskForm):  # type: ignore[misc]
    """The base of all forms; the CSRF token is checked at the door, so forms carry none of their own."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False
        locales = ("en",)

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Fields come from a sent form only; a JSON body is no form."""
            return super().wrap_formdata(form, None if request.is_json else formdata)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        for field in self:
            field.label.text = _(field.label.text)

    def sent_well(self) -> bool:
        """True if this is a POST and every field is as it should be."""
        return bool(request.method == "POST" and self.validate())

    def refuse(
        self,
        problems: Iterable[StrEnum],
        sentences: Mapping[Any, str],
        fields: Mapping[Any, str],
        **values: object,
    ) -> bool:
        """Put the sentence for each problem on its field; True if there was one."""
        found = False
        for problem in problems:
            found = True
            self.say(fields.get(problem, ""), _(sentences[problem], **values) if values else _(sentences[problem]))
        return found

    def say(self, field: str, sentence: str) -> None:
        """Put a sentence on a field, or on the form as a whole."""
        if field and field in self:
            self[field].errors = [*self[field].errors, sentence]
        else:
            self.form_errors.append(sentence)


class DecidingForm(Form):
    """A form that decides something: `op` makes a double click harmless, `seen` names the sum that was shown."""

    op = HiddenField()
    seen = HiddenField()

    def op_id(self) -> UUID:
        """The form's own id; a missing or broken one gets a fresh one, so that nothing is lost."""
        try:
            return UUID(str(self.op.data or ""))
        except ValueError:
            return uuid4()

    def seen_minor(self) -> int | None:
        """The sum that the page had shown, in minor units."""
        raw = str(self.seen.data or "")
        return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 12 else None


class AmountField(StringField):
    """A sum as people type it; `money` is None when it can't be read."""

    def money(self, currency: str) -> Money | None:
        minor = parse_amount(str(self.data or ""), currency=currency)
        return None if minor is None else Money(minor, currency)


class DayField(StringField):
    """A day as people type it."""

    def day(self) -> date | None:
        return parse_day(str(self.data or ""))


def day_of(whole: str | None, day: str | None, month: str | None, year: str | None) -> date | None:
    """A day from one ISO field or from three fields."""
    if whole:
        return parse_day(whole)
    return from_parts(day or "", month or "", year or "")


def no_longer_than(limit: int, sentence: str) -> Any:
    """A validator with our own sentence for a text that is too long."""

    def check(form: Form, field: Any) -> None:
        if len(field.data or "") > limit:
            raise ValidationError(_(sentence, limit=limit))

    return check

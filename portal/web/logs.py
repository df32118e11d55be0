"""What is written down about each request, so that operators see what happened and no secret ever stands there?"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from datetime import UTC, datetime
from typing import TextIO

from flask import Flask, Response, g, request

from portal.rules.letter_code import Code, normalise

REQUESTS = logging.getLogger("portal.requests")
_WORD = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{4}(?:[ -]?[0-9A-Za-z]{4}){3}(?![0-9A-Za-z])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){3,7}(?: ?[0-9A-Z]{1,3})?\b")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
FACTS = ("request", "rule", "method", "status", "ms")


def scrub(text: str) -> str:
    """The text without letter codes, account numbers and mail addresses (`security.md` 6.3)."""
    text = _WORD.sub(lambda found: "[code]" if isinstance(normalise(found[0]), Code) else found[0], text)
    return _MAIL.sub("[mail]", _IBAN.sub("[iban]", text))


class JsonLines(logging.Formatter):
    """One JSON object a line: time in UTC, level, and either the request's facts or the sentence."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
        }
        facts = {name: getattr(record, name) for name in FACTS if hasattr(record, name)}
        line |= facts or {"text": scrub(record.getMessage())}
        if record.exc_info:
            line["trace"] = scrub(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class TextLines(logging.Formatter):
    """The same for people's eyes."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%d %H:%M:%S")
        text = f"{moment} {record.levelname.lower()} {record.name}: {scrub(record.getMessage())}"
        return f"{text}\n{scrub(self.formatException(record.exc_info))}" if record.exc_info else text


def configure(style: str, *, stream: TextIO | None = None) -> None:
    """Everything this process logs goes to standard error, in the style of PORTAL_LOG_FORMAT."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("portal").setLevel(logging.INFO)


def install(app: Flask) -> None:
    """Every request is logged once, by its route and never by its address."""
    app.before_request(_begin)
    app.after_request(_note)


def _begin() -> None:
    g.request_id = secrets.token_hex(6)
    g.began = time.perf_counter()


def _note(response: Response) -> Response:
    if "began" not in g or not REQUESTS.isEnabledFor(logging.INFO):
        return response
    rule = request.url_rule.rule if request.url_rule is not None else "-"
    ms = round((time.perf_counter() - g.began) * 1000)
    response.headers["X-Request-Id"] = g.request_id
    REQUESTS.info(
        "%s %s %s %s ms %s", request.method, rule, response.status_code, ms, g.request_id,
        extra={
            "request": g.request_id, "rule": rule, "method": request.method,
            "status": response.status_code, "ms": ms,
        },
    )  # fmt: skip
    return response

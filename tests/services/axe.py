"""Can everyone use this page, as far as a machine can tell (WCAG 2.2 A and AA by axe-core)?"""

from __future__ import annotations

from importlib import resources
from typing import Any

from playwright.sync_api import Page

STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
SOURCE = resources.files("axe_playwright_python").joinpath("axe.min.js")
#: Two frames after the last style change: axe measures colours, and must not measure a fade.
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def violations(page: Page, *, standards: tuple[str, ...] = STANDARDS) -> list[str]:
    """One line per rule broken on the page as it is now: the rule, what it says, and the elements; empty is good."""
    page.evaluate(SETTLED)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SOURCE.read_text(encoding="utf-8"))  # evaluate() works under our CSP, a script tag would not
    run = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
    found: dict[str, Any] = page.evaluate(run, list(standards))
    return [_line(rule) for rule in found["violations"]]


def _line(rule: dict[str, Any]) -> str:
    places = "; ".join(" ".join(str(part) for part in node["target"]) for node in rule["nodes"])
    return f"{rule['id']}: {rule['help']} ({places})"

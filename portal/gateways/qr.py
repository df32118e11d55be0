"""How does a text become a QR code that a phone reads from a page or a paper?"""

import re
from collections.abc import Iterator
from html import escape

from portal.gateways.qr_mask import masked

SWISS_SIDE = 46  # mm, IG QR-bill v2.3, style guide
SWISS_QUIET = 5  # mm
PLAIN_QUIET = 4  # modules, ISO/IEC 18004
RUN = re.compile("1+")
# The Swiss cross in a field of 7 x 7 mm: white rim, black square of 6 mm, arms a sixth longer than wide.
CROSS = (
    '<g transform="translate(24.5 24.5)"><path fill="#fff" d="M0 0h7v7h-7z"/>'
    '<path fill="#000" d="M.5.5h6v6h-6z"/>'
    '<path fill="#fff" d="M2.92 1.56h1.16v1.36h1.36v1.16h-1.36v1.36h-1.16v-1.36h-1.36v-1.16h1.36z"/></g>'
)


def swiss_svg(payload: str, title: str) -> str:
    """An SVG of 56 x 56 mm: the Swiss QR code of 46 mm with its cross in a white frame of 5 mm, named by the title."""
    rows = masked(payload)
    scale = f"{SWISS_SIDE / len(rows):.6f}"
    code = f'<g transform="translate({SWISS_QUIET} {SWISS_QUIET}) scale({scale})">{_modules(rows)}</g>'
    side = SWISS_SIDE + 2 * SWISS_QUIET
    return _svg(side, f"{side}mm", title, code + CROSS)


def plain_svg(text: str, title: str) -> str:
    """An SVG of a QR code without a cross, one unit a module, in a white frame of four modules, named by the title."""
    rows = masked(text)
    side = len(rows) + 2 * PLAIN_QUIET
    code = f'<g transform="translate({PLAIN_QUIET} {PLAIN_QUIET})">{_modules(rows)}</g>'
    return _svg(side, "40mm", title, code)


def _svg(side: int, size: str, title: str, inside: str) -> str:
    name = escape(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{name}" width="{size}" height="{size}" '
        f'viewBox="0 0 {side} {side}"><title>{name}</title><path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>'
        f"{inside}</svg>"
    )


def _modules(rows: list[str]) -> str:
    """The dark modules as one path, a stroke of one unit per run: the shortest form, as the page counts bytes."""
    path = "".join(_strokes(rows))
    return f'<path fill="none" stroke="#000" shape-rendering="crispEdges" d="{path}"/>'


def _strokes(rows: list[str]) -> Iterator[str]:
    at = 0
    for line, row in enumerate(rows):
        column = 0
        for run in RUN.finditer(row):
            start, end = run.span()
            yield f"M{start} {line}.5h{end - start}" if column == 0 else f"m{start - at} 0h{end - start}"
            at = column = end

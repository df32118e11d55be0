"""Which words does a PDF hold, read as a screen reader gets them: through each font's table to Unicode?"""

from __future__ import annotations

import io
import re

import pikepdf

CHARACTERS = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*\n")
RANGES = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*\n")


def text_of(made: bytes) -> str:
    """The text of all pages in reading order, with no-break spaces and line ends as plain spaces."""
    found: list[str] = []
    with pikepdf.open(io.BytesIO(made)) as pdf:
        for page in pdf.pages:
            fonts = {name: _table(font) for name, font in page.Resources.Font.items()}
            table: dict[int, str] = {}
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    table = fonts[str(operands[0])]
                elif str(operator) == "TJ":
                    found += [_read(bytes(part), table) for part in operands[0] if isinstance(part, pikepdf.String)]
                elif str(operator) == "Tj":
                    found.append(_read(bytes(operands[0]), table))
                elif str(operator) == "ET":
                    found.append(" ")
    return re.sub(r"\s+", " ", "".join(found).replace("\u00a0", " "))


def _read(raw: bytes, table: dict[int, str]) -> str:
    return "".join(table[int.from_bytes(raw[at : at + 2])] for at in range(0, len(raw), 2))


def _table(font: pikepdf.Object) -> dict[int, str]:
    """Glyph to characters, by the font's own ToUnicode map; a font without one could not be read aloud."""
    cmap = font.ToUnicode.read_bytes()
    table: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in CHARACTERS.findall(block):
            table[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, text in RANGES.findall(block):
            start = int(text, 16)
            table |= {code: chr(start + code - int(first, 16)) for code in range(int(first, 16), int(last, 16) + 1)}
    return table

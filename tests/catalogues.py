"""Which sentences does the program say, and are they in the catalogues?

`python -m tests.catalogues` brings them up to date, without line numbers, dates or fuzzy guesses: a catalogue only
changes when a sentence does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "translations"
TEMPLATE = FOLDER / "messages.pot"
LANGUAGES = ("de", "fr", "it")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
METHODS = [
    ("web/**.py", "python"),
    *[(f"**.{suffix}", "jinja2") for suffix in ("html", "txt", "xml")],
]
OPTIONS = {suffix: {"trimmed": "true", "newstyle_gettext": "true", "silent": "false", "encoding": "utf-8"}
           for suffix in ("**.html", "**.txt", "**.xml")}  # fmt: skip
HEADER = "# Kulanz: what the portal says. Kept up to date by `make translations`."


def extracted() -> Catalog:
    """Every sentence of the code and the templates as they are now, sorted."""
    catalog = Catalog(project="kulanz", header_comment=HEADER, charset="utf-8", fuzzy=False)
    found = [message for folder in ("portal", "templates") for message in _messages(ROOT / folder)]
    for text, context in sorted(found, key=lambda message: (str(message[0]), str(message[1]))):
        catalog.add(text, context=context)
    return catalog


def _messages(folder: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    rows = extract_from_dir(folder, METHODS, OPTIONS, keywords=KEYWORDS)
    for _name, _line, text, _comments, context in rows:
        yield text, context


def catalogue(language: str) -> Path:
    """Where a language's catalogue lies."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(path: Path, language: str | None = None) -> Catalog:
    """A catalogue as it lies on disk."""
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def write(path: Path, catalog: Catalog) -> None:
    """The catalogue lies on disk, with nothing in it that changes by itself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=120, no_location=True, omit_header=False, sort_output=True, ignore_obsolete=True)
    steady = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(_CHANGING)]
    path.write_text("\n".join(steady).rstrip("\n") + "\n", encoding="utf-8")


_CHANGING = ('"POT-Creation-Date:', '"PO-Revision-Date:', '"Last-Translator:', '"Generated-By:', '"Language-Team:',
             '"Report-Msgid-Bugs-To:')  # fmt: skip


def main() -> int:
    """Template and catalogues hold exactly today's sentences; prints how many of each are still to be translated."""
    template = extracted()
    write(TEMPLATE, template)
    for language in LANGUAGES:
        path = catalogue(language)
        catalog = (
            read(path, language) if path.exists() else Catalog(locale=language, header_comment=HEADER, fuzzy=False)
        )
        catalog.update(template, no_fuzzy_matching=True, update_header_comment=True)
        catalog.fuzzy = False
        write(path, catalog)
        empty = [message for message in catalog if message.id and not all(_texts(message.string))]
        print(f"{language}: {len(catalog)} sentences, {len(empty)} to translate")
    return 0


def _texts(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (string or "",) if isinstance(string, str | None) else tuple(string)


if __name__ == "__main__":
    sys.exit(main())

"""Is every sentence there in every language, with the same figures in it, and has every outcome a sentence?"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from enum import StrEnum
from types import ModuleType

import pytest
from babel.messages.catalog import Message

import portal.rules
import portal.web.labels
from tests import catalogues

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
#: Whatever else looks like formatting: %s, %d, {name}.
OTHER_FORMATTING = re.compile(r"%(?!\(\w+\)s|%)(?:\(\w+\))?[a-zA-Z]|\{\w*\}")
NEEDS_LABEL = ("Problem", "Standing", "Reason")


def texts(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (string or "",) if isinstance(string, str | None) else tuple(string)


def messages(catalog: object) -> dict[tuple[str, str | None], Message]:
    return {(texts(message.id)[0], message.context): message for message in catalog if message.id}  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def source() -> dict[tuple[str, str | None], Message]:
    return messages(catalogues.extracted())


def test_the_template_is_what_the_code_says(source: dict[tuple[str, str | None], Message]) -> None:
    stored = messages(catalogues.read(catalogues.TEMPLATE))
    assert sorted(source.keys() ^ stored.keys(), key=str) == [], "run `make translations`"


def test_no_sentence_hides_in_an_f_string() -> None:
    """There the extractor does not look, so that nobody would be asked to translate it."""
    hiding = re.compile(r"""f"[^"\n]*\{n?_?(?:gettext|_)\('""")
    files = (catalogues.ROOT / "portal").rglob("*.py")
    assert [file.name for file in files if hiding.search(file.read_text(encoding="utf-8"))] == []


def test_placeholders_have_names(source: dict[tuple[str, str | None], Message]) -> None:
    wrong = [text for message in source.values() for text in texts(message.id) if OTHER_FORMATTING.search(text)]
    assert wrong == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_a_language_is_whole(language: str, source: dict[tuple[str, str | None], Message]) -> None:
    catalog = catalogues.read(catalogues.catalogue(language), language)
    stored = messages(catalog)
    assert sorted(source.keys() - stored.keys(), key=str) == [], "missing"
    assert sorted(stored.keys() - source.keys(), key=str) == [], "no longer said"
    assert list(catalog.obsolete) == []
    assert [key for key, message in stored.items() if message.fuzzy] == [], "fuzzy"
    assert [key for key, message in stored.items() if not all(texts(message.string))] == [], "empty"


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_a_translation_names_the_same_figures(language: str) -> None:
    stored = messages(catalogues.read(catalogues.catalogue(language), language))
    assert [key for key, message in stored.items() if not same_placeholders(message)] == []


def same_placeholders(message: Message) -> bool:
    """One form: the same names. Several: each only known names, and the last one (many) all of them."""
    asked = [frozenset(PLACEHOLDER.findall(text)) for text in texts(message.id)]
    given = [frozenset(PLACEHOLDER.findall(text)) for text in texts(message.string)]
    if any(OTHER_FORMATTING.search(text) for text in texts(message.string)):
        return False
    return given[-1] == asked[-1] and all(names <= frozenset().union(*asked) for names in given)


@pytest.mark.parametrize(
    "path", [catalogues.TEMPLATE, *map(catalogues.catalogue, catalogues.LANGUAGES)], ids=lambda path: path.parts[-3]
)
def test_a_catalogue_has_no_line_numbers(path: object) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()  # type: ignore[attr-defined]
    assert [line for line in lines if line.startswith("#:")] == []


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


LABEL_MODULES = list(modules_of(portal.web.labels))


@pytest.mark.parametrize("module", LABEL_MODULES, ids=lambda module: module.__name__.rsplit(".", 1)[1])
def test_each_member_has_a_sentence(module: ModuleType, source: dict[tuple[str, str | None], Message]) -> None:
    said = {text for text, _context in source}
    for kind, labels in module.LABELS.items():
        assert set(labels) == set(kind), kind
        assert [text for text in labels.values() if text not in said] == [], f"{kind}: not marked with N_()"
    for kind, fields in getattr(module, "FIELDS", {}).items():
        assert set(fields) == set(kind), kind


def test_each_outcome_is_labelled_once() -> None:
    labelled = [kind for module in LABEL_MODULES for kind in module.LABELS]
    assert len(labelled) == len(set(labelled))
    shown = {
        kind
        for module in modules_of(portal.rules)
        for _name, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, StrEnum) and kind.__module__ == module.__name__ and kind.__name__.endswith(NEEDS_LABEL)
    }
    assert sorted(kind.__qualname__ for kind in shown - set(labelled)) == []

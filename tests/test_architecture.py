"""Does the grid hold: which folder imports which, which library appears where, one name per page?"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400

#: What each folder may import of ours; app, commands and demo know every part.
MAY_IMPORT = {
    "rules": {"rules"},
    "store": {"rules", "store"},
    "gateways": {"rules", "gateways", "paths"},
    "actions": {"rules", "store", "gateways", "actions"},
    "web": {"rules", "store", "gateways", "actions", "web", "settings", "paths"},
    "settings": {"rules", "settings"},
    "paths": {"paths"},
}
#: What each folder may import of others'.
LIBRARIES = {
    "rules": set(),
    "store": {"sqlalchemy", "alembic"},
    "gateways": {
        "argon2", "babel", "cryptography", "holidays", "jinja2", "openpyxl", "pi_heif", "pikepdf", "PIL", "psycopg",
        "pyotp", "requests", "segno", "stdnum", "stripe", "typst",
    },
    "actions": {"sqlalchemy"},
    "web": {
        "babel", "flask", "flask_limiter", "flask_login", "flask_wtf", "jinja2", "limits", "markupsafe", "sqlalchemy",
        "werkzeug", "wtforms",
    },
    "settings": set(),
    "paths": set(),
}  # fmt: skip
#: Libraries that are wrapped in one module.
ONLY_IN = {"flask_login": {"web/login.py", "app.py"}, "pyotp": {"gateways/totp.py"}, "typst": {"gateways/pdf.py"}}
READS_CLOCKS = {"app.py", "commands.py"}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
VIEW = re.compile(r"(debtor|creditor)/([a-z_]+)/([a-z_]+)\.html")


@dataclass(frozen=True)
class Module:
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT / "portal").as_posix()

    @property
    def layer(self) -> str:
        return self.name.split("/")[0].removesuffix(".py")

    def imports(self) -> Iterator[str]:
        """Every dotted name imported anywhere in the module; relative ones are not used here."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}: relative import"
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


MODULES = [Module(path) for path in sorted((ROOT / "portal").rglob("*.py"))]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)


@each_module
def test_arrows_point_down(module: Module) -> None:
    ours = {name.split(".")[1] for name in module.imports() if name.startswith("portal.")}
    if module.layer in MAY_IMPORT:
        assert ours - MAY_IMPORT[module.layer] == set()
    if module.layer != "demo" and module.name != "commands.py":
        assert "demo" not in ours


@each_module
def test_libraries_stay_in_their_folder(module: Module) -> None:
    others = {name.split(".")[0] for name in module.imports()} - set(sys.stdlib_module_names) - {"portal"}
    if module.layer in LIBRARIES:
        assert others - LIBRARIES[module.layer] == set()
    for library, places in ONLY_IN.items():
        if module.layer != "demo":
            assert library not in others or module.name in places


@each_module
def test_nothing_is_imported_inside_a_function(module: Module) -> None:
    hidden = [
        f"{function.name}, line {node.lineno}"
        for function in module.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


@each_module
def test_a_module_is_short_and_says_what_it_answers(module: Module) -> None:
    assert ast.get_docstring(module.tree), "the first statement is a sentence"
    assert len(module.path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@each_module
def test_nothing_dangerous_is_called(module: Module) -> None:
    called = {
        call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        for call in module.calls()
    }
    # The demo's stand-in counts seconds of real time; nothing with money in it may know float.
    allowed = {"float"} if module.layer == "demo" else set()
    assert called & {"filter_by", "Markup", "float", "eval", "exec"} - allowed == set()


@each_module
def test_only_the_composition_root_reads_a_clock(module: Module) -> None:
    read = {
        (call.func.value.id, call.func.attr)
        for call in module.calls()
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)
    }
    if module.name not in READS_CLOCKS and module.layer != "demo":
        assert read & CLOCKS == set()


def test_module_names_say_something() -> None:
    empty = {"helpers.py", "utils.py", "util.py", "common.py", "base.py", "misc.py"}
    assert [module.name for module in MODULES if module.path.name in empty] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_escapes_everything_and_belongs_to_a_view(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert re.search(r"\|\s*safe\b|autoescape\s+false", text) is None
    found = VIEW.fullmatch(template.relative_to(ROOT / "templates").as_posix())
    if found and not found[3].startswith("_"):
        module = Module(ROOT / "portal" / "web" / found[1] / f"{found[2]}.py")
        assert module.path.exists()
        assert found[3] in {function.name for function in module.functions()}


@each_module
def test_a_view_shows_its_own_templates(module: Module) -> None:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (found := VIEW.fullmatch(node.value)):
            assert (ROOT / "templates" / node.value).exists(), node.value
            assert module.name == f"web/{found[1]}/{found[2]}.py", node.value

"""The rules of the house that no linter knows: layers, tables, forbidden calls, sizes, one version."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

import mka1_desktop
from mka1_desktop.app.exit_codes import Exit, exit_for
from mka1_desktop.domain.errors import ADVICE, SERVICE_ADVICE, Code
from mka1_desktop.domain.settings import TABLE, Setting

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "mka1_desktop"
LINE_LIMIT = 300

# The keys that scripts may rely on, and what they may set (contract: setting keys).
CONTRACT_KEYS = {
    "talk.key", "talk.global", "talk.mode", "talk.tail_ms", "audio.engine", "audio.microphone", "audio.speaker",
    "audio.volume", "assistant.model", "assistant.instructions", "assistant.language", "thread.kind",
    "session.renewal", "connection.base_url", "quick_ask.key", "quick_ask.global",
}  # fmt: skip
CONTRACT_CHOICES = {
    "talk.mode": ("auto", "hold", "toggle", "open"),
    "audio.engine": ("native", "portaudio"),
    "thread.kind": ("conversation", "chain"),
    "session.renewal": ("auto", "ahead", "on_disconnect"),
}

# A library, and the files that may import it: one family each.
FAMILIES = {
    "PySide6": ("app/*", "ui/*", "viewmodels/*"),
    "shiboken6": ("ui/*",),  # PySide6's own
    "qasync": ("app/*",),
    "livekit": ("adapters/*", "app/switch_sound.py", "demo/*"),
    "httpx": ("adapters/api_*",),
    "truststore": ("adapters/api_*",),
    "ifaddr": ("adapters/room_*",),
    "sounddevice": ("adapters/*portaudio*", "adapters/cues*"),
    "pulsectl": ("adapters/*pulse*",),
    "pycaw": ("adapters/*windows*",),
    "comtypes": ("adapters/*windows*",),
    "keyring": ("adapters/*keyring*",),
    "jeepney": (
        "adapters/bus_*",
        "adapters/mpris_*",
        "adapters/*logind*",
        "adapters/portal_*",
        "adapters/hotkeys_portal*",
    ),
    "Xlib": ("adapters/hotkeys_x11*",),
    "pynput": ("adapters/hook_*", "adapters/hotkeys_hook*"),
    "sqlite3": ("adapters/history*",),
    "numpy": (
        "domain/audio.py",
        "domain/sound_*",
        "domain/answer_sound.py",
        "domain/stretch.py",
        "session/*",
        "adapters/*",
        "demo/*",
    ),
    "soxr": ("adapters/*", "demo/*"),
    "google": ("adapters/*", "demo/*"),  # protobuf
    "aiortc": ("demo/*",),
    "aioice": ("demo/*",),
    "av": ("demo/*",),
    "aiohttp": ("demo/*",),
    "jwt": ("demo/*",),
    "cryptography": ("demo/*",),
    "pocketsphinx": ("demo/*",),
    "espeakng_loader": ("demo/*",),
}
TYPES_ONLY = {("app/switch_sound.py", "livekit")}  # the engine's type; nothing is loaded
UI_MAY_IMPORT = ("mka1_desktop.ui", "mka1_desktop.viewmodels", "mka1_desktop.domain", "PySide6", "shiboken6")
PRINTERS = ("app/options.py", "demo/*")

# Files over 300 lines, each with the reason; one that has become shorter must leave the list.
LONG_FILES = {
    "domain/events.py": "the list of all facts, a few lines each",
    "domain/errors.py": "every code with its one sentence and its way out, in one table",
    "app/desk.py": "the one front that window, tray and `ctl` drive: many short methods over one set of parts",
    "ui/main_window.py": "arranges every panel and its focus order in three window forms",
}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module; `types_only` inside `if TYPE_CHECKING`."""

    module: str
    line: int
    types_only: bool

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def _name(path: Path) -> str:
    """Return a module's place inside the package, such as `ui/theme.py`."""
    return path.relative_to(ROOT / PACKAGE).as_posix()


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


MODULES = sorted((ROOT / PACKAGE).rglob("*.py"))


@cache
def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(_source(path), filename=str(path))


def _imports(path: Path) -> Iterator[Import]:
    tree = _tree(path)
    guarded = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, node in guarded)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                yield Import(f"{module}.{alias.name}", node.lineno, node in guarded)


def _calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call with the dotted text of what is called."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


# --- imports ------------------------------------------------------------------------------------------------------


def test_the_import_contracts_are_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_view_models_use_no_more_of_qt_than_its_core() -> None:
    wrong = [
        f"{_name(path)}:{found.line} {found.module}"
        for path in MODULES
        if _name(path).startswith("viewmodels/")
        for found in _imports(path)
        if found.top == "PySide6" and not found.module.startswith("PySide6.QtCore")
    ]
    assert wrong == []


def test_widgets_import_view_models_domain_and_qt_only() -> None:
    wrong = [
        f"{_name(path)}:{found.line} {found.module}"
        for path in MODULES
        if _name(path).startswith("ui/")
        for found in _imports(path)
        if found.top not in sys.stdlib_module_names
        and not any(found.module == allowed or found.module.startswith(f"{allowed}.") for allowed in UI_MAY_IMPORT)
    ]
    assert wrong == []


def test_each_library_belongs_to_one_family_of_files() -> None:
    wrong = [
        f"{_name(path)}:{found.line} {found.module}"
        for path in MODULES
        for found in _imports(path)
        if found.top not in sys.stdlib_module_names | {PACKAGE} or found.top == "sqlite3"
        if not _matches(_name(path), FAMILIES.get(found.top, ()))
        or ((_name(path), found.top) in TYPES_ONLY and not found.types_only)
    ]
    assert wrong == []


# --- tables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", Code)
def test_every_error_has_one_sentence_and_one_exit_code(code: Code) -> None:
    sentence = ADVICE[code].sentence
    assert sentence.endswith((".", "?"))
    assert sentence[0].isupper()
    assert exit_for(code) in Exit


def test_advice_of_a_service_refines_a_code_that_has_its_own() -> None:
    for (code, service), advice in SERVICE_ADVICE.items():
        assert code in ADVICE
        assert service
        assert advice.sentence.endswith(".")
        assert advice != ADVICE[code], f"the row for {code.value} of {service} says nothing new"


def test_every_setting_is_declared_once() -> None:
    repeated = [key for key, count in Counter(setting.key for setting in TABLE).items() if count > 1]
    assert repeated == []


@pytest.mark.parametrize("setting", TABLE, ids=lambda setting: setting.key)
def test_every_default_is_a_value_that_the_setting_allows(setting: Setting) -> None:
    assert setting.parse(setting.default) == setting.default
    assert setting.title
    assert not setting.choice_titles or len(setting.choice_titles) == len(setting.choices)


def test_the_settings_that_scripts_rely_on_are_there() -> None:
    declared = {setting.key: setting for setting in TABLE}
    assert declared.keys() >= CONTRACT_KEYS
    for key, choices in CONTRACT_CHOICES.items():
        assert declared[key].choices == choices


# --- calls --------------------------------------------------------------------------------------------------------


def _forbidden(name: str, called: str) -> str | None:
    """Return why this call is not allowed in this file, None when it is."""
    last = called.rpartition(".")[2]
    if called in {"time.sleep", "sleep"}:
        return "wait for an event, not for time"
    if called == "print" and not _matches(name, PRINTERS):
        return "log it, or write to the stream that the caller gave"
    if last in {"exec", "exec_"} and "." in called:
        return "a nested event loop breaks running tasks: use ui/dialogs.py"
    if last == "processEvents":
        return "a nested event loop breaks running tasks"
    if called in {"asyncio.create_task", "asyncio.ensure_future", "create_task", "ensure_future"}:
        return "a task needs an owner"
    if last == "wait_for":
        return "on Python 3.11 it can swallow a cancellation: use asyncio.timeout"
    return None


def test_nothing_forbidden_is_called() -> None:
    wrong = [
        f"{_name(path)}:{call.lineno} {called}(): {reason}"
        for path in MODULES
        for called, call in _calls(path)
        if (reason := _forbidden(_name(path), called)) is not None
    ]
    assert wrong == []


def _is_broad(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or ast.unparse(handler.type) in {"Exception", "BaseException"}


def _passes_on(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_a_broad_except_passes_the_error_on_or_says_why_not() -> None:
    wrong = []
    for path in MODULES:
        lines = _source(path).splitlines()
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ExceptHandler) and _is_broad(node) and not _passes_on(node):
                near = "\n".join(lines[node.lineno - 2 : node.body[0].lineno])
                if not re.search(r"#(?! noqa: \S+$)", near, re.MULTILINE):
                    wrong.append(f"{_name(path)}:{node.lineno}")
    assert wrong == []


# --- files --------------------------------------------------------------------------------------------------------


def test_files_are_short_or_have_a_reason() -> None:
    long = {_name(path) for path in MODULES if len(_source(path).splitlines()) > LINE_LIMIT}
    assert long == LONG_FILES.keys()
    assert all(LONG_FILES.values())


def test_test_files_have_names_of_their_own_and_no_packages() -> None:
    files = [path for path in (ROOT / "tests").rglob("*.py") if not path.is_relative_to(ROOT / "tests" / "bench")]
    assert [path for path in files if path.name == "__init__.py"] == []
    counted = Counter(path.name for path in files if path.name != "conftest.py")
    assert [name for name, count in counted.items() if count > 1] == []


# --- version ------------------------------------------------------------------------------------------------------


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    versions = {
        "mka1_desktop/__init__.py": mka1_desktop.__version__,
        "pyproject.toml": project["version"],
        "uv.lock": next(p["version"] for p in locked if p["name"] == project["name"]),
        "installed": importlib.metadata.version(project["name"]),
    }
    assert len(set(versions.values())) == 1, versions

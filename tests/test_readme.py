"""README.md says what is so: its settings are those that are declared, its commands and files exist."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from mka1_desktop.app.options import COMMANDS
from mka1_desktop.domain.settings import TABLE

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md", "CHANGELOG.md")


def _script(name: str) -> ModuleType:
    """Load a script by its place: the folder `packaging` has the name of an installed library."""
    spec = importlib.util.spec_from_file_location(f"our_{name}", ROOT / "packaging" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_settings_of_the_readme_are_the_declared_ones() -> None:
    readme = _read("README.md")
    assert _script("settings_reference").with_table(readme) == readme, "run python packaging/settings_reference.py"
    assert all(f"| `{setting.key}` |" in readme for setting in TABLE)


def test_a_readme_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="marker"):
        _script("settings_reference").with_table("no table here")


def test_every_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"mka1-desktop ([a-z][a-z-]+)", _read("README.md")))
    assert named
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_exists(document: str) -> None:
    named = set(re.findall(r"`((?:mka1_desktop|tests|packaging|resources)/[\w./-]+)`", _read(document)))
    named |= set(re.findall(r"\]\((?!https?:|#)([^)#]+)\)", _read(document)))
    missing = sorted(name for name in named if not (ROOT / name).exists())
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_document_names_a_place_of_one_machine(document: str) -> None:
    assert not re.search(r"/(work|root|home|tmp)/\w", _read(document))

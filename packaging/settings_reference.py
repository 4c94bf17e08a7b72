"""Writes the table of all settings into README.md, from the one place where settings are declared.

`python packaging/settings_reference.py` after every change of `domain/settings.py`; tests/test_readme.py reminds you.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mka1_desktop.domain.settings import TABLE, Setting

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN = "<!-- settings: written by packaging/settings_reference.py -->"
END = "<!-- end of settings -->"


def table() -> str:
    """Return the settings as a Markdown table, in the order of the declaration."""
    rows = ["| Key | Default | Allowed | What it does |", "|---|---|---|---|"]
    rows += [_row(setting) for setting in TABLE]
    return "\n".join(rows)


def with_table(text: str) -> str:
    """Return the README with a fresh table. Raises ValueError when a marker is missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("README.md has lost a marker of the settings table.")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _row(setting: Setting) -> str:
    about = f"{setting.title}. {setting.help}".strip() if setting.help else f"{setting.title}."
    cells = (f"`{setting.key}`", _default(setting), setting.range_text, about)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _default(setting: Setting) -> str:
    if isinstance(setting.default, bool):
        return "on" if setting.default else "off"
    if setting.default == "":
        return "(empty)"
    return f"`{setting.default}`" + (f" {setting.unit}" if setting.unit else "")


def main() -> int:
    """Rewrite README.md where it differs."""
    old = README.read_text(encoding="utf-8")
    new = with_table(old)
    if new != old:
        README.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

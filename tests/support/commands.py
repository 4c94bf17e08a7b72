"""A command context whose streams can be read afterwards."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from mka1_desktop.adapters.settings_file import SettingsFile
from mka1_desktop.app.command_context import CommandContext
from mka1_desktop.app.paths import find_paths


class Terminal(io.StringIO):
    """Standard input of a person."""

    def isatty(self) -> bool:
        return True


class Desk:
    """One command's surroundings: `ctx`, and what it wrote."""

    def __init__(
        self, folder: Path, *, as_json: bool = False, stdin: str = "", terminal: bool = False,
        base_url: str = "https://gw.example",
    ) -> None:  # fmt: skip
        self.out = io.StringIO()
        self.err = io.StringIO()
        paths = find_paths(str(folder / "data"))
        self.ctx = CommandContext(
            paths=paths,
            settings=SettingsFile(paths.settings),
            account="default",
            base_url=base_url,
            on_behalf_of=None,
            json=as_json,
            out=self.out,
            err=self.err,
            stdin=Terminal(stdin) if terminal else io.StringIO(stdin),
        )

    @property
    def lines(self) -> list[str]:
        return self.out.getvalue().splitlines()

    @property
    def sentence(self) -> str:
        """The last line for people."""
        return self.err.getvalue().splitlines()[-1]

    def json(self) -> Any:
        (line,) = self.lines
        return json.loads(line)

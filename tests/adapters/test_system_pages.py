from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from mka1_desktop.adapters.system_pages import MACOS_PAGE, WINDOWS_PAGE, SystemPages
from mka1_desktop.ports.system_pages import PageKind

LIMIT_S = 10.0


class Machine:
    """A system with some programs on it; `run` keeps what was started."""

    def __init__(self, system: str, desktop: str = "", *programs: str) -> None:
        self.started: list[tuple[str, ...]] = []
        self.done = threading.Event()
        self.failure: OSError | None = None
        self.pages = SystemPages(
            system=system, desktop=desktop, find=lambda name: name if name in programs else None, run=self._run
        )

    def _run(self, command: tuple[str, ...]) -> None:
        self.started.append(command)
        self.done.set()
        if self.failure is not None:
            raise self.failure


@pytest.mark.parametrize(
    ("machine", "kind", "command"),
    [
        (Machine("win32"), "privacy", (WINDOWS_PAGE,)),
        (Machine("darwin"), "privacy", ("open", MACOS_PAGE)),
        (Machine("linux", "GNOME", "gnome-control-center"), "sound", ("gnome-control-center", "sound")),
        (Machine("linux", "ubuntu:GNOME", "gnome-control-center", "pavucontrol"), "sound",
         ("gnome-control-center", "sound")),
        (Machine("linux", "KDE", "systemsettings"), "sound", ("systemsettings", "kcm_pulseaudio")),
        (Machine("linux", "KDE", "systemsettings5"), "sound", ("systemsettings5", "kcm_pulseaudio")),
        (Machine("linux", "KDE", "gnome-control-center", "pavucontrol"), "sound", ("pavucontrol",)),
        (Machine("linux", "", "pavucontrol"), "sound", ("pavucontrol",)),
    ],
)  # fmt: skip
def test_each_system_has_its_page(machine: Machine, kind: PageKind, command: tuple[str, ...]) -> None:
    assert machine.pages.microphone == kind
    machine.pages.open_microphone()
    assert machine.done.wait(LIMIT_S)
    assert machine.started == [command]


@pytest.mark.parametrize("machine", [Machine("linux"), Machine("linux", "GNOME", "systemsettings")])
def test_where_there_is_none_nothing_happens(machine: Machine) -> None:
    assert machine.pages.microphone is None
    machine.pages.open_microphone()
    assert machine.started == []


def test_a_program_that_does_not_start_is_no_error() -> None:
    machine = Machine("linux", "", "pavucontrol")
    machine.failure = FileNotFoundError("gone meanwhile")
    machine.pages.open_microphone()
    assert machine.done.wait(LIMIT_S)


@pytest.mark.skipif(os.name != "posix", reason="a shell script")
def test_the_program_gets_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, program = tmp_path / "told", tmp_path / "pavucontrol"
    os.mkfifo(told)
    program.write_text(f"#!/bin/sh\nenv > {told}\n")
    program.chmod(0o700)
    monkeypatch.setenv("MKA1_API_KEY", "mk-secret")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    SystemPages(system="linux", desktop="").open_microphone()
    env = told.read_text()
    assert "PATH=" in env
    assert "mk-secret" not in env

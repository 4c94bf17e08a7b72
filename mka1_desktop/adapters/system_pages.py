"""Opens the system's page about microphones: privacy on Windows and macOS, sound devices on Linux."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

from mka1_desktop.adapters.daemon_worker import DaemonWorker
from mka1_desktop.ports.system_pages import PageKind

log = logging.getLogger(__name__)
WINDOWS_PAGE = "ms-settings:privacy-microphone"
MACOS_PAGE = "x-apple.systempreferences:com.apple.preference.security?Privacy_Microphone"
# By the desktop's name in XDG_CURRENT_DESKTOP, which may be one of several; "" is any desktop, and comes last.
LINUX_PAGES: Sequence[tuple[str, tuple[str, ...]]] = (
    ("gnome", ("gnome-control-center", "sound")),
    ("kde", ("systemsettings", "kcm_pulseaudio")),
    ("kde", ("systemsettings5", "kcm_pulseaudio")),
    ("", ("pavucontrol",)),
)
OURS = "MKA1_"  # variables that are not for other programs: one is the key


class SystemPages:
    """See SystemPagesPort. The command runs in a thread of its own that waits for its end and is waited for by none."""

    def __init__(
        self,
        *,
        system: str = sys.platform,
        desktop: str | None = None,
        find: Callable[[str], str | None] = shutil.which,
        run: Callable[[tuple[str, ...]], None] | None = None,
    ) -> None:
        """`desktop` is XDG_CURRENT_DESKTOP, `run` takes a command or, alone, an address of Windows's own."""
        self._system = system
        self._desktops = (os.environ.get("XDG_CURRENT_DESKTOP", "") if desktop is None else desktop).lower().split(":")
        self._find = find
        self._run = run or _run

    @property
    def microphone(self) -> PageKind | None:
        if self._command() is None:
            return None
        return "privacy" if self._system in {"win32", "darwin"} else "sound"

    def open_microphone(self) -> None:
        """See SystemPagesPort."""
        command = self._command()
        if command is not None:
            worker = DaemonWorker("system page")
            worker.submit(lambda: self._try(command))
            worker.stop()

    def _command(self) -> tuple[str, ...] | None:
        if self._system == "win32":
            return (WINDOWS_PAGE,)
        if self._system == "darwin":
            return ("open", MACOS_PAGE)
        for desktop, command in LINUX_PAGES:
            if desktop in {"", *self._desktops} and self._find(command[0]) is not None:
                return command
        return None

    def _try(self, command: tuple[str, ...]) -> None:
        try:
            self._run(command)
        except OSError as e:
            log.warning("%s did not start: %s", command[0], type(e).__name__)


def _run(command: tuple[str, ...]) -> None:
    """Blocks until the program ends. Raises OSError."""
    if sys.platform == "win32":
        os.startfile(command[0])  # noqa: S606 - a constant of ours
        return
    env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    subprocess.run(  # noqa: S603 - a constant of ours
        command, env=env, check=False, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip

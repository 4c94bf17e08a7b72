"""A person's hands at a private screen: real key presses and clicks, by xdotool."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

LIMIT_S = 20.0
TALK_KEY = ("ctrl", "alt", "space")


class Hands:
    """`environment` names the screen."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)

    def click(self, place: tuple[int, int]) -> None:
        self._do("mousemove", *map(str, place), "click", "1")

    def move(self, place: tuple[int, int]) -> None:
        self._do("mousemove", *map(str, place))

    def press_button(self, button: int) -> None:
        """Press a button of the mouse where the pointer is; 8 and 9 are those at its side."""
        self._do("mousedown", str(button))

    def release_button(self, button: int) -> None:
        self._do("mouseup", str(button))

    def key(self, *names: str) -> None:
        """Press and release each of these keys, written like Return or shift+Return."""
        self._do("key", *names)

    def type(self, text: str) -> None:
        self._do("type", "--delay", "5", text)

    def tap(self, keys: tuple[str, ...] = TALK_KEY) -> None:
        """Press and release keys together within 0.15 s: a tap lasts some time, else it is a bounce."""
        down = [word for key in keys for word in ("keydown", key)]
        up = [word for key in reversed(keys) for word in ("keyup", key)]
        self._do(*down, "sleep", "0.15", *up)

    @contextmanager
    def holding(self, keys: tuple[str, ...] = TALK_KEY) -> Iterator[None]:
        """Hold keys down, in this order; they come up in the reverse one."""
        self.down(keys)
        try:
            yield
        finally:
            self.up(keys)

    def down(self, keys: tuple[str, ...] = TALK_KEY) -> None:
        self._do(*(word for key in keys for word in ("keydown", key)))

    def up(self, keys: tuple[str, ...] = TALK_KEY) -> None:
        self._do(*(word for key in reversed(keys) for word in ("keyup", key)))

    def resize(self, pid: int, width: int, height: int) -> None:
        """Give the window of this process another size."""
        window = self._do("search", "--onlyvisible", "--pid", str(pid)).split()[0]
        self._do("windowsize", "--sync", window, str(width), str(height))

    def picture(self, path: str) -> None:
        """Take a picture of the whole screen."""
        subprocess.run(["import", "-window", "root", path], env=self._environment, check=True, timeout=LIMIT_S)

    def _do(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self._environment, check=True, capture_output=True, text=True, timeout=LIMIT_S
        )
        return done.stdout

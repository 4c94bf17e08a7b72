"""What a hook into keyboard and mouse of the system is, for hotkeys_hook.py: one implementation for each system."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from mka1_desktop.domain.combos import Combo


class HookRefused(Exception):  # noqa: N818 - a state of affairs, as WatcherUnavailable
    """The system's privacy settings do not let this program hear keys."""


class HookMissing(Exception):  # noqa: N818 - likewise
    """This system, or this installation, has no way to hear keys."""


class KeyEars(Protocol):
    """Gets the keys and buttons, on the hook's threads. Answers at once: the system waits for it with every key."""

    def key(self, name: str, down: bool, at_s: float, held: Callable[[], Iterable[str]]) -> bool:
        """Return whether the key is to be swallowed. `held` asks the system which modifier keys are down."""

    def modifiers(self, held: Iterable[str], at_s: float) -> None:
        """Exactly these modifier keys are down now."""

    def interrupted(self) -> None:
        """Some events were lost."""


class KeyHook(Protocol):
    """One hook, used once."""

    @property
    def mouse(self) -> bool:
        """Whether it tells of mouse buttons. That costs something with every move of the mouse."""

    @property
    def keys(self) -> Collection[str]:
        """The names of the keys and buttons that such hooks tell of."""

    def run(self, ears: KeyEars, ready: Callable[[], None]) -> None:
        """Listen until stopped, on a thread of its own; `ready` is called once keys come.

        Raises HookRefused, HookMissing; pynput's may raise anything.
        """

    def stop(self) -> None:
        """Ask it to end, from any thread, at any time; does not wait."""

    def is_free(self, combo: Combo) -> bool:
        """Return whether no other program owns this; True where the system does not tell. While it listens."""

    def called(self, combo: Combo) -> str:
        """Return what the person calls this combination."""

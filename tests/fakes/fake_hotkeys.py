"""HotkeyPort whose keys are pressed by the test."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mka1_desktop.domain.combos import Combo
from mka1_desktop.ports.hotkeys import Backend, Binding, HotkeyChanged, HotkeyName, HotkeyProblem


class FakeHotkeys:
    """`bound` is what is ours now. `problems` are answered for these keys; they are not bound."""

    backend: Backend = "x11"

    def __init__(self, emit: Callable[[HotkeyChanged], None], *, release_events: bool = True) -> None:
        self._emit = emit
        self.release_events = release_events
        self.bound: dict[HotkeyName, Combo] = {}
        self.problems: dict[str, HotkeyProblem] = {}
        self.closed = False

    async def bind(self, wanted: Mapping[HotkeyName, Combo]) -> Mapping[HotkeyName, Binding]:
        answers = {
            name: Binding(key=str(combo), problem=self.problems.get(str(combo))) for name, combo in wanted.items()
        }
        self.bound = {name: combo for name, combo in wanted.items() if answers[name].problem is None}
        return answers

    async def close(self) -> None:
        self.bound, self.closed = {}, True

    def press(self, *, down: bool, since_s: float | None = None, name: HotkeyName = "talk") -> None:
        self._emit(HotkeyChanged(name=name, down=down, since_s=since_s))

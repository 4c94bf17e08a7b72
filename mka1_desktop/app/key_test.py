"""Ten seconds in which the talk key is tried: presses are counted, nothing is recorded and nobody talks."""

from __future__ import annotations

import math
from collections.abc import Callable

from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.tasks import KeyedTasks
from mka1_desktop.viewmodels.words import tr

LASTS_S, SECOND_S = 10.0, 1.0


class KeyTest:
    """`tell` gets a sentence for people whenever something changes; `on_running` is told when it begins and ends."""

    def __init__(
        self,
        *,
        clock: ClockPort,
        tell: Callable[[str], None],
        on_running: Callable[[bool], None],
        on_defect: Callable[[BaseException], None],
    ) -> None:
        self._clock = clock
        self._tell = tell
        self._on_running = on_running
        self._tasks = KeyedTasks(on_defect)
        self._ends_s: float | None = None
        self._pressed_s: float | None = None
        self._presses = self._releases = 0
        self._longest_s = 0.0

    @property
    def running(self) -> bool:
        return self._ends_s is not None

    def start(self) -> None:
        """Begin, or begin anew."""
        self._ends_s = self._clock.monotonic() + LASTS_S
        self._pressed_s, self._presses, self._releases, self._longest_s = None, 0, 0, 0.0
        self._tasks.stop("test")
        self._tasks.start("test", self._run())
        self._on_running(True)

    async def close(self) -> None:
        await self._tasks.close()

    def press(self) -> None:
        self._pressed_s = self._clock.monotonic()
        self._presses += 1
        self._show()

    def release(self, down_s: float | None = None) -> None:
        """The key came up; `down_s` as the input system measured it."""
        if self._pressed_s is None:
            return
        held_s = self._clock.monotonic() - self._pressed_s if down_s is None else down_s
        self._pressed_s = None
        self._releases += 1
        self._longest_s = max(self._longest_s, held_s)
        self._show()

    async def _run(self) -> None:
        for _ in range(round(LASTS_S / SECOND_S)):
            self._show()
            await self._clock.sleep(SECOND_S)
        self._ends_s = None
        self._show()
        self._on_running(False)

    def _show(self) -> None:
        if self._ends_s is None:
            self._tell(self._counted() if self._presses else tr("Key test", "No press came. Choose another key."))
            return
        left = tr(
            "Key test", "Press and hold your talk key. {left} s left.",
            left=max(0, math.ceil(self._ends_s - self._clock.monotonic())),
        )  # fmt: skip
        self._tell(f"{left} {self._counted()}" if self._presses else left)

    def _counted(self) -> str:
        counted = tr("Key test", "Presses: {presses}, releases: {releases}.", presses=self._presses,
                     releases=self._releases)  # fmt: skip
        if not self._releases:
            return counted
        return f"{counted} {tr('Key test', 'The longest lasted {seconds} s.', seconds=f'{self._longest_s:.1f}')}"

"""Runs the talk key's machine: keys, buttons and commands in, one wish about the microphone out."""

from __future__ import annotations

from collections.abc import Callable

from mka1_desktop.domain import talk
from mka1_desktop.domain.events import TalkChanged
from mka1_desktop.domain.talk import Talk, TalkSettings
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.tasks import KeyedTasks


class Talker:
    """One for the whole app: every key, button and command meets here, so that nothing fires twice or sticks."""

    def __init__(
        self,
        *,
        clock: ClockPort,
        post: Callable[[TalkChanged], None],
        on_change: Callable[[Talk], None],
        on_defect: Callable[[BaseException], None],
        settings: TalkSettings,
    ) -> None:
        self._clock = clock
        self._post = post
        self._on_change = on_change
        self._tasks = KeyedTasks(on_defect)
        self.settings = settings
        self.talk = Talk()

    def press(self, up_s: float | None = None) -> None:
        """The key went down; it was up for so many seconds, if the input system knows it."""
        self._to(talk.press(self.talk, self._clock.monotonic(), self.settings, up_s=up_s))

    def release(self, down_s: float | None = None) -> None:
        """The key came up; it was down for so many seconds, if the input system knows it."""
        self._to(talk.release(self.talk, self._clock.monotonic(), self.settings, down_s=down_s))

    def start(self) -> None:
        """Open without a key (`ctl talk start`, open microphone); idempotent."""
        self._to(talk.latch(self.talk, self._clock.monotonic()))

    def finish(self) -> None:
        """End with the tail (`ctl talk stop`); idempotent."""
        self._to(talk.finish(self.talk, self._clock.monotonic(), self.settings))

    def toggle(self) -> None:
        if self.talk.open and self.talk.phase is not talk.Phase.TAIL:
            self.finish()
        else:
            self.start()

    def stop(self) -> None:
        """End at once: mute, hang-up, lost device."""
        self._to(talk.stop(self.talk))

    async def close(self) -> None:
        await self._tasks.close()

    def _to(self, new: Talk) -> None:
        before, self.talk = self.talk, new
        if new == before:
            return
        self._tasks.stop("tail")
        if new.tail_until_s is not None:
            self._tasks.start("tail", self._tail(new.tail_until_s))
        if new.open != before.open:
            self._post(TalkChanged(open=new.open))
        self._on_change(new)

    async def _tail(self, until_s: float) -> None:
        while (left_s := until_s - self._clock.monotonic()) > 0:
            await self._clock.sleep(left_s)
        self._to(talk.tail_over(self.talk, self._clock.monotonic()))

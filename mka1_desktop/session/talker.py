"""Runs the talk key's machine: keys, buttons and commands in, one wish about the microphone out."""

from __future__ import annotations

from collections.abc import Callable

from mka1_desktop.domain import talk
from mka1_desktop.domain.events import TalkChanged
from mka1_desktop.domain.talk import Talk, TalkSettings
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.tasks import KeyedTasks

LONGEST_S, WARNED_S = 300.0, 30.0  # a key that talks for longer was forgotten, or something lies on it


class Talker:
    """One for the whole app: every key, button and command meets here, so that nothing fires twice or sticks.

    What a key opened is closed after five minutes; `on_long` is told the seconds that are left half a minute before,
    and 0 when it is over. A command may leave the microphone open for longer.
    """

    def __init__(
        self,
        *,
        clock: ClockPort,
        post: Callable[[TalkChanged], None],
        on_change: Callable[[Talk], None],
        on_defect: Callable[[BaseException], None],
        settings: TalkSettings,
        on_long: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._post = post
        self._on_change = on_change
        self._on_long = on_long
        self._commanded = False
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
        self._commanded = True
        self._to(talk.latch(self.talk, self._clock.monotonic()))

    def finish(self) -> None:
        """End with the tail (`ctl talk stop`); idempotent."""
        self._to(talk.finish(self.talk, self._clock.monotonic(), self.settings))

    @property
    def talks(self) -> bool:
        """Whether the person talks, and has not just ended that: a tail is listened to, but is no talking."""
        return self.talk.open and self.talk.phase is not talk.Phase.TAIL

    def toggle(self) -> None:
        if self.talks:
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
        self._tasks.stop("wait")
        until_s = new.dwell_until_s if new.tail_until_s is None else new.tail_until_s
        if until_s is not None:
            self._tasks.start("wait", self._wait(until_s))
        if new.open != before.open:
            self._limit(new.open)
            self._post(TalkChanged(open=new.open))
        self._on_change(new)

    async def _wait(self, until_s: float) -> None:
        """For the end of a tail or of a dwell."""
        while (left_s := until_s - self._clock.monotonic()) > 0:
            await self._clock.sleep(left_s)
        now_s = self._clock.monotonic()
        self._to(talk.tail_over(talk.dwell_over(self.talk, now_s, self.settings), now_s))

    def _limit(self, is_open: bool) -> None:
        self._tasks.stop("limit")
        if is_open and not self._commanded:
            self._tasks.start("limit", self._too_long())
        elif not is_open:
            self._commanded = False

    async def _too_long(self) -> None:
        await self._clock.sleep(LONGEST_S - WARNED_S)
        self._on_long(WARNED_S)
        await self._clock.sleep(WARNED_S)
        self._on_long(0.0)
        self.stop()

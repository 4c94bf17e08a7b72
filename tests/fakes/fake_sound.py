"""SoundPort without a sound card."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mka1_desktop.domain.audio import Device, Devices, Kept, Levels
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.events import MicrophoneClosed, MicrophoneReady, SoundEvent
from mka1_desktop.ports.audio import EngineName


class FakeSound:
    """`told` and `silences` hold what the session asked for, in order; `sending` and `silent` are what is so now."""

    engine: EngineName = "none"

    def __init__(self) -> None:
        self.sending = False
        self.silent = False
        self.told: list[bool] = []
        self.silences: list[bool] = []
        self.volume = 100
        self.failure: AppError | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.opened = False
        self.cancelled = 0
        self.keeping: list[bool] = []  # what `keep_speech` was told, in order
        self.kept = Kept()  # set by the test
        self.turns_over = self.recalled = 0
        self.warm = False
        self.drops = 0
        self.chosen: dict[str, str] = {}
        self.plugged = Devices(microphones=(Device(id="m", name="Mic"),), speakers=(Device(id="s", name="Speaker"),))
        self._emit: Callable[[SoundEvent], None] = lambda _: None

    async def open(self, emit: Callable[[SoundEvent], None]) -> None:
        self._emit = emit
        self.opened = True

    async def close(self) -> None:
        self.opened = False

    async def set_microphone(self, *, sending: bool) -> None:
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failure is not None:
            raise self.failure
        self.told.append(sending)
        if sending != self.sending:
            self.sending = sending
            self._emit(MicrophoneReady() if sending else MicrophoneClosed())

    def keep_open(self, warm: bool) -> None:
        self.warm = warm

    async def silence_agent(self, silent: bool) -> None:
        if self.failure is not None:
            raise self.failure
        self.silent = silent
        self.silences.append(silent)

    async def set_volume(self, percent: int) -> None:
        self.volume = percent

    def levels(self) -> Levels:
        return Levels()

    async def devices(self) -> Devices:
        return self.plugged

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        if microphone is not None:
            self.chosen["microphone"] = microphone
        if speaker is not None:
            self.chosen["speaker"] = speaker

    async def keep_speech(self, keep: bool) -> None:
        self.keeping.append(keep)

    def recall_sentence(self) -> None:
        self.recalled += 1

    def turn_over(self) -> None:
        self.turns_over += 1

    def drop_kept(self) -> None:
        self.drops += 1
        self.kept = Kept()

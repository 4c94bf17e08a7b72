"""The second ear: open only when it shall be, never an error, and on the chosen microphone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest

from mka1_desktop.adapters.mixer_none import NoMixer
from mka1_desktop.adapters.sound_options import SoundOptions
from mka1_desktop.adapters.speech_recorder import SpeechRecorder
from mka1_desktop.adapters.speech_store import SpeechStore
from mka1_desktop.domain.audio import BLOCK, Samples
from mka1_desktop.domain.errors import AppError, Code

PLAIN = SoundOptions(echo_cancellation=False, noise_suppression=False, gain_control=False)
LIMIT_S = 10.0


class FakeStreams:
    """A microphone that the test speaks into."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.closed = 0
        self.failure: AppError | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.hear: Callable[[Samples], None] | None = None

    def open_input(self, device: str, heard: Callable[[Samples], None]) -> None:
        self.opened.append(device)
        self.gate.wait(LIMIT_S)
        if self.failure is not None:
            raise self.failure
        self.hear = heard

    def close_input(self) -> None:
        self.closed += 1
        self.hear = None

    @property
    def is_open(self) -> bool:
        return self.hear is not None


class MovingMixer(NoMixer):
    """One that moves streams, and says when."""

    moves_streams = True

    def __init__(self, moved: Callable[[str], None]) -> None:
        self._moved = moved

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        self._moved(microphone or "")


class Ear:
    def __init__(self) -> None:
        self.streams = FakeStreams()
        self.store = SpeechStore()
        self.device = ""
        self.levels = threading.Semaphore(0)
        self.loads = 0
        self.load_failure: AppError | None = None
        self.moves: list[str] = []
        self.recorder = self.build(NoMixer())

    def build(self, mixer: NoMixer) -> SpeechRecorder:
        self.recorder = SpeechRecorder(
            store=self.store,
            options=PLAIN,
            mixer=mixer,
            device=lambda: self.device,
            heard=lambda _: self.levels.release(),
            load=self._load,
        )
        return self.recorder

    def _load(self) -> FakeStreams:
        self.loads += 1
        if self.load_failure is not None:
            raise self.load_failure
        return self.streams

    def moved(self, name: str) -> None:
        self.moves.append(name)
        self.say(1, heard=False)  # the system's microphone is still the one that is heard

    def say(self, count: int, *, heard: bool = True) -> None:
        for _ in range(count):
            assert self.streams.hear is not None
            self.streams.hear(np.full(BLOCK, 3000, np.int16))
            if heard:
                assert self.levels.acquire(timeout=LIMIT_S)


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    ear = Ear()
    yield ear
    ear.streams.gate.set()
    await ear.recorder.close()


async def test_nothing_is_loaded_or_opened_before_it_is_needed(ear: Ear) -> None:
    assert (ear.loads, ear.recorder.line) == (0, None)
    await ear.recorder.warm_up()
    assert (ear.loads, ear.streams.opened) == (1, [])
    await ear.recorder.warm_up()
    assert ear.loads == 1


async def test_it_records_between_true_and_false(ear: Ear) -> None:
    await ear.recorder.record(True)
    await ear.recorder.record(True)
    assert ear.streams.opened == [""]
    assert ear.recorder.recording
    ear.say(5)
    assert ear.store.unsent == 5 * BLOCK
    hear = ear.streams.hear
    await ear.recorder.record(False)
    assert (ear.recorder.recording, ear.streams.is_open, ear.streams.closed) == (False, False, 1)
    assert hear is not None
    hear(np.full(BLOCK, 3000, np.int16))  # PortAudio's last call may come late
    await ear.recorder.record(False)
    assert ear.streams.closed == 1
    assert ear.store.unsent == 5 * BLOCK


async def test_nothing_is_left_behind_as_unsent_when_key_and_microphone_close_together(ear: Ear) -> None:
    ear.recorder.set_live(True)
    await ear.recorder.record(True)
    ear.say(3)
    hear = ear.streams.hear
    assert hear is not None
    closing = asyncio.get_running_loop().create_task(ear.recorder.record(False))
    await asyncio.sleep(0)
    ear.recorder.set_live(False)
    hear(np.full(BLOCK, 3000, np.int16))  # the device is not closed yet
    await closing
    assert (ear.store.recorded, ear.store.unsent) == (3 * BLOCK, 0)


async def test_a_key_pressed_again_at_once_is_recorded(ear: Ear) -> None:
    await ear.recorder.record(True)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ear.recorder.record(False))
        tasks.create_task(ear.recorder.record(True))
    ear.say(2)
    assert ear.store.recorded == 2 * BLOCK


async def test_what_webrtc_sends_counts_as_sent(ear: Ear) -> None:
    ear.recorder.set_live(True)
    await ear.recorder.record(True)
    ear.say(2)
    ear.recorder.set_live(False)
    ear.say(3)
    assert (ear.store.recorded, ear.store.unsent) == (5 * BLOCK, 3 * BLOCK)


async def test_without_portaudio_nothing_is_kept_and_nothing_fails(ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    ear.load_failure = AppError(Code.NO_SOUND)
    await ear.recorder.record(True)
    await ear.recorder.record(False)
    await ear.recorder.record(True)
    assert (ear.loads, ear.recorder.recording, ear.recorder.line) == (1, False, None)
    assert [r.getMessage() for r in caplog.records] == ["speech cannot be kept: no_sound_server"]


async def test_a_microphone_that_is_busy_is_tried_again_with_the_next_word(
    ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    ear.streams.failure = AppError(Code.NO_MICROPHONE)
    await ear.recorder.record(True)
    assert not ear.recorder.recording
    assert "speech cannot be kept" in caplog.text
    ear.streams.failure = None
    await ear.recorder.record(False)
    await ear.recorder.record(True)
    assert ear.recorder.recording


async def test_a_key_released_while_the_microphone_opens_closes_it(ear: Ear) -> None:
    await ear.recorder.warm_up()
    ear.streams.gate.clear()
    loop = asyncio.get_running_loop()
    opening = loop.create_task(ear.recorder.record(True))
    await asyncio.sleep(0)
    opening.cancel()
    closing = loop.create_task(ear.recorder.record(False))
    ear.streams.gate.set()
    async with asyncio.timeout(LIMIT_S):
        await closing
    assert not ear.streams.is_open
    assert not ear.recorder.recording


async def test_the_chosen_microphone_is_used(ear: Ear) -> None:
    ear.device = "Headset"
    await ear.recorder.record(True)
    ear.device = "Desk"
    await ear.recorder.move()
    assert ear.streams.opened == ["Headset", "Desk"]
    assert ear.recorder.recording
    ear.say(1)


async def test_not_a_word_of_the_systems_microphone_is_kept_before_the_stream_is_moved(ear: Ear) -> None:
    ear.device = "mic2"
    recorder = ear.build(MovingMixer(ear.moved))
    await recorder.record(True)
    assert ear.moves == ["mic2"]
    assert ear.store.recorded == 0
    ear.say(1)
    assert ear.store.recorded == BLOCK


async def test_closing_wipes_and_nothing_opens_afterwards(ear: Ear) -> None:
    await ear.recorder.record(True)
    ear.say(2)
    await ear.recorder.close()
    await ear.recorder.close()
    assert (ear.store.recorded, ear.streams.is_open) == (0, False)
    await ear.recorder.record(True)
    await ear.recorder.warm_up()
    assert ear.streams.opened == [""]

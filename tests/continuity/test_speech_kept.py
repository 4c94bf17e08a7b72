"""What is said while no room is there: heard by the service after the reconnection, once, and answered."""

from __future__ import annotations

import asyncio

import numpy as np
import soxr

from mka1_desktop.demo.speak import Voice
from mka1_desktop.domain.audio import RATE_HZ, Samples
from mka1_desktop.session.state import Shown
from tests.support.demo_process import DemoProcess
from tests.support.demo_service import rooms
from tests.support.whole_session import Whole, tone

FRANCE = "What is the capital of France?"
SUM = "What is twelve plus thirty?"


def spoken(text: str) -> Samples:
    """48 kHz, with a little quiet around."""
    voice = soxr.resample(Voice().say(text).samples, 24_000, RATE_HZ).astype(np.int16)
    padded: Samples = np.pad(voice, RATE_HZ // 5)
    return padded


async def test_a_phrase_that_was_said_while_the_room_was_away() -> None:
    async with DemoProcess("--fault", "no-greeting") as demo:
        whole = Whole(demo.base_url, key=demo.api_key)
        async with whole.running():
            await whole.listening()
            await whole.ask(FRANCE)
            await demo.fault("token-slow", "4")
            await demo.fault("room-delete", "once")
            await whole.until_shown(Shown.RECONNECTING)
            await say(whole, SUM)
            assert whole.shown is Shown.RECONNECTING
            assert whole.sound.kept.unsent_s > 1.5
            await whole.until(lambda: whole.texts()[-1].endswith("42."), "its answer")
            await whole.until_shown(Shown.LISTENING)
            assert whole.texts("user") == [FRANCE, SUM]
            assert whole.sound.kept.unsent_s == 0
            await say(whole, FRANCE)  # and the ordinary microphone is back
            await whole.until(lambda: whole.texts()[-1] == "The capital of France is Paris.", "the next answer")
            assert whole.texts("user") == [FRANCE, SUM, FRANCE]


async def test_a_phrase_that_the_loss_cut_in_two() -> None:
    async with DemoProcess("--fault", "no-greeting") as demo:
        whole = Whole(demo.base_url, key=demo.api_key)
        async with whole.running():
            await whole.listening()
            saying = asyncio.get_running_loop().create_task(say(whole, SUM), name="speech")
            await whole.until(lambda: whole.sound.kept.recorded_s > 0.9, "half of it")
            await demo.fault("room-delete", "once")
            await saying
            await whole.until(lambda: whole.texts() and whole.texts()[-1].endswith("42."), "its answer")
            assert whole.texts("user") == [SUM]


async def test_what_was_said_can_be_dropped() -> None:
    async with rooms("no-greeting") as demo:
        whole = Whole(demo.service.base_url)
        async with whole.running():
            await whole.listening()
            demo.faults.set("token-slow", "1.5")
            demo.faults.set("room-delete", "once")
            await whole.until_shown(Shown.RECONNECTING)
            whole.talk(True)
            await whole.sound.play(tone(0.5))
            whole.talk(False)
            whole.drop_speech()
            await whole.until_renewed()
            await whole.ask(FRANCE)
            assert (demo.ears.heard, whole.texts("user")) == ([], [FRANCE])


async def say(whole: Whole, text: str) -> None:
    """Hold the talk key while saying it."""
    samples = await asyncio.to_thread(spoken, text)
    whole.talk(True)
    await whole.sound.play(samples)
    whole.talk(False)

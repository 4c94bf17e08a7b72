"""The order in which the echo canceller gets both sides of the sound card."""

from __future__ import annotations

import threading

import numpy as np

from mka1_desktop.adapters.capture_line import CaptureLine
from mka1_desktop.adapters.processing import Processing
from mka1_desktop.adapters.sound_options import SoundOptions
from mka1_desktop.domain.audio import BLOCK, Samples

LIMIT_S = 10.0
PLAIN = SoundOptions(echo_cancellation=False, noise_suppression=False, gain_control=False)


def block(value: int) -> Samples:
    return np.full(BLOCK, value, np.int16)


class Sides(Processing):
    """Notes what it gets."""

    def __init__(self) -> None:
        super().__init__(PLAIN)
        self.seen: list[str] = []

    def far(self, block: Samples) -> None:
        self.seen.append(f"far {block[0]}")

    def near(self, block: Samples) -> Samples:
        self.seen.append(f"near {block[0]}")
        return block


def test_after_a_stall_both_sides_keep_their_order() -> None:
    """The canceller would see the echo's delay jump, and start to learn again, if one side ran ahead."""
    sides, heard = Sides(), threading.Semaphore(0)
    line = CaptureLine(lambda: sides, lambda _: heard.release())
    line.set_open(True)
    line.loudspeaker(block(1))
    line.microphone(block(1))
    for number in (2, 3):
        line.loudspeaker(block(number))
    line.microphone(block(2))
    line.microphone(block(3))
    line.loudspeaker(block(4))
    line.start()  # the thread runs only now: the stall
    try:
        for _ in range(3):
            assert heard.acquire(timeout=LIMIT_S)
    finally:
        line.close()
    assert sides.seen == ["far 1", "near 1", "far 2", "far 3", "near 2", "near 3"]


def test_a_speaker_without_a_microphone_keeps_little() -> None:
    sides, heard = Sides(), threading.Semaphore(0)
    line = CaptureLine(lambda: sides, lambda _: heard.release())
    line.set_open(True)
    for number in range(1, 101):
        line.loudspeaker(block(number))
    line.microphone(block(1))
    line.start()
    try:
        assert heard.acquire(timeout=LIMIT_S)
    finally:
        line.close()
    assert sides.seen == [*(f"far {number}" for number in range(81, 101)), "near 1"], "the newest 200 ms"

"""Opens PortAudio's microphone on one channel after the other, and prints how loud the tones asked for are in each.

`python -m tests.support.channel_child CHANNEL,… HZ…`: a process of its own, since PortAudio reads its environment once.
"""

from __future__ import annotations

import json
import queue
import sys

import numpy as np
from numpy.typing import NDArray

from mka1_desktop.adapters.portaudio_streams import Streams
from mka1_desktop.domain.audio import BLOCK, RATE_HZ

HEARD_BLOCKS = 40
SILENT = 200  # RMS
LIMIT_S = 10.0


def loudness(samples: NDArray[np.int16], hz: float) -> float:
    """Return the amplitude of a tone in the samples."""
    turn = np.exp(-2j * np.pi * hz * np.arange(samples.size) / RATE_HZ)
    return float(2 * abs(np.mean(samples * turn)))


def listen(channel: int) -> NDArray[np.int16]:
    """Return 0.4 s without a silent block. Raises queue.Empty when nothing comes."""
    blocks: queue.SimpleQueue[NDArray[np.int16]] = queue.SimpleQueue()
    streams = Streams(channel)
    streams.open_input("", lambda block: blocks.put(block.copy()))
    heard: list[NDArray[np.int16]] = []
    try:
        while len(heard) < HEARD_BLOCKS:
            block = blocks.get(timeout=LIMIT_S)
            assert block.shape == (BLOCK,)
            loud = np.sqrt(np.mean(block.astype(np.float64) ** 2)) > SILENT
            heard = [*heard, block] if loud else []
    finally:
        streams.close_input()
    return np.concatenate(heard)


if __name__ == "__main__":
    found = [listen(int(channel)) for channel in sys.argv[1].split(",")]
    sys.stdout.write(json.dumps([[loudness(samples, float(hz)) for hz in sys.argv[2:]] for samples in found]))

"""Recordings of the private sound card whose samples have monotonic times."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tests.support.pulse import CHANNELS, RATE_HZ, PulseRig

NEAR_S = 3.0
EARLY = 0.1
STOP_LIMIT_S = 10.0
PLAYED = 2  # channel of the card that carries what is played
CARD, MICROPHONE = "rig.monitor", "mic"
MAPS = {CARD: CHANNELS, MICROPHONE: "mono"}


class StampedRecording:
    """Runs from its making until `stop`, in blocks of 10 ms.

    A block comes when the server has rendered it. Which sample was rendered at a moment is told by the median of all
    that arrived within some seconds (right to 3 ms: a stream that is muted falls silent there). On a busy machine they
    come late; `spread_s` says how far.

    What a microphone hears comes earlier there than on the card's own recording, by the latency of the card.
    """

    def __init__(self, rig: PulseRig, device: str = CARD) -> None:
        channels = MAPS[device].count(",") + 1
        shape = ("--raw", "--format=s16le", f"--rate={RATE_HZ}", f"--channels={channels}")
        self._child = subprocess.Popen(
            ["parec", "-d", device, *shape, f"--channel-map={MAPS[device]}", "--latency-msec=10"],
            env=rig.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._channels = channels
        self._parts: list[bytes] = []
        self._arrivals: list[tuple[float, float]] = []  # monotonic, and seconds of sound that were there then
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        if self._child.stdout is None:
            return
        descriptor, size = self._child.stdout.fileno(), 0
        while part := os.read(descriptor, 1 << 16):
            size += len(part)
            self._parts.append(part)
            self._arrivals.append((time.monotonic(), size / (2 * self._channels) / RATE_HZ))

    def stop(self) -> NDArray[np.int16]:
        """Return shape (samples, channels)."""
        self._child.terminate()
        self._child.wait(STOP_LIMIT_S)
        self._reader.join(STOP_LIMIT_S)
        samples = np.frombuffer(b"".join(self._parts), "<i2")
        return samples[: samples.size // self._channels * self._channels].reshape(-1, self._channels)

    def place(self, at_s: float) -> int:
        """Return the sample that was rendered at a monotonic time."""
        return int((at_s - float(np.median(self._lateness(at_s)))) * RATE_HZ)

    def spread_s(self, moments_s: Sequence[float]) -> float:
        """Return the seconds between early and usual arrivals around these moments, at worst."""
        return max(float(np.ptp(np.quantile(self._lateness(at_s), (EARLY, 0.5)))) for at_s in moments_s)

    def _lateness(self, at_s: float) -> NDArray[np.float64]:
        arrivals = np.array(self._arrivals)
        near = arrivals[np.abs(arrivals[:, 0] - at_s) < NEAR_S]
        lateness: NDArray[np.float64] = near[:, 0] - near[:, 1]
        return lateness

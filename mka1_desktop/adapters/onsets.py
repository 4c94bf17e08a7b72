"""When the agent began to sound."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from mka1_desktop.adapters.meter import first_loud, last_loud
from mka1_desktop.domain.audio import RATE_HZ, Samples

PAUSE_S = 0.3  # silence that makes the next sound a new onset
ONSETS_KEPT = 500


@dataclass(slots=True)
class Onsets:
    """Times of the first samples over -50 dBFS after a pause, oldest first."""

    at_s: deque[float] = field(default_factory=lambda: deque(maxlen=ONSETS_KEPT))
    last_loud_at_s: float = float("-inf")

    def hear(self, samples: Samples, now_s: float) -> None:
        first, last = first_loud(samples), last_loud(samples)
        if first is None or last is None:
            return
        at_s = now_s + first / RATE_HZ
        if at_s - self.last_loud_at_s > PAUSE_S:
            self.at_s.append(at_s)
        self.last_loud_at_s = now_s + last / RATE_HZ

"""What the meter and the picture of a sound check show of the samples that came so far."""

from __future__ import annotations

from mka1_desktop.domain.sound_check import Loudness
from mka1_desktop.domain.sound_probe import EVERY, SWEEP, SWEEPS
from mka1_desktop.viewmodels.levels import level_of
from mka1_desktop.viewmodels.sound_check import BARS, Bar

HOLD_S = 1.5  # how long a peak stays
PLAYED = 0.8


class CheckTrace:
    """`length` is how many samples fill the picture; 0 makes none."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._bars: list[Bar] = []
        self._play_from: int | None = None
        self._peak_s = 0.0
        self.level = 0.0
        self.peak = 0.0

    @property
    def bars(self) -> tuple[Bar, ...]:
        return tuple(self._bars)

    def play_from(self, index: int) -> None:
        """The sweeps begin at about this sample of the microphone."""
        self._play_from = index

    def hear(self, recorded: int, loudness: Loudness, *, at_s: float) -> None:
        """So many samples came until now."""
        self.level = level_of(loudness.dbfs)
        peak = level_of(loudness.peak_dbfs)
        if peak >= self.peak or at_s - self._peak_s > HOLD_S:
            self.peak, self._peak_s = peak, at_s
        if self._length:
            self._draw(min(BARS, recorded * BARS // self._length + 1), recorded)

    def _draw(self, count: int, recorded: int) -> None:
        bar = Bar(played=self._played(recorded), heard=self.level)
        if len(self._bars) == count and count:
            before = self._bars.pop()
            bar = Bar(played=max(before.played, bar.played), heard=max(before.heard, bar.heard))
        self._bars += [bar] * (count - len(self._bars))

    def _played(self, recorded: int) -> float:
        if self._play_from is None or not 0 <= (since := recorded - self._play_from) < SWEEPS * EVERY:
            return 0.0
        return PLAYED if since % EVERY < SWEEP else 0.0

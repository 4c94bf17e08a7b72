"""Where an utterance begins and ends: pure, fed with 20 ms blocks of the microphone at 16 kHz.

Three questions are asked of each block. Is it loud against the noise that was heard before? Is it loud
against the loudest of this utterance? Does it have a pitch? A click has no pitch and is short; a fan has no
pitch and a steady level, which becomes the noise floor; a muted microphone sends zeros, which teach nothing.
"""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 16_000
BLOCK_MS: Final = 20
BLOCK_SAMPLES: Final = RATE_HZ * BLOCK_MS // 1000
SILENCE_TIMEOUT_MS: Final = 700
PRE_ROLL_MS: Final = 300
TAIL_MS: Final = 300
LONGEST_MS: Final = 30_000

_SILENCE_DBFS: Final = -90.0
_QUIETEST_SPEECH_DBFS: Final = -52.0
_START_DB: Final = 10.0  # above the noise floor
_CONTINUE_DB: Final = 7.0
_DYNAMIC_DB: Final = 36.0  # a block so far below the loudest of the utterance is silence
_LOUD_DB: Final = 20.0  # above the noise floor: speech even without a pitch, as whispers are
_FIRST_FLOOR_DBFS: Final = -62.0
_FLOOR_RISE_DB: Final = 0.16  # a block, so 8 dB a second
_FLOOR_BLOCKS: Final = 50  # the floor is the quietest of one second
_START_WINDOW: Final = 8
_START_ACTIVE: Final = 4
_START_PITCHED: Final = 2
_START_LOUD: Final = 7
_STEADY_DB: Final = 4.0  # white noise varies by 2 dB from block to block
_STEADY_BLOCKS: Final = 12  # longer than a hissed consonant
_PITCH: Final = 0.45  # normalised autocorrelation; white noise of 40 ms stays below 0.25
_PITCH_LAGS: Final = slice(RATE_HZ // 400, RATE_HZ // 70)


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak, about 80 ms ago."""


@dataclass(frozen=True, slots=True, eq=False)
class SpeechEnded:
    """The utterance is over. `samples`: 16 kHz mono, with 300 ms from before it and up to 300 ms after it."""

    samples: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class InitialSilence:
    """Nothing was said within the initial time limit. Reported once, until `restart`."""


Event = SpeechStarted | SpeechEnded | InitialSilence


@dataclass(frozen=True, slots=True)
class _Active:
    """A block that stands out from the noise."""

    level_dbfs: float
    pitched: bool
    loud: bool


@dataclass(slots=True)
class _NoiseFloor:
    """The quietest level of the last second. Falls at once, rises slowly, or at once when the sound is a noise."""

    level_dbfs: float = _FIRST_FLOOR_DBFS
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=_FLOOR_BLOCKS))
    _unpitched: deque[float] = field(default_factory=lambda: deque(maxlen=_STEADY_BLOCKS))

    def learn(self, level_dbfs: float, *, pitched: bool) -> None:
        if pitched or level_dbfs <= _SILENCE_DBFS:
            self._unpitched.clear()
        else:
            self._unpitched.append(level_dbfs)
        if level_dbfs <= _SILENCE_DBFS:
            return
        self._recent.append(level_dbfs)
        quietest = min(self._recent)
        if len(self._unpitched) == _STEADY_BLOCKS and _steady(self._unpitched):
            self.level_dbfs = max(self.level_dbfs, min(self._unpitched))
        if quietest < self.level_dbfs:
            self.level_dbfs = max(quietest, _FIRST_FLOOR_DBFS)
        elif len(self._recent) == _FLOOR_BLOCKS:
            self.level_dbfs = min(quietest, self.level_dbfs + _FLOOR_RISE_DB)


class Endpointer:
    """Finds utterances in a microphone's blocks. One for each participant; not for several threads."""

    def __init__(
        self, *, silence_timeout_ms: int = SILENCE_TIMEOUT_MS, initial_silence_timeout_ms: int | None = None
    ) -> None:
        """Set the silence that ends an utterance, and the one that is reported when nobody begins.

        Args:
            silence_timeout_ms: 100 to 5000, as `stt.silence_timeout_ms` of a token request.
            initial_silence_timeout_ms: 1000 to 30000; None: `InitialSilence` is never reported.
        """
        self._end_blocks = max(1, -(-silence_timeout_ms // BLOCK_MS))
        self._initial_blocks = (
            None if initial_silence_timeout_ms is None else -(-initial_silence_timeout_ms // BLOCK_MS)
        )
        self._floor = _NoiseFloor()
        self._before: deque[NDArray[np.int16]] = deque(maxlen=PRE_ROLL_MS // BLOCK_MS + _START_WINDOW)
        self._window: deque[_Active | None] = deque(maxlen=_START_WINDOW)
        self._last = np.zeros(BLOCK_SAMPLES, np.int16)
        self._utterance: list[NDArray[np.int16]] | None = None
        self._loudest_dbfs = _SILENCE_DBFS
        self._silent_blocks = 0
        self._waited_blocks = 0

    @property
    def speaking(self) -> bool:
        return self._utterance is not None

    def restart(self) -> None:
        """Drop an unfinished utterance and wait anew for speech. What is known of the noise stays."""
        self._utterance = None
        self._waited_blocks = 0
        self._window.clear()
        self._before.clear()

    def push(self, block: NDArray[np.int16]) -> Sequence[Event]:
        """Take the next 20 ms (320 samples, else ValueError) and report what they decide."""
        if block.shape != (BLOCK_SAMPLES,):
            raise ValueError(f"A block has {BLOCK_SAMPLES} samples.")
        block = block.copy()
        level_dbfs = _level_dbfs(block)
        pitched = level_dbfs > _SILENCE_DBFS and _pitch(self._last, block) > _PITCH
        if self._utterance is None:
            events = self._wait(block, level_dbfs, pitched=pitched)
        else:
            events = self._follow(block, level_dbfs)
        self._floor.learn(level_dbfs, pitched=pitched)
        self._last = block
        return events

    def _wait(self, block: NDArray[np.int16], level_dbfs: float, *, pitched: bool) -> Sequence[Event]:
        self._before.append(block)
        above_db = level_dbfs - self._floor.level_dbfs
        active = above_db > _START_DB and level_dbfs > _QUIETEST_SPEECH_DBFS
        self._window.append(_Active(level_dbfs, pitched, above_db > _LOUD_DB) if active else None)
        if _is_speech([block for block in self._window if block is not None]):
            self._utterance = list(self._before)
            self._loudest_dbfs, self._silent_blocks = level_dbfs, 0
            self._window.clear()
            self._before.clear()
            return (SpeechStarted(),)
        self._waited_blocks += 1
        return (InitialSilence(),) if self._waited_blocks == self._initial_blocks else ()

    def _follow(self, block: NDArray[np.int16], level_dbfs: float) -> Sequence[Event]:
        utterance = self._utterance
        if utterance is None:
            return ()
        utterance.append(block)
        self._loudest_dbfs = max(self._loudest_dbfs, level_dbfs)
        quiet_dbfs = max(self._floor.level_dbfs + _CONTINUE_DB, self._loudest_dbfs - _DYNAMIC_DB, _QUIETEST_SPEECH_DBFS)
        self._silent_blocks = self._silent_blocks + 1 if level_dbfs <= quiet_dbfs else 0
        over = self._silent_blocks >= self._end_blocks
        if not over and len(utterance) * BLOCK_MS < LONGEST_MS:
            return ()
        keep = len(utterance) - max(0, self._silent_blocks - TAIL_MS // BLOCK_MS)
        self._utterance = None
        self._waited_blocks = 0
        return (SpeechEnded(np.concatenate(utterance[:keep])),)


def _is_speech(active: Sequence[_Active]) -> bool:
    """Whether the active ones of the last `_START_WINDOW` blocks are the beginning of speech."""
    if len(active) < _START_ACTIVE:
        return False
    if sum(block.pitched for block in active) >= _START_PITCHED:
        return True
    loud = [block.level_dbfs for block in active if block.loud]
    return len(loud) >= _START_LOUD and not _steady(loud)


def _steady(levels_dbfs: Collection[float]) -> bool:
    return max(levels_dbfs) - min(levels_dbfs) < _STEADY_DB


def _level_dbfs(block: NDArray[np.int16]) -> float:
    values = block.astype(np.float64)
    power = float(np.mean(np.square(values - values.mean())))
    return max(_SILENCE_DBFS, 10.0 * float(np.log10(power / 32768.0**2 + 1e-12)))


def _pitch(last: NDArray[np.int16], block: NDArray[np.int16]) -> float:
    """How alike 40 ms of sound are to themselves one period of a voice (70 to 400 Hz) later, 0 to 1."""
    values = np.concatenate((last, block)).astype(np.float64)
    values = np.diff(values)  # rumble would look like a deep voice
    spectrum = np.fft.rfft(values, 2 * len(values))
    likeness = np.fft.irfft(np.square(np.abs(spectrum)))[: len(values)]
    if likeness[0] <= 0.0:
        return 0.0
    overlap = 1.0 - np.arange(len(values)) / len(values)
    return float(np.max(likeness[_PITCH_LAGS] / overlap[_PITCH_LAGS]) / likeness[0])

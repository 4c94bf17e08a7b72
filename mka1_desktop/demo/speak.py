"""The assistant's voice: espeak-ng's own library, called through ctypes.

The `espeakng_loader` package brings the library and its data for each system, so nothing is installed.
The library keeps its state in globals: one lock serves every `Voice` of the process.
"""

import atexit
import ctypes
import os
import tempfile
import threading
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import espeakng_loader
import numpy as np
import soxr
from numpy.typing import NDArray

SPEECH_HZ: Final = 24_000
MAX_CHARS: Final = 8_000
DEFAULT_VOICE: Final = "american"

# Values of espeak-ng's public header, speak_lib.h.
_SYNCHRONOUS: Final = 2
_DONT_EXIT: Final = 0x8000
_CHARS_UTF8: Final = 1
_POSITION_CHARACTER: Final = 1
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_EVENTS_END: Final = 0
_EVENT_WORD: Final = 1
_OK: Final = 0

_LONGEST_PATH_B: Final = 150

# Below this the synthesiser's output counts as silence when the end of a word is looked for.
_AUDIBLE: Final = 200


class SpeechUnavailable(Exception):  # noqa: N818 - the name is part of the demo's fixed interface
    """espeak-ng's library or data could not be loaded, or it refused to speak."""


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """`rate` in words a minute; `pitch` and `range` from 0 to 100, as espeak-ng counts them."""

    espeak_name: str
    rate: int
    pitch: int
    range: int


VOICES: Final[Mapping[str, VoiceSettings]] = MappingProxyType(
    {
        "american": VoiceSettings("en-us", rate=165, pitch=48, range=55),
        "british": VoiceSettings("en", rate=165, pitch=45, range=55),
    }
)


@dataclass(frozen=True, slots=True)
class Speech:
    """Spoken text.

    `samples` are 24 kHz mono. `words` holds, for each run of text without spaces, its end in the text
    (exclusive) and the sample at which it has been spoken; both grow from word to word.
    """

    samples: NDArray[np.int16]
    words: tuple[tuple[int, int], ...]

    def reached(self, sample: int) -> int:
        """End in the text of the last word that is over once `sample` samples have been played."""
        done = bisect_right(self.words, sample, key=lambda word: word[1])
        return self.words[done - 1][0] if done else 0


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # characters, counted from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # ms
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_uint64),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class _Engine:
    """The loaded library. Every method is called with `_LOCK` held."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        except OSError as error:
            raise SpeechUnavailable("The library of espeak-ng could not be loaded.") from error
        data = os.fsencode(_reachable(espeakng_loader.get_data_path()))
        self.rate_hz = int(self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT))
        if self.rate_hz <= 0:
            raise SpeechUnavailable("espeak-ng did not find its data.")
        self._blocks: list[NDArray[np.int16]] = []
        self._words: list[tuple[int, int]] = []
        self._callback = _Callback(self._collect)  # kept: the library holds only a pointer
        self._library.espeak_SetSynthCallback(self._callback)
        self._settings: VoiceSettings | None = None

    def _collect(self, samples: Any, count: int, events: Any) -> int:  # noqa: ANN401 - ctypes pointers
        if samples and count > 0:
            self._blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != _EVENTS_END:
            if events[index].type == _EVENT_WORD:
                self._words.append((events[index].text_position - 1, events[index].sample))
            index += 1
        return 0

    def use(self, settings: VoiceSettings) -> None:
        if settings == self._settings:
            return
        if self._library.espeak_SetVoiceByName(settings.espeak_name.encode()) != _OK:
            raise SpeechUnavailable(f"espeak-ng has no voice named {settings.espeak_name}.")
        values = ((_RATE, settings.rate), (_VOLUME, 100), (_PITCH, settings.pitch), (_RANGE, settings.range))
        for parameter, value in values:
            self._library.espeak_SetParameter(parameter, value, 0)
        self._settings = settings

    def synthesise(self, text: str) -> tuple[NDArray[np.int16], list[tuple[int, int]]]:
        """Samples at `rate_hz`, and for each spoken word its place in the text and its first sample."""
        self._blocks, self._words = [], []
        data = text.encode("utf-8", errors="replace")
        size = ctypes.c_size_t(len(data) + 1)
        flags = ctypes.c_uint(_CHARS_UTF8)
        result = self._library.espeak_Synth(data, size, 0, _POSITION_CHARACTER, 0, flags, None, None)
        if result != _OK:
            raise SpeechUnavailable("espeak-ng refused the text.")
        samples = np.concatenate(self._blocks) if self._blocks else np.zeros(0, np.int16)
        words, self._blocks, self._words = self._words, [], []
        return samples, words


def _reachable(data: str) -> str:
    """Give a long path a short name: espeak-ng keeps 160 bytes of it, and 230 on Windows."""
    if os.name != "posix" or len(os.fsencode(data)) <= _LONGEST_PATH_B:
        return data
    folder = tempfile.TemporaryDirectory(prefix="mka1-voice-")
    atexit.register(folder.cleanup)
    short = Path(folder.name) / "espeak-ng-data"
    short.symlink_to(data, target_is_directory=True)
    return str(short)


_LOCK: Final = threading.Lock()


@lru_cache(maxsize=1)
def _engine() -> _Engine:
    return _Engine()


class Voice:
    """Speaks text. May be used from any thread; a sentence takes a few milliseconds."""

    def __init__(self, name: str = DEFAULT_VOICE) -> None:
        """Choose one of `VOICES`; raises KeyError for another name."""
        self._settings = VOICES[name]

    def say(self, text: str) -> Speech:
        """Speak `text` (at most `MAX_CHARS` characters, else ValueError); raises SpeechUnavailable."""
        if len(text) > MAX_CHARS:
            raise ValueError(f"A text to speak has at most {MAX_CHARS} characters.")
        text = text.replace("\0", " ")
        with _LOCK:
            engine = _engine()
            engine.use(self._settings)
            samples, starts = engine.synthesise(text)
            rate_hz = engine.rate_hz
        words = _word_ends(text, samples, starts)
        resampled = soxr.resample(samples, rate_hz, SPEECH_HZ, quality="HQ") if len(samples) else samples
        size = len(resampled)
        scaled = tuple((end, min(size, -(-sample * SPEECH_HZ // rate_hz))) for end, sample in words)
        return Speech(samples=np.ascontiguousarray(resampled, np.int16), words=scaled)


def _word_ends(text: str, samples: NDArray[np.int16], starts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give each run of text without spaces the sample where its last audible sound ends.

    espeak-ng reports several words for one run ("10:45"), none for another (a lone dash), and its places
    drift after some symbols: runs are matched in order and never go back.
    """
    runs = _runs(text)
    if not runs:
        return []
    ends = [0] * len(runs)
    firsts = [start for start, _ in runs]
    current = 0
    for index, (place, first) in enumerate(starts):
        last = starts[index + 1][1] if index + 1 < len(starts) else len(samples)
        current = max(current, bisect_right(firsts, max(place, 0)) - 1)
        audible = np.flatnonzero(np.abs(samples[first:last].astype(np.int32)) > _AUDIBLE)
        ends[current] = max(ends[current], first + int(audible[-1]) + 1 if len(audible) else first)
    spoken = np.maximum.accumulate(ends).tolist()
    return [(end, sample) for (_, end), sample in zip(runs, spoken, strict=True)]


def _runs(text: str) -> list[tuple[int, int]]:
    """Start and end of each run of characters without spaces."""
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for index, character in enumerate(text + " "):
        if character.isspace():
            if start is not None:
                runs.append((start, index))
            start = None
        elif start is None:
            start = index
    return runs

"""The assistant's ears: pocketsphinx with its own English model, on a grammar of the demo's phrases.

A grammar finds one of its phrases in whatever it hears. So the same sound is also explained by a loop of all
phones in any order, which fits every utterance as well as the model can. A phrase that was really said
comes close to that; one that was not is far away, and then nothing was understood.

The figures here were tuned on espeak-ng voices, clean and after WebRTC's noise suppression, Opus, levels of
-6 to -30 dBFS and noise 20 to 30 dB below the voice: see tests/demo/test_demo_speech.py.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from mka1_desktop.demo.phrases import SPOKEN_FORMS

HEARING_HZ: Final = 16_000
LONGEST_S: Final = 10.0
"""No phrase takes longer; a longer utterance is not understood, and costs nothing."""

_THRESHOLD: Final = 33.0
"""Distance from the phone loop, in the decoder's score units a frame of speech, that is still the phrase."""

_PHRASES: Final = "phrases"
_PHONES: Final = "phones"
_SHORTEST_SAMPLES: Final = HEARING_HZ // 5
_BLOCK: Final = HEARING_HZ // 50
_LEVEL: Final = 3_277.0  # -20 dBFS: the voice is brought to this level
_QUIETEST: Final = 10.0  # -70 dBFS: below this there is no voice
# Synthetic voices and noise suppressors leave perfect silence between sounds, which the model never met: a
# faint noise (-55 dBFS) over everything took 158 of 180 right to 180.
_NOISE: Final = 60.0
_MARGIN_SAMPLES: Final = HEARING_HZ * 3 // 10
_SCORE_UNIT: Final = 1.0 / math.log(1.0001)  # scores are logarithms to this base
_NOISE_PART: Final = 0.25  # of the frames of speech: more noises of the model between words is no phrase
_ALTERNATIVE: Final = re.compile(r"\(\d+\)$")


@dataclass(frozen=True, slots=True)
class _Segment:
    """A word or phone in frames `first` to `last` (10 ms each, inclusive)."""

    name: str
    first: int
    last: int
    score: float

    @property
    def frames(self) -> int:
        return max(0, self.last - self.first + 1)

    @property
    def noise(self) -> bool:
        return self.name.startswith("+")

    @property
    def spoken(self) -> bool:
        return not self.name.startswith(("<", "+"))  # neither silence nor a noise


class Ears:
    """Understands whole utterances.

    Loads in about 0.1 s and decodes in about a seventh of the utterance's length, both with Python's
    lock held: hence the process of its own in `ears_process`. Not for several threads at once.
    """

    def __init__(self) -> None:
        """Load the model; raises RuntimeError when pocketsphinx's files are damaged."""
        model = Path(pocketsphinx.get_model_path("en-us"))
        self._phrases = dict(SPOKEN_FORMS)
        # compallsen: only then do the scores of two searches have the same zero.
        self._decoder: Any = pocketsphinx.Decoder(
            hmm=str(model / "en-us"), lm=None, dict=None, loglevel="FATAL", compallsen=True, maxhmmpf=-1,
            beam=1e-60, wbeam=1e-40, pbeam=1e-60, topn=2, bestpath=False, remove_noise=False,
        )  # fmt: skip
        words = {word for form in self._phrases for word in form.split()}
        for name, phones in _pronunciations(model / "cmudict-en-us.dict", words):
            self._decoder.add_word(name, phones, False)
        grammar = f"#JSGF V1.0; grammar demo; public <phrase> = {' | '.join(self._phrases)};"
        self._decoder.add_jsgf_string(_PHRASES, grammar)
        self._decoder.add_allphone_file(_PHONES, None)
        self._noise = np.random.default_rng(0)

    def hear(self, samples: NDArray[np.int16]) -> str | None:
        """One whole utterance, 16 kHz mono -> what was said (mostly one of `PHRASES`), or None.

        Besides the thirty phrases it knows a few sisters of theirs, the capitals of more countries.
        """
        if not _SHORTEST_SAMPLES <= len(samples) <= LONGEST_S * HEARING_HZ:
            return None
        sound = self._prepare(samples)
        if sound is None:
            return None
        words = self._decode(_PHRASES, sound)
        said = " ".join(_ALTERNATIVE.sub("", word.name) for word in words if word.spoken)
        phrase = self._phrases.get(said)
        if phrase is None or _distance(words, self._decode(_PHONES, sound)) > _THRESHOLD:
            return None
        return phrase

    def _prepare(self, samples: NDArray[np.int16]) -> bytes | None:
        """Bring the voice to one level, with faint noise over it and 0.3 s more of it at both ends."""
        values = samples.astype(np.float64)
        blocks = values[: len(values) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
        levels = np.sqrt(np.mean(np.square(blocks), axis=1))
        if levels.max() < _QUIETEST:
            return None
        voiced = levels[levels > levels.max() / 10]
        gain = _LEVEL / float(np.sqrt(np.mean(np.square(voiced))))
        sound = self._noise.normal(0.0, _NOISE, len(values) + 2 * _MARGIN_SAMPLES)
        sound[_MARGIN_SAMPLES:-_MARGIN_SAMPLES] += values * gain
        return np.clip(np.rint(sound), -32768, 32767).astype(np.int16).tobytes()

    def _decode(self, search: str, sound: bytes) -> list[_Segment]:
        decoder = self._decoder
        decoder.activate_search(search)
        decoder.start_utt()
        decoder.process_raw(sound, full_utt=True)
        decoder.end_utt()
        if decoder.hyp() is None:
            return []
        return [
            _Segment(part.word, part.start_frame, part.end_frame, math.log(part.ascore) * _SCORE_UNIT)
            for part in decoder.seg()
            if part.word != "(NULL)" and part.end_frame >= part.start_frame
        ]


def _distance(words: Sequence[_Segment], phones: Sequence[_Segment]) -> float:
    """How much worse than the phone loop the phrase explains the sound, a frame of speech."""
    spoken = sum(word.frames for word in words if word.spoken)
    noise = sum(word.frames for word in words if word.noise)
    if not phones or not spoken or noise > _NOISE_PART * spoken:
        return math.inf
    loop = np.zeros(max(phone.last for phone in phones) + 1)
    for phone in phones:
        loop[phone.first : phone.last + 1] = phone.score / phone.frames
    lost = sum(float(loop[word.first : word.last + 1].sum()) - word.score for word in words)
    return lost / spoken


def _pronunciations(dictionary: Path, words: set[str]) -> Iterator[tuple[str, str]]:
    """Read the entries of `words`, alternatives as "word(2)", from a dictionary of 130,000 words."""
    with dictionary.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            name, _, phones = line.strip().partition(" ")
            if _ALTERNATIVE.sub("", name) in words:
                yield name, phones

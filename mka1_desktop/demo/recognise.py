"""first version, signature fixed; being tuned."""

from typing import Final

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from mka1_desktop.demo.phrases import SPOKEN_FORMS

HEARING_HZ: Final = 16_000


class Ears:
    """Blocking decoder, used from one worker thread (it holds the GIL: see ears_process)."""

    def __init__(self) -> None:
        model = pocketsphinx.get_model_path("en-us")
        self._decoder = pocketsphinx.Decoder(
            hmm=f"{model}/en-us", lm=None, dict=f"{model}/cmudict-en-us.dict", loglevel="FATAL",
            beam=1e-120, wbeam=1e-100, pbeam=1e-120, maxhmmpf=-1, bestpath=False, remove_noise=False,
        )
        forms = " | ".join(form for form, _ in SPOKEN_FORMS)
        self._decoder.add_jsgf_string("phrases", f"#JSGF V1.0;\ngrammar demo;\npublic <phrase> = {forms};")
        self._decoder.activate_search("phrases")
        self._phrases = dict(SPOKEN_FORMS)

    def hear(self, samples: NDArray[np.int16]) -> str | None:
        """16 kHz mono, one whole utterance -> one of PHRASES, or None."""
        pad = np.random.default_rng(1).normal(0, 10, HEARING_HZ * 3 // 4).astype(np.int16)
        self._decoder.start_utt()
        self._decoder.process_raw(np.concatenate((pad, samples, pad)).tobytes(), full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return self._phrases.get(hypothesis.hypstr) if hypothesis else None

"""What a microphone whose samples are ours says of itself: that they arrive, and that they are nothing but zeros."""

from __future__ import annotations

from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Samples
from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import MicrophoneFailed, MicrophoneReady, SoundEvent

ZERO_BLOCKS = int(1.5 * RATE_HZ / BLOCK)  # digital silence for 1.5 s: a dead or blocked microphone


class MicrophoneSigns:
    """`await_first` on the event loop's thread, `hear` in the sound system's."""

    def __init__(self) -> None:
        self._awaited = self._wanted = False
        self._zeros = 0

    def await_first(self, wanted: bool) -> None:
        """The next block is the first that counts, or (False) none counts."""
        self._zeros = 0
        self._awaited = self._wanted = wanted

    def hear(self, block: Samples) -> SoundEvent | None:
        """Return what this block tells, once each time."""
        if self._awaited:
            self._awaited = False
            return MicrophoneReady()
        self._zeros = 0 if block.any() else self._zeros + 1
        if self._zeros == ZERO_BLOCKS and self._wanted:
            return MicrophoneFailed(trouble=Trouble(Code.MIC_SILENT))
        return None

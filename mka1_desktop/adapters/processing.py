"""Echo cancellation, noise suppression and gain control for engines that hold the samples."""

from __future__ import annotations

import numpy as np
from livekit import rtc

from mka1_desktop.adapters.sound_options import SoundOptions
from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Samples


class Processing:
    """WebRTC's audio processing, 0.1 ms for a block of each side; one thread at a time.

    No delay is set: it finds the echo by itself up to about 400 ms (measured).
    """

    def __init__(self, options: SoundOptions) -> None:
        wanted = (options.echo_cancellation, options.noise_suppression, options.gain_control)
        self._echo = options.echo_cancellation
        self._module = (
            rtc.AudioProcessingModule(
                echo_cancellation=options.echo_cancellation,
                noise_suppression=options.noise_suppression,
                high_pass_filter=any(wanted),
                auto_gain_control=options.gain_control,
            )
            if any(wanted)
            else None
        )

    def far(self, block: Samples) -> None:
        """What the loudspeaker plays now."""
        if self._module is not None and self._echo:
            self._module.process_reverse_stream(_frame(block))

    def near(self, block: Samples) -> Samples:
        """What the microphone heard, cleaned."""
        if self._module is None:
            return block
        frame = _frame(block)
        self._module.process_stream(frame)
        return np.frombuffer(frame.data, np.int16)


def _frame(block: Samples) -> rtc.AudioFrame:
    if block.size != BLOCK:  # anything else than 10 ms aborts the process inside the SDK
        raise ValueError(f"expected {BLOCK} samples, got {block.size}")
    return rtc.AudioFrame(bytearray(block.tobytes()), RATE_HZ, 1, BLOCK)

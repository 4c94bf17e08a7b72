"""What a short tone can say."""

from __future__ import annotations

from enum import StrEnum

DESIGNED_PERCENT = 60  # the volume at which the tones are as loud as they were made


class Cue(StrEnum):
    """What happened, for people who do not look."""

    GREETING = "greeting"
    LISTENING = "listening"
    STOPPED = "stopped"
    MUTED = "muted"
    RECONNECTING = "reconnecting"
    ERROR = "error"

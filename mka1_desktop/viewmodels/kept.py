"""What the person said and no room has taken yet: how much is kept, and what becomes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject

from mka1_desktop.viewmodels.shown import Shown
from mka1_desktop.viewmodels.words import tr

LONGEST_S = 60.0  # what the sound engine remembers


class KeptStage(StrEnum):
    """What happens to kept speech."""

    NONE = "none"
    RECORDING = "recording"  # the person talks, and no room listens
    WAITING = "waiting"  # it goes out with the room that is being made
    RESTING = "resting"  # nothing is being made: it goes out when the person connects again
    SENDING = "sending"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptView:
    """`short` says the same where there is little room; a screen reader always gets `words`."""

    stage: KeptStage = KeptStage.NONE
    words: str = ""
    short: str = ""


def kept_view(stage: KeptStage, seconds: float, *, first: bool = False) -> KeptView:
    """Show `seconds` of kept speech; nothing while there are none. `first`: no room has listened in this session yet.

    Begun seconds count, so that a short word is not "0 s".
    """
    n = math.ceil(seconds)
    if stage is KeptStage.NONE or n <= 0:
        return KeptView()
    match stage:
        case KeptStage.RECORDING if seconds >= LONGEST_S:
            words, short = tr("Kept", "Recording. Only the last minute is kept."), tr("Kept", "The last minute is kept")
        case KeptStage.RECORDING if first:
            words = tr("Kept", "Recording. It will be sent when the assistant is here ({n} s)", n=n)
            short = tr("Kept", "Will be sent soon ({n} s)", n=n)
        case KeptStage.RECORDING:
            words = tr("Kept", "Recording. It will be sent when the connection is back ({n} s)", n=n)
            short = tr("Kept", "Will be sent later ({n} s)", n=n)
        case KeptStage.WAITING:
            words = short = tr("Kept", "Will send what you said ({n} s)", n=n)
        case KeptStage.RESTING:
            words = tr("Kept", "What you said is kept. It will be sent when you connect again ({n} s)", n=n)
            short = tr("Kept", "What you said is kept ({n} s)", n=n)
        case KeptStage.SENDING:
            words = short = tr("Kept", "Sending what you said ({n} s)", n=n)
    return KeptView(stage=stage, words=words, short=short)


class KeptModel(Shown[KeptView]):
    """State in by `show(view)`, out by `changed`."""

    def __init__(self, view: KeptView | None = None, parent: QObject | None = None) -> None:
        super().__init__(view or KeptView(), parent)

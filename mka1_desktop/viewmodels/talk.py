"""The talk bar: how the talk button looks and reads, and what else of row one and two is in force."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject

from mka1_desktop.viewmodels.shown import Shown
from mka1_desktop.viewmodels.words import clock, tr


class TalkLook(StrEnum):
    """The nine looks of the talk button (design, section 4)."""

    REST = "rest"
    WAKING = "waking"  # the key is down, no samples yet
    HELD = "held"  # samples arrive
    LATCHED = "latched"
    RECORDING = "recording"  # offline
    INTERRUPT = "interrupt"  # the assistant speaks
    MUTED = "muted"
    RETRY = "retry"
    NO_DEVICE = "no_device"


LIVE_LOOKS = frozenset({TalkLook.HELD, TalkLook.LATCHED})  # the only ones with an open microphone


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkView:
    """What the talk bar shows. `key_name` is the native name of the talk key, e.g. Ctrl+Alt+Space."""

    look: TalkLook = TalkLook.REST
    label: str = ""
    key_name: str = "Ctrl+Alt+Space"
    enabled: bool = True
    can_stop: bool = False  # a voice plays
    muted: bool = False
    mode: str = "auto"  # value of the setting talk.mode


def label_of(look: TalkLook, *, offline: bool = False, seconds: float = 0.0) -> str:
    """The words on the talk button; `seconds` is the length of an offline recording."""
    match look:
        case TalkLook.REST:
            return tr("Talk", "Hold to record") if offline else tr("Talk", "Hold to talk")
        case TalkLook.WAKING:
            return tr("Talk", "Waking the mic")
        case TalkLook.HELD:
            return tr("Talk", "Listening")
        case TalkLook.LATCHED:
            return tr("Talk", "Tap to send")
        case TalkLook.RECORDING:
            return tr("Talk", "Recording {time}", time=clock(seconds))
        case TalkLook.INTERRUPT:
            return tr("Talk", "Hold to interrupt")
        case TalkLook.MUTED:
            return tr("Talk", "Unmute")
        case TalkLook.RETRY:
            return tr("Talk", "Try again")
        case TalkLook.NO_DEVICE:
            return tr("Talk", "No microphone")


def talk_view(
    look: TalkLook,
    *,
    key_name: str,
    offline: bool = False,
    seconds: float = 0.0,
    can_stop: bool = False,
    muted: bool = False,
    mode: str = "auto",
) -> TalkView:
    """Build the view of `look` with the words that belong to it."""
    return TalkView(
        look=look,
        label=label_of(look, offline=offline, seconds=seconds),
        key_name=key_name,
        enabled=look is not TalkLook.NO_DEVICE,
        can_stop=can_stop,
        muted=muted,
        mode=mode,
    )


def all_labels() -> tuple[str, ...]:
    """Every label in this language: the widest one decides the button's width, so that nothing jumps."""
    every = [label_of(look) for look in TalkLook]
    return (*every, label_of(TalkLook.REST, offline=True))


class TalkModel(Shown[TalkView]):
    """State in by `show(view)`, out by `changed`."""

    def __init__(self, view: TalkView | None = None, parent: QObject | None = None) -> None:
        super().__init__(view or talk_view(TalkLook.REST, key_name="Ctrl+Alt+Space"), parent)

"""The sound check: what runs, what is heard, what was found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from PySide6.QtCore import QObject

from mka1_desktop.viewmodels.shown import Shown
from mka1_desktop.viewmodels.wishes import Wish
from mka1_desktop.viewmodels.words import tr

Mark: TypeAlias = Literal["none", "good", "bad"]
BARS = 96  # of the trace


class Activity(StrEnum):
    """The one thing that runs."""

    NONE = "none"
    LEVEL = "level"  # the microphone is open for its meter
    RECORDING = "recording"  # for hearing oneself
    PLAYING = "playing"
    TONE = "tone"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Bar:
    """A twelfth of a second of the check: what was played and what was heard, 0 to 1."""

    played: float = 0.0
    heard: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureView:
    """One measured number."""

    label: str
    value: str = "–"
    words: str = ""
    mark: Mark = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """What the figures mean. `action` is what a click does about it: "talk_key", "system_page" or "" for nothing."""

    sentence: str
    more: str = ""
    good: bool = True
    icon: str = "check"
    action: str = ""
    action_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundCheckView:
    """`level` and `peak` are 0 to 1, None while the microphone is closed; `progress` 0 to 1 of what runs."""

    microphone: str = ""
    speaker: str = ""
    blocked: bool = False  # a session is live
    activity: Activity = Activity.NONE
    stage: str = ""  # what the person should know or do just now
    progress: float = 0.0
    level: float | None = None
    peak: float | None = None
    clipped: bool = False
    bars: tuple[Bar, ...] = ()
    figures: tuple[FigureView, ...] = ()
    verdict: VerdictView | None = None
    problem: str = ""  # why something could not be done
    note: str = ""  # about what the person heard of herself

    @property
    def devices(self) -> str:
        """The line under the heading."""
        return tr("Sound check", "{microphone}, with {speaker}", microphone=self.microphone, speaker=self.speaker)

    @property
    def checked(self) -> bool:
        return self.verdict is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWishes:
    """What the person can ask for in the dialog; as Wishes."""

    level: Wish  # open the microphone for its meter, or close it
    hear_yourself: Wish  # record; and again: enough, play it
    tone: Wish
    check: Wish
    stop: Wish  # end whatever runs
    end_session: Wish
    act: Wish  # what the verdict offers


class SoundCheckModel(Shown[SoundCheckView]):
    """State in by `show(view)`, out by `changed`."""

    def __init__(self, view: SoundCheckView | None = None, parent: QObject | None = None) -> None:
        super().__init__(view or SoundCheckView(figures=no_figures()), parent)


def no_figures() -> tuple[FigureView, ...]:
    """The four numbers before anything was measured."""
    return (
        FigureView(label=tr("Sound check", "Room noise")),
        FigureView(label=tr("Sound check", "Echo")),
        FigureView(label=tr("Sound check", "Delay")),
        FigureView(label=tr("Sound check", "Clipping")),
    )

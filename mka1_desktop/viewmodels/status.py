"""The state of the conversation in one word, one figure and one line (product page, section 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QObject

from mka1_desktop.viewmodels.shown import Shown
from mka1_desktop.viewmodels.words import clock, isolated, tr


class Phase(StrEnum):
    """The ten states of the contract (interfaces, States)."""

    IDLE = "idle"
    CONNECTING = "connecting"
    GREETING = "greeting"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    INTERRUPTED = "interrupted"
    MUTED = "muted"
    RECONNECTING = "reconnecting"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """What the figure and the words beside it show.

    `word` is what a screen reader says. `hint` may hold the mark `{key}`, drawn as a key cap with `hint_key` on it.
    `action` is what `Wishes.notice_action` gets when the button `action_label` under the large figure is clicked.
    `large` says that the view has room for the large figure; the window corrects it when it knows better.
    """

    phase: Phase = Phase.IDLE
    microphone_open: bool = False
    word: str = ""
    seconds: int | None = None  # shown as a counter; in the middle of the figure while reconnecting
    detail: str = ""  # small and plain, after the word
    hint: str = ""
    hint_key: str = ""
    action: str = ""
    action_label: str = ""
    large: bool = True

    @property
    def figure(self) -> Phase:
        """The figure to draw: never the orange one while the microphone is closed."""
        if self.phase is Phase.LISTENING and not self.microphone_open:
            return Phase.IDLE
        return self.phase

    @property
    def time_text(self) -> str:
        """Seconds as they are written: 6 s while reconnecting, else 0:06."""
        if self.seconds is None:
            return ""
        if self.phase is Phase.RECONNECTING:
            return tr("Status", "{n} s", n=self.seconds)
        return clock(self.seconds)


def status_view(
    phase: Phase,
    *,
    key_name: str,
    microphone_open: bool = False,
    latched: bool = False,
    seconds: int | None = None,
    detail: str = "",
    hint: str = "",
    large: bool = True,
) -> StatusView:
    """Build the view of `phase` with its words; `detail` and `hint` replace the usual ones where they are given.

    `seconds` counts since the state began. `detail` is, for instance, why connecting takes long or what failed.
    """
    view = StatusView(
        phase=phase,
        microphone_open=microphone_open,
        word=_word(phase, key_name, microphone_open=microphone_open, latched=latched),
        seconds=seconds if phase in _COUNTED and (phase is not Phase.LISTENING or microphone_open) else None,
        detail=detail,
        large=large,
    )
    view = _with_hint(view, latched=latched, key_name=key_name)
    return replace(view, hint=hint, hint_key="") if hint else view


_COUNTED = frozenset({Phase.LISTENING, Phase.SPEAKING, Phase.RECONNECTING})


def _word(phase: Phase, key_name: str, *, microphone_open: bool, latched: bool) -> str:
    match phase:
        case Phase.IDLE:
            return tr("Status", "Hold {key} to talk", key=isolated(key_name))
        case Phase.CONNECTING:
            return tr("Status", "Connecting…")
        case Phase.GREETING:
            return tr("Status", "Greeting")
        case Phase.LISTENING:
            if not microphone_open:
                return tr("Status", "Hold {key} to talk", key=isolated(key_name))
            return tr("Status", "Listening, line open") if latched else tr("Status", "Listening")
        case Phase.THINKING:
            return tr("Status", "Thinking…")
        case Phase.SPEAKING:
            return tr("Status", "Speaking")
        case Phase.INTERRUPTED:
            return tr("Status", "Stopped")
        case Phase.MUTED:
            return tr("Status", "Mic muted")
        case Phase.RECONNECTING:
            return tr("Status", "Connection lost, trying again")
        case Phase.ERROR:
            return tr("Status", "Cannot answer")


def _with_hint(view: StatusView, *, latched: bool, key_name: str) -> StatusView:
    match view.phase:
        case Phase.LISTENING if view.microphone_open and latched:
            return replace(view, hint=tr("Status", "Press {key} to send."), hint_key=key_name)
        case Phase.LISTENING if view.microphone_open:
            return replace(view, hint=tr("Status", "Release to send."))
        case Phase.LISTENING:
            return replace(view, hint=tr("Status", "I am here. You can also type below."))
        case Phase.IDLE:
            return replace(view, hint=tr("Status", "You can also type below."))
        case Phase.CONNECTING if view.microphone_open:
            return replace(view, hint=tr("Status", "I am listening, still connecting."))
        case Phase.SPEAKING | Phase.GREETING:
            return replace(view, hint=tr("Status", "{key} stops the voice"), hint_key=tr("Status", "Esc"))
        case Phase.INTERRUPTED:
            return replace(view, hint=tr("Status", "Go on from here?"))
        case Phase.MUTED:
            return replace(view, hint=tr("Status", "Nothing is recorded. You can type below."))
        case Phase.RECONNECTING:
            return replace(
                view,
                hint=tr("Status", "You can go on. It is sent when the line is back."),
                action="retry",
                action_label=tr("Status", "Try now"),
            )
        case _:
            return view


class StatusModel(Shown[StatusView]):
    """State in by `show(view)`, out by `changed`."""

    def __init__(self, view: StatusView | None = None, parent: QObject | None = None) -> None:
        super().__init__(view or status_view(Phase.IDLE, key_name="Ctrl+Alt+Space"), parent)

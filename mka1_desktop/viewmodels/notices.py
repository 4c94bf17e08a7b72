"""One notice at a time: what happened, what is safe, what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject

from mka1_desktop.domain.errors import Action, Trouble
from mka1_desktop.viewmodels.shown import Shown
from mka1_desktop.viewmodels.words import tr

_BARE_CODE = re.compile(r"[\w.:-]+", re.ASCII)  # what a service says instead of a sentence, as "inbound_ip_denied"


class NoticeKind(StrEnum):
    INFO = "info"
    WAITING = "waiting"
    FAILURE = "failure"
    MICROPHONE = "microphone"  # trouble with the open microphone


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """`sentence` is bold, `more` plain. `action` goes to `Wishes.notice_action`; "" has no button.

    Failures stay; the others leave after 6 s unless the person is at them, or when `stays` is set.
    """

    kind: NoticeKind
    sentence: str
    more: str = ""
    action: str = ""
    action_label: str = ""
    icon: str = ""  # name of an icon; "" takes the one of the kind
    stays: bool = False

    @property
    def leaves(self) -> bool:
        return self.kind is not NoticeKind.FAILURE and not self.stays


def action_label(action: Action) -> str:
    """The words on the button of `action`; "" for none."""
    match action:
        case Action.RETRY:
            return tr("Notice", "Try again")
        case Action.EDIT_KEY:
            return tr("Notice", "Enter a new key")
        case Action.EDIT_SETTINGS:
            return tr("Notice", "Open settings")
        case Action.START_FRESH:
            return tr("Notice", "Start fresh")
        case Action.CHOOSE_DEVICE:
            return tr("Notice", "Choose a device")
        case Action.OPEN_MIC_SETTINGS:
            return tr("Notice", "Open sound settings")
        case Action.REPEAT:
            return tr("Notice", "Ask again")
        case Action.FREE_SPACE:
            return tr("Notice", "Check again")
        case Action.UNMUTE:
            return tr("Notice", "Unmute")
        case Action.USE_TALK_KEY:
            return tr("Notice", "Use the talk key")
        case Action.NONE:
            return ""


def notice_of(trouble: Trouble, *, kind: NoticeKind = NoticeKind.FAILURE) -> NoticeView:
    """The notice of a failure: our sentence first, the service's own words after it, bare codes left out."""
    advice = trouble.advice
    alone = trouble.text == trouble.message  # a check of our own, more exact than the sentence of its code
    more = [trouble.message] if trouble.message and not alone and not _BARE_CODE.fullmatch(trouble.message) else []
    if trouble.retry_after_s:
        more.append(tr("Notice", "The service asks to wait {n} s.", n=round(trouble.retry_after_s)))
    return NoticeView(
        kind=kind,
        sentence=trouble.text if alone else tr("Advice", advice.sentence),
        more=" ".join(more),
        action="" if advice.action is Action.NONE else advice.action.value,
        action_label=action_label(advice.action),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToastView:
    """A short word at the bottom, for 8 s: undo, device changes. `action` as in NoticeView."""

    text: str
    icon: str = "info"
    action: str = ""
    action_label: str = ""


class NoticesModel(Shown[NoticeView | None]):
    """The notice in force by `show(view)`, None when there is none."""

    def __init__(self, view: NoticeView | None = None, parent: QObject | None = None) -> None:
        super().__init__(view, parent)

    def dismiss(self) -> None:
        self.show(None)


class ToastsModel(Shown[ToastView | None]):
    """The toast in force by `show(view)`; it leaves by itself."""

    def __init__(self, view: ToastView | None = None, parent: QObject | None = None) -> None:
        super().__init__(view, parent)

    def dismiss(self) -> None:
        self.show(None)

"""The head of the window: title, connection, end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject

from mka1_desktop.viewmodels.shown import Shown
from mka1_desktop.viewmodels.words import tr


class Link(StrEnum):
    """How things stand with the service."""

    OFF = "off"  # no session
    CONNECTING = "connecting"
    ON = "on"
    RECONNECTING = "reconnecting"
    FAILED = "failed"


def link_word(link: Link) -> str:
    match link:
        case Link.OFF:
            return tr("Head", "Not connected")
        case Link.CONNECTING:
            return tr("Head", "Connecting")
        case Link.ON:
            return tr("Head", "Connected")
        case Link.RECONNECTING:
            return tr("Head", "Reconnecting")
        case Link.FAILED:
            return tr("Head", "Disconnected")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadView:
    """`thread_id` is None while the thread is new and cannot be renamed. `link_words` replaces the usual word."""

    title: str = ""
    thread_id: str | None = None
    link: Link = Link.OFF
    link_words: str = ""
    can_end: bool = False

    @property
    def shown_title(self) -> str:
        return self.title or tr("Head", "New conversation")

    @property
    def shown_link(self) -> str:
        return self.link_words or link_word(self.link)


class HeadModel(Shown[HeadView]):
    """State in by `show(view)`, out by `changed`."""

    def __init__(self, view: HeadView | None = None, parent: QObject | None = None) -> None:
        super().__init__(view or HeadView(), parent)

"""Builds the main window with everything in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from mka1_desktop.domain.settings import Settings
from mka1_desktop.ui.conversation_pane import ConversationPane
from mka1_desktop.ui.conversation_view import ConversationView
from mka1_desktop.ui.empty_view import EmptyView, Suggestion
from mka1_desktop.ui.figure import StateFigure
from mka1_desktop.ui.icons import Icons
from mka1_desktop.ui.key_words import native_key
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.main_window import MainWindow, WindowModels
from mka1_desktop.ui.motion import Motion
from mka1_desktop.ui.sidebar import Sidebar
from mka1_desktop.ui.theme import Choice, Theme
from mka1_desktop.viewmodels.account import AccountModel
from mka1_desktop.viewmodels.devices import DevicesModel
from mka1_desktop.viewmodels.head import HeadModel
from mka1_desktop.viewmodels.kept import KeptModel
from mka1_desktop.viewmodels.levels import LevelsModel
from mka1_desktop.viewmodels.notices import NoticesModel, ToastsModel
from mka1_desktop.viewmodels.status import Phase, StatusModel, status_view
from mka1_desktop.viewmodels.talk import TalkLook, TalkModel, talk_view
from mka1_desktop.viewmodels.threads import ThreadListModel
from mka1_desktop.viewmodels.transcript import TranscriptModel
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr


@dataclass(frozen=True, slots=True)
class Models:
    """Every model of the main window."""

    window: WindowModels
    turns: TranscriptModel
    threads: ThreadListModel
    account: AccountModel


def build_models(settings: Settings) -> Models:
    """At rest, as they are before anything is connected."""
    key = native_key(settings.text("talk.key"))
    talk = talk_view(TalkLook.REST, key_name=key, mode=settings.text("talk.mode"))
    return Models(
        window=WindowModels(
            head=HeadModel(), talk=TalkModel(talk), status=StatusModel(status_view(Phase.IDLE, key_name=key)),
            kept=KeptModel(), levels=LevelsModel(), devices=DevicesModel(), notices=NoticesModel(),
            toasts=ToastsModel(),
        ),
        turns=TranscriptModel(),
        threads=ThreadListModel(),
        account=AccountModel(),
    )  # fmt: skip


def build_look(app: QApplication, settings: Settings, resources: Path) -> Look:
    """Colours, icons and motion as the settings say."""
    look = Look(Theme(app), Icons(resources / "icons"), Motion(reduced=settings.flag("look.reduced_motion")))
    apply_look(look, settings)
    return look


def apply_look(look: Look, settings: Settings) -> None:
    """Follow the settings about appearance."""
    wanted = settings.text("look.theme")
    choice: Choice = next((c for c in get_args(Choice) if c == wanted), "system")
    look.theme.apply(choice=choice, text_percent=settings.number("look.text_percent"))
    look.motion.set_reduced(settings.flag("look.reduced_motion"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The window and the parts of it that change from outside."""

    window: MainWindow
    empty: EmptyView
    sidebar: Sidebar

    def come_forward(self) -> None:
        """Bring the window to the front: somebody asked for it."""
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def fill_text(self, text: str) -> None:
        """Put a phrase into the text box, unsent, and let the person go on from there."""
        self.window.composer.text_box.put(text)

    def focus_text(self) -> None:
        """Let the person type."""
        self.window.composer.text_box.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_key(self, key: str) -> None:
        self.window.set_talk_key(key)
        self.offer_talking(key, possible=True)

    def offer_talking(self, key: str, *, possible: bool) -> None:
        """Name the key to talk with where a conversation begins; without a microphone typing is offered alone."""
        self.empty.set_key(native_key(key), can_talk=possible)

    def suggest(self, phrases: Sequence[tuple[str, str]]) -> None:
        self.empty.set_suggestions([Suggestion(words, icon) for words, icon in phrases])


def build_frame(
    look: Look,
    models: Models,
    wishes: Wishes,
    settings: Settings,
    *,
    go_on: Callable[[str], None],
    pin_thread: Callable[[str, bool], None],
    open_account: Callable[[], None],
) -> Frame:
    """Build the window, unseen."""
    view = ConversationView(look, models.turns, wishes, go_on=go_on)
    figure = StateFigure(look, models.window.status, models.window.levels, stop=wishes.stop, size=120)
    empty = EmptyView(look, wishes, figure)
    pane = ConversationPane(models.turns, view=view, empty=empty)
    sidebar = Sidebar(
        look, threads=models.threads, account=models.account, wishes=wishes, pin_thread=pin_thread,
        open_account=open_account,
    )  # fmt: skip
    window = MainWindow(
        look, models=models.window, wishes=wishes, sidebar=sidebar, conversation=pane,
        talk_key=settings.text("talk.key"), sidebar_open=settings.flag("window.sidebar"),
    )  # fmt: skip
    window.setWindowTitle("MKA1")
    view.content_changed.connect(window.set_content_height)
    pane.turns_changed.connect(window.set_turns)
    window.set_turns(pane.turns)
    window.search_requested.connect(sidebar.focus_search)
    QGuiApplication.setApplicationDisplayName("MKA1")
    frame = Frame(window=window, empty=empty, sidebar=sidebar)
    frame.set_key(settings.text("talk.key"))
    return frame


def usual_suggestions() -> tuple[tuple[str, str], ...]:
    """Return phrases to begin with, for a real assistant."""
    return (
        (tr("Empty", "What can I cook in twenty minutes?"), "sun"),
        (tr("Empty", "Practise ordering in French"), "globe"),
        (tr("Empty", "Help me word a short letter"), "edit"),
        (tr("Empty", "Plan a two-day trip by train"), "clock"),
    )

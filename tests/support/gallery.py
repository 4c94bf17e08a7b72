"""Pictures of the window in every state, to be looked at beside the mock-ups.

    QT_QPA_PLATFORM=offscreen QT_SCALE_FACTOR=2 python -m tests.support.gallery FOLDER [--only NAME] [--scheme dark]

Also run under Xvfb. Makes one file for each picture, named <name>-<width>-<scheme>.png.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QGridLayout, QVBoxLayout, QWidget

from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.ui.conversation_pane import ConversationPane
from mka1_desktop.ui.conversation_view import ConversationView
from mka1_desktop.ui.empty_view import EmptyView, Suggestion
from mka1_desktop.ui.figure import StateFigure
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.main_window import MainWindow
from mka1_desktop.ui.notice_bar import NoticeBar
from mka1_desktop.ui.roles import SCHEMES, Scheme
from mka1_desktop.ui.status_line import plain_label
from mka1_desktop.ui.talk_button import TalkButton
from mka1_desktop.viewmodels.devices import DevicesModel, DevicesView, picker_view
from mka1_desktop.viewmodels.head import HeadModel, HeadView, Link
from mka1_desktop.viewmodels.kept import KeptModel, KeptStage, KeptView, kept_view
from mka1_desktop.viewmodels.levels import LevelsModel, LevelsView
from mka1_desktop.viewmodels.notices import NoticeKind, NoticesModel, NoticeView, ToastsModel, notice_of
from mka1_desktop.viewmodels.status import Phase, StatusModel, status_view
from mka1_desktop.viewmodels.talk import TalkLook, TalkModel, talk_view
from mka1_desktop.viewmodels.transcript import TranscriptModel, TurnView
from mka1_desktop.viewmodels.window import WindowModels
from tests.support import gallery_conversation, ui_samples
from tests.support.look import make_look
from tests.support.wishes import WishList

KEY = "Ctrl+Space"
SUGGESTIONS = (
    ("What can I cook in twenty minutes?", "sun"),
    ("Practise ordering in French", "globe"),
    ("Help me word a short letter", "edit"),
    ("Plan a two-day trip by train", "clock"),
    ("What is the capital of Peru?", "globe"),
    ("Tell me a long story", "captions"),
)
ROWS: dict[str, Callable[[], list[TurnView]]] = {
    "turns": ui_samples.turns, "listening": ui_samples.listening, "waiting": ui_samples.waiting,
    "unsent": ui_samples.unsent, "on_hold": ui_samples.on_hold,
}  # fmt: skip
NOTHING_KEPT = KeptView()
SIZES = ((960, 680), (720, 680), (380, 680), (380, 520), (720, 560), (1440, 900))


@dataclass(frozen=True, slots=True)
class Scene:
    """One state of the whole window."""

    phase: Phase
    look: TalkLook
    link: Link
    microphone: float | None = None
    speaker: float | None = None
    seconds: int | None = None
    open: bool = False
    can_stop: bool = False
    muted: bool = False
    notice: NoticeView | None = None
    turns: str = "listening"
    kept: KeptView = NOTHING_KEPT


FAILURE = NoticeView(
    kind=NoticeKind.FAILURE,
    sentence="The service did not accept your key.",
    more="It may have been replaced or switched off. Your conversation is safe on this machine.",
    action="edit_key",
    action_label="Enter a new key",
)
OFFLINE = replace(notice_of(Trouble(Code.OFFLINE), kind=NoticeKind.WAITING), action="", action_label="", stays=True)
LIMITED = notice_of(Trouble(Code.RATE_LIMITED, service="llm"))
SCENES: dict[str, Scene] = {
    "empty": Scene(Phase.IDLE, TalkLook.REST, Link.OFF, turns="none"),
    "first": Scene(Phase.CONNECTING, TalkLook.REST, Link.CONNECTING, turns="none"),
    "idle": Scene(Phase.IDLE, TalkLook.REST, Link.OFF),
    "connecting": Scene(Phase.CONNECTING, TalkLook.WAKING, Link.CONNECTING, open=True),
    "greeting": Scene(Phase.GREETING, TalkLook.INTERRUPT, Link.ON, speaker=0.5, can_stop=True),
    "listening": Scene(Phase.LISTENING, TalkLook.HELD, Link.ON, microphone=0.6, seconds=6, open=True),
    "waiting": Scene(Phase.LISTENING, TalkLook.REST, Link.ON),
    "thinking": Scene(Phase.THINKING, TalkLook.REST, Link.ON),
    "speaking": Scene(
        Phase.SPEAKING, TalkLook.INTERRUPT, Link.ON, speaker=0.5, seconds=18, can_stop=True, turns="turns"
    ),
    "interrupted": Scene(Phase.INTERRUPTED, TalkLook.REST, Link.ON),
    "muted": Scene(Phase.MUTED, TalkLook.MUTED, Link.ON, muted=True),
    "reconnecting": Scene(Phase.RECONNECTING, TalkLook.REST, Link.RECONNECTING, seconds=6, turns="waiting"),
    "recording": Scene(
        Phase.RECONNECTING,
        TalkLook.RECORDING,
        Link.RECONNECTING,
        seconds=6,
        turns="waiting",
        kept=kept_view(KeptStage.RECORDING, 4.0),
    ),
    "will-send": Scene(
        Phase.RECONNECTING,
        TalkLook.REST,
        Link.RECONNECTING,
        seconds=9,
        notice=OFFLINE,
        kept=kept_view(KeptStage.WAITING, 4.0),
    ),
    "sending": Scene(Phase.LISTENING, TalkLook.REST, Link.ON, kept=kept_view(KeptStage.SENDING, 12.0)),
    "unsent": Scene(Phase.LISTENING, TalkLook.REST, Link.ON, turns="unsent", notice=LIMITED),
    "on-hold": Scene(Phase.IDLE, TalkLook.REST, Link.OFF, turns="on_hold"),
    "error": Scene(Phase.ERROR, TalkLook.RETRY, Link.FAILED, notice=FAILURE, turns="turns"),
}


def sample_devices() -> DevicesView:
    found = (("yeti", "Yeti Stereo Microphone"), ("built-in", "Built-in Microphone"))
    ears = (("phones", "Headphones"), ("built-in", "Built-in Speakers"))
    return DevicesView(
        microphone=picker_view(found, chosen="", default_name="Yeti Stereo Microphone", none_text="No microphone"),
        speaker=picker_view(ears, chosen="phones", default_name="Headphones", none_text="No speaker"),
        volume=92,
    )


def sample_models() -> WindowModels:
    return WindowModels(
        head=HeadModel(HeadView(title="Lisbon in March", thread_id="t1")),
        talk=TalkModel(talk_view(TalkLook.REST, key_name=KEY)),
        status=StatusModel(status_view(Phase.IDLE, key_name=KEY)),
        kept=KeptModel(),
        levels=LevelsModel(),
        devices=DevicesModel(sample_devices()),
        notices=NoticesModel(),
        toasts=ToastsModel(),
    )


def show_scene(models: WindowModels, scene: Scene) -> None:
    """Put every model into the state of `scene`."""
    models.levels.show(LevelsView(microphone=scene.microphone, speaker=scene.speaker))
    models.status.show(status_view(scene.phase, key_name=KEY, microphone_open=scene.open, seconds=scene.seconds))
    models.kept.show(scene.kept)
    models.talk.show(
        talk_view(
            scene.look, key_name=KEY, can_stop=scene.can_stop, muted=scene.muted, seconds=4.0,
            offline=scene.link is Link.RECONNECTING,
        )
    )  # fmt: skip
    models.head.show(
        HeadView(title="Lisbon in March", thread_id="t1", link=scene.link, can_end=scene.link is not Link.OFF)
    )
    models.notices.show(scene.notice)


def sample_window(look: Look, models: WindowModels) -> tuple[MainWindow, TranscriptModel]:
    """The whole window with U2's panels in it, and the model of its turns."""
    wishes = WishList().wishes
    turns = TranscriptModel()
    view = ConversationView(look, turns, wishes, go_on=lambda _key: None)
    figure = StateFigure(look, models.status, models.levels, stop=wishes.stop, size=120)
    empty = EmptyView(look, wishes, figure)
    empty.set_key(KEY)
    empty.set_suggestions([Suggestion(words, icon) for words, icon in SUGGESTIONS])
    pane = ConversationPane(turns, view=view, empty=empty)
    window = MainWindow(
        look,
        models=models,
        wishes=wishes,
        sidebar=gallery_conversation.sidebar(look, ui_samples.threads()),
        conversation=pane,
        talk_key=KEY,
    )
    turns.setParent(window)
    view.content_changed.connect(window.set_content_height)
    pane.turns_changed.connect(window.set_turns)
    window.set_turns(pane.turns)
    return window, turns


def settle(app: QApplication, ms: int) -> None:
    """Let the event loop run for `ms`."""
    QTimer.singleShot(ms, app.exit)  # quit() would close the windows
    app.exec()


def save(widget: QWidget, path: Path) -> None:
    ratio = widget.devicePixelRatioF()
    pixmap = QPixmap(widget.size() * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    widget.render(pixmap)
    pixmap.save(str(path))


class FigureSheet(QWidget):
    """All ten figures and badges on one page."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        grid = QGridLayout(self)
        grid.setSpacing(24)
        for index, phase in enumerate(Phase):
            status = StatusModel(status_view(phase, key_name=KEY, microphone_open=True, seconds=6))
            levels = LevelsModel(LevelsView(microphone=0.6, speaker=0.5))
            cell = QVBoxLayout()
            for size in (112, 24):
                figure = StateFigure(look, status, levels, stop=lambda: None, size=size)
                cell.addWidget(figure, 0, Qt.AlignmentFlag.AlignCenter)
            label = plain_label()
            label.setText(phase.value)
            cell.addWidget(label, 0, Qt.AlignmentFlag.AlignCenter)
            grid.addLayout(cell, index // 5, index % 5)

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(QRectF(self.rect()), QColor(self._look.theme.colour("bg")))


class ComponentSheet(QWidget):
    """Talk buttons and notices on one page."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        grid = QGridLayout(self)
        wishes = WishList().wishes
        levels = LevelsModel(LevelsView(microphone=0.58))
        for index, talk_look in enumerate(TalkLook):
            model = TalkModel(talk_view(talk_look, key_name=KEY, seconds=12))
            grid.addWidget(TalkButton(look, model, levels, wishes), index // 3, index % 3)
        for row, view in enumerate(sample_notices(), start=4):
            grid.addWidget(NoticeBar(look, NoticesModel(view), wishes), row, 0, 1, 3)
        self.resize(820, 560)

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(QRectF(self.rect()), QColor(self._look.theme.colour("bg")))


def sample_notices() -> tuple[NoticeView, ...]:
    def view(kind: NoticeKind, sentence: str, more: str, label: str, icon: str = "") -> NoticeView:
        return NoticeView(
            kind=kind, sentence=sentence, more=more, action="x", action_label=label, icon=icon, stays=True
        )

    return (
        view(NoticeKind.MICROPHONE, "I get no sound from Yeti Stereo Microphone.", "", "Test it"),
        view(NoticeKind.WAITING, "Connection lost, trying again.", "6 s", "Try now"),
        view(NoticeKind.FAILURE, "The service did not accept your key.", "", "Enter a new key"),
        view(NoticeKind.INFO, "Headphones were unplugged.", "Now using Built-in Speakers", "Choose", "headphones"),
    )


def draw(app: QApplication, folder: Path, *, only: str, schemes: tuple[Scheme, ...]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in schemes:
        look = make_look(app, choice=scheme)
        sheets: dict[str, Callable[[Look], QWidget]] = {"figures": FigureSheet, "components": ComponentSheet}
        for name, make in sheets.items():
            if not only or only == name:
                sheet = make(look)
                sheet.show()
                settle(app, 300)
                save(sheet, folder / f"{name}-{scheme}.png")
                sheet.close()
        models = sample_models()
        window, turns = sample_window(look, models)
        window.show()
        for name, scene in SCENES.items():
            if only and only != name:
                continue
            show_scene(models, scene)
            rows = ROWS.get(scene.turns)
            turns.set_rows(rows() if rows else [])
            for width, height in SIZES:
                window.resize(width, height)
                settle(app, 600)
                save(window, folder / f"{name}-{width}x{height}-{scheme}.png")
        if not only or only == "menus":
            window.resize(*SIZES[0])
            bar = window.composer.device_bar
            for name, open_menu in (("microphone", bar.microphone.open_menu), ("modes", bar.open_modes)):
                menu = open_menu()
                settle(app, 300)
                save(menu, folder / f"menu-{name}-{scheme}.png")
                menu.close()
        window.close()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--scheme", choices=SCHEMES)
    parser.add_argument("--rtl", action="store_true", help="right to left")
    chosen = parser.parse_args(arguments)
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    if chosen.rtl:
        app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    draw(app, chosen.folder, only=chosen.only, schemes=(chosen.scheme,) if chosen.scheme else SCHEMES)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

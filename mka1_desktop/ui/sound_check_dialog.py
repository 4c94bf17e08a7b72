"""The sound check: the meter, hearing oneself, a tone, and the check that measures and recommends."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from mka1_desktop.ui.buttons import TextButton
from mka1_desktop.ui.focus_ring import FocusRing
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paragraph import Paragraph
from mka1_desktop.ui.peak_meter import PeakMeter
from mka1_desktop.ui.sound_figures import PAD as VERDICT_PAD
from mka1_desktop.ui.sound_figures import FigureCards, VerdictCard
from mka1_desktop.ui.sound_trace import SoundTrace
from mka1_desktop.viewmodels.sound_check import Activity, CheckWishes, SoundCheckModel, SoundCheckView, VerdictView
from mka1_desktop.viewmodels.words import tr

WIDTH, NARROW, PAD, GAP = 656, 560, 40, 12  # px at the usual text size
SCREEN_SHARE = 0.95
FOOT_PAD = 16
FREE = frozenset({Activity.NONE, Activity.LEVEL})  # what another click may end


class SoundCheckDialog(QDialog):
    """Shows a SoundCheckModel. Everything is a wish; whoever closes it ends what runs."""

    def __init__(self, look: Look, model: SoundCheckModel, wishes: CheckWishes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._wishes = wishes
        self._shown = model.view
        self.setWindowTitle(tr("Sound check", "Sound check"))
        self._heading = Paragraph(look, size="display", parent=self)
        self._heading.set_text(tr("Sound check", "Sound check"))
        self._devices = Paragraph(look, role="text2", parent=self)
        self.trace = SoundTrace(look, self)
        self.figures = FigureCards(look, 4, GAP, self)
        self.verdict = VerdictCard(look, self)
        self.hear_button = TextButton(look, tr("Sound check", "Hear yourself"), icon="play", parent=self)
        self.tone_button = TextButton(look, tr("Sound check", "Play a tone"), icon="speaker", parent=self)
        self.level_button = TextButton(look, tr("Sound check", "Show the level"), icon="mic", parent=self)
        self.meter = PeakMeter(look, tr("Sound check", "Microphone level"), self)
        self._said = Paragraph(look, role="text2", parent=self)
        self._wrong = Paragraph(look, role="error", parent=self)
        self.again_button = TextButton(look, tr("Sound check", "Run again"), icon="refresh", kind="quiet", parent=self)
        self.close_button = TextButton(look, tr("Sound check", "Close"), parent=self)
        self.cancel_button = TextButton(look, tr("Sound check", "Cancel"), icon="stop", parent=self)
        self.start_button = TextButton(look, tr("Sound check", "Start the check"), kind="primary", parent=self)
        self._connect()
        self._arrange()
        self._ring = FocusRing(look, self)
        model.changed.connect(self._show)
        look.theme.changed.connect(self._resize)
        self._show(model.view)
        self._resize()
        self.start_button.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def said(self) -> str:
        """What is said under the buttons."""
        return self._said.text() or self._wrong.text()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("bg"))
        line = self.close_button.y() - FOOT_PAD
        painter.fillRect(QRectF(0, line, self.width(), 1), theme.colour("line"))

    def _connect(self) -> None:
        for button, wish in (
            (self.hear_button, self._wishes.hear_yourself),
            (self.tone_button, self._wishes.tone),
            (self.level_button, self._wishes.level),
            (self.again_button, self._wishes.check),
            (self.start_button, self._wishes.check),
            (self.cancel_button, self._wishes.stop),
        ):
            button.clicked.connect(lambda _checked=False, wish=wish: wish())
        self.verdict.button.clicked.connect(lambda _checked=False: self._act())
        self.close_button.clicked.connect(self.accept)

    def _arrange(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(GAP)
        for tool in (self.hear_button, self.tone_button, self.level_button):
            tools.addWidget(tool)
        tools.addStretch(1)
        tools.addWidget(self.meter, 0, Qt.AlignmentFlag.AlignVCenter)
        foot = QHBoxLayout()
        foot.setSpacing(GAP)
        foot.addWidget(self.again_button)
        foot.addStretch(1)
        for button in (self.close_button, self.cancel_button, self.start_button):
            foot.addWidget(button)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(PAD, PAD - GAP, PAD, FOOT_PAD)
        column.setSpacing(GAP)
        column.addWidget(self._heading)
        column.addWidget(self._devices)
        for part in (self.trace, self.figures, self.verdict):
            column.addWidget(part)
        column.addLayout(tools)
        column.addWidget(self._said)
        column.addWidget(self._wrong)
        column.addStretch(1)
        column.addSpacing(FOOT_PAD)
        column.addLayout(foot)

    def _resize(self) -> None:
        """The size follows text size and verdict: nothing may jump while a check runs."""
        scale = max(1.0, self._look.theme.scale)
        room = self.screen().availableGeometry()
        width = min(round(WIDTH * scale), round(room.width() * SCREEN_SHARE))
        narrow = width < NARROW * scale
        self.figures.stand_in(width - 2 * PAD, narrow=narrow)
        self.verdict.set_narrow(narrow)
        for button in (self.hear_button, self.tone_button, self.level_button):
            button.set_compact(narrow)
        line = round(self._look.theme.line_height("body"))
        self.verdict.setMinimumHeight(3 * line + 2 * VERDICT_PAD)
        for words in (self._said, self._wrong):
            words.setMinimumHeight(line)
        self._column.activate()
        self.setFixedSize(width, self._column.totalHeightForWidth(width))

    def _show(self, view: SoundCheckView) -> None:
        before, self._shown = self._shown, view
        self._devices.set_text(view.devices)
        self.trace.show_bars(view.bars)
        self.figures.show_views(view.figures)
        self.meter.show_level(view.level, view.peak, clipped=view.clipped)
        self._show_verdict(view)
        wrong = view.problem and not view.stage
        self._wrong.set_text(view.problem if wrong else "")
        self._wrong.setVisible(bool(wrong))
        self._said.set_text("" if wrong else self._words(view))
        self._said.setVisible(not wrong)
        self._show_buttons(view)
        if (view.verdict, view.blocked, view.devices) != (before.verdict, before.blocked, before.devices):
            self._resize()

    def _show_verdict(self, view: SoundCheckView) -> None:
        if view.blocked:
            self.verdict.show_words(
                tr("Sound check", "End the session first."),
                tr("Sound check", "Microphone and speaker are in use for the assistant."),
                icon="info", good=False, button=tr("Sound check", "End the session"),
            )  # fmt: skip
            return
        found = view.verdict or _promise()
        self.verdict.show_words(found.sentence, found.more, icon=found.icon, good=found.good, button=found.action_label)

    def _show_buttons(self, view: SoundCheckView) -> None:
        runs = view.activity
        idle = runs in FREE and not view.blocked
        stop = tr("Sound check", "Stop")
        hear = {Activity.RECORDING: tr("Sound check", "Enough"), Activity.PLAYING: stop}.get(runs)
        _word(self.hear_button, hear, tr("Sound check", "Hear yourself"), "play")
        _word(self.tone_button, stop if runs is Activity.TONE else None, tr("Sound check", "Play a tone"), "speaker")
        _word(self.level_button, stop if runs is Activity.LEVEL else None, tr("Sound check", "Show the level"), "mic")
        self.hear_button.setEnabled(idle or hear is not None)
        self.tone_button.setEnabled(idle or runs is Activity.TONE)
        self.level_button.setEnabled(idle)
        checking = runs is Activity.CHECK
        held = any(button.hasFocus() for button in (self.start_button, self.again_button, self.cancel_button))
        self.cancel_button.setVisible(checking)
        self.start_button.setVisible(not checking and not view.checked)
        self.start_button.setEnabled(idle)
        self.again_button.setVisible(view.checked and not checking)
        self.again_button.setEnabled(idle)
        if held:
            shown = (self.cancel_button, self.start_button, self.again_button)
            next(b for b in shown if not b.isHidden()).setFocus(Qt.FocusReason.OtherFocusReason)

    def _words(self, view: SoundCheckView) -> str:
        if view.clipped and view.activity in (Activity.LEVEL, Activity.RECORDING):
            return tr("Sound check", "Too loud: the microphone is cut off.")
        return view.stage or view.note

    def _act(self) -> None:
        if self._shown.blocked:
            self._wishes.end_session()
        else:
            self._wishes.act()


def _promise() -> VerdictView:
    """What a check does, while none has been made."""
    return VerdictView(
        sentence=tr("Sound check", "The check takes eight seconds."),
        more=tr("Sound check", "It listens to the room, then plays three rising tones and hears what comes back. "
                               "Nothing is kept."),
        icon="info",
    )  # fmt: skip


def _word(button: TextButton, running: str | None, usual: str, icon: str) -> None:
    """Say what a click does now."""
    button.set_words(running or usual, "stop" if running else icon)
    if button.property("compact"):
        button.setToolTip(button.text())

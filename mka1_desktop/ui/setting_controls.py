"""One control for each kind of setting. They show a value, and tell what the person made of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from mka1_desktop.domain.settings import Setting, Value
from mka1_desktop.ui.combo import Combo
from mka1_desktop.ui.field import Field
from mka1_desktop.ui.key_field import KeyField
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import note_focus, pen, ring_around, rounded
from mka1_desktop.ui.scroll_bar import ThinScrollBar
from mka1_desktop.ui.segments import Segments
from mka1_desktop.ui.slider import AmountSlider
from mka1_desktop.ui.switch import Switch
from mka1_desktop.ui.theme import RADIUS_ROW
from mka1_desktop.viewmodels.settings import Choice, choices_of, kind_of, title_of
from mka1_desktop.viewmodels.words import tr

TYPING_MS = 500  # a pause in typing after which the words count
PARAGRAPH_HEIGHT = 96


class Control(QWidget):
    """The base: `edited` carries the raw value that the person wants, at once or after a pause in typing."""

    edited = Signal(object)
    refused = Signal(str)  # a sentence: this cannot be a value

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @abstractmethod  # Qt's metaclass is not ABCMeta, so it is the type check that refuses a bare Control
    def show_value(self, value: Value) -> None:
        """Show the value that counts; `edited` is not emitted."""

    def set_wrong(self, *, wrong: bool) -> None:
        """Mark what is typed as not accepted."""

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Offer these values; only lists do."""


class SwitchControl(Control):
    def __init__(self, look: Look, row: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._switch = Switch(look, title_of(row), self)
        self._row.addStretch(1)
        self._row.addWidget(self._switch)
        self._switch.clicked.connect(self._flipped)
        self.setFocusProxy(self._switch)

    def show_value(self, value: Value) -> None:
        self._switch.setChecked(bool(value))

    def _flipped(self) -> None:
        self.edited.emit(self._switch.isChecked())


class SegmentsControl(Control):
    def __init__(self, look: Look, row: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._segments = Segments(look, title_of(row), choices_of(row), self)
        self._row.addWidget(self._segments)
        self._segments.chosen.connect(self.edited.emit)

    def show_value(self, value: Value) -> None:
        self._segments.set_value(str(value))


class MenuControl(Control):
    def __init__(self, look: Look, row: Setting, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._combo = Combo(look, title_of(row), choices, self)
        self._value = ""
        self._row.addWidget(self._combo)
        self._combo.chosen.connect(self.edited.emit)
        self.setFocusProxy(self._combo)

    def show_value(self, value: Value) -> None:
        self._value = str(value)
        self._combo.set_value(self._value)

    def set_choices(self, choices: Sequence[Choice]) -> None:
        self._combo.set_choices(choices)
        self._combo.set_value(self._value)


class SliderControl(Control):
    def __init__(self, look: Look, row: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._unit = row.unit
        self._slider = AmountSlider(look, title_of(row), row.low or 0, row.high or 100, self)
        self._words = QLabel(self)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setMinimumWidth(52)
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self._slider, 1)
        self._row.addWidget(self._words)
        self._slider.valueChanged.connect(self._moved)
        self._showing = False
        self.setFocusProxy(self._slider)

    def show_value(self, value: Value) -> None:
        self._showing = True
        self._slider.setValue(int(value))
        self._say()
        self._showing = False

    def _moved(self, value: int) -> None:
        self._say()
        if not self._showing:
            self.edited.emit(value)

    def _say(self) -> None:
        self._words.setText(f"{self._slider.value()} {self._unit}".strip())


class TextControl(Control):
    """Text or a whole number on one line; it counts after a pause, with Enter, or when the focus leaves."""

    def __init__(self, look: Look, row: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        number = kind_of(row) == "number"
        self._field = Field(look, title_of(row), parent=self)
        self._field.edit.setMaxLength(12 if number else row.max_length)
        if number:
            self._field.setMaximumWidth(112)
            self._row.addStretch(1)
        self._row.addWidget(self._field)
        if row.unit:
            unit = QLabel(row.unit, self)
            unit.setTextFormat(Qt.TextFormat.PlainText)
            unit.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            unit.setMinimumWidth(24)
            self._row.addWidget(unit)
        self._pause = _pause(self)
        self._pause.timeout.connect(self._tell)
        self._field.edit.textEdited.connect(lambda _: self._pause.start())
        self._field.edit.editingFinished.connect(self._finish)
        self.setFocusProxy(self._field)

    def show_value(self, value: Value) -> None:
        self._pause.stop()
        if self._field.edit.text() != str(value):
            self._field.edit.setText(str(value))
            self._field.edit.setCursorPosition(0)

    def set_wrong(self, *, wrong: bool) -> None:
        self._field.set_wrong(wrong=wrong)

    def _finish(self) -> None:
        if self._pause.isActive():
            self._tell()

    def _tell(self) -> None:
        self._pause.stop()
        self.edited.emit(self._field.edit.text())


class ParagraphControl(Control):
    """Several lines; they count after a pause or when the focus leaves."""

    def __init__(self, look: Look, row: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limit = row.max_length
        self._editor = _Paragraph(look, title_of(row), self)
        self._row.addWidget(self._editor)
        self._pause = _pause(self)
        self._pause.timeout.connect(self._tell)
        self._showing = False
        self._editor.edit.textChanged.connect(self._changed)
        self._editor.edit.installEventFilter(self)
        self.setFocusProxy(self._editor)

    def show_value(self, value: Value) -> None:
        self._pause.stop()
        if self._editor.edit.toPlainText() != str(value):
            self._showing = True
            self._editor.edit.setPlainText(str(value))
            self._showing = False

    def set_wrong(self, *, wrong: bool) -> None:
        self._editor.set_wrong(wrong=wrong)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FocusOut and self._pause.isActive():
            self._tell()
        return super().eventFilter(watched, event)

    def _changed(self) -> None:
        if not self._showing:
            self._pause.start()

    def _tell(self) -> None:
        self._pause.stop()
        self.edited.emit(self._editor.edit.toPlainText())


class KeyControl(Control):
    def __init__(self, look: Look, row: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = KeyField(look, title_of(row), self)
        self._row.addWidget(self._field)
        self._field.chosen.connect(self.edited.emit)
        self._field.refused.connect(self.refused.emit)
        self.setFocusProxy(self._field)

    def show_value(self, value: Value) -> None:
        self._field.set_key(str(value))


class _Paragraph(QWidget):
    def __init__(self, look: Look, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._wrong = False
        self.edit = QPlainTextEdit(self)
        self.edit.setFrameShape(QFrame.Shape.NoFrame)
        self.edit.setTabChangesFocus(True)
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText(tr("Settings", "Nothing yet"))
        self.edit.setVerticalScrollBar(ThinScrollBar(look))
        self.edit.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.edit.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(9, 6, 4, 6)
        column.addWidget(self.edit)
        self.setFocusProxy(self.edit)
        self.setFixedHeight(PARAGRAPH_HEIGHT)
        ring_around(self, RADIUS_ROW)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def set_wrong(self, *, wrong: bool) -> None:
        self._wrong = wrong
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(264, PARAGRAPH_HEIGHT)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent) and event.type() is QEvent.Type.FocusIn:
            note_focus(self, event)
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = pen(theme.colour("error"), 1.5) if self._wrong else pen(theme.colour("control"))
        rounded(painter, QRectF(self.rect()), RADIUS_ROW, theme.colour("surface"), edge)

    def _restyle(self) -> None:
        self.edit.setFont(self._look.theme.font("body"))
        palette = self._look.theme.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        self.edit.setPalette(palette)


def _pause(parent: QObject) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(TYPING_MS)
    return timer


def control_for(look: Look, row: Setting, offers: Sequence[Choice] = (), parent: QWidget | None = None) -> Control:
    """The control of a row; with `offers` a text becomes a list of values known at this moment."""
    kind = kind_of(row)
    if offers:
        return MenuControl(look, row, offers, parent)
    match kind:
        case "switch":
            return SwitchControl(look, row, parent)
        case "segments":
            return SegmentsControl(look, row, parent)
        case "menu":
            return MenuControl(look, row, choices_of(row), parent)
        case "slider":
            return SliderControl(look, row, parent)
        case "paragraph":
            return ParagraphControl(look, row, parent)
        case "key":
            return KeyControl(look, row, parent)
        case "number" | "text":
            return TextControl(look, row, parent)

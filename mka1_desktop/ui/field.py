"""One-line fields: a painted frame around a plain QLineEdit, with room for an icon, a key cap and a clear button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from mka1_desktop.ui.buttons import IconButton
from mka1_desktop.ui.keycap import cap_height, cap_width, paint_cap
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, note_focus, pen, ring_around, rounded
from mka1_desktop.ui.theme import RADIUS_ROW, TARGET, TARGET_SMALL
from mka1_desktop.viewmodels.words import tr

SIDE, ICON, ICON_GAP = 12, 16, 8


class Field(QWidget):
    """A framed QLineEdit; `edit` is the real control."""

    def __init__(
        self, look: Look, name: str, *, icon: str = "", end_room: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._icon = icon
        self._end_room = end_room
        self._wrong = False
        self._edit = QLineEdit(self)
        self._edit.setFrame(False)
        self._edit.setAccessibleName(name)
        self._edit.setTextMargins(0, 0, 0, 0)
        self._edit.installEventFilter(self)
        self.setFocusProxy(self._edit)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ring_around(self, RADIUS_ROW)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def edit(self) -> QLineEdit:
        return self._edit

    @property
    def look(self) -> Look:
        return self._look

    def set_wrong(self, *, wrong: bool) -> None:
        """Draw the edge of a value that is not accepted."""
        if wrong != self._wrong:
            self._wrong = wrong
            self.update()

    def set_end_room(self, room: int) -> None:
        """Px at the end that the words leave free."""
        if room != self._end_room:
            self._end_room = room
            self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(200, max(TARGET, self._edit.fontMetrics().height() + 14))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._edit and isinstance(event, QFocusEvent):
            if event.type() is QEvent.Type.FocusIn:
                note_focus(self, event)
            self.update()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LayoutDirectionChange:
            self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = pen(theme.colour("error"), 1.5) if self._wrong else pen(theme.colour("control"))
        rounded(painter, QRectF(self.rect()), RADIUS_ROW, theme.colour("surface"), edge)
        if self._icon:
            box = mirrored(self, QRectF(SIDE, (self.height() - ICON) // 2, ICON, ICON))
            self._look.icons.paint(painter, self._icon, box, theme.colour("text2"))
        self.paint_end(painter)

    def paint_end(self, painter: QPainter) -> None:
        """For what stands at the end of the field; nothing here."""

    def arrange_end(self) -> None:
        """For widgets at the end of the field; nothing here."""

    def _restyle(self) -> None:
        self._edit.setFont(self._look.theme.font("body"))
        palette = self._look.theme.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        self._edit.setPalette(palette)
        self.updateGeometry()
        self._arrange()

    def _arrange(self) -> None:
        start = SIDE - 2 + (ICON + ICON_GAP if self._icon else 0)
        box = QRectF(start, 2, max(20, self.width() - start - max(SIDE - 2, self._end_room)), self.height() - 4)
        self._edit.setGeometry(mirrored(self, box).toRect())
        self.arrange_end()


class SearchField(Field):
    """Search with a magnifier; a key cap while it is empty, a button to empty it while it is not."""

    query_changed = Signal(str)
    left_down = Signal()  # arrow down: the person wants the results

    def __init__(self, look: Look, words: str, *, key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(look, words, icon="search", parent=parent)
        self._key = key
        self.edit.setPlaceholderText(words)
        self.edit.setMaxLength(200)
        self._clear = IconButton(
            look, "close", tr("Search", "Clear the search"), size=TARGET_SMALL, icon_size=16, parent=self
        )
        self._clear.hide()
        self._clear.clicked.connect(self._emptied)
        self.edit.textChanged.connect(self._changed)
        self._changed("")

    @property
    def clear_button(self) -> IconButton:
        return self._clear

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.edit and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape and self.edit.text():
                self.edit.clear()
                return True
            if event.key() == Qt.Key.Key_Down:
                self.left_down.emit()
                return True
        return super().eventFilter(watched, event)

    def paint_end(self, painter: QPainter) -> None:
        if not self._key or self.edit.text():
            return
        theme = self.look.theme
        width, height = cap_width(theme, self._key), cap_height(theme)
        box = mirrored(self, QRectF(self.width() - width - 9, round((self.height() - height) / 2), width, height))
        edge = theme.colour("control" if theme.high_contrast else "line")
        paint_cap(painter, theme, box, self._key, ink=theme.colour("text"), edge=edge)

    def arrange_end(self) -> None:
        if not hasattr(self, "_clear"):  # the base lays out before we exist
            return
        box = QRectF(self.width() - TARGET_SMALL - 4, (self.height() - TARGET_SMALL) / 2, TARGET_SMALL, TARGET_SMALL)
        self._clear.setGeometry(mirrored(self, box).toRect())

    def _changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        cap = round(cap_width(self.look.theme, self._key)) + 14 if self._key else 0
        self.set_end_room(TARGET_SMALL + 8 if text else cap)
        self.update()
        self.query_changed.emit(text)

    def _emptied(self) -> None:
        self.edit.clear()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

"""The pickers of row two: mute or speaker icon, the name of the device in use, and its menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.menus import PICKER_ROW_H, PanelMenu
from mka1_desktop.ui.paint import mirrored, ring_around, rounded
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.theme import RADIUS_ROW
from mka1_desktop.viewmodels.devices import DeviceRow, PickerView
from mka1_desktop.viewmodels.words import tr

HEIGHT, MENU_W, CHEVRON, PAD = 32, 320, 16, 4
LEAST_W = 64
NAME_W = 180  # px at most; 140 in middle widths


class WordPicker(Painted, QAbstractButton):
    """Words and a chevron; a click opens a menu above. The words are elided in the middle."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._name = name
        self._most = NAME_W
        self._least = LEAST_W
        self._bare = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        ring_around(self, RADIUS_ROW)
        self.set_words("")
        look.theme.changed.connect(self.updateGeometry)

    def set_words(self, words: str) -> None:
        self.setText(words)
        self.setAccessibleName(f"{self._name}: {words}" if words else self._name)
        self.setToolTip(words or self._name)
        self.updateGeometry()
        self.update()

    def set_least(self, least: int) -> None:
        """Px that are kept when the bar is too narrow for all the words in it."""
        self._least = least
        self.updateGeometry()

    def set_room(self, most: int, *, bare: bool = False) -> None:
        """At most `most` px of words; `bare` shows the chevron alone."""
        if (most, bare) != (self._most, self._bare):
            self._most, self._bare = most, bare
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(self._words_w() + CHEVRON + 4 + 2 * PAD), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(CHEVRON + 2 * PAD if self._bare else min(self._least, self.sizeHint().width()), HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            rounded(painter, QRectF(self.rect()), RADIUS_ROW, theme.colour("hover"))
        words = 0.0 if self._bare else min(self._words_w(), self.width() - CHEVRON - 4 - 2 * PAD)
        if not self._bare:
            font = theme.font("small")
            painter.setFont(font)
            painter.setPen(theme.colour("text" if self.isEnabled() else "text2"))
            shown = QFontMetricsF(font).elidedText(self.text(), Qt.TextElideMode.ElideMiddle, words + 1)
            box = mirrored(self, QRectF(PAD, 0, words + 1, self.height()))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, shown)
        left = PAD + words + (0 if self._bare else 4)
        chevron = mirrored(self, QRectF(left, (self.height() - CHEVRON) // 2, CHEVRON, CHEVRON))
        self._look.icons.paint(painter, "chevron-down", chevron, theme.colour("text2"))

    def _words_w(self) -> float:
        if self._bare:
            return 0.0
        return min(float(self._most), QFontMetricsF(self._look.theme.font("small")).horizontalAdvance(self.text()) + 1)


class DevicePicker(WordPicker):
    """Lists one side's devices. Opening it opens no device."""

    def __init__(
        self,
        look: Look,
        name: str,
        *,
        choose: Callable[[str], None],
        check_sound: Callable[[], None],
        open_settings: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, name, parent)
        self._choose = choose
        self._check_sound = check_sound
        self._open_settings = open_settings
        self._rows: tuple[DeviceRow, ...] = ()
        self.clicked.connect(self.open_menu)

    def show_view(self, view: PickerView) -> None:
        self._rows = view.rows
        self.set_words(view.name)

    def open_menu(self) -> PanelMenu:
        """Build the menu of this moment and show it above the button."""
        menu = PanelMenu(self._look, self._name, self)
        menu.aboutToHide.connect(menu.deleteLater)
        for row in self._rows:
            action = menu.add_row(
                row.name,
                detail=row.detail,
                ticked=row.chosen,
                role="text" if row.present else "text2",
                height=PICKER_ROW_H,
                width=MENU_W - 12,
            )
            action.setEnabled(row.present)
            action.triggered.connect(lambda _checked=False, chosen=row.id: self._choose(chosen))
        menu.add_line()
        check = menu.add_row(tr("Sound", "Sound check…"), height=PICKER_ROW_H, width=MENU_W - 12)
        check.triggered.connect(lambda _checked=False: self._check_sound())
        settings = menu.add_row(tr("Sound", "Sound settings…"), height=PICKER_ROW_H, width=MENU_W - 12)
        settings.triggered.connect(lambda _checked=False: self._open_settings())
        menu.open_at(self, above=True)
        return menu

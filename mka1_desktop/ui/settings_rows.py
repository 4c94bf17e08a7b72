"""Rows and pages of the settings: label, control, the way back to the default, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mka1_desktop.domain.settings import Setting, Settings, Value
from mka1_desktop.ui.buttons import IconButton, TextButton
from mka1_desktop.ui.dialogs import plain_label
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.setting_controls import Control, control_for
from mka1_desktop.ui.theme import TARGET_SMALL
from mka1_desktop.viewmodels.settings import Choice, Page, help_of, kind_of, matching, problem, title_of
from mka1_desktop.viewmodels.wishes import Wish, Wishes
from mka1_desktop.viewmodels.words import tr

CONTROL_WIDTH, COMPACT_WIDTH, ROW_PAD = 264, 148, 13


class SettingRow(QWidget):
    """One setting. A value that is out of range is not asked for; the range is shown instead."""

    def __init__(
        self, look: Look, row: Setting, wishes: Wishes, offers: Sequence[Choice] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._setting = row
        self._wishes = wishes
        self._value: Value = row.default
        self._control = control_for(look, row, offers, self)
        self._title = plain_label(title_of(row), self)
        self._help = plain_label(help_of(row), self, second=True)
        self._help.setVisible(bool(row.help))
        self._note = plain_label("", self)
        self._note.hide()
        self._problem = _Problem(look, self)
        back = tr("Settings", "Back to default: {title}", title=title_of(row))
        self._reset = IconButton(look, "reset", back, size=TARGET_SMALL, icon_size=18, parent=self)
        self._reset.set_icon("reset", "accent")
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)
        self._words = QWidget(self)
        words = QVBoxLayout(self._words)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._help)
        words.addWidget(self._note)
        self._below = words
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._held = QWidget(self)
        held = QVBoxLayout(self._held)
        held.setContentsMargins(0, 0, 0, 0)
        held.setSpacing(6)
        held.addWidget(self._control)
        held.addWidget(self._problem)
        self._held.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._compact = kind_of(row) in {"switch", "number"}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, ROW_PAD, 0, ROW_PAD)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(8)
        self._narrow: bool | None = None
        self.set_narrow(narrow=False)
        self._control.edited.connect(self._edited)
        self._control.refused.connect(self._show_problem)
        self._reset.clicked.connect(self.reset)
        self.restyle()
        self.show_value(row.default)

    @property
    def setting(self) -> Setting:
        return self._setting

    @property
    def control(self) -> Control:
        return self._control

    @property
    def reset_button(self) -> IconButton:
        return self._reset

    @property
    def problem(self) -> str:
        """What is wrong with what was typed; empty when nothing is."""
        return self._problem.text

    @property
    def changed_from_default(self) -> bool:
        return self._value != self._setting.default

    def show_value(self, value: Value) -> None:
        """Show the value that counts now."""
        self._value = value
        self._control.show_value(value)
        self._reset.setVisible(self.changed_from_default)
        self._show_problem("")

    def show_value_if_new(self, value: Value) -> None:
        """Show `value` unless it is shown already: what is being typed stays."""
        if value != self._value:
            self.show_value(value)

    @property
    def note(self) -> str:
        """What the setting does at this moment."""
        return self._note.text()

    def show_note(self, words: str) -> None:
        self._note.setText(words)
        self._note.setVisible(bool(words))

    def offer(self, label: str, wish: Wish) -> TextButton:
        """Have a button under the words, for something that one does with the setting."""
        button = TextButton(self._look, label, parent=self._words)
        button.clicked.connect(lambda _checked=False: wish())
        self._below.addSpacing(6)
        self._below.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return button

    def reset(self) -> None:
        """Ask for the default."""
        self._show_problem("")
        self._control.show_value(self._value)
        self._wishes.set_setting(self._setting.key, self._setting.default)

    def set_narrow(self, *, narrow: bool) -> None:
        """Put the control under the label, or beside it."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        under = narrow and not self._compact
        for part in (self._words, self._held, self._reset):
            self._grid.removeWidget(part)
        middle = Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(self._words, 0, 0, middle)
        if under:
            self._grid.addWidget(self._reset, 0, 1, middle)
            self._grid.addWidget(self._held, 1, 0, 1, 2)
        else:
            self._grid.addWidget(self._held, 0, 1, middle)
            self._grid.addWidget(self._reset, 0, 2, middle)
        width = COMPACT_WIDTH if narrow and self._compact else CONTROL_WIDTH
        self._held.setMinimumWidth(0 if under else width)
        self._held.setMaximumWidth(2 * CONTROL_WIDTH if under else width)
        self._grid.setColumnStretch(0, 1)

    def restyle(self) -> None:
        """Take fonts anew."""
        self._title.setFont(self._look.theme.font("body", 500))
        for words in (self._help, self._note):
            words.setFont(self._look.theme.font("small"))

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(QRectF(0, 0, self.width(), 1), self._look.theme.colour("line"))

    def _edited(self, raw: object) -> None:
        wrong = problem(self._setting.key, raw)
        self._show_problem(wrong)
        if not wrong and raw != self._value:
            self._wishes.set_setting(self._setting.key, raw)

    def _show_problem(self, sentence: str) -> None:
        self._problem.show_text(sentence)
        self._control.set_wrong(wrong=bool(sentence))


class _Problem(QWidget):
    """An alert and a sentence; it takes no room while there is none."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._label = plain_label("", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(22, 0, 0, 0)
        row.addWidget(self._label)
        self.hide()

    @property
    def text(self) -> str:
        return self._label.text()

    def show_text(self, text: str) -> None:
        self._label.setText(text)
        self._label.setFont(self._look.theme.font("small"))
        palette = self._label.palette()
        palette.setColor(self._label.foregroundRole(), self._look.theme.colour("error"))
        self._label.setPalette(palette)
        self.setVisible(bool(text))

    def paintEvent(self, _event: QPaintEvent) -> None:
        x = 0 if self.layoutDirection() is Qt.LayoutDirection.LeftToRight else self.width() - 16
        self._look.icons.paint(QPainter(self), "alert", QRectF(x, 1, 16, 16), self._look.theme.colour("error"))


class PageSection(QWidget):
    """A page: heading, the way back to all its defaults, its rows."""

    def __init__(
        self,
        look: Look,
        page: Page,
        wishes: Wishes,
        offers: Mapping[str, Sequence[Choice]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._page = page
        self._heading = plain_label(page.title, self)
        self._defaults = TextButton(look, tr("Settings", "Page defaults"), icon="reset", kind="quiet", parent=self)
        self._rows = [SettingRow(look, row, wishes, offers.get(row.key, ()), self) for row in page.rows]
        policy = self._defaults.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._defaults.setSizePolicy(policy)
        self._defaults.clicked.connect(self._reset_all)
        head = QHBoxLayout()
        head.addWidget(self._heading, 1)
        head.addWidget(self._defaults)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 0, 16)
        column.setSpacing(0)
        column.addLayout(head)
        column.addSpacing(12)
        for row in self._rows:
            column.addWidget(row)
        self.restyle()

    @property
    def page(self) -> Page:
        return self._page

    @property
    def rows(self) -> tuple[SettingRow, ...]:
        return tuple(self._rows)

    @property
    def defaults_button(self) -> TextButton:
        return self._defaults

    def show_values(self, settings: Settings) -> None:
        """Show what counts now; a row that did not change keeps what is being typed into it."""
        for row in self._rows:
            row.show_value_if_new(settings[row.setting.key])
        self._defaults.setVisible(any(row.changed_from_default for row in self._rows))

    def show_matching(self, query: str) -> bool:
        """Show only the rows that fit; true when there is one."""
        found = set(matching(self._page, query))
        for row in self._rows:
            row.setVisible(row.setting in found)
        return bool(found)

    def set_narrow(self, *, narrow: bool) -> None:
        """Controls under their labels, the way back to the defaults as an icon."""
        self._defaults.set_compact(narrow)
        for row in self._rows:
            row.set_narrow(narrow=narrow)

    def restyle(self) -> None:
        """Take fonts anew."""
        self._heading.setFont(self._look.theme.font("heading"))
        for row in self._rows:
            row.restyle()

    def _reset_all(self) -> None:
        for row in self._rows:
            if row.changed_from_default:
                row.reset()

"""The settings: pages at the side with a search, rows made from the declared table, changes that count at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from mka1_desktop.domain.settings import Settings
from mka1_desktop.ui.combo import Combo
from mka1_desktop.ui.dialogs import plain_label
from mka1_desktop.ui.field import SearchField
from mka1_desktop.ui.focus_ring import FocusRing
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.page_list import PageList
from mka1_desktop.ui.scroll_bar import ThinScrollBar
from mka1_desktop.ui.settings_rows import PageSection, SettingRow
from mka1_desktop.ui.viewport import clear_viewport
from mka1_desktop.viewmodels.settings import Choice, SettingsModel, pages
from mka1_desktop.viewmodels.wishes import Wish, Wishes
from mka1_desktop.viewmodels.words import tr

WIDTH, HEIGHT, LIST_WIDTH, COLUMN = 960, 680, 216, 632
NARROW_BELOW, NO_LIST_BELOW = 720, 560
SIDE_WIDE, SIDE_NARROW = 40, 16


class SettingsDialog(QDialog):
    """Shows the settings whose key is in `shown`. Values come from `model`, changes go to `wishes.set_setting`.

    `offers` turns a text into a list of the values known at this moment: devices, models. `actions` are buttons under
    a setting: their words, and what is wished.
    """

    def __init__(
        self,
        look: Look,
        model: SettingsModel,
        wishes: Wishes,
        *,
        shown: frozenset[str],
        offers: Mapping[str, Sequence[Choice]] | None = None,
        actions: Mapping[str, tuple[str, Wish]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._model = model
        self.setWindowTitle(tr("Settings", "Settings"))
        self.setMinimumSize(380, 420)
        self.resize(WIDTH, HEIGHT)
        self._pages = pages(shown)
        self._search = SearchField(look, tr("Settings", "Search settings"), parent=self)
        self._list = PageList(look, self._pages, tr("Settings", "Pages"), self)
        self._picker = Combo(
            look, tr("Settings", "Page"), [Choice(page.name, page.title) for page in self._pages], parent=self
        )
        self._sections = [PageSection(look, page, wishes, offers or {}) for page in self._pages]
        self._nothing = plain_label(tr("Settings", "No setting has these words."), second=True)
        self._arrange()
        self._ring = FocusRing(look, self)
        self._connect()
        if self._pages:
            self._list.setCurrentRow(0)
        self._render(model.view)
        for key, words in model.notes.items():
            self._note(key, words)
        for key, (label, wish) in (actions or {}).items():
            self.row(key).offer(label, wish)
        self._filter()

    @property
    def search_field(self) -> SearchField:
        return self._search

    @property
    def page_list(self) -> PageList:
        return self._list

    @property
    def sections(self) -> tuple[PageSection, ...]:
        return tuple(self._sections)

    def row(self, key: str) -> SettingRow:
        """The row of a setting; raises KeyError when it is not offered."""
        for section in self._sections:
            for row in section.rows:
                if row.setting.key == key:
                    return row
        raise KeyError(key)

    def show_page(self, name: str) -> None:
        """Open a page by the table's name."""
        self._search.edit.clear()
        self._list.choose(name)

    def set_offers(self, key: str, choices: Sequence[Choice]) -> None:
        """Change what a list offers: a device was plugged in, models were read. Other rows ignore it."""
        self.row(key).control.set_choices(choices)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._side.isVisible():
            return
        theme = self._look.theme
        painter = QPainter(self)
        box = QRectF(self._side.geometry())
        painter.fillRect(box, theme.colour("sidebar"))
        end = box.right() - 1 if self.layoutDirection() is Qt.LayoutDirection.LeftToRight else box.x()
        painter.fillRect(QRectF(end, 0, 1, self.height()), theme.colour("line"))

    def _arrange(self) -> None:
        self._side = QWidget(self)
        self._side.setFixedWidth(LIST_WIDTH)
        self._search_place = QVBoxLayout()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 12, 0, 12)
        side.setSpacing(12)
        self._search_place.setContentsMargins(12, 0, 13, 0)
        self._search_place.addWidget(self._search)
        side.addLayout(self._search_place)
        side.addWidget(self._list, 1)
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setSpacing(0)
        self._column.addWidget(self._picker)
        for section in self._sections:
            self._column.addWidget(section)
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)
        self._scroll = QScrollArea(self)
        clear_viewport(self._scroll)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setVerticalScrollBar(ThinScrollBar(self._look))
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body.setAutoFillBackground(False)
        self._scroll.setWidget(self._body)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._side)
        row.addWidget(self._scroll, 1)

    def _connect(self) -> None:
        self._search.query_changed.connect(self._filter)
        self._search.left_down.connect(lambda: self._list.setFocus(Qt.FocusReason.TabFocusReason))
        self._list.chosen.connect(self._opened)
        self._picker.chosen.connect(self._list.choose)
        self._model.changed.connect(self._render)
        self._model.noted.connect(self._note)
        self._look.theme.changed.connect(self._restyle)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        shortcut.activated.connect(lambda: self._search.edit.setFocus(Qt.FocusReason.ShortcutFocusReason))

    def _render(self, settings: Settings) -> None:
        for section in self._sections:
            section.show_values(settings)

    def _note(self, key: str, words: str) -> None:
        for section in self._sections:
            for row in section.rows:
                if row.setting.key == key:
                    row.show_note(words)

    def _opened(self, name: str) -> None:
        self._picker.set_value(name)
        self._filter()
        if self._query():
            section = next(s for s in self._sections if s.page.name == name)
            self._scroll.verticalScrollBar().setValue(section.y())
        else:
            self._scroll.verticalScrollBar().setValue(0)

    def _query(self) -> str:
        return " ".join(self._search.edit.text().split())

    def _filter(self) -> None:
        """One page without a search; with one every row that fits, under its page's heading."""
        query = self._query()
        fitting = {section.page.name for section in self._sections if section.show_matching(query)}
        self._list.show_only(fitting)
        for section in self._sections:
            name = section.page.name
            section.setVisible(name in fitting if query else name == self._list.page_name)
        self._nothing.setVisible(not fitting)

    def _fit(self) -> None:
        """Form for this width: list at the side, or a picker on top; control beside its label, or under it."""
        with_list = self.width() >= NO_LIST_BELOW
        self._side.setVisible(with_list)
        self._picker.setVisible(not with_list)
        room = self.width() - (LIST_WIDTH if with_list else 0)
        side = SIDE_WIDE if self.width() >= NARROW_BELOW else SIDE_NARROW
        side = max(side, (room - COLUMN) // 2)
        self._column.setContentsMargins(side, 0 if with_list else 12, side, 16)
        for section in self._sections:
            section.set_narrow(narrow=self.width() < NARROW_BELOW)

    def _restyle(self) -> None:
        for section in self._sections:
            section.restyle()
        self.update()

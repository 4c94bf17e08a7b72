"""Where the service is and for whom it works: two fields of the key dialog."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from mka1_desktop.ui.dialogs import plain_label
from mka1_desktop.ui.field import Field
from mka1_desktop.ui.look import Look
from mka1_desktop.viewmodels.account import AccountView, address_problem
from mka1_desktop.viewmodels.settings import problem
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

URL_KEY, OWNER_KEY = "connection.base_url", "connection.on_behalf_of"


class ServiceFields(QWidget):
    """Checked while they are typed; they count only when a key is sent."""

    found_wrong = Signal()  # something cannot be used: these fields have to be seen

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._labels: list[QLabel] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 4, 0, 0)
        self._column.setSpacing(6)
        self._url = self._add(tr("Account", "Base URL"), tr("Account", "Base URL"))
        words = tr("Account", "On behalf of: an id of your end user, if you serve several")
        self._owner = self._add(words, tr("Account", "On behalf of"))
        self._wrong = plain_label("", self)
        self._wrong.hide()
        self._column.addWidget(self._wrong)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def url(self) -> Field:
        return self._url

    @property
    def owner(self) -> Field:
        return self._owner

    @property
    def problem(self) -> str:
        """What is wrong, as a sentence; empty when nothing is."""
        return self._wrong.text()

    def show_view(self, view: AccountView) -> None:
        """Show what counts now."""
        self._url.edit.setText(view.base_url)
        self._owner.edit.setText(view.on_behalf_of)

    def check(self) -> bool:
        """Mark what cannot be used; true when both can."""
        wrong_url = address_problem(self._url.edit.text().strip()) or problem(URL_KEY, self._url.edit.text().strip())
        wrong_owner = problem(OWNER_KEY, self._owner.edit.text().strip())
        self._url.set_wrong(wrong=bool(wrong_url))
        self._owner.set_wrong(wrong=bool(wrong_owner))
        self._wrong.setText(wrong_url or wrong_owner)
        self._wrong.setVisible(bool(wrong_url or wrong_owner))
        if wrong_url or wrong_owner:
            self.found_wrong.emit()
        return not (wrong_url or wrong_owner)

    def keep(self, view: AccountView, wishes: Wishes) -> None:
        """Ask for what differs from `view`."""
        for key, field, before in ((URL_KEY, self._url, view.base_url), (OWNER_KEY, self._owner, view.on_behalf_of)):
            value = field.edit.text().strip()
            if value != before:
                wishes.set_setting(key, value)

    def _add(self, words: str, name: str) -> Field:
        label, field = plain_label(words, self), Field(self._look, name, parent=self)
        label.setBuddy(field.edit)
        field.edit.setMaxLength(500)
        field.edit.textEdited.connect(lambda _text: self.check())
        self._labels.append(label)
        self._column.addWidget(label)
        self._column.addWidget(field)
        self._column.addSpacing(4)
        return field

    def _restyle(self) -> None:
        theme = self._look.theme
        for label in self._labels:
            label.setFont(theme.font("small", 500))
        self._wrong.setFont(theme.font("small"))
        palette = self._wrong.palette()
        palette.setColor(self._wrong.foregroundRole(), theme.colour("error"))
        self._wrong.setPalette(palette)

"""Opens the details of the open conversation, and keeps them true while they are seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from mka1_desktop.app.desk import Desk
from mka1_desktop.app.thread_facts import thread_facts
from mka1_desktop.domain.events import Event, GrantReady, ResponseStarted
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.state import Session
from mka1_desktop.session.watch import Watcher
from mka1_desktop.ui.look import Look
from mka1_desktop.viewmodels.details import DetailsModel, details_of
from mka1_desktop.viewmodels.wishes import Wishes

if TYPE_CHECKING:
    from mka1_desktop.ui.details_dialog import DetailsDialog


class DetailsDoor(Watcher):
    """One dialog at a time."""

    def __init__(self, desk: Desk, *, look: Look, parent: Callable[[], QWidget], wishes: Callable[[], Wishes]) -> None:
        self._desk = desk
        self._look = look
        self._parent = parent
        self._wishes = wishes
        self._dialog: DetailsDialog | None = None
        self.model = DetailsModel()
        desk.controller.watch(self)

    @property
    def dialog(self) -> DetailsDialog | None:
        """The dialog while it is open."""
        return self._dialog

    def open(self) -> None:
        """Show it, or bring it to the front."""
        from mka1_desktop.ui.details_dialog import DetailsDialog  # noqa: PLC0415 - not for the first paint

        self._show()
        if self._dialog is None:
            self._dialog = DetailsDialog(self._look, self.model, self._wishes(), parent=self._parent())
            self._dialog.finished.connect(lambda _: self._closed())
        self._dialog.open()
        self._dialog.raise_()

    def _closed(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def _show(self) -> None:
        desk, thread = self._desk, self._desk.recorder.thread
        facts = thread_facts(thread, desk.session.continuation)
        self.model.show(
            details_of(
                thread,
                mode=facts.mode or ("conversation" if desk.opener.wanted else "chain"),
                owner=desk.parts.api.identity,
                conversation_id=facts.conversation_id,
                response_id=facts.response_id,
            )
        )

    # --- Watcher -----------------------------------------------------------------------------------------------

    def on_session(self, session: Session) -> None:
        self._refresh()

    def on_event(self, event: Event, session: Session) -> None:
        if isinstance(event, GrantReady | ResponseStarted):
            self._refresh()

    def on_entries(self, entries: Sequence[Entry]) -> None:
        self._refresh()

    def _refresh(self) -> None:
        if self._dialog is not None:
            self._show()

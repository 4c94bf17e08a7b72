"""The list of threads: pinned ones first, then by day, newest first. QtCore only."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from PySide6.QtCore import QAbstractListModel, QDate, QModelIndex, QObject, QPersistentModelIndex, Qt

from mka1_desktop.domain.conversation import Thread
from mka1_desktop.viewmodels.days import day_of, group_title, short_when
from mka1_desktop.viewmodels.words import tr

Index: TypeAlias = QModelIndex | QPersistentModelIndex

ROW_ROLE: Final = Qt.ItemDataRole.UserRole + 1  # HeadRow | ThreadRow


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The name of a group; it can be neither chosen nor focused."""

    title: str

    @property
    def key(self) -> str:
        return f"head:{self.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRow:
    """One thread as the list shows it."""

    id: str
    title: str
    when: str
    pinned: bool = False
    private: bool = False
    open: bool = False  # its conversation is in the window
    live: bool = False  # a session is in progress in it
    unread: bool = False  # an answer came that was not looked at
    demo: bool = False
    snippet: str = ""  # where the words of a search stand
    hit: str = ""  # the words that were searched for

    @property
    def key(self) -> str:
        return f"thread:{self.id}"


Row: TypeAlias = HeadRow | ThreadRow


def folded(text: str) -> str:
    """Text for comparing: without case and without diacritics."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def hit_in(text: str, words: str) -> tuple[int, int] | None:
    """Where `words` stand in `text` by the rule of `folded`: first letter and the one after the last."""
    wanted = folded(words)
    letters = [(letter, place) for place, one in enumerate(text) for letter in folded(one)]
    at = "".join(letter for letter, _ in letters).find(wanted)
    if not wanted or at < 0:
        return None
    return letters[at][1], letters[at + len(wanted) - 1][1] + 1


def spoken_row(row: Row) -> str:
    """What a screen reader says for the row."""
    if isinstance(row, HeadRow):
        return row.title
    marks = (
        (row.live, tr("Threads", "in progress")),
        (row.unread, tr("Threads", "new answer")),
        (row.pinned, tr("Threads", "pinned")),
        (row.private, tr("Threads", "private")),
        (row.demo, tr("Threads", "demo")),
    )
    return ", ".join([row.title, *(word for on, word in marks if on), row.when])


class ThreadListModel(QAbstractListModel):
    """Heads and threads as rows; a change moves, adds or repaints only the rows concerned."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads: dict[str, Thread] = {}
        self._found: tuple[Thread, ...] | None = None
        self._query = ""
        self._open: str | None = None
        self._live: str | None = None
        self._unread: frozenset[str] = frozenset()
        self._rows: list[Row] = []

    # What views ask

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.ToolTipRole}:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken_row(row)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if isinstance(self.row(index.row()), ThreadRow):
            return (
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsEditable  # renaming; the new title is a wish, not written here
                | Qt.ItemFlag.ItemNeverHasChildren
            )
        return Qt.ItemFlag.ItemNeverHasChildren if index.isValid() else Qt.ItemFlag.NoItemFlags

    def row(self, place: int) -> Row | None:
        """Return the row at `place`, None outside."""
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def place_of(self, thread_id: str) -> int:
        """Where the thread stands, -1 when it is not shown."""
        return next((i for i, r in enumerate(self._rows) if isinstance(r, ThreadRow) and r.id == thread_id), -1)

    def thread_of(self, thread_id: str) -> Thread | None:
        """Return a thread by its id, shown or not."""
        return self._threads.get(thread_id)

    @property
    def query(self) -> str:
        return self._query

    @property
    def has_threads(self) -> bool:
        """Whether there is any thread at all, shown or not."""
        return bool(self._threads)

    @property
    def shown(self) -> int:
        """Threads that are shown."""
        return sum(isinstance(row, ThreadRow) for row in self._rows)

    # What the store and the session tell

    def set_threads(self, threads: Iterable[Thread]) -> None:
        """Replace all threads."""
        self._threads = {thread.id: thread for thread in threads}
        self._sync()

    def put(self, thread: Thread) -> None:
        """Add or change one thread."""
        self._threads[thread.id] = thread
        self._sync()

    def remove(self, thread_id: str) -> None:
        """Take a thread out; unknown ids are ignored."""
        if self._threads.pop(thread_id, None) is not None:
            if self._found is not None:
                self._found = tuple(t for t in self._found if t.id != thread_id)
            self._sync()

    def set_open(self, thread_id: str | None) -> None:
        """Mark the thread in the window; it counts as looked at."""
        self._open = thread_id
        self._unread -= {thread_id or ""}
        self._sync()

    def set_live(self, thread_id: str | None) -> None:
        """Mark the thread in which a session is in progress."""
        self._live = thread_id
        self._sync()

    def set_unread(self, thread_id: str) -> None:
        """Mark a new answer in a thread that is not in the window."""
        if thread_id != self._open:
            self._unread |= {thread_id}
            self._sync()

    def set_query(self, query: str) -> None:
        """Show only the threads whose title has these words; results of the store come by `set_results`."""
        query = " ".join(query.split())
        if query == self._query:
            return
        self._query = query
        self._found = None
        self._sync()

    def set_results(self, query: str, threads: Iterable[Thread]) -> None:
        """Show what the store found for `query`; ignored when the person has typed on since."""
        if " ".join(query.split()) == self._query and self._query:
            self._found = tuple(threads)
            self._sync()

    def refresh_days(self) -> None:
        """Group anew: a day has begun."""
        self._sync()

    # Rows

    def _sync(self) -> None:
        rows = self._wanted()
        if not self._rows or not rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        self._drop_absent({row.key for row in rows})
        self._place_all(rows)

    def _wanted(self) -> list[Row]:
        today = QDate.currentDate()
        if self._query:
            return self._wanted_hits(today)
        newest_first = sorted(self._threads.values(), key=lambda t: t.updated_at, reverse=True)
        rows: list[Row] = []
        pinned = [t for t in newest_first if t.pinned]
        if pinned:
            rows += [HeadRow(tr("Threads", "Pinned")), *(self._row(t, today) for t in pinned)]
        group = ""
        for thread in (t for t in newest_first if not t.pinned):
            title = group_title(day_of(thread.updated_at), today)
            if title != group:
                rows.append(HeadRow(title))
                group = title
            rows.append(self._row(thread, today))
        return rows

    def _wanted_hits(self, today: QDate) -> list[Row]:
        hits: Sequence[Thread]
        if self._found is not None:
            hits = self._found
        else:
            wanted = folded(self._query)
            hits = [t for t in self._threads.values() if wanted in folded(t.title)]
            hits.sort(key=lambda t: t.updated_at, reverse=True)
        head = HeadRow(tr("Threads", "%n found", n=len(hits)) if hits else tr("Threads", "Nothing found"))
        return [head, *(replace(self._row(t, today), hit=self._query, snippet=t.snippet or "") for t in hits)]

    def _row(self, thread: Thread, today: QDate) -> ThreadRow:
        return ThreadRow(
            id=thread.id,
            title=thread.title or tr("Threads", "New conversation"),
            when=short_when(thread.updated_at, today),
            pinned=thread.pinned,
            private=thread.mode == "private",
            open=thread.id == self._open,
            live=thread.id == self._live,
            unread=thread.id in self._unread,
            demo=thread.identity is not None and thread.identity.demo,
        )

    def _drop_absent(self, wanted: set[str]) -> None:
        place = len(self._rows) - 1
        while place >= 0:
            if self._rows[place].key in wanted:
                place -= 1
                continue
            last = place
            while place >= 0 and self._rows[place].key not in wanted:
                place -= 1
            self.beginRemoveRows(QModelIndex(), place + 1, last)
            del self._rows[place + 1 : last + 1]
            self.endRemoveRows()

    def _place_all(self, rows: list[Row]) -> None:
        """Move, add and change rows from the top until the list is `rows`."""
        present = {row.key for row in self._rows}
        for place, row in enumerate(rows):
            if row.key not in present:
                self.beginInsertRows(QModelIndex(), place, place)
                self._rows.insert(place, row)
                self.endInsertRows()
                continue
            if self._rows[place].key != row.key:
                self._move(next(i for i in range(place, len(self._rows)) if self._rows[i].key == row.key), place)
            if self._rows[place] != row:
                self._rows[place] = row
                self.dataChanged.emit(self.index(place), self.index(place))

    def _move(self, source: int, target: int) -> None:
        self.beginMoveRows(QModelIndex(), source, source, QModelIndex(), target)
        self._rows.insert(target, self._rows.pop(source))
        self.endMoveRows()

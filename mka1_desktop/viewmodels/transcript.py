"""The turns of the open thread as a list model. QtCore only.

A row is one frozen TurnView. Changes of a row that is shown are gathered and told at most 30 times a second, so that
captions that grow by the word cost one small repaint each time and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from PySide6.QtCore import QAbstractListModel, QDate, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

from mka1_desktop.domain.conversation import Item, ItemState, Role, Source
from mka1_desktop.viewmodels.days import clock_text, day_of, day_title
from mka1_desktop.viewmodels.words import tr

Index: TypeAlias = QModelIndex | QPersistentModelIndex

TURN_ROLE: Final = Qt.ItemDataRole.UserRole + 1  # TurnView
DAY_ROLE: Final = Qt.ItemDataRole.UserRole + 2  # str: the day's name above the first turn of a day, else ""
FLUSH_MS: Final = 33  # 30 times a second
_ENDS: Final = tuple(".!?\u2026:;\u061f\u06d4\u0964\u3002\uff01\uff1f")  # also of Arabic, Urdu, Hindi and Chinese
_CLOSERS: Final = "\"')]}\u00bb\u2019\u201d\u300d\u300f"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView:
    """One turn as people see it. Counts are characters of `text` (Python's, not UTF-16 units)."""

    key: str
    role: Role
    text: str
    source: Source = "voice"
    state: ItemState = "final"
    at: float = 0.0  # Unix seconds
    time_text: str = ""  # "14:02" in the person's way of writing; made from `at` when empty
    interim: bool = False  # the words after `settled_chars` may still change
    settled_chars: int = 0
    heard_chars: int | None = None  # spoken so far, or before the interruption; None: all of it
    interrupted: bool = False
    live: bool = False  # person: the microphone is open for this turn; assistant: it is being spoken
    stopped_at_s: float | None = None  # seconds into the answer at which it was stopped
    can_go_on: bool = True  # an interrupted answer offers its rest
    can_send_again: bool = False  # of the person: no answer came, or nobody knows whether it arrived
    on_hold: bool = False  # waiting or on its way, and nothing is being connected
    can_branch: bool = False  # a new conversation can go on from this answer
    can_hear: bool = False  # the sound of this answer is still here
    playing: bool = False  # ... and is heard again now
    is_last_answer: bool = False  # kept by the model

    @property
    def cut(self) -> int | None:
        """How many characters were heard of an answer that was stopped; None when nothing is missing."""
        if not self.interrupted or self.heard_chars is None or self.heard_chars >= len(self.text):
            return None
        return max(self.heard_chars, 0)

    @property
    def words_left(self) -> int:
        """Words that were not heard."""
        return 0 if self.cut is None else len(self.text[self.cut :].split())


def turn_of(item: Item) -> TurnView:
    """Show an item of the history."""
    interrupted = item.state == "interrupted"
    return TurnView(
        key=item.key,
        role=item.role,
        text=item.text,
        source=item.source,
        state=item.state,
        at=item.at,
        interrupted=interrupted,
        heard_chars=len(item.heard_text) if interrupted and item.heard_text is not None else None,
    )


def sender_of(turn: TurnView) -> str:
    """Who speaks, in the person's language."""
    if turn.role == "user":
        return tr("Conversation", "You")
    return tr("Conversation", "Assistant") if turn.role == "assistant" else tr("Conversation", "Notice")


def state_words(turn: TurnView) -> str:
    """What is special about the turn, in words; empty when nothing is."""
    if turn.state == "waiting" and turn.on_hold:
        return tr("Conversation", "Will be sent with the next connection")
    if turn.state == "waiting":
        return tr("Conversation", "Waiting to be sent")
    if turn.state == "sent" and turn.on_hold:
        return tr("Conversation", "Not answered yet")
    if turn.state == "failed":
        return tr("Conversation", "Not answered") if turn.role == "user" else tr("Conversation", "Not complete")
    if turn.state == "unsure":
        return tr("Conversation", "Not sure it arrived")
    return tr("Conversation", "Stopped") if turn.interrupted else ""


def spoken_form(turn: TurnView) -> str:
    """What a screen reader says for the row: sender, text, state, time."""
    parts = (f"{sender_of(turn)}: {turn.text.strip()}", state_words(turn), turn.time_text)
    *sentences, last = [part for part in parts if part]
    return " ".join((*(_ended(sentence) for sentence in sentences), last.rstrip(".")))


def copy_form(turns: Sequence[TurnView]) -> str:
    """Plain text of several turns for the clipboard, one paragraph a turn."""
    return "\n\n".join(f"{sender_of(turn)}: {turn.text.strip()}" for turn in turns if turn.text.strip())


class TranscriptModel(QAbstractListModel):
    """Rows of one thread, oldest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[TurnView] = []
        self._days: list[int] = []  # Julian day of each row
        self._places: dict[str, int] = {}
        self._pending: dict[str, TurnView] = {}
        self._last_answer: str | None = None
        self._flush_timer = QTimer(self)
        self._flush_timer.setSingleShot(True)
        self._flush_timer.setInterval(FLUSH_MS)
        self._flush_timer.timeout.connect(self._tick)

    # What views ask

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        turn = self._rows[index.row()]
        if role == TURN_ROLE:
            return turn
        if role == DAY_ROLE:
            return self.day_above(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return turn.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken_form(turn)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return _what_enter_does(turn)
        return None

    def turn(self, row: int) -> TurnView:
        """Return the row as it is shown; raises IndexError."""
        return self._rows[row]

    def turns(self) -> tuple[TurnView, ...]:
        """All rows, with what is still to be shown."""
        return tuple(self._pending.get(turn.key, turn) for turn in self._rows)

    def row_of(self, key: str) -> int:
        """Return the row with this key, or -1."""
        return self._places.get(key, -1)

    def day_above(self, row: int) -> str:
        """Name of the day when this row is its first one, else an empty string."""
        if row > 0 and self._days[row - 1] == self._days[row]:
            return ""
        return day_title(QDate.fromJulianDay(self._days[row]), QDate.currentDate())

    # What the session tells

    def set_rows(self, rows: Sequence[TurnView]) -> None:
        """Replace everything: another thread was opened."""
        self._flush_timer.stop()
        self._pending.clear()
        self.beginResetModel()
        unique = {row.key: _with_time(row) for row in rows}
        self._last_answer = next((r.key for r in reversed(unique.values()) if r.role == "assistant"), None)
        self._rows = [replace(row, is_last_answer=row.key == self._last_answer) for row in unique.values()]
        self._days = [_day(row) for row in self._rows]
        self._places = {row.key: place for place, row in enumerate(self._rows)}
        self.endResetModel()

    def clear(self) -> None:
        self.set_rows(())

    def put(self, row: TurnView) -> None:
        """Add a turn at the end, or change the one with the same key; changes are told within 33 ms."""
        row = _with_time(row)
        if row.key not in self._places:
            self.flush()
            self._append(row)
            return
        row = replace(row, is_last_answer=row.key == self._last_answer)
        if self._pending.get(row.key, self._rows[self._places[row.key]]) == row:
            return
        self._pending[row.key] = row
        if not self._flush_timer.isActive():
            self.flush()
            self._flush_timer.start()

    def remove(self, key: str) -> None:
        """Take one turn out; unknown keys are ignored."""
        place = self._places.get(key)
        if place is None:
            return
        self.flush()
        self.beginRemoveRows(QModelIndex(), place, place)
        del self._rows[place], self._days[place]
        self._places = {row.key: at for at, row in enumerate(self._rows)}
        self.endRemoveRows()
        if key == self._last_answer:
            self._mark_last_answer(next((r.key for r in reversed(self._rows) if r.role == "assistant"), None))

    def flush(self) -> None:
        """Tell now what is waiting."""
        waiting, self._pending = self._pending, {}
        for key, row in waiting.items():
            self._change(self._places[key], row)

    def _tick(self) -> None:
        if self._pending:
            self.flush()
            self._flush_timer.start()

    def _append(self, row: TurnView) -> None:
        place = len(self._rows)
        answer = row.role == "assistant"
        self.beginInsertRows(QModelIndex(), place, place)
        self._rows.append(replace(row, is_last_answer=answer))
        self._days.append(_day(row))
        self._places[row.key] = place
        self.endInsertRows()
        if answer:
            self._mark_last_answer(row.key)

    def _mark_last_answer(self, key: str | None) -> None:
        before, self._last_answer = self._last_answer, key
        for changed in (before, key):
            place = self._places.get(changed) if changed is not None else None
            if place is not None and self._rows[place].is_last_answer != (changed == key):
                self._change(place, replace(self._rows[place], is_last_answer=changed == key))

    def _change(self, place: int, row: TurnView) -> None:
        if self._rows[place] == row:
            return
        if self._rows[place].at != row.at:
            self._days[place] = _day(row)
        self._rows[place] = row
        index = self.index(place)
        self.dataChanged.emit(index, index)


def _what_enter_does(turn: TurnView) -> str | None:
    if turn.can_send_again:
        return tr("Conversation", "Press Enter to send again")
    if turn.cut is not None and turn.can_go_on:
        return tr("Conversation", "Press Enter to go on from here")
    return None


def _ended(sentence: str) -> str:
    """Give a sentence its full stop, unless it has an end of its own, also one inside quotation marks."""
    return sentence if sentence.rstrip(_CLOSERS).endswith(_ENDS) else f"{sentence}."


def _day(row: TurnView) -> int:
    return day_of(row.at).toJulianDay()


def _with_time(row: TurnView) -> TurnView:
    return row if row.time_text or not row.at else replace(row, time_text=clock_text(row.at))

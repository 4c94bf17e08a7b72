"""Threads and items as rows: every SQL statement of the history, on a connection that the caller owns."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast, get_args

from mka1_desktop.adapters.history_pages import PAGE_LIMIT, clean, cursor_of, place_of, unknown_thread
from mka1_desktop.adapters.history_schema import transaction
from mka1_desktop.domain.conversation import Identity, Item, ItemState, Mode, Role, Source, Thread, ThreadPage
from mka1_desktop.domain.folding import folded, folded_query, snippet

DELETE_BATCH = 500  # SQLite's smallest usual limit of bound values is 999

_THREAD_COLUMNS = (
    "id, title, mode, created_at, updated_at, origin, fingerprint, on_behalf_of, demo, conversation_id, response_id, "
    "earlier_response_id, pinned, turns, draft, note, parent"
)
_PUT_THREAD = """
    INSERT INTO threads (id, title, folded_title, mode, created_at, updated_at, origin, fingerprint, on_behalf_of, demo,
                         conversation_id, response_id, earlier_response_id, pinned, draft, note, parent)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
        title = excluded.title, folded_title = excluded.folded_title, mode = excluded.mode,
        created_at = excluded.created_at, updated_at = excluded.updated_at, origin = excluded.origin,
        fingerprint = excluded.fingerprint, on_behalf_of = excluded.on_behalf_of, demo = excluded.demo,
        conversation_id = excluded.conversation_id, response_id = excluded.response_id,
        earlier_response_id = excluded.earlier_response_id, pinned = excluded.pinned, draft = excluded.draft,
        note = excluded.note, parent = excluded.parent
"""
_PUT_ITEM = """
    INSERT INTO items (thread, key, idx, role, source, text, heard_text, state, at, response_id, language)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (thread, key) DO UPDATE SET
        role = excluded.role, source = excluded.source, text = excluded.text, heard_text = excluded.heard_text,
        state = excluded.state, at = excluded.at, response_id = excluded.response_id, language = excluded.language
"""
_PUT_WORDS = """
    INSERT INTO words (thread, idx, folded) VALUES (?, ?, ?)
    ON CONFLICT (thread, idx) DO UPDATE SET folded = excluded.folded
"""
_ORDER = "ORDER BY pinned DESC, updated_at DESC, id DESC LIMIT ?"
_AFTER = "(pinned, updated_at, id) < (?, ?, ?)"
_CONTAINS = """
    (instr(folded_title, ?) OR EXISTS (SELECT 1 FROM words WHERE thread = threads.number AND instr(folded, ?)))
"""


def put_thread(connection: sqlite3.Connection, thread: Thread) -> None:
    owner = thread.identity
    connection.execute(
        _PUT_THREAD,
        (
            thread.id,
            clean(thread.title),
            folded(clean(thread.title)),
            thread.mode,
            thread.created_at,
            thread.updated_at,
            owner.origin if owner else None,
            owner.fingerprint if owner else None,
            owner.on_behalf_of if owner else None,
            int(owner.demo) if owner else 0,
            _clean_or_none(thread.conversation_id),
            _clean_or_none(thread.response_id),
            _clean_or_none(thread.earlier_response_id),
            int(thread.pinned),
            clean(thread.draft),
            _clean_or_none(thread.note),
            _clean_or_none(thread.parent),
        ),
    )


def put_item(connection: sqlite3.Connection, thread_id: str, item: Item) -> None:
    text = clean(item.text)
    with transaction(connection):
        thread = _number(connection, thread_id)
        before = connection.execute(
            "SELECT idx, role FROM items WHERE thread = ? AND key = ?", (thread, item.key)
        ).fetchone()
        index = before[0] if before else _next_index(connection, thread)
        connection.execute(
            _PUT_ITEM,
            (
                thread,
                item.key,
                index,
                item.role,
                item.source,
                text,
                _clean_or_none(item.heard_text),
                item.state,
                item.at,
                _clean_or_none(item.response_id),
                _clean_or_none(item.language),
            ),
        )
        connection.execute(_PUT_WORDS, (thread, index, folded(text)))
        turns = int(item.role != "notice") - int(bool(before) and before[1] != "notice")
        connection.execute(
            "UPDATE threads SET updated_at = max(updated_at, ?), turns = turns + ? WHERE number = ?",
            (item.at, turns, thread),
        )


def find_thread(connection: sqlite3.Connection, thread_id: str) -> Thread:
    row = connection.execute(
        f"SELECT {_THREAD_COLUMNS} FROM threads WHERE id = ?",  # noqa: S608 - constant columns
        (clean(thread_id),),
    ).fetchone()
    if row is None:
        raise unknown_thread()
    return _thread(row)


def items(connection: sqlite3.Connection, thread_id: str) -> tuple[Item, ...]:
    rows = connection.execute(
        "SELECT key, role, source, text, state, at, heard_text, response_id, idx, language FROM items "
        "WHERE thread = ? ORDER BY idx",
        (_number(connection, thread_id),),
    )
    return tuple(_item(row) for row in rows)


def threads(connection: sqlite3.Connection, *, query: str, limit: int, cursor: str | None) -> ThreadPage:
    """Return one page; `query` as typed, "" lists everything."""
    limit = max(1, min(limit, PAGE_LIMIT))
    needle = folded_query(clean(query))
    where: list[str] = []
    values: list[Any] = []
    if cursor is not None:
        where.append(_AFTER)
        values += place_of(cursor)
    if needle:
        where.append(_CONTAINS)
        values += [needle, needle]
    condition = f"WHERE {' AND '.join(where)}" if where else ""
    rows = connection.execute(
        f"SELECT {_THREAD_COLUMNS} FROM threads {condition} {_ORDER}",  # noqa: S608 - constant fragments
        (*values, limit + 1),
    ).fetchall()
    found = [_thread(row) for row in rows[:limit]]
    if needle:
        found = [replace(thread, snippet=_snippet(connection, thread, needle)) for thread in found]
    return ThreadPage(tuple(found), cursor_of(found[-1]) if len(rows) > limit else None)


def rename(connection: sqlite3.Connection, thread_id: str, title: str) -> None:
    title = clean(title)
    _change(
        connection, "UPDATE threads SET title = ?, folded_title = ? WHERE id = ?", (title, folded(title), thread_id)
    )


def pin(connection: sqlite3.Connection, thread_id: str, pinned: bool) -> None:
    _change(connection, "UPDATE threads SET pinned = ? WHERE id = ?", (int(pinned), thread_id))


def delete(connection: sqlite3.Connection, thread_ids: Sequence[str]) -> None:
    with transaction(connection):
        for start in range(0, len(thread_ids), DELETE_BATCH):
            batch = thread_ids[start : start + DELETE_BATCH]
            marks = ", ".join("?" * len(batch))
            connection.execute(f"DELETE FROM threads WHERE id IN ({marks})", batch)  # noqa: S608 - question marks


def _clean_or_none(text: str | None) -> str | None:
    return None if text is None else clean(text)


def _change(connection: sqlite3.Connection, statement: str, values: tuple[Any, ...]) -> None:
    if connection.execute(statement, values).rowcount == 0:
        raise unknown_thread()


def _number(connection: sqlite3.Connection, thread_id: str) -> int:
    row = connection.execute("SELECT number FROM threads WHERE id = ?", (clean(thread_id),)).fetchone()
    if row is None:
        raise unknown_thread()
    return int(row[0])


def _next_index(connection: sqlite3.Connection, thread: int) -> int:
    newest = connection.execute("SELECT max(idx) FROM items WHERE thread = ?", (thread,)).fetchone()[0]
    return 0 if newest is None else int(newest) + 1


def _snippet(connection: sqlite3.Connection, thread: Thread, needle: str) -> str | None:
    row = connection.execute(
        "SELECT text FROM items JOIN words USING (thread, idx) WHERE thread = ? AND instr(folded, ?) "
        "ORDER BY idx LIMIT 1",
        (_number(connection, thread.id), needle),
    ).fetchone()
    return snippet(row[0] if row else thread.title, needle)


def _thread(row: tuple[Any, ...]) -> Thread:
    identity = None
    if row[5] is not None:
        identity = Identity(origin=row[5], fingerprint=row[6] or "", on_behalf_of=row[7], demo=bool(row[8]))
    return Thread(
        id=row[0],
        title=row[1],
        mode=cast("Mode", _known(row[2], get_args(Mode), "chain")),
        created_at=row[3],
        updated_at=row[4],
        identity=identity,
        conversation_id=row[9],
        response_id=row[10],
        earlier_response_id=row[11],
        pinned=bool(row[12]),
        turns=row[13],
        draft=row[14],
        note=row[15],
        parent=row[16],
    )


def _item(row: tuple[Any, ...]) -> Item:
    return Item(
        key=row[0],
        role=cast("Role", _known(row[1], get_args(Role), "notice")),
        source=cast("Source", _known(row[2], get_args(Source), "text")),
        text=row[3],
        state=cast("ItemState", _known(row[4], get_args(ItemState), "final")),
        at=row[5],
        heard_text=row[6],
        response_id=row[7],
        index=row[8],
        language=row[9],
    )


def _known(value: str, known: tuple[str, ...], otherwise: str) -> str:
    return value if value in known else otherwise

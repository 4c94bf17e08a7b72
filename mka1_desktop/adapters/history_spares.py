"""SparePort's rows in the history database, on a connection that the caller owns."""

from __future__ import annotations

import sqlite3

from mka1_desktop.adapters.history_pages import clean
from mka1_desktop.adapters.history_schema import transaction
from mka1_desktop.domain.conversation import Identity

HELD_S = 24 * 3600.0  # after this a holder that never came back has crashed


def keep(
    connection: sqlite3.Connection, owner: Identity, conversation_id: str, *, holder: str | None, at: float
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO spares (conversation_id, origin, fingerprint, on_behalf_of, holder, at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (clean(conversation_id), *_owner(owner), holder, at),
    )


def take(connection: sqlite3.Connection, owner: Identity, *, holder: str, at: float) -> str | None:
    """Return the oldest one that is free, held from now on; in one step, so that two programs never get the same."""
    with transaction(connection):
        row = connection.execute(
            "SELECT conversation_id FROM spares WHERE origin = ? AND fingerprint = ? AND on_behalf_of = ? "
            "AND (holder IS NULL OR holder = ? OR at < ?) ORDER BY at, conversation_id LIMIT 1",
            (*_owner(owner), holder, at - HELD_S),
        ).fetchone()
        if row is None:
            return None
        connection.execute("UPDATE spares SET holder = ?, at = ? WHERE conversation_id = ?", (holder, at, row[0]))
    return str(row[0])


def drop(connection: sqlite3.Connection, conversation_id: str) -> None:
    connection.execute("DELETE FROM spares WHERE conversation_id = ?", (clean(conversation_id),))


def _owner(owner: Identity) -> tuple[str, str, str]:
    return owner.origin, owner.fingerprint, owner.on_behalf_of or ""

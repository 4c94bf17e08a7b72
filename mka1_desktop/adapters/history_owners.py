"""Whose a conversation or an answer is, as far as local history knows. Reads only; makes and mends no file."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from mka1_desktop.domain.conversation import Continuation, Identity

_BY_CONVERSATION = """
    SELECT DISTINCT origin, fingerprint, on_behalf_of, demo FROM threads
    WHERE origin IS NOT NULL AND conversation_id = ?
"""
_BY_RESPONSE = """
    SELECT DISTINCT origin, fingerprint, on_behalf_of, demo FROM threads
    WHERE origin IS NOT NULL AND (response_id = ?1 OR earlier_response_id = ?1
        OR EXISTS (SELECT 1 FROM items WHERE items.thread = threads.number AND items.response_id = ?1))
"""


async def owners_of(path: Path, continuation: Continuation) -> frozenset[Identity]:
    """Return the identities of the threads that know this conversation or answer; none where history cannot be read."""
    return await asyncio.to_thread(_read, path, continuation)


def _read(path: Path, continuation: Continuation) -> frozenset[Identity]:
    wanted = continuation.conversation_id or continuation.response_id
    if wanted is None or not path.is_file():
        return frozenset()
    query = _BY_CONVERSATION if continuation.conversation_id else _BY_RESPONSE
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            rows = connection.execute(query, (wanted.encode("utf-8", "replace").decode(),)).fetchall()
    except sqlite3.Error:
        return frozenset()
    return frozenset(
        Identity(origin=origin, fingerprint=fingerprint or "", on_behalf_of=user, demo=bool(demo))
        for origin, fingerprint, user, demo in rows
    )

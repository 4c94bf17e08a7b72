"""Whose a conversation or an answer is, read from a history that is not touched by that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mka1_desktop.adapters.history_owners import owners_of
from mka1_desktop.adapters.history_sqlite import SqliteHistory
from mka1_desktop.domain.conversation import NOTHING, Continuation, Identity, Item, Thread

OWNER = Identity(origin="https://gw.example", fingerprint="0a1b2c3d", on_behalf_of="user-7")
THREAD = Thread(
    id="t1", title="T", mode="conversation", created_at=1.0, updated_at=1.0, identity=OWNER, conversation_id="conv_1",
    response_id="resp_3", earlier_response_id="resp_2",
)  # fmt: skip
ANSWER = Item(key="k", role="assistant", source="voice", text="A", state="final", at=1.0, response_id="resp_1")


def conversation(name: str) -> Continuation:
    return Continuation(conversation_id=name)


def response(name: str) -> Continuation:
    return Continuation(response_id=name)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    path = tmp_path / "it's 100% history.sqlite3"
    store = SqliteHistory(path)
    await store.put_thread(THREAD)
    await store.put_item("t1", ANSWER)
    await store.put_thread(replace(THREAD, id="t2", identity=None, conversation_id="conv_2", response_id="resp_9"))
    await store.put_thread(replace(THREAD, id="t3", identity=replace(OWNER, demo=True), conversation_id="conv_1"))
    await store.close()
    return path


async def test_every_id_of_a_thread_names_its_owner(path: Path) -> None:
    for name in ("resp_1", "resp_2", "resp_3"):
        assert OWNER in await owners_of(path, response(name))
    assert await owners_of(path, conversation("conv_1")) == {OWNER, replace(OWNER, demo=True)}


async def test_what_is_nobodys_or_unknown_has_no_owner(path: Path) -> None:
    for continuation in (
        NOTHING,
        conversation("conv_2"),
        response("resp_9"),
        response("conv_1"),
        conversation("\ud800"),
    ):
        assert await owners_of(path, continuation) == frozenset()


async def test_no_history_and_a_damaged_one_are_left_as_they_are(tmp_path: Path) -> None:
    assert await owners_of(tmp_path / "none", conversation("conv_1")) == frozenset()
    damaged = tmp_path / "damaged"
    damaged.write_bytes(b"no database at all")
    assert await owners_of(damaged, conversation("conv_1")) == frozenset()
    assert files(tmp_path) == [damaged]
    assert damaged.read_bytes() == b"no database at all"

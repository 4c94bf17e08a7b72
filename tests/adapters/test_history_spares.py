"""Empty conversations on disk: each for one owner, held by one program, there until it is used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from mka1_desktop.adapters.history_schema import VERSION
from mka1_desktop.adapters.history_spares import HELD_S
from mka1_desktop.adapters.history_sqlite import SqliteHistory
from mka1_desktop.domain.conversation import Identity
from mka1_desktop.domain.errors import AppError, Code

OWNER = Identity(origin="https://gw.example", fingerprint="0a1b2c3d")
OTHERS = (
    replace(OWNER, origin="https://other.example"),
    replace(OWNER, fingerprint="ffffffff"),
    replace(OWNER, on_behalf_of="user-7"),
)


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteHistory]:
    made = SqliteHistory(tmp_path / "history.sqlite3")
    yield made
    await made.close()


async def test_one_is_for_its_owner_alone(store: SqliteHistory) -> None:
    await store.keep_spare(OWNER, "conv_1", holder=None, at=1.0)
    for other in OTHERS:
        assert await store.take_spare(other, holder="app", at=2.0) is None
    assert await store.take_spare(OWNER, holder="app", at=2.0) == "conv_1"


async def test_one_that_is_held_is_nobody_elses_until_it_is_kept_again(store: SqliteHistory) -> None:
    await store.keep_spare(OWNER, "conv_1", holder="app", at=1.0)
    assert await store.take_spare(OWNER, holder="other", at=2.0) is None
    assert await store.take_spare(OWNER, holder="app", at=2.0) == "conv_1", "it was this program's own"
    await store.keep_spare(OWNER, "conv_1", holder=None, at=3.0)
    assert await store.take_spare(OWNER, holder="other", at=4.0) == "conv_1"
    assert await store.take_spare(OWNER, holder="app", at=4.0 + HELD_S) is None
    assert await store.take_spare(OWNER, holder="app", at=5.0 + HELD_S) == "conv_1"


async def test_two_that_take_at_once_never_get_the_same(tmp_path: Path) -> None:
    stores = [SqliteHistory(tmp_path / "history.sqlite3") for _ in range(2)]
    for number in range(2):
        await stores[0].keep_spare(OWNER, f"conv_{number}", holder=None, at=float(number))
    taken = await asyncio.gather(
        *(store.take_spare(OWNER, holder=name, at=9.0) for store, name in zip(stores, "ab", strict=True))
    )
    assert sorted(map(str, taken)) == ["conv_0", "conv_1"]
    for store in stores:
        await store.close()


async def test_a_used_one_is_gone_and_dropping_it_twice_is_safe(store: SqliteHistory) -> None:
    await store.keep_spare(OWNER, "conv_1", holder=None, at=1.0)
    await store.drop_spare("conv_1")
    await store.drop_spare("conv_1")
    assert await store.take_spare(OWNER, holder="app", at=2.0) is None


async def test_they_outlast_a_run(tmp_path: Path) -> None:
    first = SqliteHistory(tmp_path / "history.sqlite3")
    await first.keep_spare(OWNER, "conv_1", holder=None, at=1.0)
    await first.close()
    second = SqliteHistory(tmp_path / "history.sqlite3")
    assert await second.take_spare(OWNER, holder="app", at=2.0) == "conv_1"
    await second.close()


async def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "history.sqlite3").mkdir()
    broken = SqliteHistory(tmp_path / "history.sqlite3")
    with pytest.raises(AppError) as caught:
        await broken.keep_spare(OWNER, "conv_1", holder=None, at=1.0)
    assert caught.value.code in (Code.STORE_READ_ONLY, Code.STORE_FULL)
    await broken.close()
    assert VERSION >= 2

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from mka1_desktop.adapters.history_memory import MemoryHistory
from mka1_desktop.app.cli_history import run_history
from mka1_desktop.domain.conversation import Identity, Item, Thread
from tests.contracts.history_contract import a_thread, an_item
from tests.support.commands import Desk


def listing(limit: int = 50, cursor: str | None = None) -> argparse.Namespace:
    return argparse.Namespace(verb="list", limit=limit, cursor=cursor)


def searching(query: str) -> argparse.Namespace:
    return argparse.Namespace(verb="search", query=query, limit=50, cursor=None)


def showing(thread_id: str) -> argparse.Namespace:
    return argparse.Namespace(verb="show", id=thread_id)


async def filled(*pairs: tuple[Thread, list[Item]]) -> MemoryHistory:
    history = MemoryHistory()
    for thread, items in pairs:
        await history.put_thread(thread)
        for item in items:
            await history.put_item(thread.id, item)
    return history


async def test_list_as_json_has_exactly_the_contract_s_fields(tmp_path: Path) -> None:
    thread = a_thread(created_at=1_795_467_600.0, updated_at=1_795_467_600.5, response_id="resp_1", pinned=True)
    desk = Desk(tmp_path, as_json=True)
    assert await run_history(listing(), desk.ctx, history=await filled((thread, []))) == 0
    assert desk.json() == {
        "threads": [
            {
                "id": "t1",
                "title": "Title of t1",
                "mode": "chain",
                "created_at": "2026-11-23T21:00:00.000Z",
                "updated_at": "2026-11-23T21:00:00.500Z",
                "turns": 0,
                "pinned": True,
                "conversation_id": None,
                "response_id": "resp_1",
                "snippet": None,
                "demo": False,
            }
        ],
        "next": None,
    }


async def test_show_as_json_is_the_thread_with_its_items(tmp_path: Path) -> None:
    item = an_item(
        text="A long story", role="assistant", state="interrupted", heard_text="A long", response_id="resp_1", at=0.0
    )
    desk = Desk(tmp_path, as_json=True)
    assert await run_history(showing("t1"), desk.ctx, history=await filled((a_thread(), [item]))) == 0
    shown = desk.json()
    assert shown["id"] == "t1"
    assert shown["turns"] == 1
    assert shown["items"] == [
        {
            "index": 0,
            "role": "assistant",
            "source": "voice",
            "text": "A long story",
            "heard_text": "A long",
            "state": "interrupted",
            "at": "1970-01-01T00:00:00.000Z",
            "response_id": "resp_1",
        }
    ]


async def test_a_search_without_a_hit_is_an_empty_list_and_no_failure(tmp_path: Path) -> None:
    desk = Desk(tmp_path, as_json=True)
    assert await run_history(searching("nothing"), desk.ctx, history=await filled((a_thread(), []))) == 0
    assert desk.json() == {"threads": [], "next": None}
    desk = Desk(tmp_path)
    assert await run_history(searching("nothing"), desk.ctx, history=await filled()) == 0
    assert desk.lines == []
    assert desk.sentence == "There is no conversation here."


async def test_an_unknown_id_is_wrong_usage(tmp_path: Path) -> None:
    desk = Desk(tmp_path, as_json=True)
    assert await run_history(showing("nobody"), desk.ctx, history=await filled()) == 2
    assert desk.lines == []
    assert desk.sentence == "There is no such conversation on this machine."


async def test_a_foreign_cursor_is_wrong_usage(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert await run_history(listing(cursor="%%"), desk.ctx, history=await filled()) == 2
    assert desk.sentence


async def test_pages_go_on_where_the_last_one_ended(tmp_path: Path) -> None:
    history = await filled(*((a_thread(f"t{n}", updated_at=float(n)), []) for n in range(3)))
    first = Desk(tmp_path, as_json=True)
    await run_history(listing(limit=2), first.ctx, history=history)
    rest = Desk(tmp_path, as_json=True)
    await run_history(listing(limit=2, cursor=first.json()["next"]), rest.ctx, history=history)
    assert [t["id"] for t in first.json()["threads"] + rest.json()["threads"]] == ["t2", "t1", "t0"]
    people = Desk(tmp_path)
    await run_history(listing(limit=2), people.ctx, history=history)
    assert first.json()["next"] in people.sentence


async def test_people_read_who_said_what_and_what_was_not_heard(tmp_path: Path) -> None:
    items = [
        an_item("a", text="Tell me a story"),
        an_item("b", text="Once upon a time\nthere was", role="assistant", state="interrupted", heard_text="Once upon"),
        an_item("c", text="The connection was lost.", role="notice"),
        an_item("d", text="hello?", source="text", state="failed"),
    ]
    desk = Desk(tmp_path)
    assert await run_history(showing("t1"), desk.ctx, history=await filled((a_thread(), items))) == 0
    text = "\n".join(desk.lines)
    assert "You: Tell me a story" in text
    assert "Assistant: Once upon a time [interrupted]\n    there was\n    (heard until: Once upon)" in text
    assert "Notice: The connection was lost." in text
    assert "You: hello? [failed]" in text


@pytest.mark.parametrize("as_json", [False, True])
async def test_text_from_the_service_cannot_move_the_cursor(tmp_path: Path, as_json: bool) -> None:
    evil = "a\x1b[2Jb\x07c\u202ed\r"
    history = await filled((a_thread(title=evil), [an_item(text=evil), an_item("k2", text="é 🎧 عربي")]))
    for args in (listing(), searching("2jb"), showing("t1")):
        desk = Desk(tmp_path, as_json=as_json)
        assert await run_history(args, desk.ctx, history=history) == 0
        text = desk.out.getvalue()
        assert not set(text) & {"\x1b", "\x07", "\u202e", "\r"}
        assert "\\u001b" in text if as_json else "\\x1b[2Jb\\x07" in text
    assert "é 🎧 عربي" in text


async def test_demo_threads_are_marked(tmp_path: Path) -> None:
    demo = Identity(origin="http://127.0.0.1:1", fingerprint="00000000", demo=True)
    desk = Desk(tmp_path, as_json=True)
    await run_history(listing(), desk.ctx, history=await filled((a_thread(identity=demo), [])))
    assert desk.json()["threads"][0]["demo"] is True


async def test_a_time_that_is_none_is_unknown(tmp_path: Path) -> None:
    thread = a_thread(created_at=1e300, updated_at=float("inf"))
    desk = Desk(tmp_path, as_json=True)
    await run_history(listing(), desk.ctx, history=await filled((thread, [])))
    assert desk.json()["threads"][0]["created_at"] is None
    assert await run_history(listing(), Desk(tmp_path).ctx, history=await filled((thread, []))) == 0

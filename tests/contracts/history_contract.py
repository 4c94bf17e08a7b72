"""What every HistoryPort keeps. A test class inherits it and gives the fixture `history`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mka1_desktop.domain.conversation import Identity, Item, Thread
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.ports.store import HistoryPort

OWNER = Identity(origin="https://gw.example:443", fingerprint="0a1b2c3d", on_behalf_of="user-7")


def a_thread(name: str = "t1", **changes: Any) -> Thread:
    thread = Thread(id=name, title=f"Title of {name}", mode="chain", created_at=100.0, updated_at=100.0, identity=OWNER)
    return replace(thread, **changes)


def an_item(key: str = "k1", text: str = "Good morning", **changes: Any) -> Item:
    item = Item(key=key, role="user", source="voice", text=text, state="final", at=101.0)
    return replace(item, **changes)


class HistoryContract:
    async def test_a_thread_comes_back_as_it_was_put(self, history: HistoryPort) -> None:
        thread = a_thread(
            mode="conversation",
            conversation_id="conv_1",
            response_id="resp_2",
            earlier_response_id="resp_1",
            pinned=True,
            draft="half a sen",
            note="Why it is so.",
            parent="t0",
        )
        await history.put_thread(thread)
        assert await history.thread("t1") == thread

    async def test_a_thread_without_an_owner_and_one_of_the_demo(self, history: HistoryPort) -> None:
        demo = replace(OWNER, demo=True, on_behalf_of=None)
        await history.put_thread(a_thread("a", identity=None))
        await history.put_thread(a_thread("b", identity=demo))
        assert (await history.thread("a")).identity is None
        assert (await history.thread("b")).identity == demo

    async def test_putting_a_thread_again_keeps_its_items(self, history: HistoryPort) -> None:
        await history.put_thread(a_thread())
        await history.put_item("t1", an_item())
        await history.put_thread(a_thread(title="New", response_id="resp_9", updated_at=200.0, turns=99))
        thread = await history.thread("t1")
        assert (thread.title, thread.response_id, thread.turns) == ("New", "resp_9", 1)
        assert len(await history.items("t1")) == 1

    async def test_an_item_comes_back_as_it_was_put_with_its_place(self, history: HistoryPort) -> None:
        item = an_item(
            role="assistant",
            source="text",
            state="interrupted",
            heard_text="Good",
            response_id="resp_1",
            language="en",
        )
        await history.put_thread(a_thread())
        await history.put_item("t1", item)
        assert await history.items("t1") == (replace(item, index=0),)

    async def test_an_item_with_the_same_key_replaces_and_keeps_its_place(self, history: HistoryPort) -> None:
        await history.put_thread(a_thread())
        for key in ("a", "b", "c"):
            await history.put_item("t1", an_item(key, text=key))
        await history.put_item("t1", an_item("a", text="a, corrected", state="interrupted"))
        assert [(i.index, i.key, i.text) for i in await history.items("t1")] == [
            (0, "a", "a, corrected"),
            (1, "b", "b"),
            (2, "c", "c"),
        ]

    async def test_turns_count_both_sides_and_no_notices(self, history: HistoryPort) -> None:
        await history.put_thread(a_thread())
        await history.put_item("t1", an_item("a"))
        await history.put_item("t1", an_item("b", role="assistant"))
        await history.put_item("t1", an_item("c", role="notice"))
        await history.put_item("t1", an_item("a", text="again"))
        assert (await history.thread("t1")).turns == 2

    async def test_an_item_touches_its_thread_and_never_makes_it_older(self, history: HistoryPort) -> None:
        await history.put_thread(a_thread(updated_at=100.0))
        await history.put_item("t1", an_item("a", at=500.0))
        await history.put_item("t1", an_item("b", at=300.0))
        assert (await history.thread("t1")).updated_at == 500.0

    async def test_an_unknown_thread_is_not_found(self, history: HistoryPort) -> None:
        for call in (
            history.thread("x"),
            history.items("x"),
            history.put_item("x", an_item()),
            history.rename("x", "y"),
            history.pin("x", True),
        ):
            with pytest.raises(AppError) as caught:
                await call
            assert caught.value.code is Code.NOT_FOUND

    async def test_rename_and_pin(self, history: HistoryPort) -> None:
        await history.put_thread(a_thread())
        await history.rename("t1", "Another")
        await history.pin("t1", True)
        thread = await history.thread("t1")
        assert (thread.title, thread.pinned, thread.updated_at) == ("Another", True, 100.0)

    async def test_deleted_threads_are_gone_with_their_items(self, history: HistoryPort) -> None:
        for name in ("a", "b", "c"):
            await history.put_thread(a_thread(name))
            await history.put_item(name, an_item(text=f"words of {name}"))
        await history.delete(["a", "c", "never there"])
        assert [t.id for t in (await history.threads()).threads] == ["b"]
        assert (await history.search("words of a")).threads == ()
        await history.put_thread(a_thread("a"))
        assert await history.items("a") == ()

    async def test_listing_is_pinned_first_then_newest_first(self, history: HistoryPort) -> None:
        for name, at, pinned in (("old", 1.0, False), ("new", 3.0, False), ("mid", 2.0, False), ("pin", 0.5, True)):
            await history.put_thread(a_thread(name, updated_at=at, pinned=pinned))
        page = await history.threads()
        assert [t.id for t in page.threads] == ["pin", "new", "mid", "old"]
        assert page.next is None
        assert all(t.snippet is None for t in page.threads)

    async def test_pages_follow_each_other_without_gap_or_repeat(self, history: HistoryPort) -> None:
        for n in range(23):
            await history.put_thread(a_thread(f"t{n:02}", updated_at=float(n // 3), pinned=n % 7 == 0))
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = await history.threads(limit=5, cursor=cursor)
            assert len(page.threads) <= 5
            seen += [t.id for t in page.threads]
            cursor = page.next
            if cursor is None:
                break
        assert seen == [t.id for t in (await history.threads(limit=100)).threads]
        assert len(set(seen)) == 23

    async def test_pages_are_bounded_and_never_empty(self, history: HistoryPort) -> None:
        for n in range(205):
            await history.put_thread(a_thread(f"t{n:03}"))
        assert len((await history.threads(limit=1_000_000)).threads) == 200
        assert len((await history.threads(limit=0)).threads) == 1

    @pytest.mark.parametrize("cursor", ["", "x", "%%%", "bnVsbA", "W10", "é", "WzEsMl0"])
    async def test_a_foreign_cursor_is_refused(self, history: HistoryPort, cursor: str) -> None:
        with pytest.raises(AppError) as caught:
            await history.threads(cursor=cursor)
        assert caught.value.code is Code.BAD_MESSAGE

    async def test_search_finds_titles_and_words_aside_from_case_and_marks(self, history: HistoryPort) -> None:
        await history.put_thread(a_thread("a", title="Crème brûlée"))
        await history.put_thread(a_thread("b", title="Other"))
        await history.put_item("b", an_item(text="Wie macht man eine CRÈME caramel, große Portion?"))
        assert {t.id for t in (await history.search("creme")).threads} == {"a", "b"}
        assert [t.id for t in (await history.search("  GROSSE   portion ")).threads] == ["b"]
        assert (await history.search("nothing like it")).threads == ()

    async def test_search_results_carry_a_snippet(self, history: HistoryPort) -> None:
        await history.put_thread(a_thread("a", title="Paris in May"))
        await history.put_item("a", an_item(text="What is the capital of France?"))
        assert (await history.search("CAPITAL")).threads[0].snippet == "What is the capital of France?"
        assert (await history.search("paris")).threads[0].snippet == "Paris in May"

    async def test_search_sees_renamed_titles_and_corrected_words(self, history: HistoryPort) -> None:
        await history.put_thread(a_thread("a", title="before"))
        await history.put_item("a", an_item("k", text="first words"))
        await history.rename("a", "afterwards")
        await history.put_item("a", an_item("k", text="second words"))
        assert (await history.search("before")).threads == ()
        assert (await history.search("first words")).threads == ()
        assert len((await history.search("afterwards")).threads) == 1
        assert len((await history.search("second")).threads) == 1

    @pytest.mark.parametrize("query", ["%", "_", '"', "'", "100% sure", "*", "\\", ";--", "AND", "(", "東京", "é́"])
    async def test_a_query_is_text_and_nothing_else(self, history: HistoryPort, query: str) -> None:
        await history.put_thread(a_thread("a", title="plain"))
        await history.put_thread(a_thread("b", title=f"has {query} in it"))
        assert [t.id for t in (await history.search(query)).threads] == ["b"]

    async def test_search_pages_and_an_empty_query_lists(self, history: HistoryPort) -> None:
        for n in range(7):
            await history.put_thread(a_thread(f"t{n}", title="same words", updated_at=float(n)))
        first = await history.search("same", limit=4)
        rest = await history.search("same", limit=4, cursor=first.next)
        assert [t.id for t in first.threads + rest.threads] == [f"t{n}" for n in range(6, -1, -1)]
        assert rest.next is None
        assert len((await history.search("  ")).threads) == 7

    @pytest.mark.parametrize(
        "text",
        ["", "مرحبا بالعالم", "👩‍👩‍👧‍👦 🇩🇪", "a\x00b", "<b>bold</b>", "\x1b[31mred", "x" * 1_000_000],
        ids=["empty", "rtl", "emoji", "nul", "html", "escape", "long"],
    )
    async def test_any_text_comes_back_unchanged(self, history: HistoryPort, text: str) -> None:
        await history.put_thread(a_thread("a", title=text[:50], draft=text))
        await history.put_item("a", an_item(text=text, heard_text=text[:1]))
        assert (await history.items("a"))[0].text == text
        assert (await history.thread("a")).draft == text

    async def test_lone_surrogates_are_replaced(self, history: HistoryPort) -> None:
        await history.put_thread(a_thread("a", title="t\ud800"))
        await history.put_item("a", an_item(text="a\udfffb", heard_text="\udfff", response_id="r\ud800"))
        assert (await history.items("a"))[0].text == "a?b"
        assert (await history.search("\ud800")).threads != ()

    async def test_closing_twice_is_safe(self, history: HistoryPort) -> None:
        await history.close()
        await history.close()

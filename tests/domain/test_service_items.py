from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mka1_desktop.domain.service_items import (
    OTHERS_LIMIT,
    ROWS_LIMIT,
    TEXT_LIMIT,
    ServiceItem,
    distinct,
    read_item,
    read_items,
)
from mka1_desktop.domain.service_response import read_response
from mka1_desktop.domain.service_values import ID_LIMIT, WORD_LIMIT

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PARTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["input_text", "output_text", "refusal", "input_image", "odd"]) | JSON,
            "text": JSON,
            "refusal": JSON,
            "transcript": JSON,
        },
    )
    | JSON,
    max_size=4,
)
ROWS = (
    st.fixed_dictionaries(
        {},
        optional={
            "id": st.sampled_from(["msg_1", "msg_2", "..", "é"]) | JSON,
            "type": st.sampled_from(["message", "output_audio", "function_call"]) | JSON,
            "role": st.sampled_from(["user", "assistant"]) | JSON,
            "content": PARTS | JSON,
            "transcript": JSON,
            "response_id": JSON,
            "metadata": st.dictionaries(st.sampled_from(["voice_mode"]), JSON) | JSON,
            "status": JSON,
        },
    )
    | PARTS
    | JSON
)


def one(value: object) -> ServiceItem:
    item = read_item(value)
    assert item is not None
    return item


def test_the_two_messages_of_the_reference_are_read_whole() -> None:
    page = """[
      {"id":"msg_1","type":"message","role":"user","content":"Book a table","response_id":"resp_8f2",
       "metadata":{"voice_mode":"true"}},
      {"id":"msg_2","type":"message","role":"assistant","status":"completed","response_id":"resp_8f2",
       "content":[{"type":"output_text","text":"For how many people?","annotations":[]}]}]"""
    assert read_items(json.loads(page)) == (
        ServiceItem(id="msg_1", type="message", role="user", text="Book a table", response_id="resp_8f2", voice=True),
        ServiceItem(
            id="msg_2",
            type="message",
            role="assistant",
            text="For how many people?",
            response_id="resp_8f2",
            status="completed",
        ),
    )


@pytest.mark.parametrize(
    ("content", "text", "others"),
    [
        ("plain", "plain", ()),
        (["one ", "two"], "one two", ()),
        ([{"type": "input_text", "text": "a"}, {"type": "output_text", "text": "b"}, {"text": "c"}], "abc", ()),
        ([{"type": "refusal", "refusal": "No."}], "No.", ()),
        ([{"type": "input_audio", "input_audio": {"data": "UklG"}, "transcript": "said"}], "said", ()),
        (
            ["see ", {"type": "input_image", "image_url": "u"}, {"type": "input_file"}],
            "see ",
            ("input_image", "input_file"),
        ),
        ([{"type": "reasoning_text", "text": "a thought"}], "", ("reasoning_text",)),
        ([{"type": ["odd"], "text": "x"}, {"type": "output_text", "text": 5}, None, 7], "", ("unknown", "output_text")),
        (None, "", ()),
        ({"text": "no list"}, "", ()),
        ("half \ud83d", "half ?", ()),
    ],
)
def test_content_of_every_shape_gives_its_words(content: object, text: str, others: tuple[str, ...]) -> None:
    item = one({"id": "m", "role": "user", "content": content})
    assert (item.type, item.text, item.others) == ("message", text, others)


@pytest.mark.parametrize(
    ("row", "kind", "text"),
    [
        ({"id": "a", "type": "output_audio", "data": "UklG", "transcript": "spoken"}, "output_audio", "spoken"),
        ({"id": "a", "type": "compaction", "content": "the earlier part"}, "compaction", "the earlier part"),
        ({"id": "a", "type": "function_call", "name": "f", "arguments": "{}"}, "function_call", ""),
        ({"id": "a", "type": "hologram_call", "text": "x"}, "hologram_call", ""),
        ({"id": "a"}, "unknown", ""),
        ({"id": "a", "type": 7, "role": "user"}, "message", ""),
        ("bare", "message", "bare"),
        (["bare", {"type": "input_text", "text": " list"}], "message", "bare list"),
    ],
)
def test_every_kind_keeps_its_name(row: object, kind: str, text: str) -> None:
    item = one(row)
    assert (item.type, item.text) == (kind, text)


@pytest.mark.parametrize("value", [None, 5, 1.5, True])
def test_what_is_no_item_is_left_out(value: object) -> None:
    assert read_item(value) is None
    assert [item.id for item in read_items([value, {"id": "a"}, value])] == ["a"]
    assert read_items(value) == ()


@pytest.mark.parametrize(
    ("metadata", "voice"),
    [
        ({"voice_mode": "true"}, True),
        ({"voice_mode": True}, True),
        ({"voice_mode": "false"}, False),
        ({}, False),
        (None, False),
        (["voice_mode"], False),
    ],
)
def test_voice_is_known_by_its_mark(metadata: object, voice: bool) -> None:
    assert one({"id": "a", "metadata": metadata}).voice is voice


def test_an_item_that_comes_again_is_left_out() -> None:
    assert [item.id for item in read_items([{"id": "a"}, {"id": "b"}, {"id": "a"}])] == ["a", "b"]


def test_words_that_come_again_next_to_each_other_count_once_where_an_id_is_missing() -> None:
    yes = {"role": "user", "content": "yes"}
    assert len(read_items([yes, yes])) == 1
    assert len(read_items([yes, {**yes, "id": "a"}])) == 1
    assert len(read_items([{**yes, "id": "a"}, {**yes, "id": "b"}])) == 2
    assert len(read_items([yes, {**yes, "role": "assistant"}, yes])) == 3
    assert len(read_items([{"type": "function_call"}, {"type": "function_call"}])) == 2


def test_no_repr_holds_what_was_said() -> None:
    assert "secret words" not in repr(one({"id": "a", "content": "secret words"}))


def test_everything_is_bounded() -> None:
    parts: list[object] = [{"type": "input_text", "text": "x" * 100_000}, *[{"type": "input_image"}] * 500]
    item = one({"id": "i" * 300, "type": "t" * 300, "role": "r" * 300, "content": parts})
    assert item.id is None
    assert (len(item.type), len(item.role or ""), len(item.text)) == (WORD_LIMIT, WORD_LIMIT, TEXT_LIMIT)
    assert len(item.others) == OTHERS_LIMIT
    assert len(read_items([{"id": str(n)} for n in range(3 * ROWS_LIMIT)])) == ROWS_LIMIT


@given(st.lists(ROWS, max_size=6))
@example([[[]]])
@example([{"id": "a", "content": [{"type": None, "text": "\ud800"}]}])
def test_any_rows_are_read_within_bounds_and_each_once(rows: list[object]) -> None:
    items = read_items(rows)
    ids = [item.id for item in items if item.id is not None]
    assert len(ids) == len(set(ids))
    assert distinct(items) == items
    for item in items:
        item.text.encode()  # whole characters only
        assert item.type
        assert all(
            word is None or (word.isprintable() and len(word) <= WORD_LIMIT) for word in (item.role, item.status)
        )
        assert all(
            each is None or (each.isascii() and 0 < len(each) <= ID_LIMIT) for each in (item.id, item.response_id)
        )


@given(
    ROWS
    | st.fixed_dictionaries(
        {"id": st.just("resp_1")},
        optional={
            name: ROWS | st.lists(ROWS, max_size=2)
            for name in (
                "output",
                "output_text",
                "conversation",
                "previous_response_id",
                "created_at",
                "error",
                "status",
            )
        },
    )
)
def test_any_response_is_read(value: object) -> None:
    found = read_response(value)
    assert found is None or found.id

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.service_conversation import (
    PAIRS_LIMIT,
    ServiceConversation,
    changed_metadata,
    checked_metadata,
    read_conversation,
)
from mka1_desktop.domain.service_items import ServiceItem
from mka1_desktop.domain.service_response import read_response
from mka1_desktop.domain.service_values import read_id, read_word, unix_seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1_790_000_000, 1_790_000_000.0),
        (1_790_000_000.5, 1_790_000_000.5),
        (1_790_000_000_500, 1_790_000_000.5),
        (0, 0.0),
        (-1, None),
        (True, None),
        ("1790000000", None),
        (None, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
    ],
)
def test_moments_are_seconds_also_when_they_came_in_milliseconds(value: object, seconds: float | None) -> None:
    assert unix_seconds(value) == seconds


@pytest.mark.parametrize("value", ["", ".", "..", "a b", "é", "a\n", "x" * 257, "\ud800", None, 5, ["a"]])
def test_what_can_be_no_id_is_none(value: object) -> None:
    assert read_id(value) is None


@pytest.mark.parametrize("value", ["conv_5Qd", "a/b?c#d%2F", "...", "x" * 256])
def test_ids_are_opaque(value: str) -> None:
    assert read_id(value) == value


def test_a_word_is_one_printable_line() -> None:
    assert read_word(" in\n progress\x1b ") == "in progress\ufffd"
    assert read_word("  ") is None
    assert read_word(5) is None


def test_a_conversation_is_read_with_all_that_it_says_and_with_nothing_but_its_id() -> None:
    full = {"id": "conv_1", "created_at": 1_790_000_000, "deleted_at": None, "metadata": {"title": "Trip", "n": 5}}
    assert read_conversation(full) == ServiceConversation(
        id="conv_1", created_at=1_790_000_000.0, metadata={"title": "Trip"}
    )
    assert read_conversation({"id": "conv_1"}) == ServiceConversation(id="conv_1")


@pytest.mark.parametrize("mark", [{"deleted_at": 1_790_000_000}, {"deleted_at": 0}, {"deleted": True}])
def test_a_deleted_conversation_is_known_as_one(mark: dict[str, object]) -> None:
    found = read_conversation({"id": "conv_1", **mark})
    assert found is not None
    assert found.deleted


@pytest.mark.parametrize("value", [None, [], "conv_1", {}, {"id": 5}, {"id": "a b"}])
def test_without_an_id_there_is_no_conversation_and_no_response(value: object) -> None:
    assert read_conversation(value) is None
    assert read_response(value) is None


def test_no_repr_of_a_conversation_holds_its_title() -> None:
    assert "secret title" not in repr(ServiceConversation(id="a", metadata={"title": "secret title"}))


# -- metadata -------------------------------------------------------------------------------------


def test_a_change_keeps_the_other_pairs() -> None:
    found = {"title": "old", "app": "desk", "mark": "x"}
    assert changed_metadata(found, {"title": "new", "mark": None, "gone": None}) == {"title": "new", "app": "desk"}
    assert changed_metadata(None, {"title": "new"}) == {"title": "new"}


@pytest.mark.parametrize("found", [[], "title", {"a": 1}, {"a": None}, {"a": {"b": "c"}}])
def test_what_cannot_be_sent_back_as_it_was_is_not_changed(found: object) -> None:
    with pytest.raises(AppError) as caught:
        changed_metadata(found, {"title": "new"})
    assert caught.value.code is Code.BAD_ANSWER


@pytest.mark.parametrize("pairs", [{"": "a"}, {"n" * 65: "a"}, {"a": "v" * 513}, {str(n): "a" for n in range(17)}])
def test_metadata_over_the_limits_is_not_sent(pairs: dict[str, str]) -> None:
    with pytest.raises(AppError) as caught:
        checked_metadata(pairs)
    assert caught.value.code is Code.BAD_REQUEST


def test_half_characters_do_not_get_into_metadata() -> None:
    assert checked_metadata({"title": "a\ud83d"}) == {"title": "a?"}


@given(st.dictionaries(st.text(min_size=1, max_size=64), st.text(max_size=512), max_size=PAIRS_LIMIT))
def test_metadata_within_the_limits_comes_back_as_it_was(pairs: dict[str, str]) -> None:
    found = read_conversation({"id": "conv_1", "metadata": pairs})
    assert found is not None
    assert found.metadata == changed_metadata(pairs, {}) == pairs


# -- responses ------------------------------------------------------------------------------------


def test_a_response_is_read_with_its_links_and_its_items() -> None:
    found = read_response(
        {
            "id": "resp_2",
            "status": "completed",
            "created_at": 1_790_000_000_000,
            "previous_response_id": "resp_1",
            "conversation": None,
            "output": [{"id": "msg_1", "type": "message", "role": "assistant", "content": "Hi"}],
            "output_text": "Hi",
            "error": None,
        }
    )
    assert found is not None
    assert (found.status, found.final, found.created_at) == ("completed", True, 1_790_000_000.0)
    assert (found.previous_response_id, found.conversation_id, found.error) == ("resp_1", None, None)
    assert found.items == (ServiceItem(id="msg_1", type="message", role="assistant", text="Hi"),)


@pytest.mark.parametrize("within", ["conv_1", {"id": "conv_1"}])
def test_the_conversation_of_a_response_may_be_a_text_or_an_object(within: object) -> None:
    found = read_response({"id": "resp_1", "conversation": within, "status": "queued"})
    assert found is not None
    assert (found.conversation_id, found.final) == ("conv_1", False)


def test_the_text_stands_in_for_missing_items() -> None:
    found = read_response({"id": "resp_1", "output_text": "Hi"})
    assert found is not None
    assert found.items == (ServiceItem(id=None, type="message", role="assistant", text="Hi"),)


def test_a_failure_is_told_in_the_services_words_with_secrets_masked() -> None:
    said = {"code": "server_error", "message": "No answer for mk-key\n" + "x" * 500}
    found = read_response({"id": "resp_1", "error": said}, clean=lambda text: text.replace("mk-key", "…"))
    assert found is not None
    assert found.error is not None
    assert (found.error.code, found.error.service, found.error.raw_code) == (Code.UNKNOWN, "llm", "server_error")
    assert (found.error.message or "").startswith("No answer for … xxx")
    assert len(found.error.message or "") == 300
    plain = read_response({"id": "r", "error": "odd"})
    assert plain is not None
    assert plain.error == Trouble(Code.UNKNOWN, service="llm", message="odd")

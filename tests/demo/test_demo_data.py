"""The demo's store: history, continuation, answers, bounds."""

from __future__ import annotations

import time

import pytest

from mka1_desktop.demo.data import MAX_TEXT, Data, Owner, Turn
from mka1_desktop.demo.records import FinalStatus, text_of
from mka1_desktop.demo.store_conversations import ConversationStore, FullError, MissingError
from mka1_desktop.demo.store_responses import ResponseStore

ANN = Owner(key="mk-a", on_behalf_of=None)
BEN = Owner(key="mk-a", on_behalf_of="ben")


def ask(
    data: Data,
    text: str,
    *,
    owner: Owner = ANN,
    previous: str | None = None,
    conversation: str | None = None,
    status: FinalStatus | None = "completed",
) -> str:
    response = data.start_response(
        owner,
        model="auto",
        text=text,
        previous_response_id=previous,
        conversation_id=conversation,
        metadata={},
    )
    if status is not None:
        data.finish_response(response, text=f"re: {text}", status=status)
    return response


def test_the_history_of_a_chain_is_oldest_first() -> None:
    data = Data()
    first = ask(data, "one")
    second = ask(data, "two", previous=first, status="incomplete")
    third = ask(data, "three", previous=second, status=None)
    assert data.history(ANN, previous_response_id=third, conversation_id=None) == [
        Turn("user", "one", first),
        Turn("assistant", "re: one", first),
        Turn("user", "two", second),
        Turn("assistant", "re: two", second),
        Turn("user", "three", third),
    ]
    assert data.history(BEN, previous_response_id=third, conversation_id=None) == []
    assert data.history(ANN, previous_response_id=None, conversation_id=None) == []


def test_a_chain_branches_and_survives_a_gap() -> None:
    data = Data()
    root = ask(data, "root")
    left, right = ask(data, "left", previous=root), ask(data, "right", previous=root)
    told = data.history(ANN, previous_response_id=right, conversation_id=None)
    assert [turn.text for turn in told] == ["root", "re: root", "right", "re: right"]
    data.responses.delete(ANN, root)
    told = data.history(ANN, previous_response_id=left, conversation_id=None)
    assert [turn.text for turn in told] == ["left", "re: left"]


def test_the_history_of_a_conversation_has_typed_and_added_turns_but_no_system_words() -> None:
    data = Data()
    conversation = data.create_conversation(
        ANN,
        metadata=None,
        items=[
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "hello"},
            {"type": "function_call", "name": "f"},
        ],
    )
    ask(data, "one", conversation=conversation.id)
    told = data.history(ANN, previous_response_id=None, conversation_id=conversation.id)
    assert [(turn.role, turn.text) for turn in told] == [
        ("user", "hello"),
        ("user", "one"),
        ("assistant", "re: one"),
    ]
    assert data.history(BEN, previous_response_id=None, conversation_id=conversation.id) == []


def test_continuations_are_checked_for_their_owner() -> None:
    data = Data()
    response = ask(data, "one")
    conversation = data.create_conversation(ANN, metadata=None, items=[]).id

    def reason(owner: Owner, previous: str | None, talk: str | None) -> str | None:
        return data.check_continuation(owner, previous_response_id=previous, conversation_id=talk)

    assert reason(ANN, None, None) is None
    assert reason(ANN, response, None) is None
    assert reason(ANN, None, conversation) is None
    assert reason(BEN, response, None) == "The previous response was not found."
    assert reason(BEN, None, conversation) == "The conversation was not found."
    assert reason(ANN, response, conversation) is not None


def test_an_answer_is_finished_once_and_a_deleted_one_never() -> None:
    data = Data()
    response = ask(data, "one", status="incomplete")
    data.finish_response(response, text="later", status="completed")
    stored = data.response(ANN, response)
    assert (stored.status, stored.to_json()["output_text"]) == ("incomplete", "re: one")
    assert stored.to_json()["incomplete_details"] == {"reason": "interrupted"}

    gone = ask(data, "two", status=None)
    data.responses.delete(ANN, gone)
    data.finish_response(gone, text="x", status="completed")
    with pytest.raises(MissingError):
        data.response(ANN, gone)


def test_a_failed_answer_without_words_makes_no_item() -> None:
    data = Data()
    response = ask(data, "one", status=None)
    data.finish_response(response, text="", status="failed")
    stored = data.response(ANN, response).to_json()
    assert (stored["status"], stored["output"]) == ("failed", [])
    assert stored["error"] == {"code": "server_error", "message": "The answer could not be made."}


def test_a_conversation_that_is_deleted_while_the_answer_is_made_loses_only_its_items() -> None:
    data = Data()
    conversation = data.create_conversation(ANN, metadata=None, items=[]).id
    response = ask(data, "one", conversation=conversation, status=None)
    data.conversations.delete(ANN, conversation)
    data.finish_response(response, text="done", status="completed")
    assert data.response(ANN, response).status == "completed"


def test_the_store_is_bounded() -> None:
    data = Data(conversations=ConversationStore(time.time, most=3, most_items=3), responses=ResponseStore(most=3))
    kept = data.create_conversation(ANN, metadata=None, items=[])
    dropped = data.create_conversation(ANN, metadata=None, items=[])
    data.conversations.update(ANN, kept.id, {"title": "in use"})
    for _ in range(2):
        data.create_conversation(BEN, metadata=None, items=[])
    assert data.conversation(ANN, kept.id) is kept
    with pytest.raises(MissingError):
        data.conversation(ANN, dropped.id)

    responses = [ask(data, str(n)) for n in range(5)]
    assert [r.id for r in data.responses.all(ANN)] == responses[2:]

    data.conversations.add(kept, [{"role": "user", "content": "x"}] * 2)
    with pytest.raises(FullError):
        data.conversations.add(kept, [{"role": "user", "content": "x"}] * 2)
    assert len(kept.items) == 2
    for _ in range(2):  # the voice goes on, only the list does not grow
        ask(data, "one", conversation=kept.id)
    assert len(kept.items) == 3


def test_a_message_is_cut_to_what_is_kept() -> None:
    data = Data()
    response = ask(data, "x" * 100_000)
    assert len(data.response(ANN, response).question.text) == MAX_TEXT


def test_an_owner_does_not_show_the_key() -> None:
    assert "mk-a" not in repr(BEN)
    assert "ben" not in repr(BEN)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        (["bare ", {"type": "input_text", "text": "part"}], "bare part"),
        ([{"type": "refusal", "refusal": "no"}, {"type": "input_image"}], "no"),
        ([{"type": "output_text", "text": 5}, None, 7], ""),
        (None, ""),
        ({}, ""),
    ],
)
def test_the_reading_rule_of_content(content: object, text: str) -> None:
    assert text_of(content) == text

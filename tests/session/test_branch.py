from __future__ import annotations

import pytest

from mka1_desktop.domain.conversation import Continuation, Identity, Item, ItemState, Role, Thread
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.session.branch import branch

OWNER = Identity(origin="https://gw.example", fingerprint="0a1b2c3d", on_behalf_of="user-7")
OLD = Thread(
    id="t1", title="Trip plan", mode="conversation", created_at=1.0, updated_at=9.0, identity=OWNER, pinned=True,
    conversation_id="conv_1", response_id="r3", earlier_response_id="r2", draft="half",
)  # fmt: skip


def turn(key: str, role: Role, response_id: str | None = None, state: ItemState = "final", index: int = 0) -> Item:
    return Item(
        key=key, role=role, source="voice", text=f"words {key}", state=state, at=2.0, response_id=response_id,
        index=index,
    )  # fmt: skip


ITEMS = (
    turn("a", "assistant"),
    turn("b", "user", index=1),
    turn("c", "assistant", "r1", index=2),
    turn("d", "user", state="unsure", index=3),
    turn("e", "assistant", "r2", state="interrupted", index=4),
    turn("f", "user", index=5),
    turn("g", "assistant", "r3", index=6),
)


def test_a_branch_is_a_chain_that_goes_on_from_that_answer() -> None:
    made, copied = branch(OLD, ITEMS, "e", thread_id="t2", now=50.0)
    assert made.continuation == Continuation(response_id="r2")
    assert (made.id, made.title, made.mode, made.parent) == ("t2", "Trip plan (branch)", "chain", "t1")
    assert (made.earlier_response_id, made.identity, made.created_at) == ("r1", OWNER, 50.0)
    assert (made.pinned, made.draft, made.conversation_id) == (False, "", None)
    assert made.note is not None
    assert "Trip plan" in made.note
    assert [item.key for item in copied] == ["a", "b", "c", "d", "e"]
    assert [item.state for item in copied] == ["final", "final", "final", "failed", "interrupted"]
    assert {item.index for item in copied} == {-1}


def test_the_first_answer_has_none_before_it() -> None:
    made, _ = branch(OLD, ITEMS, "c", thread_id="t2", now=50.0)
    assert (made.response_id, made.earlier_response_id) == ("r1", None)


@pytest.mark.parametrize("key", ["a", "b", "unknown"])
def test_only_an_answer_with_an_id_can_be_gone_on_from(key: str) -> None:
    with pytest.raises(AppError) as caught:
        branch(OLD, ITEMS, key, thread_id="t2", now=50.0)
    assert caught.value.code is Code.NOT_FOUND

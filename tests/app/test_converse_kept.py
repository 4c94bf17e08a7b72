"""`converse` and what it goes on from: conversations made by name or for what is kept, and whose they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from mka1_desktop.adapters.history_sqlite import SqliteHistory
from mka1_desktop.app.exit_codes import exit_for
from mka1_desktop.app.options import UsageError, parse
from mka1_desktop.app.paths import find_paths
from mka1_desktop.domain.conversation import SET_TO_CHAINS, Thread
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.settings import Settings
from tests.support.converse_here import converse_here
from tests.support.demo_service import OWNER, Demo, rooms
from tests.support.http_stub import HttpStub, answer_json

pytestmark = pytest.mark.timeout(60)

ASK = ("--text", "What is two plus two?")
KEEP = (*ASK, "--save")


async def kept(folder: Path) -> list[Thread]:
    history = SqliteHistory(find_paths(str(folder / "data")).history)
    try:
        return list((await history.threads()).threads)
    finally:
        await history.close()


def titles(demo: Demo) -> dict[str, str]:
    """Title of each conversation that the service has."""
    found = demo.service.data.conversations.all(OWNER)
    return {one.id: (one.metadata or {}).get("title", "") for one in found}


# --- kept ------------------------------------------------------------------------------------------------------------


async def test_what_is_kept_is_a_conversation_of_the_service(tmp_path: Path) -> None:
    async with rooms() as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *KEEP)
        assert result.code == 0, result.sentence
        (thread,) = await kept(tmp_path)
        assert (thread.mode, thread.conversation_id) == ("conversation", result.summary["conversation_id"])
        assert titles(demo) == {thread.conversation_id: "What is two plus two?"}
        again = await converse_here(
            tmp_path, demo.service.base_url, "--conversation", str(thread.conversation_id), "--text",
            "What did I ask you earlier?", "--no-wait-greeting",
        )  # fmt: skip
    assert again.code == 0
    assert "two plus two" in again.answer(0)["text"]


async def test_what_is_not_kept_makes_nothing_on_the_service(tmp_path: Path) -> None:
    async with rooms() as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK)
        assert (result.code, result.summary["conversation_id"], titles(demo)) == (0, None, {})


async def test_the_setting_makes_a_chain(tmp_path: Path) -> None:
    async with rooms() as demo:
        settings = Settings({"thread.kind": "chain"})
        result = await converse_here(tmp_path, demo.service.base_url, *KEEP, settings=settings)
        assert (result.code, titles(demo)) == (0, {})
    (thread,) = await kept(tmp_path)
    assert (thread.mode, thread.conversation_id, thread.note) == ("chain", None, SET_TO_CHAINS)
    assert thread.response_id == result.summary["response_id"]


@pytest.mark.parametrize("fault", ["http-status=503", "http-status=404", "http-status=403"])
async def test_a_service_that_makes_none_is_talked_with_all_the_same(tmp_path: Path, fault: str) -> None:
    async with rooms(fault) as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *KEEP)
    assert (result.code, result.summary["conversation_id"]) == (0, None)
    (thread,) = await kept(tmp_path)
    assert thread.mode == "chain"
    assert thread.note is not None


async def test_an_empty_one_is_left_for_the_next(tmp_path: Path) -> None:
    async with rooms() as demo:
        demo.faults.set("token-status", "403")
        failed = await converse_here(tmp_path, demo.service.base_url, *KEEP)
        assert failed.code == 3
        before = titles(demo)
        assert len(before) == 1
        demo.faults.set("token-status", None)
        result = await converse_here(tmp_path, demo.service.base_url, *KEEP)
        assert result.code == 0
        assert list(titles(demo)) == [result.summary["conversation_id"]] == list(before)


# --- made by name --------------------------------------------------------------------------------------------------


async def test_a_new_conversation_is_made_by_name(tmp_path: Path) -> None:
    async with rooms() as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *KEEP, "--new-conversation")
        assert result.code == 0, result.sentence
        assert titles(demo) == {result.summary["conversation_id"]: "What is two plus two?"}
        token = next(line for line in result.of("session") if line["event"] == "token")
        assert token["continues"] == {"conversation_id": result.summary["conversation_id"]}
    (thread,) = await kept(tmp_path)
    assert (thread.mode, thread.conversation_id) == ("conversation", result.summary["conversation_id"])


@pytest.mark.parametrize(("status", "code"), [("404", 8), ("501", 8), ("500", 4), ("503", 4), ("401", 3), ("403", 3)])
async def test_one_that_cannot_be_made_ends_it_before_a_token_is_asked_for(
    tmp_path: Path, status: str, code: int
) -> None:
    async with HttpStub(answer_json({"error": {"message": "no"}}, int(status))) as stub:
        result = await converse_here(tmp_path, stub.base_url, *ASK, "--new-conversation")
        assert [seen.path for seen in stub.seen] == ["/api/v1/llm/conversations"]
    assert result.code == code
    assert result.sentence.endswith("(no)")
    assert len(result.of("error")) == 1


@pytest.mark.parametrize("other", [("--conversation", "conv_1"), ("--continue-from", "resp_1")])
def test_it_goes_with_no_other_beginning(other: tuple[str, str]) -> None:
    with pytest.raises(UsageError):
        parse(["converse", *ASK, "--new-conversation", *other])


# --- whose ---------------------------------------------------------------------------------------------------------


async def test_what_history_knows_as_somebody_elses_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    async with rooms() as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *KEEP)
        conversation, response = result.summary["conversation_id"], result.summary["response_id"]
        async with HttpStub(answer_json({}, 500)) as stub:
            for option in (("--conversation", conversation), ("--continue-from", response)):
                with pytest.raises(AppError) as caught:
                    await converse_here(tmp_path, stub.base_url, *ASK, *option)
                assert caught.value.code is Code.OTHER_IDENTITY
                with pytest.raises(AppError) as caught:
                    await converse_here(tmp_path, demo.service.base_url, *ASK, *option, fingerprint="ffffffff")
                assert caught.value.code is Code.OTHER_IDENTITY
            assert stub.seen == []
        assert int(exit_for(Code.OTHER_IDENTITY)) == 8
        mine = await converse_here(tmp_path, demo.service.base_url, *ASK, "--conversation", conversation)
        assert mine.code == 0


async def test_what_history_does_not_know_is_left_to_the_service(tmp_path: Path) -> None:
    async with rooms() as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK, "--conversation", "conv_unknown")
    assert result.code == 8
    assert result.sentence.startswith("The assistant can no longer continue this conversation.")

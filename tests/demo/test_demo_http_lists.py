"""Conversations, their items and responses over HTTP: shapes, pages, filters, limits, ownership."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from mka1_desktop.demo.data import Owner
from tests.support.demo_http import KEY, LLM, OTHER_KEY, OWNER, Api, error_of, serving

CONVERSATIONS = f"{LLM}/conversations"
RESPONSES = f"{LLM}/responses"


@pytest_asyncio.fixture
async def api() -> AsyncIterator[Api]:
    async with serving() as api:
        yield api


async def create(api: Api, *texts: str, user: str | None = None, **metadata: str) -> str:
    """Create a conversation whose user said `texts`; return its id."""
    items = [{"role": "user", "content": text} for text in texts]
    status, body = await api.ask("POST", CONVERSATIONS, {"items": items, "metadata": metadata}, user=user)
    assert status == 200
    return str(body["id"])


async def ids(api: Api, path: str, **query: str) -> list[str]:
    status, body = await api.ask("GET", path, query=query)
    assert status == 200
    data = body["data"]
    assert isinstance(data, list)
    return [thing["id"] for thing in data]


def talk(api: Api, *questions: str, conversation_id: str | None = None, owner: Owner = OWNER) -> list[str]:
    """Hold a voice conversation, in the store; return the response ids, oldest first."""
    made: list[str] = []
    for question in questions:
        chained = made[-1] if made and conversation_id is None else None
        response = api.data.start_response(
            owner,
            model="auto",
            text=question,
            previous_response_id=chained,
            conversation_id=conversation_id,
            metadata={"client": "test"},
        )
        api.data.finish_response(response, text=f"Answer to {question}", status="completed")
        made.append(response)
    return made


# -- conversations --------------------------------------------------------------------------------


async def test_the_life_of_a_conversation(api: Api) -> None:
    status, made = await api.ask("POST", CONVERSATIONS, {"metadata": {"title": "Trip"}})
    assert status == 200
    assert set(made) == {"id", "object", "created_at", "deleted_at", "metadata"}
    path = f"{CONVERSATIONS}/{made['id']}"
    assert str(made["id"]).startswith("conv_")
    assert (made["object"], made["deleted_at"], made["metadata"]) == ("conversation", None, {"title": "Trip"})
    assert await api.ask("GET", path) == (200, made)

    changed = {**made, "metadata": {"title": "Boat"}}
    assert await api.ask("POST", path, {"metadata": {"title": "Boat"}}) == (200, changed)
    assert await api.ask("GET", path) == (200, changed)

    gone = {"id": made["id"], "object": "conversation.deleted", "deleted": True}
    assert await api.ask("DELETE", path) == (200, gone)
    for method, body in (("GET", None), ("POST", {"metadata": {}}), ("DELETE", None)):
        assert (await api.ask(method, path, body))[0] == 404
    assert (await api.ask("GET", f"{path}/items"))[0] == 404
    assert await ids(api, CONVERSATIONS) == []


async def test_an_empty_body_makes_a_conversation_too(api: Api) -> None:
    answer = await api.client.post(CONVERSATIONS, headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status == 200
    assert (await answer.json())["metadata"] is None


async def test_conversations_are_sorted_by_their_last_update(api: Api) -> None:
    first, second, third = [await create(api) for _ in range(3)]
    assert await ids(api, CONVERSATIONS) == [first, second, third]
    await api.ask("POST", f"{CONVERSATIONS}/{first}", {"metadata": {}})
    assert await ids(api, CONVERSATIONS) == [second, third, first]
    talk(api, "hello", conversation_id=second)
    assert await ids(api, CONVERSATIONS, order="desc") == [second, first, third]


async def test_pages_of_conversations(api: Api) -> None:
    made = [await create(api) for _ in range(5)]
    status, body = await api.ask("GET", CONVERSATIONS, query={"limit": "2", "order": "desc"})
    assert status == 200
    assert set(body) == {"object", "data", "has_more", "last_id"}
    assert (body["has_more"], body["last_id"]) == (True, made[3])
    assert await ids(api, CONVERSATIONS, limit="2", order="desc", after=made[3]) == [made[2], made[1]]
    _, body = await api.ask("GET", CONVERSATIONS, query={"after": made[4]})
    assert (body["data"], body["has_more"], body["last_id"]) == ([], False, None)


async def test_the_metadata_filter_is_one_json_object(api: Api) -> None:
    desk = await create(api, app="desk", title="A")
    await create(api, app="web", title="A")
    both = await create(api, app="desk", title="B")
    assert await ids(api, CONVERSATIONS, metadata='{"app":"desk"}') == [desk, both]
    assert await ids(api, CONVERSATIONS, metadata='{"app":"desk","title":"B"}') == [both]
    assert await ids(api, CONVERSATIONS, metadata="{}", limit="50") != []
    for wrong in ("app", "[]", '{"app":5}', "[" * 2_000):
        assert (await api.ask("GET", CONVERSATIONS, query={"metadata": wrong}))[0] == 400


async def test_search_looks_into_the_items(api: Api) -> None:
    boat = await create(api, "Where is the BOAT?", title="x")
    await create(api, "where", "boat")
    spoken = await create(api)
    talk(api, "a green boat", conversation_id=spoken)
    assert await ids(api, CONVERSATIONS, search="where boat") == [boat]
    assert await ids(api, CONVERSATIONS, search="answer green") == [spoken]
    assert await ids(api, CONVERSATIONS, search="nothing") == []


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "51"}, {"limit": "x"}, {"limit": "-1"}, {"order": "up"}, {"after": "x"}]
)
async def test_a_wrong_query_is_refused(api: Api, query: dict[str, str]) -> None:
    status, body = await api.ask("GET", CONVERSATIONS, query=query)
    assert status == 400
    assert error_of(body)["param"] == next(iter(query))


@pytest.mark.parametrize(
    "body",
    [
        {"metadata": {f"k{n}": "" for n in range(17)}},
        {"metadata": {"k": 1}},
        {"metadata": []},
        {"items": [{"role": "user", "content": ""}] * 21},
        {"items": {}},
        {"items": ["text"]},
        {"items": [{"role": "boss", "content": ""}]},
        {"items": [{"role": "user"}]},
        {"items": [{"role": "user", "content": [5]}]},
        {"items": [{"role": "user", "content": [{"text": "no type"}]}]},
        {"items": [{"type": 5}]},
    ],
)
async def test_a_wrong_conversation_is_refused(api: Api, body: dict[str, object]) -> None:
    assert (await api.ask("POST", CONVERSATIONS, body))[0] == 400
    assert await ids(api, CONVERSATIONS) == []


async def test_an_update_needs_metadata(api: Api) -> None:
    status, body = await api.ask("POST", f"{CONVERSATIONS}/{await create(api)}", {})
    assert (status, error_of(body)["code"]) == (400, "missing_required_parameter")


# -- items ----------------------------------------------------------------------------------------


async def test_items_are_added_read_and_deleted(api: Api) -> None:
    conversation = await create(api, "one")
    path = f"{CONVERSATIONS}/{conversation}/items"
    added: list[dict[str, object]] = [
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "two"}], "id": "mine"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    ]
    status, body = await api.ask("POST", path, {"items": added})
    data = body["data"]
    assert status == 200
    assert isinstance(data, list)
    message, call = data
    assert message["id"].startswith("msg_")
    assert message == {**added[0], "id": message["id"], "response_id": None, "metadata": None}
    assert call["id"].startswith("item_")

    assert (await ids(api, path))[1:] == [message["id"], call["id"]]
    assert await ids(api, path, order="desc", limit="1") == [call["id"]]
    assert await api.ask("GET", f"{path}/{call['id']}") == (200, call)

    status, body = await api.ask("DELETE", f"{path}/{call['id']}")
    assert (status, body["object"], body["id"]) == (200, "conversation", conversation)
    assert (await api.ask("GET", f"{path}/{call['id']}"))[0] == 404
    assert (await api.ask("DELETE", f"{path}/{call['id']}"))[0] == 404


async def test_many_items_are_deleted_all_or_none(api: Api) -> None:
    path = f"{CONVERSATIONS}/{await create(api, 'one', 'two', 'three')}/items"
    first, second, third = await ids(api, path)
    assert (await api.ask("DELETE", path, {"item_ids": [first, "msg_x"]}))[0] == 404
    assert await ids(api, path) == [first, second, third]
    status, body = await api.ask("DELETE", path, {"item_ids": [first, third, first]})
    assert (status, body["object"]) == (200, "conversation")
    assert await ids(api, path) == [second]
    refused: list[dict[str, object]] = [{}, {"item_ids": []}, {"item_ids": "x"}]
    for wrong in refused:
        assert (await api.ask("DELETE", path, wrong))[0] == 400


async def test_the_voice_items_of_a_conversation(api: Api) -> None:
    conversation = await create(api)
    (response,) = talk(api, "Book a table", conversation_id=conversation)
    _, body = await api.ask("GET", f"{CONVERSATIONS}/{conversation}/items")
    data = body["data"]
    assert isinstance(data, list)
    assert [(item["role"], item["response_id"]) for item in data] == [("user", response), ("assistant", response)]
    assert all(item["metadata"] == {"client": "test", "voice_mode": "true"} for item in data)
    assert data[0]["content"] == [{"type": "input_text", "text": "Book a table"}]
    assert data[1]["status"] == "completed"


# -- responses ------------------------------------------------------------------------------------


async def test_a_chain_is_rebuilt_from_its_last_response(api: Api) -> None:
    first, second = talk(api, "one", "two")
    status, last = await api.ask("GET", f"{RESPONSES}/{second}")
    assert status == 200
    assert (last["status"], last["previous_response_id"], last["conversation"]) == ("completed", first, None)
    assert last["output_text"] == "Answer to two"
    assert last["metadata"] == {"client": "test", "voice_mode": "true"}
    assert last["error"] is None
    _, items = await api.ask("GET", f"{RESPONSES}/{second}/input_items", query={"order": "asc", "limit": "100"})
    data = items["data"]
    assert isinstance(data, list)
    assert [item["content"][0]["text"] for item in data] == ["two"]
    _, before = await api.ask("GET", f"{RESPONSES}/{first}")
    assert before["previous_response_id"] is None


async def test_responses_are_listed_newest_first_in_both_directions(api: Api) -> None:
    made = talk(api, *"abcde")
    assert await ids(api, RESPONSES, limit="2") == [made[4], made[3]]
    assert await ids(api, RESPONSES, limit="2", after=made[3]) == [made[2], made[1]]
    assert await ids(api, RESPONSES, limit="2", before=made[1]) == [made[3], made[2]]
    assert await ids(api, RESPONSES, limit="100", order="asc") == made
    _, body = await api.ask("GET", RESPONSES, query={"limit": "2"})
    assert (body["first_id"], body["last_id"], body["has_more"]) == (made[4], made[3], True)
    assert (await api.ask("GET", RESPONSES, query={"limit": "101"}))[0] == 400


async def test_metadata_of_a_response_is_changed(api: Api) -> None:
    (response,) = talk(api, "one")
    path = f"{RESPONSES}/{response}"
    status, body = await api.ask("POST", path, {"metadata": {"star": "1"}})
    assert (status, body["metadata"]) == (200, {"star": "1"})
    assert (await api.ask("POST", path, {}))[0] == 400
    assert (await api.ask("POST", path, {"metadata": {"star": 1}}))[0] == 400


async def test_a_deleted_response_is_gone_for_good(api: Api) -> None:
    first, second = talk(api, "one", "two")
    gone = {"id": first, "object": "response", "deleted": True}
    assert await api.ask("DELETE", f"{RESPONSES}/{first}") == (200, gone)
    assert (await api.ask("GET", f"{RESPONSES}/{first}"))[0] == 404
    assert await ids(api, RESPONSES) == [second]


async def test_odd_response_requests(api: Api) -> None:
    (response,) = talk(api, "one")
    assert (await api.ask("GET", f"{RESPONSES}/msg_1"))[0] == 400
    assert (await api.ask("GET", f"{RESPONSES}/resp_1"))[0] == 404
    assert (await api.ask("GET", f"{RESPONSES}/{response}", query={"stream": "true"}))[0] == 400


# -- ownership ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "user"), [(KEY, None), (KEY, "b"), (OTHER_KEY, "a"), (OTHER_KEY, None)])
async def test_nobody_else_sees_or_touches_anything(api: Api, key: str, user: str | None) -> None:
    conversation = await create(api, "secret", user="a")
    owner = Owner(key=KEY, on_behalf_of="a")
    (response,) = talk(api, "secret", owner=owner)
    item = next(iter(api.data.conversation(owner, conversation).items))
    before = json.dumps(await api.ask("GET", f"{CONVERSATIONS}/{conversation}/items", user="a"))
    talk_path, response_path = f"{CONVERSATIONS}/{conversation}", f"{RESPONSES}/{response}"
    attempts: list[tuple[str, str, object]] = [
        *(
            (method, path, {"metadata": {}})
            for method in ("GET", "POST", "DELETE")
            for path in (talk_path, response_path)
        ),
        ("GET", f"{talk_path}/items", None),
        ("POST", f"{talk_path}/items", {"items": [{"role": "user", "content": "x"}]}),
        ("DELETE", f"{talk_path}/items", {"item_ids": [item]}),
        ("GET", f"{talk_path}/items/{item}", None),
        ("DELETE", f"{talk_path}/items/{item}", None),
        ("GET", f"{response_path}/input_items", None),
    ]
    for method, path, body in attempts:
        assert (await api.ask(method, path, body, key=key, user=user))[0] == 404
    for path in (CONVERSATIONS, RESPONSES):
        _, listed = await api.ask("GET", path, key=key, user=user)
        assert listed["data"] == []
    assert json.dumps(await api.ask("GET", f"{CONVERSATIONS}/{conversation}/items", user="a")) == before

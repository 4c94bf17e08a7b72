"""Conversations, items and responses: what is sent, and what comes of every answer, from stubs and from the demo."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

import pytest

from mka1_desktop.adapters.api_conversations import (
    CONVERSATION_MISSING,
    CONVERSATIONS_PATH,
    ITEM_MISSING,
    PAGES_LIMIT,
    RESPONSE_MISSING,
    RESPONSES_PATH,
    HttpxConversations,
)
from mka1_desktop.domain.errors import Action, AppError, Code
from mka1_desktop.domain.service_conversation import ServiceConversation
from mka1_desktop.domain.service_items import ItemPage
from mka1_desktop.ports.conversations import ConversationsPort
from tests.support.api_client import KEY, PATIENT, QUICK, client, without_proxy
from tests.support.demo_http import KEY as DEMO_KEY
from tests.support.demo_http import OTHER_KEY, OWNER, Api, serving
from tests.support.demo_process import DemoProcess
from tests.support.http_stub import Answer, HttpStub, answer_json
from tests.support.room_guest import Guest

Ask = Callable[[ConversationsPort], Awaitable[object]]

CONVERSATION = {"id": "conv_1", "object": "conversation", "created_at": 1_790_000_000_500, "metadata": {"title": "é"}}
DELETED = answer_json({"id": "conv_1", "object": "conversation.deleted", "deleted": True})


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxy(monkeypatch)


def page(*ids: str, more: bool = False, **others: object) -> Answer:
    rows = [{"id": each, "role": "user", "content": f"text of {each}"} for each in ids]
    return answer_json({"object": "list", "data": rows, "has_more": more, **others})


async def failed(base_url: str, ask: Ask, *, key: str = KEY, user: str | None = None) -> AppError:
    """Ask and return the error; no library's exception, whose request holds the key, hangs on to it."""
    async with client(base_url, key=key, on_behalf_of=user) as api:
        with pytest.raises(AppError) as caught:
            await ask(api.conversations)
    assert caught.value.__cause__ is None
    assert isinstance(caught.value.__context__, AppError | None)
    return caught.value


def ids(found: ItemPage) -> list[str | None]:
    return [item.id for item in found.items]


# -- what is sent ---------------------------------------------------------------------------------


async def test_creating_is_one_post_with_the_headers_of_every_call() -> None:
    async with HttpStub(answer_json(CONVERSATION)) as stub, client(stub.base_url, on_behalf_of="user-7") as api:
        made = await api.conversations.create({"title": "é", "app": "desk"}, limit_s=3.0)
    assert made == ServiceConversation(id="conv_1", created_at=1_790_000_000.5, metadata={"title": "é"})
    (seen,) = stub.seen
    assert (seen.method, seen.path) == ("POST", "/api/v1/llm/conversations")
    assert seen.json == {"metadata": {"title": "é", "app": "desk"}}
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["x-on-behalf-of"] == "user-7"
    assert seen.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("ask", "answer", "method", "path"),
    [
        (lambda c: c.retrieve("conv_1"), answer_json(CONVERSATION), "GET", f"{CONVERSATIONS_PATH}/conv_1"),
        (lambda c: c.delete("conv_1"), DELETED, "DELETE", f"{CONVERSATIONS_PATH}/conv_1"),
        (lambda c: c.items("conv_1"), page(), "GET", f"{CONVERSATIONS_PATH}/conv_1/items?limit=100&order=asc"),
        (
            lambda c: c.items("conv_1", limit=500, order="desc", after="msg_9"),
            page(),
            "GET",
            f"{CONVERSATIONS_PATH}/conv_1/items?limit=100&order=desc&after=msg_9",
        ),
        (lambda c: c.items("conv_1", limit=0), page(), "GET", f"{CONVERSATIONS_PATH}/conv_1/items?limit=1&order=asc"),
        (
            lambda c: c.delete_item("conv_1", "msg_1"),
            answer_json(CONVERSATION),
            "DELETE",
            f"{CONVERSATIONS_PATH}/conv_1/items/msg_1",
        ),
        (lambda c: c.response("resp_1"), answer_json({"id": "resp_1"}), "GET", f"{RESPONSES_PATH}/resp_1"),
        (lambda c: c.input_items("resp_1"), page(), "GET", f"{RESPONSES_PATH}/resp_1/input_items?limit=100&order=asc"),
        (lambda c: c.delete_response("resp_1"), Answer(200), "DELETE", f"{RESPONSES_PATH}/resp_1"),
        (lambda c: c.retrieve("a/b?c#d%"), answer_json(CONVERSATION), "GET", f"{CONVERSATIONS_PATH}/a%2Fb%3Fc%23d%25"),
    ],
)
async def test_every_call_is_one_request(ask: Ask, answer: Answer, method: str, path: str) -> None:
    async with HttpStub(answer) as stub, client(stub.base_url) as api:
        await ask(api.conversations)
    (seen,) = stub.seen
    assert (seen.method, seen.path, seen.body) == (method, path, b"")


@pytest.mark.parametrize("odd", ["", ".", "..", "a b", "é", "x" * 300, "\ud800"])
async def test_an_id_that_the_service_cannot_have_given_is_not_asked_for(odd: str) -> None:
    asks: list[Ask] = [
        lambda c: c.retrieve(odd),
        lambda c: c.delete(odd),
        lambda c: c.delete_item("conv_1", odd),
        lambda c: c.items("conv_1", after=odd),
        lambda c: c.response(odd),
        lambda c: c.delete_response(odd),
    ]
    async with HttpStub(Answer(200)) as stub:
        for ask in asks:
            assert (await failed(stub.base_url, ask)).code is Code.NOT_FOUND
    assert stub.seen == []


# -- answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (answer_json({"message": "no"}, 401), Code.KEY_REJECTED),
        (answer_json({"message": "no"}, 403), Code.NOT_ALLOWED),
        (Answer(404), Code.NOT_AVAILABLE),
        (answer_json({"error": "Rate limit exceeded"}, 429), Code.RATE_LIMITED),
        (Answer(500), Code.SERVICE_DOWN),
        (Answer(503, b"<html>"), Code.SERVICE_DOWN),
        (Answer(200, b"<html>"), Code.BAD_ANSWER),
        (answer_json({"object": "conversation"}), Code.BAD_ANSWER),
        (answer_json([]), Code.BAD_ANSWER),
        (Answer(307, b"", {"Location": "https://evil.example"}), Code.BAD_ANSWER),
        (Answer(raw=b""), Code.CUT),
    ],
)
async def test_a_conversation_that_cannot_be_made_says_why_and_is_not_asked_for_twice(
    answer: Answer, code: Code
) -> None:
    async with HttpStub(answer) as stub:
        assert (await failed(stub.base_url, lambda c: c.create({}, limit_s=20.0))).code is code
    assert len(stub.seen) == 1


async def test_creating_is_given_up_at_its_own_limit() -> None:
    async with HttpStub(Answer(raw=b"", hang=True)) as stub, client(stub.base_url, limits=PATIENT) as api:
        with pytest.raises(AppError) as caught:
            async with asyncio.timeout(PATIENT.read / 2):  # well before the client's own limits
                await api.conversations.create({}, limit_s=0.05)
    assert caught.value.code is Code.TIMED_OUT


async def test_the_clients_own_limit_holds_where_it_is_shorter() -> None:
    async with HttpStub(Answer(raw=b"", hang=True)) as stub, client(stub.base_url, limits=QUICK) as api:
        for ask in (api.conversations.create({}, limit_s=1e6), api.conversations.response("resp_1")):
            with pytest.raises(AppError) as caught:
                await ask
            assert caught.value.code is Code.TIMED_OUT


async def test_metadata_over_the_limits_is_refused_before_anything_is_sent() -> None:
    async with HttpStub(answer_json(CONVERSATION)) as stub:
        error = await failed(stub.base_url, lambda c: c.create({"title": "x" * 513}, limit_s=3.0))
        assert error.code is Code.BAD_REQUEST
        assert stub.seen == []
        error = await failed(stub.base_url, lambda c: c.update_metadata("conv_1", {"title": "x" * 513}))
        assert error.code is Code.BAD_REQUEST
    assert [seen.method for seen in stub.seen] == ["GET"]


CONVERSATION_ASKS: list[Ask] = [
    lambda c: c.retrieve("conv_1"),
    lambda c: c.update_metadata("conv_1", {"title": "a"}),
    lambda c: c.items("conv_1"),
    lambda c: c.all_items("conv_1"),
]
RESPONSE_ASKS: list[Ask] = [lambda c: c.response("resp_1"), lambda c: c.input_items("resp_1")]
DELETE_ASKS: list[tuple[Ask, str]] = [
    (lambda c: c.delete("conv_1"), CONVERSATION_MISSING),
    (lambda c: c.delete_item("conv_1", "msg_1"), ITEM_MISSING),
    (lambda c: c.delete_response("resp_1"), RESPONSE_MISSING),
]
MISSING = [
    answer_json({"message": "no access", "code": "forbidden"}, 403),
    answer_json({"error": {"message": "not found: a model conversation", "code": "not_found"}}, 404),
    Answer(410),
    Answer(404, b"<html>"),
]


@pytest.mark.parametrize("answer", MISSING)
@pytest.mark.parametrize(
    ("ask", "sentence"),
    [*((ask, CONVERSATION_MISSING) for ask in CONVERSATION_ASKS), *((ask, RESPONSE_MISSING) for ask in RESPONSE_ASKS)],
)
async def test_unknown_and_foreign_are_told_in_one_way(answer: Answer, ask: Ask, sentence: str) -> None:
    async with HttpStub(answer) as stub:
        error = await failed(stub.base_url, ask)
    assert (error.code, error.trouble.text) == (Code.NOT_FOUND, sentence)
    assert error.trouble.details == f"HTTP {answer.status}"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (answer_json({"message": "inbound_ip_denied", "code": "inbound_ip_denied"}, 403), Code.ADDRESS_DENIED),
        (answer_json({"message": "quota exceeded"}, 403), Code.QUOTA),
        (answer_json({"message": "no"}, 401), Code.KEY_REJECTED),
        (answer_json({"message": "odd id"}, 400), Code.BAD_REQUEST),
        (Answer(405), Code.NOT_FOUND),
        (Answer(502), Code.SERVICE_DOWN),
    ],
)
async def test_other_failures_keep_their_code_and_their_status(answer: Answer, code: Code) -> None:
    asks = (*CONVERSATION_ASKS, *RESPONSE_ASKS, *(ask for ask, _ in DELETE_ASKS))
    async with HttpStub(answer) as stub:
        for ask in asks:
            error = await failed(stub.base_url, ask)
            assert (error.code, error.trouble.http_status) == (code, answer.status)
    assert len(stub.seen) == len(asks)


@pytest.mark.parametrize("status", [404, 405, 410, 501])
async def test_a_service_without_conversations_is_no_wrong_address(status: int) -> None:
    async with HttpStub(Answer(status)) as stub:
        error = await failed(stub.base_url, lambda c: c.create({}, limit_s=20.0))
    assert (error.code, error.trouble.http_status) == (Code.NOT_AVAILABLE, status)
    assert error.trouble.advice.action is Action.NONE


@pytest.mark.parametrize(("ask", "sentence"), DELETE_ASKS)
async def test_deleting_what_is_not_there_is_done_and_what_is_foreign_is_not(ask: Ask, sentence: str) -> None:
    async with HttpStub(Answer(404), Answer(410), Answer(204), Answer(403)) as stub:
        async with client(stub.base_url) as api:
            for _ in range(3):
                await ask(api.conversations)
        error = await failed(stub.base_url, ask)
    assert (error.code, error.trouble.text) == (Code.NOT_FOUND, sentence)


@pytest.mark.parametrize("body", [b"[]", b'{"data": null}', b"{}", b"null", b"<html>", b'{"data":[' * 5000])
async def test_a_listing_that_is_none_is_a_bad_answer(body: bytes) -> None:
    async with HttpStub(Answer(200, body)) as stub:
        for ask in (*CONVERSATION_ASKS[2:], RESPONSE_ASKS[1]):
            assert (await failed(stub.base_url, ask)).code is Code.BAD_ANSWER


async def test_a_page_may_hold_sound_and_has_a_limit_all_the_same() -> None:
    loud = {"id": "a", "type": "output_audio", "data": "A" * 2_000_000, "transcript": "Hello"}
    async with HttpStub(answer_json({"data": [loud]}), answer_json({"data": [loud] * 2 + [loud]})) as stub:
        async with client(stub.base_url) as api:
            (item,) = (await api.conversations.items("conv_1")).items
        error = await failed(stub.base_url, lambda c: c.items("conv_1"))
    assert (item.type, item.text) == ("output_audio", "Hello")
    assert error.code is Code.BAD_ANSWER


# -- metadata -------------------------------------------------------------------------------------


async def test_a_change_of_metadata_sends_all_of_it() -> None:
    before = {**CONVERSATION, "metadata": {"title": "old", "app": "desk", "mark": "x"}}
    after = {**CONVERSATION, "metadata": {"title": "new", "app": "desk"}}
    async with HttpStub(answer_json(before), answer_json(after)) as stub, client(stub.base_url) as api:
        changed = await api.conversations.update_metadata("conv_1", {"title": "new", "mark": None})
    assert changed.metadata == {"title": "new", "app": "desk"}
    assert [(seen.method, seen.path) for seen in stub.seen] == [
        ("GET", f"{CONVERSATIONS_PATH}/conv_1"),
        ("POST", f"{CONVERSATIONS_PATH}/conv_1"),
    ]
    assert stub.seen[1].json == {"metadata": {"title": "new", "app": "desk"}}


async def test_no_change_sends_nothing() -> None:
    async with HttpStub(answer_json(CONVERSATION)) as stub, client(stub.base_url) as api:
        same = await api.conversations.update_metadata("conv_1", {"title": "é", "gone": None})
    assert same.metadata == {"title": "é"}
    assert len(stub.seen) == 1


async def test_metadata_that_cannot_be_read_is_not_overwritten() -> None:
    async with HttpStub(answer_json({**CONVERSATION, "metadata": {"count": 5}})) as stub:
        error = await failed(stub.base_url, lambda c: c.update_metadata("conv_1", {"title": "a"}))
    assert error.code is Code.BAD_ANSWER
    assert len(stub.seen) == 1


# -- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "next_"),
    [
        (page("b", more=True, last_id="b"), "b"),
        (page("b", more=True), "b"),
        (page("b", more=True, last_id=""), "b"),
        (page("a", more=True, last_id="a"), None),
        (page(more=True), None),
        (page(more=True, last_id="c"), "c"),
        (page("b", last_id="b"), None),
        (page("b", more=True, has_more="yes"), None),
        (answer_json({"data": [{"content": "no id"}], "has_more": True, "last_id": None}), None),
        (answer_json({"data": ["bare"], "has_more": True}), None),
    ],
)
async def test_a_page_says_where_the_next_one_begins(answer: Answer, next_: str | None) -> None:
    async with HttpStub(answer) as stub, client(stub.base_url) as api:
        assert (await api.conversations.items("conv_1", after="a")).next == next_


async def test_all_items_are_read_page_by_page_each_once() -> None:
    pages = (page("a", "b", more=True), page("b", "c", more=True), page("c", "d", "a"))
    async with HttpStub(*pages) as stub, client(stub.base_url) as api:
        items = await api.conversations.all_items("conv_1", order="desc")
    assert [item.id for item in items] == ["a", "b", "c", "d"]
    where = f"{CONVERSATIONS_PATH}/conv_1/items?limit=100&order=desc"
    assert [seen.path for seen in stub.seen] == [where, f"{where}&after=b", f"{where}&after=c"]


async def test_a_listing_that_goes_in_a_circle_ends() -> None:
    circle = (page("a", more=True), page("b", more=True), page("a", more=True), page("b", more=True))
    async with HttpStub(*circle) as stub, client(stub.base_url) as api:
        assert len(await api.conversations.all_items("conv_1")) == 2
    assert len(stub.seen) == 3


async def test_a_listing_without_end_ends(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    endless = [page(f"m{n}", more=True) for n in range(PAGES_LIMIT + 5)]
    async with HttpStub(*endless) as stub, client(stub.base_url) as api:
        assert len(await api.conversations.input_items("resp_1")) == PAGES_LIMIT
    assert len(stub.seen) == PAGES_LIMIT
    assert "only the first 50 pages" in caplog.text


async def test_all_pages_together_have_a_limit_of_time() -> None:
    async with HttpStub(page("a", more=True), Answer(raw=b"", hang=True)) as stub, client(stub.base_url) as api:
        hasty = HttpxConversations(api._calls, walk_s=0.3)
        with pytest.raises(AppError) as caught:
            await hasty.all_items("conv_1")
    assert caught.value.code is Code.TIMED_OUT


async def test_a_call_that_is_cancelled_leaves_the_client_usable() -> None:
    async with HttpStub(Answer(raw=b"", hang=True), page("a")) as stub, client(stub.base_url) as api:
        async with asyncio.TaskGroup() as tasks:
            call = tasks.create_task(api.conversations.all_items("conv_1"))
            await stub.arrived.wait()
            call.cancel()
        assert call.cancelled()
        assert ids(await api.conversations.items("conv_1")) == ["a"]


# -- secrets --------------------------------------------------------------------------------------


async def test_neither_errors_nor_logs_hold_keys_or_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = {"id": "msg_1", "role": "user", "content": "private words"}
    failing = {"id": "resp_1", "error": {"message": f"bad key {KEY} of someone-7"}, "output": [said]}
    refused = answer_json({"error": {"message": f"bad key {KEY}", "details": KEY}}, 403)
    answers = (answer_json({"data": [said]}), answer_json(failing), refused)
    async with HttpStub(*answers) as stub, client(stub.base_url, on_behalf_of="someone-7") as api:
        found: list[object] = [await api.conversations.items("conv_1"), await api.conversations.response("resp_1")]
        with pytest.raises(AppError) as caught:
            await api.conversations.create({"title": "private words"}, limit_s=20.0)
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("mka1_desktop")]
    assert len(ours) == 3
    for text in (repr(found), repr(caught.value), repr(caught.value.trouble), repr(api.conversations), *ours):
        assert KEY not in text
        assert "someone-7" not in text
        assert "private words" not in text


# -- the demo service -----------------------------------------------------------------------------


def base_url(demo: Api) -> str:
    return str(demo.client.make_url("")).rstrip("/")


async def fill(demo: Api, conversation_id: str, texts: Mapping[str, str]) -> None:
    for text, answer in texts.items():
        response_id = demo.data.start_response(
            OWNER, model="auto", text=text, previous_response_id=None, conversation_id=conversation_id, metadata={}
        )
        demo.data.finish_response(response_id, text=answer, status="completed")


async def test_a_conversation_lives_and_ends_on_the_demo_service() -> None:
    async with serving() as demo, client(base_url(demo), key=DEMO_KEY) as api:
        service: ConversationsPort = api.conversations
        made = await service.create({"title": "Trip", "app": "desk"}, limit_s=20.0)
        assert made.metadata == {"title": "Trip", "app": "desk"}
        assert made.created_at is not None
        changed = await service.update_metadata(made.id, {"title": "Trip to Porto"})
        assert await service.retrieve(made.id) == changed
        assert changed.metadata == {"title": "Trip to Porto", "app": "desk"}
        assert await service.items(made.id) == ItemPage()

        await fill(demo, made.id, {"one": "first", "two": "second", "three": "third"})
        newest = await service.items(made.id, limit=4, order="desc")
        assert [item.text for item in newest.items] == ["third", "three", "second", "two"]
        assert all(item.voice for item in newest.items)
        rest = await service.items(made.id, limit=4, order="desc", after=newest.next)
        assert [item.text for item in rest.items] == ["first", "one"]
        assert rest.next is None
        assert ids(ItemPage(items=await service.all_items(made.id))) == [*reversed(ids(rest)), *reversed(ids(newest))]

        for item in newest.items:
            assert item.id is not None
            await service.delete_item(made.id, item.id)
            await service.delete_item(made.id, item.id)
        assert len(await service.all_items(made.id)) == 2
        await service.delete(made.id)
        await service.delete(made.id)
        with pytest.raises(AppError) as caught:
            await service.items(made.id)
    assert caught.value.trouble.text == CONVERSATION_MISSING


async def test_more_items_than_a_page_holds_come_from_the_demo_service_in_order() -> None:
    async with serving() as demo, client(base_url(demo), key=DEMO_KEY) as api:
        made = await api.conversations.create({}, limit_s=20.0)
        await fill(demo, made.id, {f"question {n}": f"answer {n}" for n in range(120)})
        texts = [item.text for item in await api.conversations.all_items(made.id)]
    assert texts == [text for n in range(120) for text in (f"question {n}", f"answer {n}")]


async def test_responses_come_from_the_demo_service_with_what_they_were_told() -> None:
    async with serving() as demo, client(base_url(demo), key=DEMO_KEY) as api:
        first = demo.data.start_response(
            OWNER, model="auto", text="Hello", previous_response_id=None, conversation_id=None, metadata={}
        )
        unfinished = await api.conversations.response(first)
        demo.data.finish_response(first, text="Hi there", status="incomplete")
        second = demo.data.start_response(
            OWNER, model="auto", text="And now?", previous_response_id=first, conversation_id=None, metadata={}
        )
        demo.data.finish_response(second, text="", status="failed")
        found, failing = await api.conversations.response(first), await api.conversations.response(second)
        (told,) = await api.conversations.input_items(second)
        await api.conversations.delete_response(first)
        await api.conversations.delete_response(first)
        with pytest.raises(AppError) as caught:
            await api.conversations.input_items(first)
    assert (unfinished.status, unfinished.final, unfinished.items) == ("in_progress", False, ())
    assert (found.status, found.final, [item.text for item in found.items]) == ("incomplete", True, ["Hi there"])
    assert (failing.previous_response_id, failing.conversation_id) == (first, None)
    assert failing.error is not None
    assert failing.error.raw_code == "server_error"
    assert (told.role, told.text, told.response_id, told.voice) == ("user", "And now?", second, True)
    assert caught.value.trouble.text == RESPONSE_MISSING


async def test_nobody_else_sees_them_on_the_demo_service() -> None:
    async with serving() as demo:
        async with client(base_url(demo), key=DEMO_KEY, on_behalf_of="user-7") as api:
            made = await api.conversations.create({}, limit_s=20.0)
        for key, user in ((DEMO_KEY, None), (DEMO_KEY, "user-8"), (OTHER_KEY, "user-7")):
            error = await failed(base_url(demo), lambda c: c.retrieve(made.id), key=key, user=user)
            assert error.trouble.text == CONVERSATION_MISSING
        async with client(base_url(demo), key=DEMO_KEY, on_behalf_of="user-7") as api:
            assert (await api.conversations.retrieve(made.id)).id == made.id


async def test_a_typed_text_is_found_in_the_conversation_and_in_its_response() -> None:
    """What decides whether a text arrived, against the whole demo service as its own process."""
    async with DemoProcess("--fault", "no-greeting") as demo, client(demo.base_url, key=demo.api_key) as api:
        service = api.conversations
        made = await service.create({"title": "Delivery"}, limit_s=20.0)
        url, token = await demo.token({"model": "auto", "conversation": {"id": made.id}})
        async with Guest(url, token) as guest:
            await guest.until(lambda: "listening" in guest.states, "the agent")
            await guest.say("What is the capital of Portugal?")
            response_id = await guest.until_response()
            newest = await service.items(made.id, order="desc", limit=10)
            (told,) = await service.input_items(response_id)
            response = await service.response(response_id)
        await demo.fault("http-status", "503:1")
        with pytest.raises(AppError) as caught:
            await service.retrieve(made.id)
    assert ("user", "What is the capital of Portugal?") in [(item.role, item.text) for item in newest.items]
    assert (told.text, told.voice) == ("What is the capital of Portugal?", True)
    assert (response.conversation_id, response.previous_response_id) == (made.id, None)
    assert caught.value.code is Code.SERVICE_DOWN

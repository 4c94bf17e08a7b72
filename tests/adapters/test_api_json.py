"""Answers of the service become values, whatever else is in them."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.adapters.api_json import grant_body, read_grant, read_models, token_lifetime_s
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.request import SessionRequest

URL = "wss://gw.example/api/v1/livekit"


def token(claims: object) -> str:
    return "head." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + ".sign"


def raw(body: object) -> bytes:
    return json.dumps(body).encode()


def test_a_request_holds_what_was_chosen_and_no_more() -> None:
    request = SessionRequest(llm={"model": "auto"}, stt={"silence_timeout_ms": 600}, language="pt")
    assert grant_body(request, with_language=True) == {
        "llm": {"model": "auto"},
        "stt": {"silence_timeout_ms": 600},
        "language": "pt",
    }
    assert grant_body(SessionRequest(llm={"model": "auto"}, stt={}), with_language=True) == {"llm": {"model": "auto"}}
    assert "language" not in grant_body(request, with_language=False)


@pytest.mark.parametrize(
    ("more", "room"),
    [
        ({"roomName": "r1"}, "r1"),
        ({"room_name": "r2"}, "r2"),
        ({"roomName": None, "room_name": "r2"}, "r2"),
        ({}, None),
        ({"roomName": 7}, None),
        ({"roomName": "x" * 1_000_000}, None),
    ],
)
def test_the_rooms_name_has_two_spellings_and_may_be_missing(more: dict[str, object], room: str | None) -> None:
    grant = read_grant(raw({"token": "t.t.t", "url": URL + "/", "new": [1], **more}))
    assert (grant.room, grant.url, grant.token) == (room, URL, "t.t.t")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b"null", b'"x"', b'{"token": "t"', b"\xff\xfe", b"[" * 100_000, b"1" * 5000,
        raw({}), raw({"token": "t"}), raw({"url": URL}), raw({"token": "", "url": URL}), raw({"token": 5, "url": URL}),
        raw({"token": "a b", "url": URL}), raw({"token": "a\nb", "url": URL}), raw({"token": "é", "url": URL}),
        raw({"token": "x" * 70_000, "url": URL}), raw({"token": "t", "url": "https://gw.example"}),
        raw({"token": "t", "url": None}),
    ],
)  # fmt: skip
def test_what_is_no_grant_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(AppError) as caught:
        read_grant(body)
    assert caught.value.code is Code.BAD_ANSWER


def test_a_room_without_encryption_is_refused_elsewhere_than_here() -> None:
    with pytest.raises(AppError) as caught:
        read_grant(raw({"token": "t", "url": "ws://gw.example"}))
    assert caught.value.code is Code.INSECURE_URL
    assert read_grant(raw({"token": "t", "url": "ws://127.0.0.1:7880"})).url == "ws://127.0.0.1:7880"


@pytest.mark.parametrize(
    ("text", "lifetime_s"),
    [
        (token({"nbf": 1000, "exp": 1090}), 90.0),
        (token({"nbf": 1000.5, "exp": 1090}), 89.5),
        (token({"exp": 1090}), 300.0),
        (token({"nbf": 1090, "exp": 1000}), 300.0),
        (token({"nbf": 0, "exp": 10**20}), 300.0),
        (token({"nbf": True, "exp": "9"}), 300.0),
        (token([]), 300.0),
        ("x", 300.0),
        ("a.b.c", 300.0),
        ("a.!!!.c", 300.0),
        ("..", 300.0),
        ("a." + base64.urlsafe_b64encode(b'{"nbf":1e400,"exp":1e401}').decode().rstrip("=") + ".c", 300.0),
        ("a." + base64.urlsafe_b64encode(b"[" * 30_000).decode().rstrip("=") + ".c", 300.0),
    ],
)
def test_the_lifetime_of_a_token_is_read_or_taken_as_five_minutes(text: str, lifetime_s: float) -> None:
    assert token_lifetime_s(text) == lifetime_s


@given(st.text() | st.binary().map(lambda b: "a." + base64.urlsafe_b64encode(b).decode() + ".c"))
def test_any_token_has_a_lifetime(text: str) -> None:
    assert 0 < token_lifetime_s(text) <= 86_400


def test_a_model_is_read_with_all_that_it_says_and_with_nothing_but_its_id() -> None:
    full = {
        "id": "m1",
        "object": "model",
        "model_type": "llm",
        "name": "One",
        "input_modalities": ["text", 5, "image"],
        "output_modalities": ["text"],
        "context_window": 32768,
        "capabilities": {
            "supports_temperature": False,
            "supports_reasoning": True,
            "supports_reasoning_effort": True,
            "supports_structured_outputs": None,
        },
        "lifecycle": {"status": "deprecated", "successor": "m2"},
    }
    one, two = read_models(raw({"object": "list", "data": [full, {"id": "m2"}, {"id": "m1"}, {"x": 1}, 7, {"id": ""}]}))
    assert two.id == "m2"
    assert two.supports_reasoning is None
    assert one.id == "m1"
    assert one.model_type is None  # the later row with the same id replaces the earlier one

    (alone,) = read_models(raw({"data": [full]}))
    assert alone.input_modalities == ("text", "image")
    assert alone.lifecycle == "deprecated"
    assert alone.supports_temperature is False
    assert alone.supports_reasoning_effort is True
    assert alone.context_window == 32768


@pytest.mark.parametrize("body", [b"", b"<html>", raw([]), raw({}), raw({"data": {}}), raw({"data": None})])
def test_what_is_no_list_of_models_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(AppError) as caught:
        read_models(body)
    assert caught.value.code is Code.BAD_ANSWER


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MODEL_FIELDS = ["id", "model_type", "input_modalities", "capabilities", "lifecycle", "context_window", "name"]


@given(st.lists(st.dictionaries(st.sampled_from(MODEL_FIELDS), JSON) | JSON, max_size=5))
def test_any_list_of_models_is_read(rows: list[object]) -> None:
    for model in read_models(json.dumps({"data": rows}).encode()):
        assert model.id


@given(st.binary() | st.dictionaries(st.sampled_from(["token", "url", "roomName", "room_name"]), JSON).map(raw))
def test_any_answer_is_a_grant_or_a_bad_answer(body: bytes) -> None:
    code: Code | None = None
    try:
        read_grant(body)
    except AppError as e:
        code = e.code
    assert code in {None, Code.BAD_ANSWER, Code.INSECURE_URL}

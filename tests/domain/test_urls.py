"""Base URLs, origins, room addresses and keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.urls import clean_key, is_loopback, normal_base_url, origin, room_url


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("https://apigw.mka1.com", "https://apigw.mka1.com"),
        (" https://apigw.mka1.com/ \n", "https://apigw.mka1.com"),
        ("HTTPS://ApiGw.MKA1.com:443//", "https://apigw.mka1.com"),
        ("https://gw.example:8443/team/voice/", "https://gw.example:8443/team/voice"),
        ("https://gw.example/Team%20A", "https://gw.example/Team%20A"),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://10.0.0.1:444", "https://10.0.0.1:444"),
    ],
)
def test_a_base_url_has_one_form(raw: str, normal: str) -> None:
    assert normal_base_url(raw) == normal
    assert normal_base_url(normal) == normal
    assert origin(raw) == normal


@pytest.mark.parametrize(
    "raw",
    ["http://gw.example", "http://127.0.0.1.example", "http://10.0.0.1", "http://localhost.example", "http://[::2]"],
)
def test_plain_http_is_for_this_machine_only(raw: str) -> None:
    with pytest.raises(AppError) as caught:
        normal_base_url(raw)
    assert caught.value.code is Code.INSECURE_URL


@pytest.mark.parametrize(
    "raw",
    [
        "", "gw.example", "ftp://gw.example", "https://", "https:///path", "https://user:pw@gw.example",
        "https://@gw.example", "https://gw.example?x=1", "https://gw.example?", "https://gw.example/#part",
        "https://gw.example/a b", "https://gw.exa\nmple", "https://gw.example\\@evil.example", "https://gw.example:x",
        "https://gw.example:99999", "https://" + "a" * 64 + ".example", "https://a..b", "https://gw.example/../x",
        "https://gw.example/%2e%2e/x", "https://[::1", "https://" + "é" * 80, "https://gw.example/" + "x" * 3000,
        "https://-bad", "https://gw_é\u202e.example",
    ],
)  # fmt: skip
def test_what_is_no_base_url_is_refused(raw: str) -> None:
    with pytest.raises(AppError) as caught:
        normal_base_url(raw)
    assert caught.value.code is Code.BAD_SETTING
    assert caught.value.trouble.message


@given(st.text(alphabet=st.sampled_from("htps:/.@?#[]%2e a1é\n\\"), max_size=40).map("https://".__add__) | st.text())
def test_any_text_is_normal_or_refused(raw: str) -> None:
    normal, code = "", None
    try:
        normal = normal_base_url(raw)
    except AppError as e:
        code = e.code
    assert code in {None, Code.BAD_SETTING, Code.INSECURE_URL}
    assert code is not None or (normal_base_url(normal) == normal and "@" not in normal.split("/")[2])


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:80", True),
        ("ws://localhost/x", True),
        ("wss://[::1]", True),
        ("https://gw.example", False),
        ("http://127.0.0.1@gw.example", False),
        ("nonsense", False),
        ("http://[", False),
    ],
)
def test_loopback_is_recognised(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("wss://gw.example/api/v1/livekit", "wss://gw.example/api/v1/livekit"),
        ("wss://gw.example/api/v1/livekit/", "wss://gw.example/api/v1/livekit"),
        ("ws://127.0.0.1:7880", "ws://127.0.0.1:7880"),
        ("ws://[::1]:7880/", "ws://[::1]:7880"),
        ("WSS://Gw.example", "WSS://Gw.example"),
    ],
)
def test_a_room_address_is_taken_as_given(raw: str, url: str) -> None:
    assert room_url(raw) == url


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, Code.BAD_ANSWER),
        ("", Code.BAD_ANSWER),
        (7, Code.BAD_ANSWER),
        ("https://gw.example", Code.BAD_ANSWER),
        ("wss://user@gw.example", Code.BAD_ANSWER),
        ("wss://gw.example/#x", Code.BAD_ANSWER),
        ("wss://gw.example/\n", Code.BAD_ANSWER),
        ("wss://" + "x" * 3000, Code.BAD_ANSWER),
        ("ws://gw.example", Code.INSECURE_URL),
        ("ws://localhost.example", Code.INSECURE_URL),
    ],
)
def test_other_room_addresses_are_refused(raw: object, code: Code) -> None:
    with pytest.raises(AppError) as caught:
        room_url(raw)
    assert caught.value.code is code


@pytest.mark.parametrize(
    "raw", ["mk-abc", " mk-abc\n", "Bearer mk-abc", "bearer   mk-abc", "BEARER\tmk-abc ", "Bearer\nmk-abc"]
)
def test_a_key_is_taken_with_or_without_bearer(raw: str) -> None:
    assert clean_key(raw) == "mk-abc"


@pytest.mark.parametrize("raw", [None, "", "  ", "Bearer", "Bearer  ", "<your key>", "Bearer <mk-key>", "mk-<here>"])
def test_a_placeholder_is_no_key(raw: str | None) -> None:
    with pytest.raises(AppError) as caught:
        clean_key(raw)
    assert caught.value.code is Code.NO_KEY


@pytest.mark.parametrize("raw", ["mk-a b", "mk-é", "mk-\x00", "mk-a\nmk-b", "x" * 9000, "Bearer Bearer mk-abc"])
def test_what_no_header_can_hold_is_no_key_and_is_not_repeated(raw: str) -> None:
    with pytest.raises(AppError) as caught:
        clean_key(raw)
    assert caught.value.code is Code.NO_KEY
    assert raw not in repr(caught.value.trouble)

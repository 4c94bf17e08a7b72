"""Keys and tokens never survive the redaction, wherever they stand."""

from __future__ import annotations

import base64
import json
import string
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mka1_desktop.domain.redact import MASK, SHORTEST_SECRET, Redactor, redact

WORD = string.ascii_letters + string.digits + "-_"
ASCII = "".join(map(chr, range(0x21, 0x7F)))


def jwt(payload: dict[str, object]) -> str:
    parts = (json.dumps({"alg": "HS256"}), json.dumps(payload), "signature-bytes")
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


TOKEN = jwt({"sub": "user", "exp": 1, "llm": {"instructions": "x" * 50}})


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("key mk-abc123_DEF-4 refused", "key mk-… refused"),
        ('{"key":"mk-abc"}', '{"key":"mk-…"}'),
        ("Authorization: Bearer abcdef123", "Authorization: Bearer …"),
        ("{'authorization': 'Bearer abcdef123', 'a': 1}", "{'authorization': 'Bearer …', 'a': 1}"),
        ("authorization=Basic dXNlcjpwdw==", "authorization=Basic …"),
        ("bearer abcdef", "bearer …"),
        ("wss://h/rtc?access_token=opaque&x=1", "wss://h/rtc?access_token=…&x=1"),
        ("http://user:pw@proxy.example:3128/", "http://…@proxy.example:3128/"),
        (f"401: {TOKEN}!", "401: …!"),
        (f"\\n{TOKEN}", "\\n…"),
        ("Eyjafjallajökull erupted, and so did mk", "Eyjafjallajökull erupted, and so did mk"),
        ("A bearer", "A bearer"),
        ("", ""),
    ],
)
def test_known_shapes_are_masked_and_other_words_are_kept(text: str, safe: str) -> None:
    assert redact(text) == safe


@given(st.text(max_size=60), st.text(WORD, min_size=8, max_size=40), st.text(max_size=60))
def test_an_mk_key_is_masked_anywhere(before: str, body: str, after: str) -> None:
    assume(body not in before + after + MASK)
    assert body not in redact(f"{before}mk-{body}{after}")


@given(
    st.text(max_size=60),
    st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=4),
    st.text(max_size=60),
)
def test_a_json_web_token_is_masked_anywhere(before: str, payload: dict[str, str], after: str) -> None:
    token = jwt(dict(payload))
    masked = redact(before + token + after)
    assert token not in masked
    assert token.split(".")[1] not in masked or token.split(".")[1] in before + after


@given(st.text(max_size=80), st.text(ASCII, min_size=SHORTEST_SECRET, max_size=60), st.text(max_size=80))
def test_a_registered_secret_of_any_shape_is_masked_anywhere(before: str, secret: str, after: str) -> None:
    redactor = Redactor()
    redactor.register(secret)
    masked = redactor.redact(
        f"{before}{secret}{after} {quote(secret)} {json.dumps(secret)} {secret!r} {secret}{secret}"
    )
    assert secret not in masked
    assert json.dumps(secret)[1:-1] not in masked


@given(st.lists(st.text("ab-", min_size=SHORTEST_SECRET, max_size=12), min_size=2, max_size=4), st.text("ab-"))
def test_secrets_that_hold_each_other_are_all_masked(secrets: list[str], text: str) -> None:
    redactor = Redactor()
    for secret in secrets:
        redactor.register(secret)
    masked = redactor.redact(text + "".join(secrets))
    assert not any(secret in masked for secret in secrets)


@given(st.text())
def test_redaction_is_stable(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


def test_short_words_are_no_secrets_and_a_forgotten_one_is_none_any_more() -> None:
    redactor = Redactor()
    redactor.register("the")
    redactor.register("opaque-key")
    assert redactor.redact("the opaque-key") == "the …"
    redactor.forget("opaque-key")
    redactor.forget("never there")
    assert redactor.redact("the opaque-key") == "the opaque-key"


@pytest.mark.timeout(10)
@pytest.mark.parametrize("unit", ["eyJ", "ey", "mk-", "://", "bearer ", "eyJaaaa.", "://a:", "authorization", "a.b."])
def test_a_megabyte_of_anything_is_redacted_in_time(unit: str) -> None:
    redact(unit * (1_000_000 // len(unit)))

"""The demo's room tokens, without HTTP."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mka1_desktop.demo.records import Owner
from mka1_desktop.demo.tokens import InvalidToken, Tokens

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a loaded machine

ANN = Owner(key="mk-a", on_behalf_of=None)
BEN = Owner(key="mk-a", on_behalf_of="ben")


class Clock:
    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


def mint(tokens: Tokens, ttl_s: float = 300.0) -> str:
    token, _ = tokens.mint(BEN, llm={"model": "auto"}, stt={}, language=None, ttl_s=ttl_s)
    return token


def test_a_token_has_the_claims_that_livekit_clients_read() -> None:
    tokens = Tokens(Clock())
    token, room = tokens.mint(BEN, llm={"model": "auto"}, stt={}, language="de", ttl_s=300)
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["video"] == {"room": room, "roomJoin": True, "canPublish": True, "canSubscribe": True}
    assert (claims["nbf"], claims["exp"]) == (1_790_000_000, 1_790_000_300)  # the lifetime that clients reckon
    metadata = json.loads(claims["metadata"])
    assert (metadata["llm"], metadata["language"]) == ({"model": "auto"}, "de")
    assert metadata["sub"]
    assert "mk-a" not in json.dumps(claims)
    assert "ben" not in json.dumps({**claims, "metadata": {**metadata, "credentials": ""}})


def test_each_token_names_a_room_and_an_identity_of_its_own() -> None:
    tokens = Tokens()
    first, second = tokens.verify(mint(tokens)), tokens.verify(mint(tokens))
    assert first.room != second.room
    assert first.identity != second.identity


def test_a_token_ends_and_a_refreshed_one_goes_on() -> None:
    clock = Clock()
    tokens = Tokens(clock)
    token = mint(tokens)
    clock.now += 299
    grant = tokens.verify(token)
    fresh = tokens.refresh(grant)
    clock.now += 2
    with pytest.raises(InvalidToken, match="expired"):
        tokens.verify(token)
    again = tokens.verify(fresh)
    assert (again.room, again.identity, again.owner, again.llm) == (
        grant.room,
        grant.identity,
        grant.owner,
        grant.llm,
    )
    clock.now -= 9
    assert tokens.verify(tokens.refresh(grant)).room == grant.room
    clock.now -= 991
    with pytest.raises(InvalidToken, match="not valid yet"):
        tokens.verify(fresh)


def test_other_scripts_do_not_swell_the_token() -> None:
    tokens = Tokens()
    llm = {"model": "auto", "instructions": "\u0645" * 2_000}  # 4,000 bytes of UTF-8
    token, _ = tokens.mint(ANN, llm=llm, stt={}, language="ar", ttl_s=300)
    assert len(token) < 7_000
    assert tokens.verify(token).llm == llm


STRICT = Tokens()


def test_nothing_else_is_a_token() -> None:
    tokens = Tokens()
    token = mint(tokens)
    header, payload, signature = token.split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    wrong = ["", "x", "a.b.c", f"{header}.{payload}.", f"{unsigned}.{payload}.", "x" * 40_000, "\u00e4.b.c"]
    wrong += [mint(Tokens()), f"{header}.{payload[:-4]}AAAA.{signature}"]
    for text in wrong:
        with pytest.raises(InvalidToken) as caught:
            tokens.verify(text)
        assert not text or text not in str(caught.value)


@PATIENT
@given(st.text(max_size=200))
def test_any_text_is_refused_with_the_same_kind_of_error(text: str) -> None:
    with pytest.raises(InvalidToken):
        STRICT.verify(text)

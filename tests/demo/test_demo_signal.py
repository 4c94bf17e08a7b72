"""The signalling of the demo service, spoken by hand: what the SDK does not do on purpose."""

from __future__ import annotations

import base64
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from livekit.protocol import models, rtc

from tests.support.demo_service import Demo, rooms

pytestmark = pytest.mark.timeout(60)


@asynccontextmanager
async def _socket(
    demo: Demo, token: str, query: str = "", path: str = "/rtc"
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.ws_connect(f"{demo.service.base_url}{path}{query}", timeout=aiohttp.ClientWSTimeout(ws_close=1)) as ws,
    ):
        yield ws


async def _next(ws: aiohttp.ClientWebSocketResponse, kind: str) -> rtc.SignalResponse:
    """Return the next message of this kind; the others are passed over."""
    while True:
        response = rtc.SignalResponse.FromString(await ws.receive_bytes(timeout=10))
        if response.WhichOneof("message") == kind:
            return response


async def test_a_dual_room_is_described_first_and_offered_then() -> None:
    async with rooms() as demo, _socket(demo, demo.token()) as ws:
        first = rtc.SignalResponse.FromString(await ws.receive_bytes(timeout=10))
        assert first.WhichOneof("message") == "join"
        assert first.join.subscriber_primary
        assert first.join.participant.state == models.ParticipantInfo.ACTIVE
        (agent,) = first.join.other_participants
        assert agent.kind == models.ParticipantInfo.AGENT
        assert agent.attributes["lk.agent.state"] == "initializing"
        refreshed = await _next(ws, "refresh_token")
        assert demo.service.tokens.verify(refreshed.refresh_token).room == first.join.room.name
        offer = (await _next(ws, "offer")).offer
        assert f"msid:{agent.sid}|{agent.tracks[0].sid} {agent.tracks[0].sid}" in offer.sdp
        assert "127.0.0.1" in offer.sdp


async def test_pings_are_answered_unless_told_otherwise() -> None:
    async with rooms() as demo, _socket(demo, demo.token()) as ws:
        await ws.send_bytes(_ping(41))
        assert (await _next(ws, "pong_resp")).pong_resp.last_ping_timestamp == 41
        demo.faults.set("no-pong", "")
        await ws.send_bytes(_ping(42))
        await ws.send_bytes(rtc.SignalRequest(add_track=rtc.AddTrackRequest(cid="c")).SerializeToString())
        assert (await _next(ws, "track_published")).track_published.cid == "c"
        demo.faults.set("no-pong", None)
        await ws.send_bytes(_ping(43))
        assert (await _next(ws, "pong_resp")).pong_resp.last_ping_timestamp == 43


@pytest.mark.parametrize("raw", [b"\xff" * 50, b"", b"\x0a\x03\x0a\x01v"], ids=["garbage", "empty", "broken offer"])
async def test_messages_that_cannot_be_read_are_passed_over(raw: bytes) -> None:
    async with rooms() as demo, _socket(demo, demo.token()) as ws:
        await ws.send_bytes(raw)
        await ws.send_str("text is not spoken here")
        await ws.send_bytes(_ping(7))
        assert (await _next(ws, "pong_resp")).pong_resp.last_ping_timestamp == 7


async def test_a_message_over_the_limit_ends_the_socket() -> None:
    async with rooms() as demo, _socket(demo, demo.token()) as ws:
        await ws.send_bytes(b"\x00" * 300_000)
        while (message := await ws.receive(timeout=10)).type is aiohttp.WSMsgType.BINARY:
            pass
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)


async def test_who_resumes_a_room_that_is_gone_is_told_to_join_anew() -> None:
    async with rooms() as demo, _socket(demo, demo.token(), "?reconnect=1&sid=PA_gone") as ws:
        leave = (await _next(ws, "leave")).leave
        assert (leave.action, leave.reason) == (rtc.LeaveRequest.RECONNECT, models.DisconnectReason.STATE_MISMATCH)


async def test_a_resumed_session_is_told_so_and_shown_who_is_there() -> None:
    async with rooms() as demo:
        token = demo.token()
        async with _socket(demo, token) as ws:
            sid = (await _next(ws, "join")).join.participant.sid
        async with _socket(demo, token, f"?reconnect=1&sid={sid}") as ws:
            first = rtc.SignalResponse.FromString(await ws.receive_bytes(timeout=10))
            assert first.WhichOneof("message") == "reconnect"
            assert len((await _next(ws, "update")).update.participants) == 2


async def test_the_same_identity_takes_the_place_of_the_first() -> None:
    async with rooms() as demo:
        token = demo.token()
        async with _socket(demo, token) as first:
            await _next(first, "join")
            async with _socket(demo, token) as second:
                await _next(second, "join")
                leave = (await _next(first, "leave")).leave
                assert leave.reason == models.DisconnectReason.DUPLICATE_IDENTITY
                assert leave.action == rtc.LeaveRequest.DISCONNECT


async def test_a_join_request_that_unpacks_to_too_much_is_refused() -> None:
    bomb = rtc.WrappedJoinRequest(
        compression=rtc.WrappedJoinRequest.GZIP, join_request=gzip.compress(b"\x00" * 20_000_000)
    ).SerializeToString()
    encoded = base64.urlsafe_b64encode(bomb).decode().rstrip("=")
    async with rooms() as demo, aiohttp.ClientSession() as http:
        url = f"{demo.service.base_url}/rtc/v1?join_request={encoded}"
        async with http.get(url, headers={"Authorization": f"Bearer {demo.token()}"}) as answer:
            assert answer.status in (400, 414, 431)


async def test_an_offer_without_media_is_answered_or_passed_over_and_the_room_lives() -> None:
    join = rtc.JoinRequest(publisher_offer=rtc.SessionDescription(type="offer", sdp="v=0\r\nnonsense"))
    wrapped = rtc.WrappedJoinRequest(join_request=join.SerializeToString()).SerializeToString()
    query = f"?join_request={base64.urlsafe_b64encode(wrapped).decode().rstrip('=')}"
    async with rooms() as demo, _socket(demo, demo.token(), query, "/rtc/v1") as ws:
        await _next(ws, "join")
        await ws.send_bytes(_ping(3))
        assert (await _next(ws, "pong_resp")).pong_resp.last_ping_timestamp == 3


async def test_other_host_names_are_refused_at_the_rooms_too() -> None:
    async with rooms() as demo, aiohttp.ClientSession() as http:
        headers = {"Host": "evil.example", "Authorization": f"Bearer {demo.token()}"}
        async with http.get(f"{demo.service.base_url}/rtc/v1/validate", headers=headers) as answer:
            assert answer.status == 421


def _ping(timestamp_ms: int) -> bytes:
    return rtc.SignalRequest(ping_req=rtc.Ping(timestamp=timestamp_ms)).SerializeToString()

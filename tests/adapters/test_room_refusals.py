"""Rooms that cannot be joined: what the adapter says of each, how soon, and that nobody is left behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import trustme

from mka1_desktop.adapters.room_errors import explain
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.grant import RoomGrant
from tests.support.api_client import client, without_proxy
from tests.support.children import ROOT
from tests.support.demo_room import DemoScene, demo_scene
from tests.support.demo_service import rooms
from tests.support.http_stub import Answer, HttpStub
from tests.support.room_scene import Seat, until_undone

pytestmark = pytest.mark.timeout(60)

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0bHMtc3NsLTQwNCJ9.certificate-tls-proxy-404"
UNUSED = "ws://127.0.0.1:9"  # the discard port; nothing listens there
JOIN_ALONE = """
import asyncio, time
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.grant import RoomGrant
from tests.support.room_scene import Seat
async def join():
    seat, began = Seat(), time.monotonic()
    try:
        await seat.join(RoomGrant(url="wss://voice.example.com", token="t"))
    except AppError as error:
        print(error.code, time.monotonic() - began < 3)
asyncio.run(join())
"""


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A join moves proxies about in the environment of its process; they are put back."""
    before = dict(os.environ)
    without_proxy(monkeypatch)
    yield
    os.environ.clear()
    os.environ.update(before)


async def refused(url: str, *, token: str = TOKEN, limit_s: float = 15.0) -> AppError:
    with pytest.raises(AppError) as caught:
        await Seat(join_limit_s=limit_s).join(RoomGrant(url=url, token=token))
    return caught.value


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, Code.TOO_LARGE),
        (401, Code.TOKEN_EXPIRED),
        (403, Code.ROOM_REFUSED),
        (404, Code.ROOM_UNREACHABLE),
        (407, Code.ROOM_PROXY),
        (413, Code.TOO_LARGE),
        (429, Code.ROOM_UNREACHABLE),
        (431, Code.TOO_LARGE),
        (500, Code.ROOM_UNREACHABLE),
        (503, Code.ROOM_UNREACHABLE),
    ],
)
async def test_a_status_is_told_apart_and_the_body_never_counts(status: int, code: Code) -> None:
    body = f"invalid token: {TOKEN} (client error: 413, proxy, certificate)".encode()
    async with HttpStub(Answer(status, body, {"Connection": "close"})) as stub:
        error = await refused(stub.base_url.replace("http", "ws"))
    assert (error.code, error.trouble.http_status) == (code, status)
    assert TOKEN not in f"{error!r} {error.trouble!r} {error.__cause__!r} {error.__context__!r}"


@pytest.mark.parametrize("answer", [Answer(raw=b""), Answer(raw=b"nonsense\r\n\r\n"), Answer(raw=b"", abort=True)])
async def test_a_server_that_is_no_room_is_unreachable(answer: Answer) -> None:
    async with HttpStub(answer) as stub:
        assert (await refused(stub.base_url.replace("http", "ws"))).code is Code.ROOM_UNREACHABLE


@pytest.mark.parametrize("url", [UNUSED, "wss://127.0.0.1:9", "ftp://127.0.0.1", "nonsense", "", "wss://[::1"])
async def test_an_address_without_a_server_is_unreachable(url: str) -> None:
    assert (await refused(url)).code is Code.ROOM_UNREACHABLE


async def test_a_silent_server_is_given_up_and_the_next_room_need_not_wait_for_it() -> None:
    """The SDK goes on trying, and fails while the other room is joined."""
    async with demo_scene() as scene:
        async with HttpStub(Answer(raw=b"", hang=True)) as silent:
            with pytest.raises(AppError) as caught:
                await Seat(join_limit_s=0.5).join(RoomGrant(url=silent.base_url.replace("http", "ws"), token=TOKEN))
            assert caught.value.code is Code.TIMED_OUT
            seat = Seat()
            room = await seat.join(scene.grant())
        assert await until_undone() == 1
        await seat.until(lambda: seat.host.loud, "the greeting's sound")
        await room.leave()


async def test_a_join_that_succeeds_too_late_is_undone() -> None:
    async with rooms() as demo:
        seat, scene = Seat(join_limit_s=0.01), DemoScene(demo)
        with pytest.raises(AppError) as caught:
            await seat.join(scene.grant())
        assert caught.value.code is Code.TIMED_OUT
        assert await until_undone() == 1
        await scene.until_empty()
        assert seat.events == []


async def test_an_unknown_certificate_is_named_at_once() -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    began = time.monotonic()
    async with HttpStub(Answer(), tls=tls) as stub:
        error = await refused(f"wss://localhost:{stub.port}")
    assert error.code is Code.ROOM_PROXY
    assert "certificate" in error.trouble.sentence
    assert time.monotonic() - began < 5


async def test_a_plain_server_where_tls_is_expected_is_named() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert (await refused(f"wss://127.0.0.1:{port}")).code is Code.ROOM_PROXY


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_a_proxy_that_refuses_is_named(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async with HttpStub(Answer(status, headers={"Connection": "close"})) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.base_url)
        error = await refused("wss://voice.example.invalid")
        assert proxy.seen[0].method == "CONNECT"
    assert error.code is Code.ROOM_PROXY


async def test_a_room_that_only_a_proxy_could_reach_is_no_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async with HttpStub(Answer(raw=b"", hang=True)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.base_url)
        assert (await refused("wss://voice.example.invalid", limit_s=0.5)).code is Code.ROOM_PROXY
    assert await until_undone() == 1


@pytest.mark.parametrize(("name", "scheme"), [("ALL_PROXY", "http://"), ("https_proxy", "")])
async def test_a_room_is_asked_for_through_the_proxy_of_http(
    name: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with HttpStub(Answer(403, headers={"Connection": "close"})) as proxy:
        monkeypatch.setenv(name, f"{scheme}127.0.0.1:{proxy.port}")
        assert (await refused("wss://voice.example.invalid")).code is Code.ROOM_PROXY
        assert {seen.path for seen in proxy.seen} == {"voice.example.invalid:443"}
        assert len(proxy.seen) > 1, "the WebSocket went there, not only the question why it failed"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_a_room_that_is_left_out_of_the_proxy_is_reached_directly(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with HttpStub(Answer(407, headers={"Connection": "close"})) as proxy:
        monkeypatch.setenv(name, proxy.base_url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.2")
        assert (await refused("wss://127.0.0.2:9")).code is Code.ROOM_UNREACHABLE
        assert proxy.seen == []
        async with client("https://gw.example") as api:  # everything else goes through it as before
            with pytest.raises(AppError) as caught:
                await api.models()
        assert (caught.value.code, [seen.path for seen in proxy.seen]) == (Code.PROXY, ["gw.example:443"])
        assert (await refused("wss://voice.example.invalid")).code is Code.ROOM_PROXY


async def test_a_room_on_this_machine_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with HttpStub(Answer(407)) as proxy, rooms("no-greeting") as demo:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.base_url)
        seat = Seat()
        room = await seat.join(DemoScene(demo).grant())
        await room.leave()
        assert proxy.seen == []


async def test_a_machine_with_only_a_loopback_interface_is_told_so_at_once() -> None:
    command = [_unshare(), "--user", "--map-root-user", "--net", sys.executable, "-c", JOIN_ALONE]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=ROOT
    )
    async with asyncio.timeout(30):
        out, errors = await child.communicate()
    assert out.decode().split() == [Code.NO_NETWORK, "True"], errors.decode()


@pytest.mark.parametrize("text", ["", "engine: timed out", "client error: ", "x" * 100_000, "404", "certificate"])
def test_words_that_nobody_knows_are_unreachable(text: str) -> None:
    assert explain(text, "wss://tls-proxy.example.com:404").code is Code.ROOM_UNREACHABLE


def _unshare() -> str:
    found = shutil.which("unshare")
    assert found is not None, "util-linux is part of every Linux"
    return found

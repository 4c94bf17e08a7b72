"""The control socket and the named pipe: the same limits, whoever comes and whatever is sent.

The pipe (Windows) is a QLocalServer, which works here too.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from mka1_desktop.app.control_answers import Answer
from mka1_desktop.app.control_pipe import PipeServer
from mka1_desktop.app.control_server import ControlServer
from mka1_desktop.app.control_socket import socket_folder, socket_name
from mka1_desktop.domain.errors import AppError, Code

KINDS = ("socket", "pipe")
WAIT_S = 20.0
QT_EVERY_S = 0.002


class Service:
    """Answers `echo`, refuses `no`, fails on `defect`, and follows with `follow`."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.changed = asyncio.Event()
        self.following = 0
        self.nobody_follows = asyncio.Event()
        self.calls: list[str] = []

    def now(self) -> float:
        return self.now_s

    async def __call__(self, verb: str, fields: dict[str, object]) -> Answer:
        self.calls.append(verb)
        match verb:
            case "follow":
                return self._follow()
            case "no":
                raise AppError(Code.BUSY)
            case _:
                return fields

    async def _follow(self) -> AsyncIterator[dict[str, object]]:
        self.following += 1
        try:
            yield {"first": True}
            while True:
                self.changed.clear()
                await self.changed.wait()
                yield {"first": False}
        finally:
            self.following -= 1
            if not self.following:
                self.nobody_follows.set()


class Peer:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        with contextlib.suppress(ConnectionError):  # it may have had enough already
            await self.writer.drain()

    async def answer(self) -> dict[str, Any] | None:
        try:
            line = await asyncio.wait_for(self.reader.readline(), WAIT_S)
        except ConnectionError:
            return None
        found: dict[str, Any] | None = json.loads(line) if line else None
        return found

    async def ask(self, **fields: object) -> dict[str, Any] | None:
        await self.send(json.dumps(fields).encode() + b"\n")
        return await self.answer()

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


Dial = Callable[[], Awaitable[Peer]]
Scene = Callable[[Service, Dial], Awaitable[None]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    run = tmp_path / "run"
    run.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(run))
    return run


def play(kind: str, qapp: QApplication, folder: Path, scene: Scene, *, limit_s: float = WAIT_S) -> None:
    """Run a scene against a fresh server; Qt's events are dealt with in between, as in the app."""

    async def work() -> None:
        service, open_now = Service(), list[Peer]()
        server: ControlServer | PipeServer
        if kind == "socket":
            server = ControlServer(data_dir=folder, handle=service, now=service.now, limit_s=limit_s)
            path = folder / "mka1-desktop" / f"{socket_name(folder)}.sock"
        else:
            path = folder / "pipe"
            server = PipeServer(data_dir=folder, handle=service, now=service.now, name=str(path), limit_s=limit_s)
        await server.start()

        async def dial() -> Peer:
            plug = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                at = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)  # the path may be too long for an address
                plug.connect(f"/proc/self/fd/{at}/{path.name}")
                os.close(at)
            except BaseException:
                plug.close()
                raise
            open_now.append(Peer(*await asyncio.open_unix_connection(sock=plug, limit=1 << 20)))
            return open_now[-1]

        try:
            await asyncio.wait_for(scene(service, dial), 3 * WAIT_S)
        finally:
            for peer in open_now:
                await peer.close()
            await server.close()

    async def qt() -> None:
        while True:
            qapp.processEvents()
            await asyncio.sleep(QT_EVERY_S)

    async def both() -> None:
        events = asyncio.get_running_loop().create_task(qt())
        try:
            await work()
        finally:
            events.cancel()
            qapp.processEvents()
            qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the sockets that are closed

    asyncio.run(both())


@pytest.mark.parametrize("kind", KINDS)
def test_each_line_gets_one_answer(kind: str, qapp: QApplication, folder: Path) -> None:
    async def scene(service: Service, dial: Dial) -> None:
        peer = await dial()
        assert await peer.ask(verb="echo", a=1) == {"version": 1, "ok": True, "a": 1}
        await peer.send(b'{"verb":"echo","n":1}\n{"verb":"no"}\n{"verb":"echo",')
        assert await peer.answer() == {"version": 1, "ok": True, "n": 1}
        refused = await peer.answer()
        assert refused is not None
        assert refused["error"] == {"code": "busy", "message": "Too many requests at once.", "action": "none"}
        await peer.send(b'"n":2}\n')
        assert await peer.answer() == {"version": 1, "ok": True, "n": 2}
        assert service.calls == ["echo", "echo", "no", "echo"]

    play(kind, qapp, folder, scene)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "raw", [b"", b"hello", b"[]", b"null", b"{", b'{"verb":5}', b"\xff\xfe", b"[" * 30_000, b'{"verb":"a","version":9}']
)
def test_nonsense_is_answered_and_the_connection_goes_on(
    kind: str, qapp: QApplication, folder: Path, raw: bytes
) -> None:
    async def scene(service: Service, dial: Dial) -> None:
        peer = await dial()
        await peer.send(raw + b"\n")
        answer = await peer.answer()
        assert answer is not None
        assert answer["ok"] is False
        assert answer["error"]["code"] == "bad_message"
        assert await peer.ask(verb="echo") == {"version": 1, "ok": True}
        assert service.calls == ["echo"]

    play(kind, qapp, folder, scene)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", [b"\n", b"", b"x" * 500_000])
def test_a_message_over_64_kib_ends_the_connection(kind: str, qapp: QApplication, folder: Path, end: bytes) -> None:
    async def scene(service: Service, dial: Dial) -> None:
        peer = await dial()
        await peer.send(b'{"verb":"echo","a":"' + b"x" * (64 * 1024) + end)
        answer = await peer.answer()
        if answer is not None:  # who goes on sending may lose the answer with the connection
            assert answer["error"]["message"] == "The message is longer than 64 KiB."
            assert await peer.answer() is None
        assert answer is not None or len(end) > 1
        assert service.calls == []
        assert await (await dial()).ask(verb="echo") == {"version": 1, "ok": True}

    play(kind, qapp, folder, scene)


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_of_64_kib_is_taken(kind: str, qapp: QApplication, folder: Path) -> None:
    async def scene(_: Service, dial: Dial) -> None:
        start, end = b'{"verb":"echo","a":"', b'"}\n'
        size = 64 * 1024 - len(start) - len(end)
        peer = await dial()
        await peer.send(start + b"x" * size + end)
        answer = await peer.answer()
        assert answer is not None
        assert len(answer["a"]) == size

    play(kind, qapp, folder, scene)


@pytest.mark.parametrize("kind", KINDS)
def test_more_than_50_messages_a_second_end_the_connection(kind: str, qapp: QApplication, folder: Path) -> None:
    async def scene(service: Service, dial: Dial) -> None:
        peer = await dial()
        for _ in range(2):
            for _ in range(50):
                assert (await peer.ask(verb="echo")) is not None
            service.now_s += 1.0  # the clock of the test: a second has passed
        for _ in range(50):
            await peer.ask(verb="echo")
        service.now_s += 0.9
        answer = await peer.ask(verb="echo")
        assert answer is not None
        assert answer["error"]["code"] == "busy"
        assert await peer.answer() is None
        assert len(service.calls) == 150

    play(kind, qapp, folder, scene)


@pytest.mark.parametrize("kind", KINDS)
def test_the_seventeenth_connection_is_sent_away(kind: str, qapp: QApplication, folder: Path) -> None:
    async def scene(_: Service, dial: Dial) -> None:
        peers = [await dial() for _ in range(16)]
        for peer in peers:
            assert await peer.ask(verb="echo") == {"version": 1, "ok": True}
        late = await dial()
        answer = await late.answer()
        assert answer is not None
        assert answer["error"]["code"] == "busy"
        assert await late.answer() is None
        await peers[0].close()

        async with asyncio.timeout(WAIT_S):  # the place becomes free a moment later
            while True:
                again = await (await dial()).ask(verb="echo")
                if again is not None and again["ok"]:
                    break

    play(kind, qapp, folder, scene)


@pytest.mark.parametrize("kind", KINDS)
def test_who_never_finishes_a_message_is_sent_away(kind: str, qapp: QApplication, folder: Path) -> None:
    async def scene(service: Service, dial: Dial) -> None:
        slow, silent = await dial(), await dial()
        await slow.send(b'{"verb":"echo"')
        assert await slow.answer() is None
        assert await silent.answer() is None
        assert service.calls == []

    play(kind, qapp, folder, scene, limit_s=0.2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_ends_when_the_other_side_is_gone_even_if_nothing_changes(
    kind: str, qapp: QApplication, folder: Path
) -> None:
    async def scene(service: Service, dial: Dial) -> None:
        followers = [await dial() for _ in range(16)]
        for follower in followers:
            assert await follower.ask(verb="follow") == {"version": 1, "ok": True, "first": True}
        assert service.following == 16
        for follower in followers:
            await follower.close()
        await asyncio.wait_for(service.nobody_follows.wait(), WAIT_S)
        assert await (await dial()).ask(verb="echo") == {"version": 1, "ok": True}

    play(kind, qapp, folder, scene)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_goes_on_until_the_server_closes(kind: str, qapp: QApplication, folder: Path) -> None:
    async def scene(service: Service, dial: Dial) -> None:
        peer = await dial()
        await peer.ask(verb="follow")
        for _ in range(3):
            service.changed.set()
            assert await peer.answer() == {"version": 1, "ok": True, "first": False}
        await peer.send(b'{"verb":"echo"}\n')  # a stream is the last answer of its connection
        await asyncio.wait_for(service.nobody_follows.wait(), WAIT_S)
        assert await peer.answer() is None

    play(kind, qapp, folder, scene)


# --- the folder of the socket -------------------------------------------------------------------------------------


def test_the_folder_and_the_socket_are_for_the_owner_only(qapp: QApplication, folder: Path) -> None:
    async def scene(_: Service, __: Dial) -> None:
        private = folder / "mka1-desktop"
        (path,) = private.iterdir()
        assert oct(private.stat().st_mode)[-3:] == "700"
        assert oct(path.stat().st_mode)[-3:] == "600"
        assert path.name == f"{socket_name(folder)}.sock"
        assert len(path.stem) == 16

    play("socket", qapp, folder, scene)
    assert list((folder / "mka1-desktop").iterdir()) == []


def test_what_an_earlier_run_left_is_replaced(qapp: QApplication, folder: Path) -> None:
    private = folder / "mka1-desktop"
    private.mkdir(mode=0o700)
    (private / f"{socket_name(folder)}.sock").write_text("left over")

    async def scene(_: Service, dial: Dial) -> None:
        assert await (await dial()).ask(verb="echo") == {"version": 1, "ok": True}

    play("socket", qapp, folder, scene)


def test_a_folder_that_is_a_link_or_open_to_others_is_refused(folder: Path, tmp_path: Path) -> None:
    private = folder / "mka1-desktop"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    private.symlink_to(elsewhere)
    with pytest.raises(AppError) as caught:
        socket_folder(create=True)
    assert caught.value.trouble.text == "The folder for the control socket is not private, so it is not used."
    private.unlink()
    private.mkdir()
    private.chmod(0o750)
    with pytest.raises(AppError):
        socket_folder(create=True)


def test_a_folder_of_somebody_else_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    socket_folder(create=True)
    monkeypatch.setattr(os, "getuid", lambda: 4_242)
    with pytest.raises(AppError):
        socket_folder(create=False)


def test_without_a_runtime_folder_a_private_one_in_the_temporary_folder_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = socket_folder(create=True)
    assert folder == tmp_path / f"mka1-{os.getuid()}"
    assert oct(folder.stat().st_mode)[-3:] == "700"

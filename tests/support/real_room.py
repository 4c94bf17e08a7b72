"""Rooms of a real LiveKit server with scripted agents, where LIVEKIT_SERVER names its binary."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shutil
import socket
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

import aiohttp
import jwt

from mka1_desktop.domain.events import Speaker
from mka1_desktop.domain.grant import RoomGrant
from tests.support.real_agent import RealAgent
from tests.support.relay import Relay
from tests.support.room_scene import WAIT_S, Ending, Said, Wish

VARIABLE = "LIVEKIT_SERVER"
Media: TypeAlias = Literal["both", "udp", "tcp"]  # by which transport media may come
KEY, SECRET = "test-key", uuid.uuid4().hex + uuid.uuid4().hex
USER = "person"
STARTS = 5
POLL_S = 0.05  # the server has no event for its own state


def missing_server() -> str | None:
    """Why there is no real server here, None: there is one."""
    name = os.environ.get(VARIABLE)
    if not name:
        return f"{VARIABLE} names no livekit-server"
    return None if shutil.which(name) else f"{VARIABLE} names {name}, which cannot be run"


class RealScene:
    """See Scene. One server, one room, any number of agents."""

    def __init__(self, server: _Server, relay: Relay) -> None:
        self.agents: list[RealAgent] = []
        self._server = server
        self._port = server.port
        self._relay = relay
        self._room = f"room-{uuid.uuid4().hex}"

    @property
    def process(self) -> asyncio.subprocess.Process:
        return self._server.process

    async def restart(self) -> None:
        """Kill the server and start it again on the same ports; all rooms are gone."""
        await self._server.restart()

    def grant(self, *, ttl_s: float = 300.0, identity: str = USER) -> RoomGrant:
        return RoomGrant(url=f"ws://127.0.0.1:{self._relay.port}", token=self._token(identity, ttl_s=ttl_s))

    async def add_agent(
        self, name: str, *, kind: str | None = "agent", state: str | None = "listening", audio: bool = True
    ) -> RealAgent:
        agent = RealAgent(person=USER)
        await agent.join(f"ws://127.0.0.1:{self._port}", self._token(name, kind=kind), state=state, audio=audio)
        self.agents.append(agent)
        return agent

    async def caption_event(self, speaker: Speaker, *segments: Said) -> None:
        await self._agent.caption_event(speaker, *segments)

    async def caption_stream(
        self, speaker: Speaker, *chunks: str, attributes: Mapping[str, str], end: Mapping[str, str] | None = None
    ) -> None:
        await self._agent.stream("lk.transcription", *chunks, speaker=speaker, attributes=attributes, end=end)

    async def text_stream(self, topic: str, text: str, *, speaker: Speaker = "agent") -> None:
        await self._agent.stream(topic, text, speaker=speaker)

    async def data(self, payload: bytes, topic: str) -> None:
        await self._agent.data(payload, topic)

    async def server_data(self, payload: bytes, topic: str) -> None:
        """Send a packet in nobody's name."""
        data = base64.b64encode(payload).decode()
        await self.api("SendData", {"room": self._room, "data": data, "kind": "RELIABLE", "topic": topic})

    async def agent_leaves(self) -> None:
        await self.agents.pop().leave()

    async def end(self, how: Ending) -> None:
        if how == "room_deleted":
            await self.api("DeleteRoom", {"room": self._room})
        else:
            await self.api("RemoveParticipant", {"room": self._room, "identity": USER})

    async def drop_socket(self) -> None:
        self._relay.cut()

    async def until_empty(self) -> None:
        async with asyncio.timeout(WAIT_S):
            while USER in await self.people():  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(POLL_S)

    async def people(self) -> list[str]:
        """Identities of who is in the room."""
        found = await self.api("ListParticipants", {"room": self._room})
        return [who["identity"] for who in found.get("participants", [])]

    def microphone_sid(self) -> str:
        return self._agent.microphone_sid()

    async def api(self, method: str, body: object) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self._port}/twirp/livekit.RoomService/{method}"
        grants = {"room": self._room, "roomAdmin": True, "roomCreate": True, "roomList": True}
        token = jwt.encode({"iss": KEY, "exp": time.time() + 60, "video": grants}, SECRET, algorithm="HS256")
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(WAIT_S)) as http,
            http.post(url, json=body, headers={"Authorization": f"Bearer {token}"}) as answer,
        ):
            found: dict[str, Any] = await answer.json()
            assert answer.status == 200, found
            return found

    def _token(self, identity: str, *, kind: str | None = None, ttl_s: float = 300.0) -> str:
        video = {"room": self._room, "roomJoin": True, "canPublish": True, "canSubscribe": True}
        video |= {"canPublishData": True, "canUpdateOwnMetadata": True}
        now = int(time.time())
        claims = {"iss": KEY, "sub": identity, "nbf": now - 120, "exp": int(now + ttl_s), "video": video}
        return jwt.encode(claims | ({"kind": kind} if kind else {}), SECRET, algorithm="HS256")

    @property
    def _agent(self) -> RealAgent:
        return self.agents[-1]


@asynccontextmanager
async def real_scene(*wishes: Wish, media: Media = "both") -> AsyncIterator[RealScene]:
    """Run a server with one room, and the agents that are wished for."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(_running(media))
        relay = await stack.enter_async_context(Relay(server.port))
        scene = RealScene(server, relay)
        stack.push_async_callback(_leave_all, scene)
        arriving: asyncio.Task[None] | None = None
        if "late agent" in wishes:
            arriving = asyncio.get_running_loop().create_task(_arrive_late(scene))
        elif "no agent" not in wishes:
            if "two agents" in wishes:
                await scene.add_agent("agent-first")
            agent = await scene.add_agent("agent")
            if "no greeting" not in wishes:
                agent.greet_when_somebody_comes()
        yield scene
        if arriving is not None:
            await arriving


async def _arrive_late(scene: RealScene) -> None:
    async with asyncio.timeout(WAIT_S):
        while USER not in await scene.people():  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(POLL_S)
    (await scene.add_agent("agent")).greet_when_somebody_comes()


async def _leave_all(scene: RealScene) -> None:
    await asyncio.gather(*(agent.leave() for agent in scene.agents))


class _Server:
    """One livekit-server, whose ports stay when it is started again."""

    def __init__(self, file: Path, media: Media) -> None:
        self._file = file
        self._media = media
        self._process: asyncio.subprocess.Process | None = None
        self.port = 0

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process

    async def start(self) -> None:
        for _ in range(STARTS):
            ports = _free_ports(3)
            await asyncio.to_thread(self._file.write_text, json.dumps(self._config(*ports)))  # JSON is YAML too
            if await self._run(ports[0]):
                return
        raise AssertionError("livekit-server does not start")

    async def restart(self) -> None:
        await self.kill()
        assert await self._run(self.port), "livekit-server does not start again"

    async def kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()  # on SIGTERM it would wait for everybody to leave
            await self._process.wait()

    async def _run(self, port: int) -> bool:
        self.port = port
        self._process = await asyncio.create_subprocess_exec(
            os.environ[VARIABLE], "--config", str(self._file), stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        return await _is_listening(port, self._process)

    def _config(self, port: int, tcp: int, udp: int) -> dict[str, object]:
        media: dict[Media, dict[str, object]] = {
            "both": {"tcp_port": tcp, "udp_port": udp},
            "udp": {"udp_port": udp},
            "tcp": {"tcp_port": tcp, "force_tcp": True},
        }
        return {
            "port": port,
            "bind_addresses": ["127.0.0.1"],
            "keys": {KEY: SECRET},
            "rtc": {"use_external_ip": False, **media[self._media]},
            "room": {"auto_create": True, "empty_timeout": 60, "departure_timeout": 60},
            "logging": {"level": "error"},
        }


@asynccontextmanager
async def _running(media: Media) -> AsyncIterator[_Server]:
    with tempfile.TemporaryDirectory() as folder:
        server = _Server(Path(folder, "livekit.yaml"), media)
        try:
            await server.start()
            yield server
        finally:
            await server.kill()


async def _is_listening(port: int, process: asyncio.subprocess.Process) -> bool:
    """Wait until it listens; False when it ended, because somebody else took one of the ports meanwhile."""
    async with asyncio.timeout(WAIT_S):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(POLL_S)
                continue
            writer.close()
            await writer.wait_closed()
            return True
    return False


def _free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago; all are held until the last is found, so they differ."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]

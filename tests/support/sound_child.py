"""A sound engine in a room, in a process of its own: libpulse reads the environment once.

As a program it takes one command a line on standard input and prints one JSON object a line. `SoundChild` drives it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

WAIT_S = 30.0
LINE_LIMIT = 1 << 20


class SoundChild:
    """`async with SoundChild("native", env, url, token) as child:` and then `await child.do("microphone on")`."""

    def __init__(self, engine: str, env: dict[str, str], url: str = "", token: str = "", **options: object) -> None:
        self._words = (engine, url, json.dumps(options))
        self._token = token
        self._env = env
        self._process: asyncio.subprocess.Process | None = None
        self._answers: asyncio.Queue[Any] = asyncio.Queue()
        self._reader: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self.events: list[tuple[str, float]] = []  # name and monotonic time

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.sound_child", *self._words),
            env=self._env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_LIMIT,
        )
        self._reader = asyncio.get_running_loop().create_task(self._read(self._process))
        await self.do("token " + self._token)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            code = await asyncio.wait_for(self._process.wait(), WAIT_S)
        except TimeoutError:
            self._process.kill()
            code = await self._process.wait()
        if self._reader is not None:
            await self._reader
        if kind is None:
            assert code == 0, f"the child ended with {code}"

    async def do(self, command: str) -> Any:
        """Run one command to its end and return its answer."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(command.encode() + b"\n")
        await self._process.stdin.drain()
        return await asyncio.wait_for(self._answers.get(), WAIT_S)

    async def until(self, event: str, *, after_s: float = 0.0) -> float:
        """Wait for an event of the engine and return when it came (monotonic)."""
        end_s = time.monotonic() + WAIT_S
        while True:
            if found := [at_s for name, at_s in self.events if name == event and at_s >= after_s]:
                return found[0]
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), max(0.01, end_s - time.monotonic()))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            said = json.loads(line)
            if "event" in said:
                self.events.append((said["event"], said["at_s"]))
                self._changed.set()
            else:
                self._answers.put_nowait(said["answer"])
        self._answers.put_nowait({"ended": True})


class Program:
    """The child's side."""

    def __init__(self) -> None:
        self.sound: Any = None
        self.rooms: list[Any] = []
        self.beside: asyncio.Task[str] | None = None

    async def run(self, engine: str, url: str, options: str) -> None:
        from mka1_desktop.adapters.clock import SystemClock  # noqa: PLC0415 - the driver needs none of this
        from mka1_desktop.adapters.engine_choice import open_engine  # noqa: PLC0415
        from mka1_desktop.adapters.room_livekit import LivekitRooms  # noqa: PLC0415
        from mka1_desktop.adapters.sound_options import SoundOptions  # noqa: PLC0415

        assert engine in {"native", "portaudio"}
        clock = SystemClock()
        self.sound = await open_engine(
            "native" if engine == "native" else "portaudio",
            emit=_report,
            clock=clock,
            options=SoundOptions(**json.loads(options)),
        )
        self.livekit = LivekitRooms(host=self.sound, clock=clock)
        self.url = url
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            _say({"answer": await self._do(line.decode().strip())})
        for room in self.rooms:
            await room.leave()
        await self.sound.close()

    async def _do(self, line: str) -> object:
        verb, _, word = line.partition(" ")
        work: dict[str, Callable[[str], Any]] = {
            "token": self._join,
            "join": self._join,
            "leave": self._leave,
            "microphone": lambda w: self.sound.set_microphone(sending=w == "on"),
            "silence": lambda w: self.sound.silence_agent(w == "on"),
            "volume": lambda w: self.sound.set_volume(int(w)),
            "keep": lambda w: self.sound.keep_speech(w == "on"),
            "send_kept": self._send_kept,
            "kept": self._kept,
            "drop": self._drop,
            "turn_over": self._turn_over,
            "use_microphone": lambda w: self.sound.choose(microphone=w),
            "use_speaker": lambda w: self.sound.choose(speaker=w),
            "levels": self._levels,
            "devices": self._devices,
            "engine": self._engine,
        }
        return await work[verb](word)

    async def _join(self, token: str) -> None:
        from mka1_desktop.domain.grant import RoomGrant  # noqa: PLC0415

        if not token:
            return
        grant = RoomGrant(url=self.url, token=token)
        room = await self.livekit.join(grant, ticket=len(self.rooms), emit=_report)
        self.rooms.append(room)
        await room.publish_microphone()

    async def _leave(self, number: str) -> None:
        await self.rooms[int(number)].leave()

    async def _send_kept(self, words: str) -> object:
        """`NUMBER`, `NUMBER again` or `NUMBER beside`: in the background, an event tells its end."""
        number, _, how = words.partition(" ")
        work = self.rooms[int(number)].send_kept(again=how == "again")
        if how == "beside":
            self.beside = asyncio.get_running_loop().create_task(self._told(work))
            return None
        return await self._told(work)

    async def _told(self, work: Awaitable[None]) -> str:
        from mka1_desktop.domain.errors import AppError  # noqa: PLC0415

        try:
            await work
        except AppError as e:
            outcome = f"failed {e.code}"
        else:
            outcome = "sent"
        _say({"event": f"kept {outcome}", "at_s": time.monotonic()})
        return outcome

    async def _kept(self, _: str) -> object:
        return asdict(self.sound.kept)

    async def _drop(self, _: str) -> None:
        self.sound.drop_kept()

    async def _turn_over(self, _: str) -> None:
        self.sound.turn_over()

    async def _levels(self, seconds: str) -> object:
        """The loudest levels within a time, asked for as a window does."""
        loudest = asdict(self.sound.levels())
        end_s = time.monotonic() + float(seconds)
        while time.monotonic() < end_s:
            await asyncio.sleep(0.04)
            loudest = {k: max(v, loudest[k]) for k, v in asdict(self.sound.levels()).items()}
        return loudest

    async def _devices(self, _: str) -> object:
        return asdict(await self.sound.devices())

    async def _engine(self, _: str) -> object:
        return self.sound.engine


def _report(event: Any) -> None:
    name = type(event).__name__
    if name == "MicrophoneFailed":
        name += f" {event.trouble.code}"
    if name == "CaptionReceived":
        name = f"{event.speaker}{' final' if event.final else ''}: {event.text}"
    _say({"event": name, "at_s": time.monotonic()})


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(Program().run(*sys.argv[1:]))

"""The program as people and scripts start it: its own process, data folder and environment."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT_S = 60.0  # a loaded machine is slow; nothing here waits so long unless it hangs
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
ROOTLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
ROOT = Path(__file__).parents[2]
QUESTION = ROOT / "resources" / "audio" / "question.wav"  # "What is the capital of France?"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """A run that has ended."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The last line for people."""
        lines = self.err.splitlines()
        return lines[-1] if lines else ""

    @property
    def objects(self) -> list[Json]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def object(self) -> Json:
        (one,) = self.objects
        return one


class Running:
    """A run that goes on; its standard output is read line by line."""

    def __init__(self, process: asyncio.subprocess.Process, errors: Path) -> None:
        self.process = process
        self._errors = errors
        self.seen: list[str] = []

    async def line(self) -> str | None:
        """Return the next line, None at the end."""
        assert self.process.stdout is not None
        raw = await asyncio.wait_for(self.process.stdout.readline(), LIMIT_S)
        if not raw:
            return None
        self.seen.append(raw.decode())
        return self.seen[-1]

    async def until(self, **wanted: object) -> Json:
        """Read JSON lines up to one with these fields."""
        while (line := await self.line()) is not None:
            found: Json = json.loads(line)
            if all(found.get(name) == value for name, value in wanted.items()):
                return found
        raise AssertionError(f"{wanted} never came: {''.join(self.seen[-3:])} {self._errors.read_text()}")

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def done(self, limit_s: float = LIMIT_S) -> Done:
        """Read the rest and wait for the end."""
        async with asyncio.timeout(limit_s):
            if self.process.stdout is not None:
                self.seen.append((await self.process.stdout.read()).decode())
            code = await self.process.wait()
        done = Done(code, "".join(self.seen), self._errors.read_text("utf-8", "backslashreplace"))
        assert "Traceback" not in done.err, done.err
        return done


class Program:
    """One data folder, and the environment of everything that is started in it.

    There is no sound system, no keyring and no screen, unless `environment` names one.
    """

    def __init__(self, folder: Path, *, base_url: str = "", key: str = "", **environment: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.run_folder = folder / "run"
        self.run_folder.mkdir(mode=0o700, exist_ok=True)
        self._count = 0
        self.rootless = False  # modes of files count for what is started, even if the tests run as root
        self.environment: dict[str, str] = {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(self.run_folder),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder / 'no-bus'}",
            "PULSE_SERVER": f"unix:{folder / 'no-sound'}",
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": str(ROOT),
            "MKA1_DATA_DIR": str(self.data),
            **({"MKA1_API_KEY": key} if key else {}),
            **({"MKA1_BASE_URL": base_url} if base_url else {}),
            **environment,
        }

    async def start(
        self, *words: str, stdin: int | None = asyncio.subprocess.DEVNULL, stdout: int = asyncio.subprocess.PIPE,
        environment: Mapping[str, str] | None = None,
    ) -> Running:  # fmt: skip
        """Start one command and return at once."""
        self._count += 1
        errors = self.folder / f"stderr-{self._count}.txt"
        with errors.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *(ROOTLESS if self.rootless and os.geteuid() == 0 else ()),
                sys.executable, "-m", "mka1_desktop", *words, cwd=self.folder, stdin=stdin, stdout=stdout, stderr=file,
                env={**self.environment, **(environment or {})}, limit=16 << 20,
            )  # fmt: skip
        return Running(process, errors)

    @asynccontextmanager
    async def running(
        self, *words: str, stdin: int | None = asyncio.subprocess.DEVNULL, stdout: int = asyncio.subprocess.PIPE,
        environment: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Running]:  # fmt: skip
        """Start one command; it does not outlive the block."""
        running = await self.start(*words, stdin=stdin, stdout=stdout, environment=environment)
        try:
            yield running
        finally:
            with suppress(ProcessLookupError):
                running.process.kill()
            await running.process.communicate()

    async def run(
        self, *words: str, stdin: bytes | None = None, limit_s: float = LIMIT_S,
        environment: Mapping[str, str] | None = None,
    ) -> Done:  # fmt: skip
        """Run one command to its end."""
        source = asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE
        async with self.running(*words, stdin=source, environment=environment) as running:
            if stdin is not None:
                assert running.process.stdin is not None
                with suppress(ConnectionError):  # it may have refused before it read everything
                    running.process.stdin.write(stdin)
                    await running.process.stdin.drain()
                    running.process.stdin.close()
            return await running.done(limit_s)

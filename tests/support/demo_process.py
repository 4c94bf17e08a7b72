"""The demo service as its own process, for tests: `async with DemoProcess("--echo") as demo: ...`."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from types import TracebackType
from typing import Self

READY_S = 30.0  # a loaded machine starts slowly
STOP_S = 3.0  # what the contract promises
LIMIT_S = 15.0  # what a loaded machine is given before it is killed


class DemoProcess:
    """Starts `python -m mka1_desktop.demo OPTIONS…`, stops it with SIGTERM and asserts exit code 0.

    Attributes: base_url (http://127.0.0.1:PORT), api_key, pid; process is asyncio's.
    `expect_exit` None: the test kills it itself, nothing is asserted.
    """

    def __init__(self, *options: str, expect_exit: int | None = 0) -> None:
        self._options = options
        self._expect_exit = expect_exit
        self._process: asyncio.subprocess.Process | None = None
        self.base_url = ""
        self.api_key = ""
        self.pid = 0

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "the demo service is not running"
        return self._process

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"}

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "mka1_desktop.demo", *self._options, stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), READY_S)
            hello = json.loads(line)
        except BaseException:
            await self._kill()
            raise
        self.base_url, self.api_key, self.pid = hello["base_url"], hello["api_key"], hello["pid"]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        code = await self.stop()
        if error is None and self._expect_exit is not None:
            assert code == self._expect_exit, f"the demo service ended with {code}"

    async def stop(self) -> int:
        """End it with SIGTERM, if it still runs, and return its exit code; kills it when it hangs."""
        process = self.process
        if process.returncode is None:
            process.terminate()
        try:
            return await asyncio.wait_for(process.wait(), LIMIT_S)
        except TimeoutError:
            await self._kill()
            raise AssertionError("the demo service did not end after SIGTERM") from None

    def kill(self) -> None:
        """End it without warning, as a crash would."""
        self.process.kill()

    async def post(self, path: str, body: object) -> dict[str, object]:
        """Send JSON with the demo's key and return the JSON of the answer; raises urllib's HTTPError."""
        return await asyncio.to_thread(self._call, "POST", path, body)

    async def get(self, path: str) -> dict[str, object]:
        """Ask with the demo's key and return the JSON of the answer; raises urllib's HTTPError."""
        return await asyncio.to_thread(self._call, "GET", path, None)

    async def fault(self, name: str, value: str | None = "") -> None:
        """Switch a fault on at run time ("" for those without a value), or off with None."""
        await self.post("/demo/faults", {name: value})

    async def token(self, llm: dict[str, object] | None = None, **more: object) -> tuple[str, str]:
        """Ask for a voice token as a client does; returns (url, token)."""
        body: dict[str, object] = {"llm": llm or {"model": "auto"}, **more}
        answer = await self.post("/api/v1/llm/speech/livekit/token", body)
        return str(answer["url"]), str(answer["token"])

    def _call(self, method: str, path: str, body: object) -> dict[str, object]:
        data = None if body is None else json.dumps(body).encode()
        headers = {**self.headers, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.base_url}{path}", data=data, headers=headers, method=method)  # noqa: S310 - loopback
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            found: dict[str, object] = json.loads(answer.read())
            return found

    async def _kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

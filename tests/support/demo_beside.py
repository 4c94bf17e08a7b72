"""The demo service as its own process, for tests that wait in threads: `with DemoBeside() as demo: ...`."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

STOP_LIMIT_S = 15.0  # a loaded machine; the contract promises 3 s
ROOT = Path(__file__).parents[2]


class DemoBeside:
    """Attributes: `base_url`, `api_key`."""

    def __init__(self, *options: str) -> None:
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.base_url = ""
        self.api_key = ""

    def __enter__(self) -> Self:
        process = subprocess.Popen(
            [sys.executable, "-m", "mka1_desktop.demo", *self._options], cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self._process = process
        assert process.stdout is not None
        hello = json.loads(process.stdout.readline())
        self.base_url, self.api_key = hello["base_url"], hello["api_key"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        assert process is not None
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    @property
    def environment(self) -> dict[str, str]:
        """What makes an app talk with it."""
        return {"MKA1_API_KEY": self.api_key, "MKA1_BASE_URL": self.base_url}

    def fault(self, name: str, value: str | None = "") -> None:
        """Switch a fault on ("" for those without a value), or off with None."""
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.base_url}/demo/faults", data=json.dumps({name: value}).encode(), headers=headers, method="POST"
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            answer.read()

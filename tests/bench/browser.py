"""The other yardstick: Chromium with livekit-client, for those who have both (`npm`, `chromium`).

livekit-client is fetched from the package registry into a temporary folder, and served to the browser from loopback.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

LIBRARY = "livekit-client"
READY_LIMIT_S = 60.0
PAGE = """<!doctype html><meta charset="utf-8"><title>bench</title><script src="/library.js"></script><script>
(async () => {
  const told = %s;
  const room = new LivekitClient.Room();
  room.on("trackSubscribed", track => document.body.append(track.attach()));
  await room.connect(told.url, told.token);
  await room.localParticipant.setMicrophoneEnabled(true);
  await fetch("/ready");
})();
</script><body></body>"""


def missing() -> str | None:
    """What is not installed here, None when all is."""
    return next((name for name in ("npm", "chromium") if shutil.which(name) is None), None)


async def fetch_library(folder: Path) -> Path:
    """Return the browser's build of livekit-client. Raises RuntimeError when the registry does not give it."""
    process = await asyncio.create_subprocess_exec(
        "npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", LIBRARY, cwd=folder,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await process.wait()
    built = folder / "node_modules" / LIBRARY / "dist" / f"{LIBRARY}.umd.js"
    if not built.is_file():
        raise RuntimeError(LIBRARY)
    return built


@asynccontextmanager
async def browser(
    environment: Mapping[str, str], url: str, token: str, *, library: Path, folder: Path
) -> AsyncIterator[None]:
    """A page of Chromium in the room, with microphone and speaker of the sound server."""
    ready = asyncio.Event()
    script = await asyncio.to_thread(library.read_bytes)
    page = (PAGE % json.dumps({"url": url, "token": token})).encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readline()).split(b" ")[1]
        while await reader.readline() not in (b"\r\n", b""):
            pass
        body = script if path == b"/library.js" else page if path == b"/" else b""
        kind = b"text/javascript" if path == b"/library.js" else b"text/html"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind, len(body)) + body)
        await writer.drain()
        writer.close()
        if path == b"/ready":
            ready.set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            "chromium", "--no-sandbox", "--no-first-run", "--disable-gpu", "--use-fake-ui-for-media-stream",
            "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={folder}", f"http://127.0.0.1:{port}/",
            env={**os.environ, **environment}, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                await ready.wait()
            yield
        finally:
            process.terminate()
            await process.wait()

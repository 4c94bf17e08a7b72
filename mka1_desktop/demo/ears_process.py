"""The recogniser in a process of its own.

pocketsphinx holds Python's lock while it loads (about 0.5 s) and decodes, which would make every agent
stutter; in a process it also gets the other processor core.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import struct
import sys

from mka1_desktop.demo.audio import Samples

log = logging.getLogger(__name__)

ANSWER_S = 30.0  # a minute of speech takes about so long on a slow machine
STOP_S = 1.0
LENGTH = struct.Struct("<I")  # bytes of int16 samples that follow


class HearingFailed(Exception):  # noqa: N818 - reads better where it is raised
    """The recogniser gave no answer."""


class EarsProcess:
    """Asks one recogniser process, one utterance at a time."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """Start the process, so that its model is loaded when the first words come. Returns at once."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "mka1_desktop.demo.ears_worker",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip

    async def hear(self, samples: Samples) -> str | None:
        """Return the words of one utterance (16 kHz), None when nothing was understood.

        Raises:
            HearingFailed: the process ended, broke or takes too long; the next call starts a new one.
        """
        async with self._one_at_a_time:
            if self._process is None:
                await self.start()
            try:
                async with asyncio.timeout(ANSWER_S):
                    return await self._ask(samples)
            except (OSError, ValueError, EOFError, TimeoutError) as error:
                log.warning("the recogniser failed: %s", type(error).__name__)
                await self.close()
                raise HearingFailed from error
            except asyncio.CancelledError:
                await self.close()  # its answer would be taken for that of the next question
                raise

    async def close(self) -> None:
        """End the process; safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()  # it holds nothing that could be lost
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await process.wait()

    async def _ask(self, samples: Samples) -> str | None:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise EOFError
        data = samples.tobytes()
        process.stdin.write(LENGTH.pack(len(data)) + data)
        await process.stdin.drain()
        answer = json.loads(await process.stdout.readline() or b"!")
        return answer if isinstance(answer, str) else None

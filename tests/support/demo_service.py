"""The demo service inside the test's own process: rooms without a second process, and with a look inside."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from mka1_desktop.demo.audio import Samples
from mka1_desktop.demo.captions import Channels
from mka1_desktop.demo.data import Data
from mka1_desktop.demo.ears_process import HearingFailed
from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.records import Owner
from mka1_desktop.demo.rooms import RoomOptions
from mka1_desktop.demo.service import Mouth, Service, ServiceOptions
from mka1_desktop.demo.settings import DemoSettings
from mka1_desktop.demo.speak import Speech
from tests.support.room_guest import RATE, Guest

OWNER = Owner(key="mk-demo-test", on_behalf_of=None)


@dataclass
class FakeEars:
    """Understands every utterance as the next of its answers; an exception is raised."""

    answers: list[str | HearingFailed | None] = field(default_factory=list)
    heard: list[Samples] = field(default_factory=list)

    async def start(self) -> None:
        pass

    async def hear(self, samples: Samples) -> str | None:
        self.heard.append(samples)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, HearingFailed):
            raise answer
        return answer

    async def close(self) -> None:
        pass


class FastVoice:
    """Hums each word for 60 ms, so that tests do not wait for speech."""

    def say(self, text: str) -> Speech:
        ends = [match.end() for match in re.finditer(r"\S+", text)]
        length = RATE * 60 // 1000
        hum = 8_000 * np.sin(np.arange(length * len(ends)) * (2 * np.pi * 300 / RATE))
        words = tuple((end, length * (number + 1)) for number, end in enumerate(ends))
        return Speech(samples=hum.astype(np.int16), words=words)


@dataclass
class Demo:
    """A running service and its faults."""

    service: Service
    faults: Faults
    ears: FakeEars

    @property
    def url(self) -> str:
        return self.service.base_url.replace("http", "ws") + "/api/v1/livekit"

    def token(self, *, ttl_s: float = 300.0, silence_timeout_ms: int | None = None, **llm: object) -> str:
        stt = {} if silence_timeout_ms is None else {"silence_timeout_ms": silence_timeout_ms}
        settings = {"model": "auto", **llm}
        return self.service.tokens.mint(OWNER, llm=settings, stt=stt, language=None, ttl_s=ttl_s)[0]

    def guest(self, *, single: bool = True, ttl_s: float = 300.0, **llm: object) -> Guest:
        return Guest(self.url, self.token(ttl_s=ttl_s, silence_timeout_ms=None, **llm), single=single)


@asynccontextmanager
async def rooms(
    *faults: str,
    echo: bool = False,
    enforce_ttl: bool = False,
    channels: Channels = Channels.BOTH,
    voice: Mouth | None = None,
    ttl_s: float = 300.0,
    port: int = 0,
    data: Data | None = None,
) -> AsyncIterator[Demo]:
    """Run a service with these faults (`NAME` or `NAME=VALUE`); by default it speaks fast and remembers nothing."""
    switched, ears = Faults.parse(faults), FakeEars()
    options = ServiceOptions(
        settings=DemoSettings(keys=(OWNER.key,), token_ttl_s=ttl_s),
        rooms=RoomOptions(echo=echo, enforce_ttl=enforce_ttl),
        channels=channels,
        port=port,
    )
    async with Service(options, switched, ears=ears, voice=voice or FastVoice(), data=data) as service:
        yield Demo(service, switched, ears)

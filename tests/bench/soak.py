"""Many sessions with random faults: nothing that was typed is lost or said twice, and nothing grows.

Four apps without a window (`desk_beside`) work in this process beside one demo service, whose faults they share and
whose rooms end with their token after 20 s. Between session 50 and the last one memory, tasks, threads, file handles
and rooms are compared, each time with nobody connected. On Linux and macOS.

The SDK (1.2.1) keeps memory of every room that was ever joined. How much is measured in the same run with the SDK
alone, and `beside_sdk_mb` is what is left.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import random
import sys
import threading
import urllib.request
from collections import Counter
from dataclasses import dataclass, field

import psutil
from livekit import rtc

from mka1_desktop.app.account import Account
from mka1_desktop.app.desk import Desk
from mka1_desktop.app.lazy import open_api
from mka1_desktop.domain.conversation import NOTHING, Identity
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.events import RetryRequested
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.request import build_request
from mka1_desktop.session.effects import Tell
from mka1_desktop.session.state import Failed, Idle
from mka1_desktop.session.watch import Watcher
from tests.support.demo_beside import DemoBeside
from tests.support.desk_beside import desk_beside

SESSIONS, DESKS, FIRST = 300, 4, 50
ANSWER_S, EMPTY_S = 120.0, 15.0
REST_S = 10.0
ALONE_WARM, ALONE = 10, 60
QUESTIONS = ("What is two plus two?", "What is the capital of France?", "What is the capital of Italy?")
FAULTS: tuple[tuple[str, str] | None, ...] = (
    None, None, ("room-delete", "once"), ("participant-remove", "once"), ("room-drop", "once"),
    ("agent-leaves", "once"), ("token-status", "500:1"), ("token-status", "429:1"), ("token-html", "1"),
    ("token-slow", "1"), ("join-status", "401:1"), ("text-gone", "kept:1"), ("text-gone", "lost:1"),
    ("error", "timeout:llm:1"), ("error-mid", "service_unavailable:llm:1"), ("packet-loss", "5"), ("delay-ms", "100"),
    ("packets", "garbage"), ("double-captions", ""), ("no-response-id", ""),
)  # fmt: skip


@dataclass
class Tally(Watcher):
    """What came of everything that was typed; `joined` counts tokens, each of which is for a room."""

    left: int = 0
    joined: int = 0
    states: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    sessions: int = 0

    def on_told(self, told: Tell) -> None:
        self.joined += told.news == "token"


async def measure(sessions: int = SESSIONS, seed: int = 20261124) -> dict[str, object]:
    """Run them; `grown` is what is there after the last session and was not after the 50th."""
    tally, rng = Tally(), random.Random(seed)
    with DemoBeside("--token-ttl", "20", "--enforce-ttl", "--fault", "no-greeting") as demo:
        async with contextlib.AsyncExitStack() as stack:
            desks = [
                await stack.enter_async_context(desk_beside(demo.base_url, key=demo.api_key)) for _ in range(DESKS)
            ]
            for desk in desks:
                desk.controller.watch(tally)
            censuses = []
            for left in (FIRST, sessions - FIRST):
                tally.left = left
                async with asyncio.TaskGroup() as tasks:
                    for number, desk in enumerate(desks):
                        tasks.create_task(_lives(desk, demo, rng, tally, f"{number}"))
                censuses.append(await _census(demo, tally))
        first, last = censuses
        each_mb = await _sdk_alone_mb(demo)
    grown = {name: round(last[name] - first[name], 1) for name in first}
    return {
        "sessions": tally.sessions, "texts": dict(tally.states), "faults": dict(tally.faults), "lost": tally.lost,
        "twice": tally.twice, "after_50": first, "after_all": last, "grown": grown, "sdk_mb_a_room": round(each_mb, 2),
        "beside_sdk_mb": round(grown["rss_mb"] - grown["joined"] * each_mb, 1),
    }  # fmt: skip


async def _sdk_alone_mb(demo: DemoBeside) -> float:
    """What a room leaves behind when nothing of ours is there: joined, a microphone published, left."""
    account = Account(
        name="bare", base_url=demo.base_url, key=demo.api_key, on_behalf_of=None,
        identity=Identity(origin=demo.base_url, fingerprint="00000000"),
    )  # fmt: skip
    api = await open_api(account, Redactor())
    try:
        for number in range(ALONE_WARM + ALONE):
            if number == ALONE_WARM:
                before_mb = _rss_mb()
            grant = await api.fetch_grant(build_request(continuation=NOTHING)[0])
            await _visit(grant.url, grant.token)
        return (_rss_mb() - before_mb) / ALONE
    finally:
        await api.close()


async def _visit(url: str, token: str) -> None:
    room, source = rtc.Room(), rtc.AudioSource(48_000, 1)
    await room.connect(url, token)
    track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    await room.local_participant.publish_track(track, options)
    await room.disconnect()
    await source.aclose()


async def _lives(desk: Desk, demo: DemoBeside, rng: random.Random, tally: Tally, name: str) -> None:
    while tally.left > 0:
        tally.left -= 1
        await _life(desk, demo, rng, tally, name)
        tally.sessions += 1
        if tally.sessions % 25 == 0:
            sys.stderr.write(f"{tally.sessions} sessions\n")


async def _life(desk: Desk, demo: DemoBeside, rng: random.Random, tally: Tally, name: str) -> None:
    desk.new_thread()
    desk.connect()
    keys: list[str] = []
    for number in range(rng.choice((1, 2, 3))):
        fault = rng.choice(FAULTS)
        tally.faults[fault[0] if fault else "none"] += 1
        if fault:
            await asyncio.to_thread(demo.fault, *fault)
        text = f"{rng.choice(QUESTIONS)} ({name}.{tally.sessions}.{number})"
        keys.append(desk.say(text))
        await _until(lambda key=keys[-1]: _settled(desk, key), ANSWER_S)
        if fault:
            await asyncio.to_thread(demo.fault, fault[0], None)
    await _count(desk, keys, tally)
    desk.hang_up()
    await _until(lambda: isinstance(desk.session.link, Idle), EMPTY_S)


async def _until(reached: object, limit_s: float) -> None:
    """Wait for it; who counts afterwards finds what did not come."""
    assert callable(reached)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            while not reached():  # noqa: ASYNC110 - what is waited for has no event of its own
                await asyncio.sleep(0.05)


def _settled(desk: Desk, key: str) -> bool:
    """Whether it is known what came of it; a session that has failed is tried again, as the person would."""
    if isinstance(desk.session.link, Failed):
        desk.controller.post(RetryRequested())
    return _state(desk, key) in ("final", "failed", "unsure")


def _state(desk: Desk, key: str) -> str:
    return next((e.state for e in desk.controller.dialogue.entries if e.key == key), "lost")


async def _count(desk: Desk, keys: list[str], tally: Tally) -> None:
    texts = {e.key: e.text for e in desk.controller.dialogue.entries}
    for key in keys:
        state = _state(desk, key)
        tally.states[state] += 1
        if state in ("lost", "waiting", "sent"):
            tally.lost.append(f"{state}: {texts.get(key)}; {desk.session.link}")
    conversation = desk.session.continuation.conversation_id
    if conversation is None:
        return
    with contextlib.suppress(AppError):
        _, service = await desk.parts.api.conversations()
        there = Counter(item.text for item in await service.all_items(conversation) if item.role == "user")
        tally.twice += [text for key, text in texts.items() if key in keys and there[text] > 1]


async def _census(demo: DemoBeside, tally: Tally) -> dict[str, float]:
    """Count what could grow, once nothing is on its way out any more."""
    await asyncio.sleep(REST_S)
    gc.collect()
    return {
        "rss_mb": round(_rss_mb(), 1), "python_blocks": sys.getallocatedblocks(), "tasks": len(asyncio.all_tasks()),
        "threads": threading.active_count(), "handles": psutil.Process().num_fds(), "joined": tally.joined,
        "rooms": await asyncio.to_thread(_rooms, demo),
    }  # fmt: skip


def _rss_mb() -> float:
    return psutil.Process().memory_info().rss / 1e6


def _rooms(demo: DemoBeside) -> float:
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{demo.base_url}/demo/faults", headers={"Authorization": f"Bearer {demo.api_key}"}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return float(json.load(answer)["rooms"])

"""Sentences spoken into sessions whose rooms break meanwhile: how many the service did not hear.

Each session is a `converse` of three spoken questions; at a random moment of each question its room is deleted, its
participant removed, its connection cut, or the next token refused. A sentence counts as heard when the person's own
caption, which comes from the service's recogniser, says it. Rooms end with their token after 20 s.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.support.demo_beside import DemoBeside
from tests.support.program import QUESTION, Json, Program

SESSIONS, QUESTIONS = 40, 3
SENTENCE = "capital of france"
FAULTS = (
    ("room-delete", "once"), ("participant-remove", "once"), ("room-drop", "once"), ("token-status", "500:1"),
)  # fmt: skip


async def measure(sessions: int = SESSIONS, seed: int = 20261128) -> dict[str, object]:
    """Hold them one after the other; `lost` names the session and what its captions were."""
    rng, faults = random.Random(seed), Counter[str]()
    lost: list[str] = []
    heard = rooms = 0
    with DemoBeside("--token-ttl", "20", "--enforce-ttl", "--fault", "no-greeting") as demo:
        for number in range(sessions):
            with tempfile.TemporaryDirectory() as folder:
                lines = await _session(
                    Program(Path(folder), base_url=demo.base_url, key=demo.api_key), demo, rng, faults
                )
            said = [line["text"].casefold() for line in lines if _is_own(line)]
            there = min(QUESTIONS, sum(SENTENCE in text for text in said))
            heard += there
            rooms += sum(line["type"] == "session" and line["event"] == "joined" for line in lines)
            if there < QUESTIONS:
                lost.append(f"session {number}: {said}")
            sys.stderr.write(f"{number + 1} sessions, {len(lost)} with losses\n")
    return {"spoken": sessions * QUESTIONS, "heard": heard, "lost": lost, "rooms": rooms, "faults": dict(faults)}


def _is_own(line: Json) -> bool:
    return bool(line["type"] == "caption" and line["speaker"] == "user" and line["final"])


async def _session(program: Program, demo: DemoBeside, rng: random.Random, faults: Counter[str]) -> list[Json]:
    words = [word for _ in range(QUESTIONS) for word in ("--in", str(QUESTION))]
    lines: list[Json] = []
    async with (
        program.running("converse", *words, "--transcript", "-", "--no-wait-greeting") as running,
        asyncio.TaskGroup() as meddling,
    ):
        while (text := await running.line()) is not None:
            lines.append(json.loads(text))
            if lines[-1]["type"] == "state" and lines[-1]["state"] == "listening":
                fault = rng.choice(FAULTS)
                faults[fault[0]] += 1
                meddling.create_task(_later(demo, fault, rng.uniform(0.0, 3.0)))
    return lines


async def _later(demo: DemoBeside, fault: tuple[str, str], delay_s: float) -> None:
    await asyncio.sleep(delay_s)
    await asyncio.to_thread(demo.fault, *fault)

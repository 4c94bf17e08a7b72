"""Talk key down to the first sample of the microphone that reaches the far end, with both engines.

A voice is fed to the microphone all the time, and the demo service in echo mode sends back what it hears. What comes
out of the speaker first after a press is found again in what was fed, so that it is known when the microphone heard it.
The path (network, buffers, speaker) is measured by the same comparison, with the microphone open since the press, and
is no part of the figure. `first` is the first press of a session; before each of the others, `cold`, the recording
was closed at the sound server for more than a second. `ready` is the same with the microphone kept open in between.
"""

from __future__ import annotations

import asyncio

import numpy as np
from numpy.typing import NDArray

from tests.bench.figures import summary
from tests.bench.joining import sound_of
from tests.bench.running import run_probe, times
from tests.bench.stamped import MICROPHONE, PLAYED, StampedRecording
from tests.bench.stopping import ENGINES
from tests.support.demo_process import DemoProcess
from tests.support.pulse import RATE_HZ, PulseRig
from tests.support.screen import Screen

RUNS = 2
VOICE_S = 120.0  # longer than the probe takes
STEPS_HZ = 20
LOUD = 300.0
BLOCK = RATE_HZ // 500  # 2 ms
WITHIN = RATE_HZ  # the far end hears something within a second
ALIKE = RATE_HZ * 6 // 100  # samples that are compared: few, for the path changes when buffers grow
LONGEST = RATE_HZ * 8 // 10  # of the path
BESIDE = RATE_HZ // 200
SURE = 1.3  # times more alike than any other place
# What these do to a voice in its first moments is no delay of the microphone, and the echo would be cancelled.
PLAIN = {"audio.echo_cancellation": False, "audio.noise_suppression": False, "audio.gain_control": False}


Found = tuple[float, float] | None  # seconds of delay and of the path


async def measure() -> dict[str, object]:
    return {engine: await _measure(engine) for engine in ENGINES}


async def _measure(engine: str) -> dict[str, object]:
    first: list[Found] = []
    cold: list[Found] = []
    ready: list[Found] = []
    spreads = []
    for _ in range(RUNS):
        found, spread_s = await _session(engine, ready=False)
        first += found[:1]
        cold += found[1:]
        spreads.append(spread_s)
        found, spread_s = await _session(engine, ready=True)
        ready += found[1:]
        spreads.append(spread_s)
    return {
        "cold_s": _summary([row[0] for row in cold if row]),
        "ready_s": _summary([row[0] for row in ready if row]),
        "first_s": _summary([row[0] for row in first if row]),
        "path_s": _summary([row[1] for row in first + cold + ready if row]),
        "not_found": sum(row is None for row in first + cold + ready),
        "clock_spread_s": round(max(spreads), 3),
    }


def _summary(values: list[float]) -> object:
    return summary(values) if values else None


async def _session(engine: str, *, ready: bool) -> tuple[list[Found], float]:
    """Return what was found for each press, and the spread of the recording's clock."""
    with Screen() as screen, PulseRig() as rig:
        async with DemoProcess("--echo") as demo:
            feeding = asyncio.get_running_loop().create_task(asyncio.to_thread(rig.say, wandering()))
            card, microphone = StampedRecording(rig), StampedRecording(rig, MICROPHONE)
            environment = {**screen.environment, **sound_of(rig), "MKA1_API_KEY": demo.api_key}
            options = ("--base-url", demo.base_url)
            wanted = {**PLAIN, "audio.engine": engine, "talk.ready": ready}
            found = await run_probe("key_down", environment, *options, settings=wanted)
            played, fed = card.stop()[:, PLAYED], microphone.stop()[:, 0]
            presses_s = times(found["presses_at_s"])
    await feeding  # the sound card that it fed is gone
    rows = [_first_heard(played, fed, (card.place(at_s), microphone.place(at_s))) for at_s in presses_s]
    return rows, max(card.spread_s(presses_s), microphone.spread_s(presses_s))


def wandering(seconds: float = VOICE_S) -> NDArray[np.int16]:
    """Return a tone of constant loudness whose pitch wanders: no two moments of it are alike."""
    random = np.random.default_rng(1)
    steps = random.uniform(400, 2800, int(seconds * STEPS_HZ))
    pitch = np.interp(np.arange(int(seconds * RATE_HZ)) / RATE_HZ, np.arange(steps.size) / STEPS_HZ, steps)
    samples: NDArray[np.int16] = (9000 * np.sin(2 * np.pi * np.cumsum(pitch) / RATE_HZ)).astype(np.int16)
    return samples


def _first_heard(played: NDArray[np.int16], fed: NDArray[np.int16], press: tuple[int, int]) -> Found:
    """Return (seconds from the press to the first sample that is heard, seconds of its path); None: not found.

    `press` is the place of the press in each recording.
    """
    after = played[press[0] : press[0] + WITHIN + ALIKE].astype(np.float64)
    blocks = after[: after.size // BLOCK * BLOCK].reshape(-1, BLOCK)
    loud = np.flatnonzero(np.sqrt(np.mean(blocks**2, axis=1)) > LOUD)
    if not loud.size:
        return None
    first = int(loud[0]) * BLOCK
    before = fed[press[1] + first - LONGEST : press[1] + first + ALIKE].astype(np.float64)
    place = _place_of(after[first : first + ALIKE], before)
    if place is None:
        return None
    path = LONGEST - place
    return (first - path) / RATE_HZ, path / RATE_HZ


def _place_of(piece: NDArray[np.float64], whole: NDArray[np.float64]) -> int | None:
    """Return where `piece` is in `whole`, to the sample; None when that is not sure."""
    size = 1 << int(np.ceil(np.log2(whole.size + piece.size)))
    spectrum = np.fft.rfft(whole, size) * np.conj(np.fft.rfft(piece, size))
    alike = np.abs(np.fft.irfft(spectrum, size))[: whole.size - piece.size + 1]
    place = int(alike.argmax())
    best = alike[place]
    alike[max(0, place - BESIDE) : place + BESIDE] = 0
    return place if best > SURE * alike.max() else None

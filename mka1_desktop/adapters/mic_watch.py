"""What WebRTC counts about the microphone: the only honest sign that samples arrive."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

from livekit import rtc

from mka1_desktop.domain.audio import FLOOR_DBFS
from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import MicrophoneFailed, MicrophoneReady, SoundEvent
from mka1_desktop.ports.system import ClockPort

log = logging.getLogger(__name__)
STATS_LIMIT_S = 1.0
LOOK_S = 0.025  # WebRTC renews its statistics every 50 ms
OPEN_LIMIT_S = 3.0
ZEROS_S = 1.5  # digital silence for this long: a dead or blocked microphone
AGAIN_S = 1.0
SETTLE_S = 3.0  # a freshly published track opens the recording within this time, or not at all
LAST_SAMPLES_S = 0.25  # closing takes up to 100 ms, and the statistics may be 50 ms old
CHECK_S = 0.1
RUNS_ON = 5  # looks


@dataclass(frozen=True, slots=True)
class Captured:
    """Since the track was published: seconds of samples, their energy, and the newest level."""

    seconds: float
    energy: float
    dbfs: float


async def captured(track: rtc.LocalAudioTrack) -> Captured | None:
    """Ask WebRTC (1 to 5 ms); None while the track is not really published, or when no answer comes."""
    try:
        async with asyncio.timeout(STATS_LIMIT_S):
            rows = await track.get_stats()
    except Exception as e:  # noqa: BLE001 - the SDK raises bare Exception here; all of them mean "not now"
        log.debug("no statistics of the microphone: %s", type(e).__name__)
        return None
    for row in rows:
        if row.HasField("media_source"):
            audio = row.media_source.audio
            level = audio.audio_level
            dbfs = max(FLOOR_DBFS, 20 * math.log10(level)) if level > 0 else FLOOR_DBFS
            return Captured(audio.total_samples_duration, audio.total_audio_energy, dbfs)
    return None


async def watch_opening(
    track: rtc.LocalAudioTrack, clock: ClockPort, emit: Callable[[SoundEvent], None], again: Callable[[], None]
) -> None:
    """Say when samples arrive; then, once, when 1.5 s of them were nothing but zeros.

    `again` is called after each second without samples and shall open the recording once more.
    """
    started_s = clock.monotonic()
    tries = 1
    first = await captured(track)
    before = first.seconds if first is not None else 0.0
    while (now := await captured(track)) is None or now.seconds <= before:
        waited_s = clock.monotonic() - started_s
        if waited_s > OPEN_LIMIT_S:
            emit(MicrophoneFailed(trouble=Trouble(Code.NO_MICROPHONE, details="no samples within 3 s")))
            return
        if waited_s > tries * AGAIN_S:
            tries += 1
            again()
        await clock.sleep(LOOK_S)
    emit(MicrophoneReady())
    await clock.sleep(ZEROS_S)
    later = await captured(track)
    if later is not None and later.seconds > now.seconds and later.energy <= (first.energy if first else 0.0):
        emit(MicrophoneFailed(trouble=Trouble(Code.MIC_SILENT)))


async def hold_open(track: rtc.LocalAudioTrack, clock: ClockPort, start: Callable[[], None]) -> None:
    """Keep a muted microphone recording: muting closes it, up to 100 ms later, so that `start` may have to be repeated.

    Ends when it has run on for longer than that; a microphone that does not open is told when something shall be sent.
    """
    end_s = clock.monotonic() + SETTLE_S
    start()
    before, runs = None, 0
    while clock.monotonic() < end_s and runs < RUNS_ON:
        await clock.sleep(CHECK_S)
        now = await captured(track)
        if now is None:
            continue
        if before is not None and now.seconds > before:
            runs += 1
        elif before is not None:
            runs = 0
            start()
        before = now.seconds


async def watch_closed(
    track: rtc.LocalAudioTrack, clock: ClockPort, stop: Callable[[], None], *, fresh: bool, once: bool = False
) -> None:
    """Call `stop` whenever samples arrive although the track is muted, for the first seconds after it was.

    `fresh`: the track was just published, so that every sample is one too many; else the last ones before the mute
    are counted first. `once`: it ends with the first of them.
    """
    end_s = clock.monotonic() + SETTLE_S
    before: float | None = 0.0 if fresh else None
    if not fresh:
        await clock.sleep(LAST_SAMPLES_S)
    while clock.monotonic() < end_s:
        now = await captured(track)
        if now is not None and before is not None and now.seconds > before:
            stop()
            if once:
                return
            before, fresh = None, False
            await clock.sleep(LAST_SAMPLES_S)
            continue
        if now is not None:
            before = now.seconds
        await clock.sleep(LOOK_S if fresh else CHECK_S)

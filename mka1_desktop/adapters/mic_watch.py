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
SETTLE_S = 3.0  # a freshly published track opens the recording within this time, or not at all


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


async def watch_opening(track: rtc.LocalAudioTrack, clock: ClockPort, emit: Callable[[SoundEvent], None]) -> None:
    """Say when samples arrive; then, once, when 1.5 s of them were nothing but zeros."""
    started_s = clock.monotonic()
    first = await captured(track)
    before = first.seconds if first is not None else 0.0
    while (now := await captured(track)) is None or now.seconds <= before:
        if clock.monotonic() - started_s > OPEN_LIMIT_S:
            emit(MicrophoneFailed(trouble=Trouble(Code.NO_MICROPHONE, details="no samples within 3 s")))
            return
        await clock.sleep(LOOK_S)
    emit(MicrophoneReady())
    await clock.sleep(ZEROS_S)
    later = await captured(track)
    if later is not None and later.seconds > now.seconds and later.energy <= (first.energy if first else 0.0):
        emit(MicrophoneFailed(trouble=Trouble(Code.MIC_SILENT)))


async def wait_until_recording(track: rtc.LocalAudioTrack, clock: ClockPort) -> bool:
    """Wait until samples arrive on a track that should have none; False when 3 s pass without."""
    started_s = clock.monotonic()
    while clock.monotonic() - started_s < SETTLE_S:
        now = await captured(track)
        if now is not None and now.seconds > 0:
            return True
        await clock.sleep(LOOK_S)
    return False

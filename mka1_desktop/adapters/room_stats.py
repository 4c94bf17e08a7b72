"""What WebRTC counts about the connection to a room."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from livekit import rtc

STATS_LIMIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Pair:
    """One candidate pair: a way between this computer and the room."""

    name: str
    arrived: int  # packets of any kind, and ICE's own checks and answers
    nominated: bool
    round_trip_s: float  # 0 while unknown


async def pairs_of(room: rtc.Room, microphone: rtc.LocalAudioTrack | None) -> list[Pair] | None:
    """Ask WebRTC (1 ms, on a busy machine 50 ms); None when it gives no answer.

    The statistics of the published microphone are asked for, where there is one: those of the whole room end this
    process when a sender report without a time came in (SDK 1.2.1 reads its `-inf` as a defect and aborts; seen).
    """
    if not room.isconnected():
        return None
    try:
        async with asyncio.timeout(STATS_LIMIT_S):
            if microphone is not None:
                rows = await microphone.get_stats()
            else:
                stats = await room.get_rtc_stats()
                rows = [*stats.publisher_stats, *stats.subscriber_stats]
    except Exception:  # noqa: BLE001 - the SDK raises bare Exception here; all of them mean "not now"
        return None
    ours = [row.candidate_pair for row in rows if row.HasField("candidate_pair")]
    return [
        Pair(
            name=row.rtc.id,
            arrived=sum(
                (
                    row.candidate_pair.packets_received,
                    row.candidate_pair.requests_received,
                    row.candidate_pair.responses_received,
                )
            ),
            nominated=row.candidate_pair.nominated,
            round_trip_s=row.candidate_pair.current_round_trip_time,
        )
        for row in ours
    ]

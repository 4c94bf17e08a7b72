"""The yardstick: a bare SDK client with the platform's sound, nothing of ours. `python -m tests.bench.bare_client URL`.

The token comes on standard input; it stays until that closes.
"""

from __future__ import annotations

import asyncio
import sys

from livekit import rtc


async def stay(url: str, token: str) -> None:
    room = rtc.Room()
    audio = rtc.PlatformAudio()
    source = audio.create_audio_source(rtc.PlatformAudioOptions())
    await room.connect(url, token)
    track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    await room.local_participant.publish_track(track, options)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await room.disconnect()
    source.close()
    audio.close()


if __name__ == "__main__":
    asyncio.run(stay(sys.argv[1], sys.stdin.readline().strip()))

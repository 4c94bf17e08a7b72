"""Kept speech on a track of its own, for the engine whose microphone track only WebRTC can feed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from livekit import rtc
from livekit.rtc.participant import PublishTrackError, UnpublishTrackError

from mka1_desktop.adapters.capture_line import CaptureLine
from mka1_desktop.adapters.kept_run import KeptRun
from mka1_desktop.domain.errors import AppError, Code

PUBLISH_LIMIT_S = 10.0
SUBSCRIBE_LIMIT_S = 5.0
WITHDRAW_LIMIT_S = 3.0
END_S = 1.2  # of silence after the last word: more than a service waits before it takes a turn as over
LOOK_S = 0.02


async def until_heard(publication: rtc.LocalTrackPublication) -> None:
    """Wait until somebody gets this track; before, the server throws away what is said. Raises AppError."""
    try:
        async with asyncio.timeout(SUBSCRIBE_LIMIT_S):
            await publication.wait_for_subscription()
    except TimeoutError:
        raise AppError(Code.ROOM_UNREACHABLE, details="nobody takes the sound") from None


async def send_on_own_track(
    room: rtc.Room,
    line: CaptureLine,
    open_microphone: Callable[[], Awaitable[None]],
    speaks: Callable[[], bool],
) -> None:
    """Send what the line kept, and live speech behind it until the person pauses or releases the key.

    The ordinary microphone is muted by then. The new track is the newest microphone of the participant, which is the
    one that agents listen to. In a pause `open_microphone` lets the ordinary one flow (it returns when it does), and
    in a pause after that this track is taken away: agents go back to the ordinary one, and no syllable falls between.

    Raises AppError: ROOM_UNREACHABLE. What was not sent by then, or when it is cancelled, stays unsent.
    """
    async with _published(room, line) as publication:
        await until_heard(publication)
        while not await _turn(line, open_microphone):
            if not await _silence(speaks):
                return


async def _turn(line: CaptureLine, open_microphone: Callable[[], Awaitable[None]]) -> bool:
    """Send all there is; True when the ordinary microphone has taken over."""
    run, taken_over = KeptRun(), False
    line.send_kept(run)
    try:
        if await run.until_pause():
            await open_microphone()
            taken_over = await run.until_pause()
    except BaseException:
        line.end_kept(run, cut=True)
        raise
    line.end_kept(run, cut=False)
    await run.until_done()
    return taken_over


async def _silence(speaks: Callable[[], bool]) -> bool:
    """Let the line's silence go out; True as soon as the person speaks again."""
    for _ in range(round(END_S / LOOK_S)):
        if speaks():
            return True
        await asyncio.sleep(LOOK_S)
    return speaks()


@contextlib.asynccontextmanager
async def _published(room: rtc.Room, line: CaptureLine) -> AsyncIterator[rtc.LocalTrackPublication]:
    track = rtc.LocalAudioTrack.create_audio_track("kept speech", line.source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    me = room.local_participant
    publishing = asyncio.get_running_loop().create_task(me.publish_track(track, options), name="publish kept speech")
    try:
        try:
            async with asyncio.timeout(PUBLISH_LIMIT_S):
                publication = await asyncio.shield(publishing)
        except (PublishTrackError, TimeoutError):
            raise AppError(Code.ROOM_UNREACHABLE, details="kept speech could not be published") from None
        yield publication
    finally:
        await _withdraw(me, publishing)


async def _withdraw(me: rtc.LocalParticipant, publishing: asyncio.Task[rtc.LocalTrackPublication]) -> None:
    """Also when publishing is still under way: a track that nobody feeds must not stay the newest microphone."""
    with contextlib.suppress(PublishTrackError, UnpublishTrackError, TimeoutError):  # a room that is gone has no track
        async with asyncio.timeout(WITHDRAW_LIMIT_S):
            await me.unpublish_track((await publishing).sid)

"""What the room adapter and a sound engine agree on: LiveKit tracks, which the core never sees."""

from __future__ import annotations

from typing import Protocol

from livekit import rtc


class TrackHost(Protocol):
    """A sound engine, seen from a room. Called on the event loop's thread."""

    async def microphone_track(self) -> rtc.LocalAudioTrack | None:
        """A new track on the one microphone source, muted; None when this engine has no microphone.

        Each room has a track of its own: two rooms may be joined during a renewal. Raises AppError.
        """

    def microphone_published(self, track: rtc.LocalAudioTrack, room: rtc.Room) -> None:
        """The track is published in `room`: from now on `set_microphone` speaks of this one, newest first."""

    def microphone_unpublished(self, track: rtc.LocalAudioTrack) -> None:
        """The room of this track is left; never mute it (that would close the recording for the new room too)."""

    async def send_kept(self, room: rtc.Room, microphone: rtc.LocalTrackPublication | None, *, again: bool) -> None:
        """Send kept speech into `room`, where `microphone` is published, as soon as somebody gets it; see RoomSession.

        Raises AppError.
        """

    def agent_track_added(self, track: rtc.RemoteAudioTrack, publication: rtc.RemoteTrackPublication) -> None:
        """Play this track, and measure it, until it is removed. The newest one wins; earlier ones fall silent."""

    def agent_track_removed(self, track: rtc.RemoteAudioTrack) -> None: ...

    def agent_frame(self, frame: rtc.AudioFrame) -> None:
        """One 20 ms frame (48 kHz mono) of the newest agent track, from the room adapter's own AudioStream.

        The native engine uses it for the level; the others play or record it.
        """

"""Which published track carries the microphone, and whether it may."""

from __future__ import annotations

from livekit import rtc


class MicrophoneTracks:
    """The published tracks, oldest first; only the newest is ever muted or opened.

    Muting an older one would close the recording for the newer room too (measured, platform-facts.md), so at a
    hand-over the old track is left as it is until its room is gone.
    """

    def __init__(self) -> None:
        self._published: list[rtc.LocalAudioTrack] = []
        self._sending = False
        self._forced: bool | None = None

    @property
    def sending(self) -> bool:
        """What was asked for, also while nothing is published."""
        return self._sending

    @property
    def newest(self) -> rtc.LocalAudioTrack | None:
        return self._published[-1] if self._published else None

    @property
    def open(self) -> bool:
        """Sound goes out: asked for, and a room is there to send it to."""
        return self._sending and bool(self._published)

    @property
    def live(self) -> bool:
        """What is heard now goes out by these tracks as it comes: not while `force` is."""
        return self.open and self._forced is None

    def force(self, unmuted: bool | None) -> None:
        """Let the newest track be open (or muted) whatever is asked for, while kept speech is sent; None ends that."""
        self._forced = unmuted
        self._apply()

    def set_sending(self, sending: bool) -> None:
        self._sending = sending
        self._apply()

    def published(self, track: rtc.LocalAudioTrack) -> None:
        self._published.append(track)
        self._apply()

    def unpublished(self, track: rtc.LocalAudioTrack) -> None:
        """Forget a track; when it was the newest, the one before it takes over."""
        if track not in self._published:
            return
        was_newest = track is self._published[-1]
        self._published.remove(track)
        if was_newest:
            self._apply()

    def clear(self) -> None:
        self._published.clear()
        self._sending = False
        self._forced = None

    def _apply(self) -> None:
        track = self.newest
        if track is None:
            return
        wanted = self._sending if self._forced is None else self._forced
        if wanted and track.muted:
            track.unmute()
        elif not wanted and not track.muted:
            track.mute()

"""Which of the agent's tracks is heard: the newest one, unless the answer was stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from livekit import rtc


@dataclass(slots=True, eq=False)
class _Playing:
    track: rtc.RemoteAudioTrack
    publication: rtc.RemoteTrackPublication
    heard: bool = True


class AgentPlayback:
    """Switches tracks that WebRTC itself plays.

    `switch(track, enabled)` is the quick way and says whether it worked; if not, the subscription is ended or renewed
    (silent after 73 to 96 ms, measured; the track then goes and a new one comes).
    """

    def __init__(self, switch: Callable[[rtc.RemoteAudioTrack, bool], bool]) -> None:
        self._switch = switch
        self._tracks: list[_Playing] = []
        self._unsubscribed: list[rtc.RemoteTrackPublication] = []
        self._silent = False

    def added(self, track: rtc.RemoteAudioTrack, publication: rtc.RemoteTrackPublication) -> None:
        self._tracks.append(_Playing(track, publication))
        self._apply()

    def removed(self, track: rtc.RemoteAudioTrack) -> None:
        """The one before it is heard again, if it is still there."""
        self._tracks = [t for t in self._tracks if t.track is not track]
        self._apply()

    def silence(self, silent: bool) -> None:
        """Holds for later tracks too, until it is allowed again."""
        self._silent = silent
        if not silent:
            for publication in self._unsubscribed:
                publication.set_subscribed(True)
            self._unsubscribed.clear()
        self._apply()

    def clear(self) -> None:
        self._tracks.clear()
        self._unsubscribed.clear()
        self._silent = False

    def _apply(self) -> None:
        for playing in list(self._tracks):
            heard = not self._silent and playing is self._tracks[-1]
            if heard != playing.heard:
                playing.heard = heard
                self._change(playing, heard)

    def _change(self, playing: _Playing, heard: bool) -> None:
        if self._switch(playing.track, heard):
            return
        if heard:
            playing.publication.set_subscribed(True)
        else:
            playing.publication.set_subscribed(False)
            self._unsubscribed.append(playing.publication)

"""Which of the agent's tracks is heard."""

from __future__ import annotations

from typing import cast

import pytest
from livekit import rtc

from mka1_desktop.adapters.agent_playback import AgentPlayback


class Track:
    """A remote track, as far as it matters here."""


class Publication:
    def __init__(self) -> None:
        self.subscribed: list[bool] = []

    def set_subscribed(self, subscribed: bool) -> None:
        self.subscribed.append(subscribed)


class Room:
    """Two tracks and what was asked of the SDK."""

    def __init__(self, *, works: bool = True) -> None:
        self.works = works
        self.playback = AgentPlayback(self._switch)
        self.heard: dict[int, bool] = {}
        self.tracks: list[rtc.RemoteAudioTrack] = []
        self.publications: list[Publication] = []

    def _switch(self, track: rtc.RemoteAudioTrack, enabled: bool) -> bool:
        if self.works:
            self.heard[self.tracks.index(track)] = enabled
        return self.works

    def add(self) -> rtc.RemoteAudioTrack:
        track, publication = cast(rtc.RemoteAudioTrack, Track()), Publication()
        self.tracks.append(track)
        self.publications.append(publication)
        self.heard[len(self.tracks) - 1] = True  # WebRTC plays what is subscribed
        self.playback.added(track, cast(rtc.RemoteTrackPublication, publication))
        return track


@pytest.fixture
def room() -> Room:
    return Room()


def test_the_newest_track_wins_and_the_older_one_comes_back(room: Room) -> None:
    room.add()
    newer = room.add()
    assert room.heard == {0: False, 1: True}
    room.playback.removed(newer)
    assert room.heard[0]


def test_a_stopped_answer_stays_stopped_for_later_tracks_too(room: Room) -> None:
    room.add()
    room.playback.silence(True)
    room.add()
    assert room.heard == {0: False, 1: False}
    room.playback.silence(False)
    assert room.heard == {0: False, 1: True}
    assert all(p.subscribed == [] for p in room.publications)


def test_nothing_is_asked_twice() -> None:
    room = Room()
    room.add()
    room.playback.silence(False)
    room.heard.clear()
    room.playback.silence(True)
    room.playback.silence(True)
    assert room.heard == {0: False}


def test_an_sdk_that_cannot_switch_gives_the_subscription_up_and_takes_it_again() -> None:
    room = Room(works=False)
    track = room.add()
    room.playback.silence(True)
    assert room.publications[0].subscribed == [False]
    room.playback.removed(track)  # the SDK takes the track away with the subscription
    room.playback.silence(False)
    assert room.publications[0].subscribed == [False, True]

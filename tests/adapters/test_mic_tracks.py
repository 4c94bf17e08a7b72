"""Which track is open, with kept speech on its way."""

from __future__ import annotations

from typing import cast

from livekit import rtc

from mka1_desktop.adapters.mic_tracks import MicrophoneTracks


class FakeTrack:
    def __init__(self) -> None:
        self.muted = True

    def mute(self) -> None:
        self.muted = True

    def unmute(self) -> None:
        self.muted = False


def published(tracks: MicrophoneTracks) -> FakeTrack:
    track = FakeTrack()
    tracks.published(cast(rtc.LocalAudioTrack, track))
    return track


def states(tracks: MicrophoneTracks) -> tuple[bool, bool]:
    return tracks.open, tracks.live


def is_muted(track: FakeTrack) -> bool:
    return track.muted


def test_a_forced_track_does_not_follow_the_key_until_it_is_let_go() -> None:
    tracks = MicrophoneTracks()
    track = published(tracks)
    tracks.force(True)
    assert not is_muted(track)
    assert states(tracks) == (False, False)
    tracks.set_sending(True)
    assert states(tracks) == (True, False)
    tracks.set_sending(False)
    assert not is_muted(track)
    tracks.force(None)
    assert is_muted(track)


def test_a_track_that_comes_meanwhile_is_forced_too() -> None:
    tracks = MicrophoneTracks()
    tracks.set_sending(True)
    tracks.force(False)
    track = published(tracks)
    assert is_muted(track)
    tracks.force(None)
    assert not is_muted(track)
    assert tracks.live


def test_clearing_ends_it() -> None:
    tracks = MicrophoneTracks()
    tracks.force(True)
    tracks.clear()
    track = published(tracks)
    assert is_muted(track)

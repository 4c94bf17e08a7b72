"""Which of the audio tracks in a room is the assistant's voice, and its frames on the way to the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from livekit import rtc

from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.adapters.platform_sound import switch_playback
from mka1_desktop.adapters.room_agents import joined_s
from mka1_desktop.adapters.room_sound import SoundGate, pump
from mka1_desktop.adapters.tracks import TrackHost
from mka1_desktop.domain.audio import SOUND_DBFS, level_dbfs

REST_S = 0.2  # what is still under way of a voice that was cut is over by then


@dataclass(slots=True, eq=False)
class _Voice:
    publication: rtc.RemoteTrackPublication
    identity: str
    joined_s: float
    track: rtc.RemoteAudioTrack | None = None
    task: asyncio.Task[None] | None = None
    played: bool = False  # the engine has it
    unwanted: bool = False  # we ended its subscription


class Voices:
    """The newest agent's audio track is heard, else that of the newest participant; the others are not subscribed to.

    Of several tracks of one participant the newest counts. When the one that is heard goes, the one before it that is
    still published is subscribed to again.

    While this room is not to be heard, its voice is measured but not played; WebRTC plays what is subscribed to on its
    own, so it is switched off there, or, where this cannot be done, not subscribed to. When it is to be heard from now
    on while it sounds, the rest of that sound is not played: it was not to be heard.
    """

    def __init__(
        self,
        *,
        host: TrackHost,
        gate: SoundGate,
        tasks: OwnedTasks,
        is_agent: Callable[[str], bool],
        now: Callable[[], float],
        hearing: bool = True,
        switch: Callable[[rtc.RemoteAudioTrack, bool], bool] = switch_playback,
    ) -> None:
        self._host = host
        self._gate = gate
        self._tasks = tasks
        self._is_agent = is_agent
        self._now = now
        self._hearing = hearing
        self._switch = switch
        self._voices: list[_Voice] = []  # newest last
        self._rest_until_s: float | None = None  # the voice is heard from then on, or after a pause

    @property
    def speaker(self) -> str | None:
        """Identity of whose track is the assistant's voice."""
        best = self._best()
        return best.identity if best is not None else None

    def subscribed(
        self, track: rtc.RemoteAudioTrack, publication: rtc.RemoteTrackPublication, who: rtc.RemoteParticipant
    ) -> None:
        voice = self._find(publication.sid)
        if voice is None:
            voice = _Voice(publication, who.identity, joined_s(who))
            self._voices.append(voice)
            self._voices.sort(key=lambda v: v.joined_s)  # of those that joined before us, tracks come in any order
        self._stop(voice)
        voice.track, voice.unwanted = track, False
        self.settle()

    def unsubscribed(self, sid: str) -> None:
        """The subscription ended, by our wish or by the engine's: the track may come back."""
        if (voice := self._find(sid)) is not None:
            self._stop(voice)
            voice.track = None

    def unpublished(self, sid: str) -> None:
        if (voice := self._find(sid)) is not None:
            self._forget([voice])

    def gone(self, identity: str) -> None:
        """This participant left, with all tracks."""
        self._forget([v for v in self._voices if v.identity == identity])

    def settle(self) -> None:
        """Let the right one be heard; also called when somebody turns out to be an agent."""
        best = self._best()
        for voice in self._voices:
            if voice is not best and not voice.unwanted:
                self._refuse(voice)
        if best is None:
            return
        if best.unwanted:
            if self._hearing:
                best.unwanted = False
                best.publication.set_subscribed(True)
        elif best.track is not None and best.task is None:
            self._start(best, best.track)

    def hear(self, hearing: bool) -> None:
        """Give the voice to the engine, or take it back."""
        if hearing and not self._hearing and self._gate.sounds:
            self._rest_until_s = self._now() + REST_S
            return
        self._rest_until_s = None
        if hearing != self._hearing:
            self._hear(hearing)

    def _hear(self, hearing: bool) -> None:
        self._hearing, self._rest_until_s = hearing, None
        for voice in self._voices:
            if voice.task is not None and voice.track is not None:
                self._play_or_not(voice, voice.track)
        self.settle()

    def close(self) -> None:
        """Take every voice from the engine."""
        for voice in self._voices:
            self._stop(voice)
        self._voices.clear()

    def _best(self) -> _Voice | None:
        agents = [v for v in self._voices if self._is_agent(v.identity)]
        candidates = agents or self._voices
        return candidates[-1] if candidates else None

    def _find(self, sid: str) -> _Voice | None:
        return next((v for v in self._voices if v.publication.sid == sid), None)

    def _forget(self, gone: list[_Voice]) -> None:
        for voice in gone:
            self._stop(voice)
            self._voices.remove(voice)
        if gone:
            self.settle()

    def _start(self, voice: _Voice, track: rtc.RemoteAudioTrack) -> None:
        self._play_or_not(voice, track)
        if not voice.unwanted:
            voice.task = self._tasks.spawn(pump(track, take=self._take, gate=self._gate, now=self._now), "agent audio")

    def _play_or_not(self, voice: _Voice, track: rtc.RemoteAudioTrack) -> None:
        if self._hearing:
            self._switch(track, True)
            voice.played = True
            self._host.agent_track_added(track, voice.publication)
            return
        self._take_back(voice)
        if not self._switch(track, False):
            self._refuse(voice)

    def _refuse(self, voice: _Voice) -> None:
        self._stop(voice)
        voice.unwanted = True
        voice.publication.set_subscribed(False)

    def _take(self, frame: rtc.AudioFrame) -> None:
        if self._rest_until_s is not None:
            quiet = level_dbfs(np.frombuffer(frame.data, dtype=np.int16)) <= SOUND_DBFS
            if quiet or self._now() >= self._rest_until_s:
                self._hear(True)
        if self._hearing:
            self._host.agent_frame(frame)

    def _take_back(self, voice: _Voice) -> None:
        if voice.played and voice.track is not None:
            self._host.agent_track_removed(voice.track)
        voice.played = False

    def _stop(self, voice: _Voice) -> None:
        if voice.task is not None:
            voice.task.cancel()
            voice.task = None
        self._take_back(voice)

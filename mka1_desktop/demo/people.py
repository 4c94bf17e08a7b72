"""The participants of a room as LiveKit's protocol describes them."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from livekit.protocol import models, rtc

_SENT = re.compile(r"^a=send(?:only|recv)\s*$", re.MULTILINE)
_TRACK = re.compile(r"^a=msid:\S+ (\S+)", re.MULTILINE)
AGENT_STATE = "lk.agent.state"
MAX_TRACKS = 16


def new_sid(kind: str) -> str:
    """Return a fresh id such as PA_… (participant), TR_… (track) or RM_… (room)."""
    return f"{kind}_{secrets.token_hex(7)}"


def _sent_tracks(sdp: str) -> set[str]:
    """The client's ids of the tracks that it sends. One that it sends no more keeps its id, not its direction."""
    lines = sdp.split("\nm=")[1:]
    return {track for line in lines if _SENT.search(line) for track in _TRACK.findall(line)}


@dataclass(slots=True)
class Person:
    """The user. Tracks are those that the client announced, by session id."""

    identity: str
    metadata: str = ""
    sid: str = field(default_factory=lambda: new_sid("PA"))
    joined_at_s: float = field(default_factory=time.time)
    tracks: dict[str, models.TrackInfo] = field(default_factory=dict)
    version: int = 1
    _sids: dict[str, str] = field(default_factory=dict)  # by the client's own id of the track
    _offered: set[str] = field(default_factory=set)  # the client's ids that its newest offer held

    def add_track(self, request: rtc.AddTrackRequest) -> models.TrackInfo:
        """Take up a track that the client is about to publish; the oldest of too many is forgotten."""
        if len(self.tracks) >= MAX_TRACKS:
            self._forget(next(iter(self.tracks)))
        track = models.TrackInfo(
            sid=new_sid("TR"),
            type=request.type,
            name=request.name,
            muted=request.muted,
            source=request.source,
            stream=request.stream,
            disable_red=request.disable_red,
        )
        self.tracks[track.sid] = track
        self._sids[request.cid] = track.sid
        self.version += 1
        return track

    def take_offer(self, sdp: str) -> bool:
        """Forget the tracks that the client's offer holds no more. True: there were some."""
        before, self._offered = self._offered, _sent_tracks(sdp)
        gone = [sid for cid, sid in self._sids.items() if cid in before - self._offered]
        for sid in gone:
            self._forget(sid)
        self.version += bool(gone)
        return bool(gone)

    def _forget(self, sid: str) -> None:
        self.tracks.pop(sid, None)
        self._sids = {cid: known for cid, known in self._sids.items() if known != sid}

    def mute(self, track_sid: str, *, muted: bool) -> None:
        if (track := self.tracks.get(track_sid)) is not None:
            track.muted = muted
            self.version += 1

    def info(self) -> models.ParticipantInfo:
        return models.ParticipantInfo(
            sid=self.sid,
            identity=self.identity,
            state=models.ParticipantInfo.ACTIVE,
            tracks=list(self.tracks.values()),
            metadata=self.metadata,
            joined_at=int(self.joined_at_s),
            joined_at_ms=int(self.joined_at_s * 1000),
            version=self.version,
            is_publisher=bool(self.tracks),
            permission=models.ParticipantPermission(can_subscribe=True, can_publish=True, can_publish_data=True),
        )

    @property
    def microphone_sid(self) -> str:
        """Session id of the newest audio track, "" when there is none."""
        found = [t.sid for t in self.tracks.values() if t.type == models.TrackType.AUDIO]
        return found[-1] if found else ""


@dataclass(slots=True)
class AgentPerson:
    """An agent, with one audio track or none."""

    identity: str
    has_audio: bool = True
    sid: str = field(default_factory=lambda: new_sid("PA"))
    track_sid: str = field(default_factory=lambda: new_sid("TR"))
    joined_at_s: float = field(default_factory=time.time)
    attributes: dict[str, str] = field(default_factory=dict)
    gone: bool = False
    version: int = 1

    def change(self, attributes: Mapping[str, str]) -> None:
        self.attributes.update(attributes)
        self.version += 1

    def info(self) -> models.ParticipantInfo:
        state = models.ParticipantInfo.DISCONNECTED if self.gone else models.ParticipantInfo.ACTIVE
        tracks = []
        if self.has_audio:
            tracks.append(
                models.TrackInfo(
                    sid=self.track_sid,
                    type=models.TrackType.AUDIO,
                    name="voice",
                    source=models.TrackSource.MICROPHONE,
                    mime_type="audio/opus",
                    stream=self.sid,
                )
            )
        return models.ParticipantInfo(
            sid=self.sid,
            identity=self.identity,
            name="Demo assistant",
            state=state,
            tracks=tracks,
            joined_at=int(self.joined_at_s),
            joined_at_ms=int(self.joined_at_s * 1000),
            version=self.version,
            is_publisher=self.has_audio,
            kind=models.ParticipantInfo.AGENT,
            attributes=self.attributes,
            # 0: a client that believes we know newer data streams would send compressed ones.
            client_protocol=0,
            permission=models.ParticipantPermission(
                can_subscribe=True, can_publish=True, can_publish_data=True, agent=True
            ),
        )

"""SDK callbacks of one room -> facts. Every callback bounds what it reads and raises nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from livekit import rtc

from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.adapters.room_captions import CaptionReader
from mka1_desktop.adapters.room_sound import HANGOVER_S, SoundGate, pump
from mka1_desktop.adapters.tracks import TrackHost
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    AgentState,
    AgentStateChanged,
    ResponseStarted,
    RoomEvent,
    RoomLost,
    RoomResumed,
    RoomResuming,
    ServiceErrorReceived,
    Speaker,
)
from mka1_desktop.domain.packets import PACKET_LIMIT_B, read_packet

log = logging.getLogger(__name__)

CAPTION_TOPIC = "lk.transcription"
STATE_ATTRIBUTE = "lk.agent.state"
STREAMS_LIMIT = 64  # text streams read at the same time; a flood beyond that is dropped


class RoomListener:
    """Listens to one room until closed. Nothing is emitted after `close`."""

    def __init__(
        self,
        room: rtc.Room,
        *,
        ticket: int,
        emit: Callable[[RoomEvent], None],
        host: TrackHost,
        tasks: OwnedTasks,
        now: Callable[[], float],
    ) -> None:
        self._room = room
        self._ticket = ticket
        self._out = emit
        self._host = host
        self._tasks = tasks
        self._now = now
        self._closed = False
        self._streams = 0
        self._ignored = 0
        self._agents: list[str] = []
        self._voices: list[tuple[rtc.RemoteAudioTrack, rtc.RemoteTrackPublication, asyncio.Task[None] | None]] = []
        self._captions = CaptionReader(ticket=ticket, emit=self._emit, whose=self._whose, now=now)
        self._gate = SoundGate(ticket=ticket, emit=self._emit)

    def attach(self) -> None:
        """Register every handler; before joining, since the first data may come with the join."""
        on = self._room.on
        on("participant_connected", self._participant_here)
        on("participant_active", self._participant_here)
        on("participant_disconnected", self._participant_gone)
        on("participant_attributes_changed", self._attributes_changed)
        on("track_subscribed", self._track_subscribed)
        on("track_unsubscribed", self._track_unsubscribed)
        on("transcription_received", self._captions.on_event)
        on("data_received", self._data_received)
        on("reconnecting", lambda: self._emit(RoomResuming(ticket=self._ticket)))
        on("reconnected", lambda: self._emit(RoomResumed(ticket=self._ticket)))
        on("disconnected", self._disconnected)
        self._room.register_text_stream_handler(CAPTION_TOPIC, self._caption_stream)
        _catch_all_streams(self._room, self._other_stream)

    def start(self) -> None:
        """The room is joined: who is there already counts as come."""
        for participant in self._room.remote_participants.values():
            self._participant_here(participant)
        self._tasks.spawn(self._tick(), "agent sound gate")

    def close(self) -> None:
        """Say nothing more, and take the voices from the engine."""
        self._closed = True
        for track, _, task in self._voices:
            if task is not None:
                task.cancel()
            self._host.agent_track_removed(track)
        self._voices.clear()

    def _emit(self, event: RoomEvent) -> None:
        if not self._closed:
            self._out(event)

    async def _tick(self) -> None:
        """A track that sends nothing more brings no frame that would say so."""
        while True:
            await asyncio.sleep(HANGOVER_S / 3)
            self._gate.tick(self._now())

    # --- who is there ---------------------------------------------------------------------------------------

    def _whose(self, identity: str | None, track_sid: str | None) -> Speaker:
        local = self._room.local_participant
        if identity is not None and identity == local.identity:
            return "user"
        return "user" if track_sid and track_sid in local.track_publications else "agent"

    def _participant_here(self, participant: rtc.RemoteParticipant) -> None:
        if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT or STATE_ATTRIBUTE in participant.attributes:
            self._agent_here(participant.identity)
        self._read_state(participant.attributes)

    def _agent_here(self, identity: str) -> None:
        if identity not in self._agents:
            self._agents.append(identity)
        self._emit(AgentJoined(ticket=self._ticket, identity=identity))

    def _participant_gone(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity not in self._agents:
            return
        self._agents.remove(participant.identity)
        self._emit(AgentLeft(ticket=self._ticket, identity=participant.identity))
        if self._agents:  # another one is still here
            self._emit(AgentJoined(ticket=self._ticket, identity=self._agents[-1]))

    def _attributes_changed(self, changed: dict[str, str], participant: rtc.Participant) -> None:
        if participant.identity == self._room.local_participant.identity:
            return
        if STATE_ATTRIBUTE in changed:
            self._agent_here(participant.identity)
            self._read_state(changed)

    def _read_state(self, attributes: dict[str, str]) -> None:
        value = attributes.get(STATE_ATTRIBUTE, "")
        if value in [state.value for state in AgentState]:
            self._emit(AgentStateChanged(ticket=self._ticket, state=AgentState(value)))

    # --- the voice ------------------------------------------------------------------------------------------

    def _track_subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        """The newest audio track is the assistant's voice; an older one is no longer subscribed to."""
        if not isinstance(track, rtc.RemoteAudioTrack) or self._closed:
            return
        self._agent_here(participant.identity)
        for _, older, task in self._voices:
            if task is not None:
                task.cancel()
            older.set_subscribed(False)
        self._host.agent_track_added(track, publication)
        task = self._tasks.spawn(pump(track, host=self._host, gate=self._gate, now=self._now), "agent audio")
        self._voices.append((track, publication, task))

    def _track_unsubscribed(
        self, track: rtc.Track | None, publication: rtc.RemoteTrackPublication, _: rtc.RemoteParticipant
    ) -> None:
        for voice in [v for v in self._voices if v[1].sid == publication.sid]:
            self._voices.remove(voice)
            if voice[2] is not None:
                voice[2].cancel()
            self._host.agent_track_removed(voice[0])

    # --- words and facts --------------------------------------------------------------------------------------

    def _caption_stream(self, reader: rtc.TextStreamReader, identity: str) -> None:
        self._read(reader, self._captions.on_stream(reader, identity))

    def _other_stream(self, reader: rtc.TextStreamReader, identity: str) -> None:
        """A text stream of another topic may hold the JSON of a data packet (open questions 20)."""
        self._read(reader, self._read_json_stream(reader, identity))

    def _read(self, reader: rtc.TextStreamReader, work: object) -> None:
        if not asyncio.iscoroutine(work):
            return
        if self._streams >= STREAMS_LIMIT or self._closed:
            work.close()
            reader.close()
            return

        async def counted() -> None:
            self._streams += 1
            try:
                await work
            finally:
                self._streams -= 1

        self._tasks.spawn(counted(), "text stream")

    async def _read_json_stream(self, reader: rtc.TextStreamReader, identity: str) -> None:
        text = ""
        try:
            async for chunk in reader:
                text += chunk
                if len(text) > PACKET_LIMIT_B:
                    reader.close()
                    break
        except ConnectionError:
            return
        if identity != self._room.local_participant.identity:
            self._facts(text)

    def _data_received(self, packet: rtc.DataPacket) -> None:
        if packet.participant is not None and packet.participant.identity == self._room.local_participant.identity:
            return
        self._facts(packet.data)

    def _facts(self, raw: bytes | str) -> None:
        packet = read_packet(raw)
        if packet is None:
            self._ignored += 1
            log.debug("data packet ignored: %d bytes, %d so far", len(raw), self._ignored)
            return
        if packet.response_id is not None or packet.conversation_id is not None:
            self._emit(
                ResponseStarted(
                    ticket=self._ticket, response_id=packet.response_id, conversation_id=packet.conversation_id
                )
            )
        if packet.trouble is not None:
            self._emit(ServiceErrorReceived(ticket=self._ticket, trouble=packet.trouble))

    def _disconnected(self, reason: object = None) -> None:
        name = "unknown"
        if isinstance(reason, int):
            try:
                name = rtc.DisconnectReason.Name(reason).lower()  # type: ignore[arg-type] # any number may come
            except ValueError:
                name = f"reason {reason}"
        self._emit(RoomLost(ticket=self._ticket, reason=name))
        self.close()


class _AnyTopic(dict[str, Callable[[rtc.TextStreamReader, str], None]]):
    """Handlers by topic, with one for every other topic: the SDK's own table has no such entry."""

    def __init__(self, known: dict[str, Callable[[rtc.TextStreamReader, str], None]], other: object) -> None:
        super().__init__(known)
        self._other = other

    def get(self, topic: str, default: object = None) -> object:  # type: ignore[override] # see the docstring
        return super().get(topic, self._other)


def _catch_all_streams(room: rtc.Room, other: Callable[[rtc.TextStreamReader, str], None]) -> None:
    """Also read text streams of unknown topics. The SDK (1.2) has no public way; without its table nothing changes."""
    table = vars(room).get("_text_stream_handlers")
    if isinstance(table, dict):
        vars(room)["_text_stream_handlers"] = _AnyTopic(table, other)

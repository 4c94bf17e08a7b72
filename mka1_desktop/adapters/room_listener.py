"""SDK callbacks of one room -> facts. Every callback bounds what it reads and raises nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence

from livekit import rtc

from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.adapters.room_agents import Agents, joined_s
from mka1_desktop.adapters.room_captions import CaptionReader
from mka1_desktop.adapters.room_silence import SilenceWatch
from mka1_desktop.adapters.room_sound import SoundGate
from mka1_desktop.adapters.room_stats import Pair
from mka1_desktop.adapters.room_streams import catch_all_streams
from mka1_desktop.adapters.room_voices import Voices
from mka1_desktop.adapters.tracks import TrackHost
from mka1_desktop.domain.events import (
    ResponseStarted,
    RoomEvent,
    RoomLost,
    RoomResumed,
    RoomResuming,
    ServiceErrorReceived,
    Speaker,
)
from mka1_desktop.domain.packets import PACKET_LIMIT_B, read_packet
from mka1_desktop.ports.system import ClockPort

log = logging.getLogger(__name__)

CAPTION_TOPIC = "lk.transcription"
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
        look: Callable[[], Awaitable[Sequence[Pair] | None]],
        clock: ClockPort,
        hearing: bool = True,
    ) -> None:
        now = clock.monotonic
        self._room = room
        self._ticket = ticket
        self._out = emit
        self._tasks = tasks
        self._look = look
        self._clock = clock
        self._closed = False
        self._watch: asyncio.Task[None] | None = None
        self._streams = 0
        self._ignored = 0
        self.steady = asyncio.Event()  # unset while the SDK reconnects
        self.steady.set()
        self._captions = CaptionReader(ticket=ticket, emit=self._emit, whose=self._whose, now=now)
        self._gate = SoundGate(ticket=ticket, emit=self._emit, tasks=tasks, now=now)
        self._agents = Agents(ticket=ticket, emit=self._emit, speaker=lambda: self._voices.speaker)
        self._voices = Voices(
            host=host, gate=self._gate, tasks=tasks, is_agent=self._agents.is_agent, now=now, hearing=hearing
        )

    @property
    def ignored(self) -> int:
        """How many data packets and text streams held nothing for us."""
        return self._ignored

    def attach(self) -> None:
        """Register every handler; before joining, since the first data may come with the join."""
        room, guarded = self._room, self._guarded
        room.on("participant_connected", guarded(self._participant_here))
        room.on("participant_active", guarded(self._participant_here))
        room.on("participant_disconnected", guarded(self._participant_gone))
        room.on("participant_attributes_changed", guarded(self._attributes_changed))
        room.on("track_subscribed", guarded(self._track_subscribed))
        room.on("track_unsubscribed", guarded(self._track_unsubscribed))
        room.on("track_unpublished", guarded(self._track_unpublished))
        room.on("transcription_received", guarded(self._captions.on_event))
        room.on("data_received", guarded(self._data_received))
        room.on("reconnecting", guarded(self._reconnecting))
        room.on("reconnected", guarded(self._reconnected))
        room.on("disconnected", guarded(self._disconnected))
        room.register_text_stream_handler(CAPTION_TOPIC, guarded(self._caption_stream))
        catch_all_streams(room, guarded(self._other_stream))

    def start(self) -> None:
        """The room is joined: who is there already counts as come."""
        for participant in sorted(self._room.remote_participants.values(), key=joined_s):
            self._agents.seen(participant)
        self._settle()
        watch = SilenceWatch(
            ticket=self._ticket,
            emit=self._emit,
            look=self._look,
            steady=self.steady,
            clock=self._clock,
        )
        if not self._closed:  # the room may have ended while it was being joined
            self._watch = self._tasks.spawn(watch.run(), "room silence")

    def hear(self, hearing: bool) -> None:
        """See RoomSession."""
        if not self._closed:
            self._voices.hear(hearing)

    def close(self) -> None:
        """Say nothing more, and take the voices from the engine."""
        self._closed = True
        self.steady.set()  # whoever waits for it looks what has become of the room
        self._voices.close()
        if self._watch is not None:
            self._watch.cancel()

    def _emit(self, event: RoomEvent) -> None:
        if not self._closed:
            self._out(event)

    def _guarded(self, handler: Callable[..., None]) -> Callable[..., None]:
        """Let no exception into the SDK: it would log the whole event, words included, in the root logger's name."""

        def call(*arguments: object) -> None:
            if self._closed:
                return
            try:
                handler(*arguments)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is our defect and goes where defects go
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "room callback failed", "exception": error}
                )

        return call

    # --- who is there, and the voice ------------------------------------------------------------------------

    def _whose(self, identity: str | None, track_sid: str | None) -> Speaker:
        local = self._room.local_participant
        if identity is not None and identity == local.identity:
            return "user"
        return "user" if track_sid and track_sid in local.track_publications else "agent"

    def _participant_here(self, participant: rtc.RemoteParticipant) -> None:
        self._agents.seen(participant)
        self._settle()

    def _participant_gone(self, participant: rtc.RemoteParticipant) -> None:
        self._voices.gone(participant.identity)
        self._agents.gone(participant.identity)
        self._settle()

    def _attributes_changed(self, _: dict[str, str], participant: rtc.Participant) -> None:
        if isinstance(participant, rtc.RemoteParticipant):
            self._participant_here(participant)

    def _track_subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if isinstance(track, rtc.RemoteAudioTrack):
            self._agents.heard(participant.identity)
            self._voices.subscribed(track, publication, participant)
            self._settle()

    def _track_unsubscribed(
        self, _: rtc.Track | None, publication: rtc.RemoteTrackPublication, __: rtc.RemoteParticipant
    ) -> None:
        self._voices.unsubscribed(publication.sid)

    def _track_unpublished(self, publication: rtc.RemoteTrackPublication, _: rtc.RemoteParticipant) -> None:
        self._voices.unpublished(publication.sid)
        self._settle()

    def _settle(self) -> None:
        self._voices.settle()
        self._agents.settle()

    # --- words and facts ------------------------------------------------------------------------------------

    def _caption_stream(self, reader: rtc.TextStreamReader, identity: str) -> None:
        self._read(reader, lambda: self._captions.on_stream(reader, identity))

    def _other_stream(self, reader: rtc.TextStreamReader, identity: str) -> None:
        """A text stream of another topic may hold the JSON of a data packet (open questions 20)."""
        self._read(reader, lambda: self._read_facts(reader, identity))

    def _read(self, reader: rtc.TextStreamReader, work: Callable[[], Coroutine[object, object, None]]) -> None:
        if self._streams >= STREAMS_LIMIT:
            self._ignore(0)
            reader.close()
            return

        async def read() -> None:
            try:
                await work()
            except ConnectionError:  # the SDK's StreamError: cut in the middle
                return

        self._streams += 1
        task = self._tasks.spawn(read(), "text stream")
        if task is None:
            self._stream_read(reader)
        else:
            task.add_done_callback(lambda _: self._stream_read(reader))

    def _stream_read(self, reader: rtc.TextStreamReader) -> None:
        self._streams -= 1
        reader.close()  # one that is not read to its end stays subscribed for ever

    async def _read_facts(self, reader: rtc.TextStreamReader, identity: str) -> None:
        parts: list[str] = []
        size = 0
        async for chunk in reader:
            parts.append(chunk)
            size += len(chunk)
            if size > PACKET_LIMIT_B:
                break
        if identity != self._room.local_participant.identity:
            self._facts("".join(parts))

    def _data_received(self, packet: rtc.DataPacket) -> None:
        if packet.participant is None or packet.participant.identity != self._room.local_participant.identity:
            self._facts(packet.data)

    def _facts(self, raw: bytes | str) -> None:
        packet = read_packet(raw)
        if packet is None:
            self._ignore(len(raw))
            return
        if packet.response_id is not None or packet.conversation_id is not None:
            self._emit(
                ResponseStarted(
                    ticket=self._ticket, response_id=packet.response_id, conversation_id=packet.conversation_id
                )
            )
        if packet.trouble is not None:
            self._emit(ServiceErrorReceived(ticket=self._ticket, trouble=packet.trouble))

    def _ignore(self, size: int) -> None:
        self._ignored += 1
        log.debug("data packet ignored: %d bytes or characters, %d so far", size, self._ignored)

    def _reconnecting(self) -> None:
        self.steady.clear()
        self._emit(RoomResuming(ticket=self._ticket))

    def _reconnected(self) -> None:
        self.steady.set()
        self._emit(RoomResumed(ticket=self._ticket))

    def _disconnected(self, reason: object = None) -> None:
        name = "unknown"
        if isinstance(reason, int):
            try:
                name = rtc.DisconnectReason.Name(reason).lower()  # type: ignore[arg-type] # any number may come
            except ValueError:
                name = f"reason {reason}"
        self._emit(RoomLost(ticket=self._ticket, reason=name))
        self.close()

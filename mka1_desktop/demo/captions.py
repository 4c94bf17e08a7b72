"""Captions of both speakers, on LiveKit's two channels: transcription packets and text streams.

One segment has one id on both. Agent streams append, user streams come whole and again, as LiveKit's own
agents do it (mka1-api.md 3.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.packets import TRANSCRIPTION_TOPIC, Segment, TextStream
from mka1_desktop.demo.people import new_sid
from mka1_desktop.demo.stage import Stage

SEGMENT_ID, TRACK_ID, FINAL = "lk.segment_id", "lk.transcribed_track_id", "lk.transcription_final"
HUGE_B = 250_000  # a packet may have 262,144 bytes
ODD_ATTRIBUTES = {"lk.mood": "\U0001f600", "": "empty", FINAL: "perhaps"}


class Channels(StrEnum):
    """Which channels carry captions."""

    BOTH = "both"
    EVENT = "event"
    STREAM = "stream"


class AgentCaption:
    """The caption of one utterance of the agent; its text only grows until `finish`."""

    def __init__(self, stage: Stage, faults: Faults, channels: Channels) -> None:
        self._stage = stage
        self._faults = faults
        self._channels = channels
        self._segment_id = new_sid("SG")
        self._stream: TextStream | None = None
        self._shown = ""

    def show(self, text: str) -> None:
        """Show the whole text so far."""
        if text != self._shown:
            self._send(text, final=False)

    def finish(self, text: str) -> None:
        """Show the text that was really said, for good. `text` starts with what was shown."""
        if self._faults.is_on("captions-huge"):
            text = f"{text} {'huge ' * (HUGE_B // 5)}"
        self._send(text, final=True)

    def _send(self, text: str, *, final: bool) -> None:
        times = 2 if self._faults.is_on("double-captions") else 1
        if self._channels is not Channels.STREAM:
            for _ in range(times):
                self._event(text, final=final)
        if self._channels is not Channels.EVENT:
            self._append(text[len(self._shown) :], final=final)
        self._shown = text

    def _event(self, text: str, *, final: bool) -> None:
        odd = self._faults.is_on("caption-kinds")
        segment = Segment("" if odd else self._segment_id, text, final and not odd)
        stage = self._stage
        stage.send(
            stage.packets.transcription(
                stage.agent, speaker=stage.agent.identity, track_sid=stage.agent_track_sid, segments=[segment]
            )
        )

    def _append(self, addition: str, *, final: bool) -> None:
        odd = self._faults.is_on("caption-kinds")
        stage = self._stage
        if self._stream is None:
            attributes = _attributes(self._segment_id, stage.agent_track_sid, final=False)
            self._stream = TextStream(
                stage.packets, stage.agent, TRANSCRIPTION_TOPIC, ODD_ATTRIBUTES if odd else attributes
            )
            stage.send(self._stream.open())
        for packet in self._stream.write(addition):
            stage.send(packet)
        if final:
            stage.send(self._stream.close({} if odd else {FINAL: "true"}))
            if self._faults.is_on("double-captions"):
                self._repeat(self._shown + addition)

    def _repeat(self, text: str) -> None:
        """Send the finished segment again as a stream of its own."""
        stage = self._stage
        attributes = _attributes(self._segment_id, stage.agent_track_sid, final=True)
        stream = TextStream(stage.packets, stage.agent, TRANSCRIPTION_TOPIC, attributes)
        for packet in (stream.open(), *stream.write(text), stream.close({})):
            stage.send(packet)


class UserCaption:
    """The caption of one utterance of the user: any number of guesses, then the final words."""

    def __init__(self, stage: Stage, faults: Faults, channels: Channels) -> None:
        self._stage = stage
        self._faults = faults
        self._channels = channels
        self._segment_id = new_sid("SG")

    def guess(self, text: str) -> None:
        self._send(text, final=False)

    def finish(self, text: str) -> None:
        self._send(text, final=True)

    def _send(self, text: str, *, final: bool) -> None:
        if self._faults.is_on("no-user-captions"):
            return
        for _ in range(2 if self._faults.is_on("double-captions") else 1):
            self._send_once(text, final=final)

    def _send_once(self, text: str, *, final: bool) -> None:
        stage = self._stage
        track_sid = stage.user_track_sid
        odd = self._faults.is_on("caption-kinds")
        if self._channels is not Channels.STREAM:
            segment = Segment("" if odd else self._segment_id, text, final and not odd)
            stage.send(
                stage.packets.transcription(
                    stage.agent, speaker=stage.user.identity, track_sid=track_sid, segments=[segment]
                )
            )
        if self._channels is not Channels.EVENT:
            attributes = ODD_ATTRIBUTES if odd else _attributes(self._segment_id, track_sid, final=final)
            stream = TextStream(stage.packets, stage.user, TRANSCRIPTION_TOPIC, attributes)
            for packet in (stream.open(), *stream.write(text), stream.close({})):
                stage.send(packet)


def _attributes(segment_id: str, track_sid: str, *, final: bool) -> Mapping[str, str]:
    return {SEGMENT_ID: segment_id, TRACK_ID: track_sid, FINAL: "true" if final else "false"}

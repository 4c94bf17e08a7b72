"""Facts that happened. `ticket` names the attempt (and so the room) that a fact belongs to; old ones are ignored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from mka1_desktop.domain.conversation import NOTHING, Continuation
from mka1_desktop.domain.errors import Trouble
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.domain.system_events import SystemEvent

Speaker: TypeAlias = Literal["user", "agent"]
Channel: TypeAlias = Literal["event", "stream"]


class AgentState(StrEnum):
    """Values of the participant attribute `lk.agent.state`."""

    INITIALIZING = "initializing"
    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"


# --- wishes of the person ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectRequested:
    continuation: Continuation = NOTHING
    fallback: Continuation = NOTHING  # tried once when `continuation` is refused
    fresh: bool = False  # a new thread: the service may keep it as a conversation
    voiced: bool = True  # not by typing


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUpRequested:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkChanged:
    """The talk key's own machine says whether the microphone is wanted."""

    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRequested:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteChanged:
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextGoesOut:
    """A typed text is about to be handed over: signs of its answer may come before TextHandedOver."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextHandedOver:
    """A typed text left for the room."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRequested:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechDropped:
    """What was said and has not reached the assistant is not wanted any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRepeated:
    """Send the recording of the newest spoken turn once more: it got no answer."""


# --- token and room ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantReady:
    """A token. `continuation` is what it goes on from where that was made on the way (a new conversation)."""

    ticket: int
    grant: RoomGrant
    continuation: Continuation | None = None
    refused: Trouble | None = None  # why a new thread has no conversation
    ends: bool = False  # this service is known to end sessions with their token


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFailed:
    ticket: int
    trouble: Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomJoined:
    ticket: int
    age_s: float = 0.0  # of its token, by our own clock


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinFailed:
    ticket: int
    trouble: Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomResuming:
    """The SDK noticed a break and tries to stay in the same room."""

    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomResumed:
    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSilent:
    """Nothing has arrived from the room for about 5 s: no media, no report, no answer to a check of the connection.

    RoomHeard or RoomLost follows, unless the room is left.
    """

    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomHeard:
    """After RoomSilent: something arrives again."""

    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLost:
    ticket: int
    reason: str  # the SDK's disconnect reason, lower case


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentJoined:
    """An agent participant, or a participant with an audio track."""

    ticket: int
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLeft:
    ticket: int
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStateChanged:
    ticket: int
    state: AgentState


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSoundStarted:
    """The agent's track went above -50 dBFS."""

    ticket: int
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSoundStopped:
    """Nothing above -50 dBFS for the last 300 ms; `at_s` is when the last such sound was heard."""

    ticket: int
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionReceived:
    """A caption segment arrived or grew; the same (speaker, segment_id) replaces the earlier text."""

    ticket: int
    segment_id: str
    speaker: Speaker
    text: str
    final: bool
    channel: Channel
    at_s: float
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseStarted:
    ticket: int
    response_id: str | None
    conversation_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceErrorReceived:
    ticket: int
    trouble: Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSent:
    """What was said before this room listened has been played into it."""

    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNotSent:
    ticket: int
    trouble: Trouble


# --- microphone -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrophoneReady:
    """Samples arrive from the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrophoneClosed:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrophoneLoud:
    """Whether the open microphone hears anything above -50 dBFS; told only while somebody waits for a pause."""

    loud: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrophoneFailed:
    trouble: Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesChanged:
    pass


# --- time -------------------------------------------------------------------------------------------------


class Timer(StrEnum):
    """Named timers of a session; starting one again replaces it."""

    AGENT_ABSENT = "agent absent"
    SETTLED = "settled"  # a second greeting would have begun by now
    GREETING_QUIET = "greeting quiet"
    THINKING_LONG = "thinking long"
    SPEAKING_SILENT = "speaking silent"
    SPEECH_OVER = "speech over"
    INTERRUPTED_SHOWN = "interrupted shown"
    RESUME_LIMIT = "resume limit"
    AGENT_GONE = "agent gone"
    IDLE_END = "idle end"
    READY_END = "ready end"  # nobody has said anything for a while: the microphone need not be open
    EXPIRY_NEAR = "expiry near"  # 80 % of the token's lifetime
    EXPIRY_CLOSE = "expiry close"  # 95 %
    EXPIRY_PAST = "expiry past"  # 120 %: its end has nothing to do with what happens now
    PAUSE = "pause"  # neither side speaks
    LEAVING_QUIET = "leaving quiet"  # the room that is left says nothing more
    OVERLAP_LATE = "overlap late"
    OVERLAP_END = "overlap end"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    timer: Timer
    serial: int


RoomEvent: TypeAlias = (
    RoomJoined
    | JoinFailed
    | RoomResuming
    | RoomResumed
    | RoomSilent
    | RoomHeard
    | RoomLost
    | AgentJoined
    | AgentLeft
    | AgentStateChanged
    | AgentSoundStarted
    | AgentSoundStopped
    | CaptionReceived
    | ResponseStarted
    | ServiceErrorReceived
)
SoundEvent: TypeAlias = MicrophoneReady | MicrophoneClosed | MicrophoneFailed | DevicesChanged
KeptEvent: TypeAlias = KeptSent | KeptNotSent
Wish: TypeAlias = (
    ConnectRequested
    | HangUpRequested
    | TalkChanged
    | StopRequested
    | MuteChanged
    | TextGoesOut
    | TextHandedOver
    | RetryRequested
    | SpeechDropped
    | SpeechRepeated
)
Event: TypeAlias = (
    Wish | GrantReady | GrantFailed | RoomEvent | SoundEvent | MicrophoneLoud | KeptEvent | SystemEvent | TimerFired
)

"""What a session can be, and what it can ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from mka1_desktop.domain.conversation import NOTHING, Continuation
from mka1_desktop.domain.errors import Trouble
from mka1_desktop.domain.events import AgentState, Timer
from mka1_desktop.domain.grant import RoomGrant


class Shown(StrEnum):
    """The ten states of the contract."""

    IDLE = "idle"
    CONNECTING = "connecting"
    GREETING = "greeting"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    INTERRUPTED = "interrupted"
    MUTED = "muted"
    RECONNECTING = "reconnecting"
    ERROR = "error"


class Phase(StrEnum):
    """Whose turn it is, while a room is joined."""

    GREETING = "greeting"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Idle:
    """No session; nobody wants one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """A token is asked for, or its room is being joined.

    `again` is why a session that once was live is made anew (shown as reconnecting); None: it is the first.
    `tries` counts rooms asked for since the last one that listened.
    """

    tries: int = 1
    again: str | None = None
    fallback: Continuation = NOTHING
    trouble: Trouble | None = None  # of the try before


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A room is joined. `agent` is the identity of the assistant, None until it is there."""

    phase: Phase = Phase.GREETING
    agent: str | None = None
    agent_state: AgentState | None = None
    sound: bool = False  # the agent's track is above -50 dBFS
    caption_open: bool = False  # the agent's newest segment is not final
    answering: bool = False  # a response id, caption or sound came since the last input
    asked: bool = False  # the person has said or typed something in this session
    heard_user: bool = False  # words of the person came since the key went down
    silenced: bool = False  # stopped here; until the next answer begins
    stopped_over: bool = False  # what was silenced has ended: the agent has listened since
    response_id: str | None = None  # the newest one: repeats of it begin nothing
    segments: frozenset[str] = frozenset()  # ids of the answer that runs
    stale: frozenset[str] = frozenset()  # ids of the answer before: its late captions move nothing
    resuming: bool = False  # the SDK tries to stay in the room
    tries: int = 1  # carried over until this room has listened


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The session ended by a failure; one button leads on."""

    trouble: Trouble


Link: TypeAlias = Idle | Connecting | Live | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything the machine knows. `ticket` names the newest attempt; facts with an older one mean nothing."""

    link: Link = field(default_factory=Idle)
    ticket: int = 0
    muted: bool = False
    talk_open: bool = False
    continuation: Continuation = NOTHING  # what the next room goes on from
    earlier: Continuation = NOTHING  # the one before, in case the newest is refused
    sending: bool = False  # what the engine was last told
    idle_s: float = 600.0  # a session in which nobody says anything ends after this
    timers: Mapping[Timer, int] = field(default_factory=dict)
    serial: int = 0

    @property
    def shown(self) -> Shown:
        """The contract's word for this moment."""
        match self.link:
            case Idle():
                return Shown.MUTED if self.muted else Shown.IDLE
            case Connecting(again=again):
                return Shown.CONNECTING if again is None else Shown.RECONNECTING
            case Failed():
                return Shown.ERROR
            case Live(resuming=True):
                return Shown.RECONNECTING
            case Live(phase=Phase.LISTENING) if self.muted:
                return Shown.MUTED
            case Live(agent=None, phase=Phase.GREETING):
                return Shown.CONNECTING
            case Live(phase=phase):
                return Shown(phase.value)


# --- effects: imperatives, each one branch of the runner -----------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchGrant:
    ticket: int
    continuation: Continuation
    delay_s: float = 0.0
    jitter: float = 0.0  # part of the delay by which the runner varies it


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRoom:
    ticket: int
    grant: RoomGrant


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveRoom:
    """Leave the room of this ticket, or stop asking for it; earlier ones too."""

    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMicrophone:
    sending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceAgent:
    silent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTimer:
    timer: Timer
    serial: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """A notice for the person."""

    trouble: Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class FailTurn:
    """The question that waits gets no answer."""

    trouble: Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearNotice:
    """What was shown about the connection is over."""


SessionNews: TypeAlias = Literal["token", "joined", "agent", "lost", "renewed", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """One line of the session's own history: transcript and log."""

    news: SessionNews
    ticket: int
    cause: str | None = None
    continues: Continuation | None = None


Effect: TypeAlias = (
    FetchGrant | JoinRoom | LeaveRoom | SetMicrophone | SilenceAgent | StartTimer | Show | FailTurn | ClearNotice | Tell
)
Step: TypeAlias = tuple[Session, tuple[Effect, ...]]

"""What a session can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from mka1_desktop.domain.conversation import NOTHING, Continuation
from mka1_desktop.domain.errors import Trouble
from mka1_desktop.domain.events import AgentState, Timer
from mka1_desktop.domain.grant import DEFAULT_LIFETIME_S


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
class Hush:
    """A room that goes on from another: what its agent says before it was asked anything is a second greeting.

    That is not played, shown or kept, and nothing goes on from it.
    """

    asked: bool = False  # a text was handed over, or the person's words came
    settled: bool = False  # a greeting would have begun by now, or has
    segments: frozenset[str] = frozenset()  # of the greeting
    responses: frozenset[str] = frozenset()
    speaking: bool = False  # the greeting goes on
    over: bool = False  # an answer came; only what is late of the greeting still means nothing


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
    unanswered: bool = False  # ... and no answer has followed them yet
    thought: bool = False  # the agent has said that it thinks about the last input
    silenced: bool = False  # stopped here; until the next answer begins
    stopped_over: bool = False  # what was silenced has ended: the agent has listened since
    response_id: str | None = None  # the newest one: repeats of it begin nothing
    segments: frozenset[str] = frozenset()  # ids of the answer that runs
    stale: frozenset[str] = frozenset()  # ids of the answer before: its late captions move nothing
    user_open: bool = False  # words of the person are not final yet
    resuming: bool = False  # the SDK tries to stay in the room
    silent: bool = False  # nothing arrives from the room
    tries: int = 1  # carried over until this room has listened
    hush: Hush | None = None  # a renewed room in which nothing was asked yet
    token_old: bool = False  # an end now is the end of the token
    renewal_due: bool = False  # a new room is wanted in the next pause
    renewal_forced: bool = False  # ... or at once

    @property
    def well(self) -> bool:
        """Whether this room can hear and speak, as far as anybody knows."""
        return not (self.resuming or self.silent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The session ended by a failure; one button leads on."""

    trouble: Trouble


Link: TypeAlias = Idle | Connecting | Live | Failed
Why: TypeAlias = Literal["race", "renewal"]
RenewalMode: TypeAlias = Literal["auto", "ahead", "on_disconnect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """A room that is made while the one before is still joined: to win a race against its return, or to renew it."""

    ticket: int
    why: Why
    cause: str
    tries: int = 1
    joined: bool = False
    agent: str | None = None
    lifetime_s: float = DEFAULT_LIFETIME_S
    ends: bool = False
    age_s: float = 0.0
    continuation: Continuation = NOTHING
    fallback: Continuation = NOTHING
    fell_back: bool = False  # `continuation` is not the newest on purpose: that was refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A room that was replaced by another, and stays while its answer is spoken."""

    ticket: int
    answer_due: bool  # asked, and not answered yet
    sound: bool
    caption_open: bool
    late: bool = False  # it ends with the sentence now

    @property
    def speaks(self) -> bool:
        """Whether its answer goes on."""
        return self.sound or self.caption_open


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What the person said and no room has taken, or may have lost."""

    keeping: bool = False  # what the engine was last told
    pending: bool = False  # a room that listens must get it first
    again: bool = False  # all of it: the room that had a part is gone
    gone: bool = False  # room or agent are gone since the last sending: they may have had a sentence's beginning
    sending: bool = False
    open: bool = False  # said in this room, and no sign came that it was taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything the machine knows. `ticket` names the room that counts; facts of rooms that are left mean nothing."""

    link: Link = field(default_factory=Idle)
    ticket: int = 0
    issued: int = 0  # the newest ticket
    successor: Successor | None = None
    leaving: Leaving | None = None
    speech: Speech = field(default_factory=Speech)
    muted: bool = False
    talk_open: bool = False
    continuation: Continuation = NOTHING  # what the next room goes on from
    earlier: Continuation = NOTHING  # the one before, in case the newest is refused
    sending: bool = False  # what the engine was last told
    keep_ready: bool = False  # the microphone stays open between what is said (setting)
    voiced: bool = False  # the person wants to speak in this session, not only to type
    warm: bool = False  # what the engine was last told of that
    rested: bool = False  # the last turn is 30 s ago
    fresh: bool = False  # a new thread, which may become a conversation
    failures: int = 0  # errors of the service since the last answer
    had_room: bool = False  # an agent was there before in this session
    open_mic: bool = False  # the microphone is open without a key: that it is says nothing of words
    watching: bool = False  # the level of the microphone is being told
    loud: bool = True  # the open microphone hears something, or nobody has looked
    renewal: RenewalMode = "auto"
    lifetime_s: float = DEFAULT_LIFETIME_S  # of the newest token
    ends: bool = False  # the service is known to end sessions with their token
    online: bool = True  # the system has not said that there is no way out
    idle_s: float = 600.0  # a session in which nobody says anything ends after this
    timers: Mapping[Timer, int] = field(default_factory=dict)
    serial: int = 0

    def of_thread(self, continuation: Continuation, earlier: Continuation) -> Session:
        """Return the start of another thread: what the person has set, and what the engine was told, stays."""
        return Session(
            ticket=self.ticket, issued=self.issued, muted=self.muted, talk_open=self.talk_open,
            continuation=continuation, earlier=earlier, serial=self.serial, idle_s=self.idle_s, renewal=self.renewal,
            open_mic=self.open_mic, keep_ready=self.keep_ready, speech=self.speech, sending=self.sending,
            warm=self.warm,
        )  # fmt: skip

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
            case Live(resuming=True) | Live(silent=True):
                return Shown.RECONNECTING
            case Live(agent=None, phase=Phase.GREETING, hush=Hush()):
                return Shown.RECONNECTING
            case Live(phase=Phase.LISTENING) if self.leaving is not None and self.leaving.speaks:
                return Shown.SPEAKING
            case Live(phase=Phase.LISTENING) if self.leaving is not None and self.leaving.answer_due:
                return Shown.THINKING
            case Live(phase=Phase.LISTENING) if self.muted:
                return Shown.MUTED
            case Live(agent=None, phase=Phase.GREETING):
                return Shown.CONNECTING
            case Live(phase=phase):
                return Shown(phase.value)

    @property
    def listens(self) -> bool:
        """Whether an agent in a healthy room hears what is said and typed."""
        return isinstance(self.link, Live) and self.link.agent is not None and self.link.well

    @property
    def ready_for_text(self) -> bool:
        """Whether a typed text may be handed over: not while a second greeting may still begin."""
        return self.listens and isinstance(self.link, Live) and (self.link.hush is None or self.link.hush.settled)

"""What the machine wants done: imperatives, each one branch of the runner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mka1_desktop.domain.conversation import Continuation
from mka1_desktop.domain.errors import Trouble
from mka1_desktop.domain.events import Timer
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.session.state import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchGrant:
    ticket: int
    continuation: Continuation
    delay_s: float = 0.0
    jitter: float = 0.0  # part of the delay by which the runner varies it
    fresh: bool = False  # ask for a conversation first


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRoom:
    """Join; the microphone follows with HandOver. `quiet`: its agent is not heard until HearRoom says so."""

    ticket: int
    grant: RoomGrant
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveRoom:
    """Leave the room of this ticket, or stop asking for it."""

    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """The microphone goes to this room, from the one before without a gap."""

    ticket: int
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HearRoom:
    """Play what the agent of this room says."""

    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepSpeech:
    """Record what is said, in memory."""

    keep: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmMicrophone:
    """Keep the microphone open while nothing is sent, or close it then."""

    warm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SendKept:
    """Play what was kept into this room, live speech behind it. `again`: all of it, else what no room has had."""

    ticket: int
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallSentence:
    """The room that had the beginning of what is being said is gone: it counts as unsent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetSpeech:
    """`taken`: the assistant has it. Else the person does not want it sent."""

    taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCut:
    """The voice of a room that is left was stopped in mid-answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnExpiry:
    """This service ends sessions with their token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMicrophone:
    sending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchLevel:
    """Tell whether the open microphone hears anything (MicrophoneLoud): a pause is waited for."""

    watch: bool


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
    FetchGrant | JoinRoom | LeaveRoom | HandOver | HearRoom | SetMicrophone | WarmMicrophone | KeepSpeech | SendKept
    | RecallSentence | ForgetSpeech | WatchLevel | SilenceAgent | AnswerCut | StartTimer | Show | FailTurn
    | ClearNotice | LearnExpiry | Tell
)  # fmt: skip
Step: TypeAlias = tuple[Session, tuple[Effect, ...]]

"""A session -> what head, talk bar and status line show. Pure: everything comes in as values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mka1_desktop.domain.audio import Kept
from mka1_desktop.domain.errors import Action, Trouble
from mka1_desktop.domain.talk import Talk
from mka1_desktop.session.state import Connecting, Failed, Idle, Live, Session, Shown
from mka1_desktop.session.state import Phase as Turn
from mka1_desktop.viewmodels.head import Link
from mka1_desktop.viewmodels.kept import KeptStage, KeptView, kept_view
from mka1_desktop.viewmodels.status import Phase, StatusView, status_view
from mka1_desktop.viewmodels.talk import TalkLook, TalkView, talk_view
from mka1_desktop.viewmodels.words import tr

REASON_AFTER_S = 3  # connecting says why it takes long


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Everything that the views of one moment are made of."""

    session: Session
    talk: Talk
    key_name: str
    mode: str
    microphone_ready: bool  # samples arrive
    has_microphone: bool
    seconds: int  # since the shown state began; while reconnecting since the connection was lost
    kept: Kept = field(default_factory=Kept)
    replaying: bool = False  # an answer is heard again

    @property
    def microphone_open(self) -> bool:
        return self.session.sending and self.microphone_ready

    @property
    def recording(self) -> bool:
        """The person talks, no room listens, and what is said is kept: samples have arrived."""
        return self.session.speech.keeping and not self.session.listens and self.kept.recorded_s > 0

    @property
    def kept_s(self) -> float:
        """Seconds of speech that are still to be sent."""
        return self.kept.recorded_s if self.session.speech.again else self.kept.unsent_s


def status_of(moment: Moment) -> StatusView:
    """Word, figure and counter."""
    session = moment.session
    view = status_view(
        Phase(session.shown.value),
        key_name=moment.key_name,
        microphone_open=moment.microphone_open or (moment.recording and session.shown is Shown.CONNECTING),
        latched=moment.talk.latched,
        seconds=moment.seconds,
        detail=_detail(moment),
        hint=_hint(moment),
    )
    if session.shown is Shown.RECONNECTING and not session.had_room:  # nothing that stood was lost
        return replace(view, word=tr("Status", "No connection yet, trying again"))
    if not moment.has_microphone and view.figure is Phase.IDLE:  # no talk key is of any use
        return replace(
            view, word=tr("Status", "You can type"), hint=tr("Status", "There is no microphone."), hint_key=""
        )
    return view


def _hint(moment: Moment) -> str:
    """Words that replace the usual ones."""
    if moment.session.shown is Shown.RECONNECTING and (moment.session.muted or not moment.has_microphone):
        return tr("Status", "You can type. It is sent when the line is back.")
    if moment.session.shown is Shown.LISTENING and moment.session.warm and not moment.session.talk_open:
        return tr("Status", "The mic stays open for your next word, 30 s at most.")
    return ""


def _detail(moment: Moment) -> str:
    match moment.session.link:
        case Connecting(again=None) | Live(agent=None, resuming=False, silent=False) if (
            moment.seconds >= REASON_AFTER_S
        ):
            return tr("Status", "Waiting for the assistant")
        case Connecting(again=None, trouble=Trouble() as trouble):
            return tr("Advice", trouble.sentence)  # while reconnecting a notice says it, and what is safe stands here
        case Live(phase=Turn.THINKING) if moment.seconds >= 8:
            return tr("Status", "Waiting for the answer")
        case _:
            return ""


def talk_of(moment: Moment) -> TalkView:
    """Look and label of the talk button, and whether there is something to stop."""
    session = moment.session
    live = session.link
    voice = isinstance(live, Live) and live.phase in (Turn.SPEAKING, Turn.GREETING, Turn.THINKING)
    return talk_view(
        _look(moment), key_name=moment.key_name, can_stop=voice or moment.replaying, muted=session.muted,
        mode=moment.mode, offline=session.shown is Shown.RECONNECTING, seconds=moment.kept_s,
    )  # fmt: skip


def kept_of(moment: Moment) -> KeptView:
    """What is kept of the person's speech, and what becomes of it."""
    session, speech = moment.session, moment.session.speech
    if speech.sending:
        return kept_view(KeptStage.SENDING, moment.kept.unsent_s)
    if moment.recording:
        return kept_view(KeptStage.RECORDING, moment.kept_s, first=not session.had_room)
    if speech.pending and not speech.keeping:
        resting = isinstance(session.link, Idle | Failed)
        return kept_view(KeptStage.RESTING if resting else KeptStage.WAITING, moment.kept_s)
    return KeptView()


def _look(moment: Moment) -> TalkLook:
    session, talk = moment.session, moment.talk
    if session.muted:
        return TalkLook.MUTED
    if not moment.has_microphone:
        return TalkLook.NO_DEVICE
    if talk.open:
        if moment.recording:
            return TalkLook.RECORDING
        if not moment.microphone_open:
            return TalkLook.WAKING
        return TalkLook.LATCHED if talk.latched else TalkLook.HELD
    match session.link:
        case Failed(trouble=trouble) if trouble.advice.action is Action.RETRY:
            return TalkLook.RETRY
        case Live(phase=Turn.SPEAKING | Turn.GREETING, sound=True):
            return TalkLook.INTERRUPT
        case _:
            return TalkLook.REST


def link_of(session: Session) -> Link:
    """How things stand with the service."""
    match session.link:
        case Idle():
            return Link.OFF
        case Failed():
            return Link.FAILED
        case _ if session.shown is Shown.RECONNECTING:
            return Link.RECONNECTING
        case Live(agent=str()):
            return Link.ON
        case _:
            return Link.CONNECTING


def link_words_of(moment: Moment) -> str:
    """How long a lost connection has been lost; empty: the usual word."""
    if link_of(moment.session) is not Link.RECONNECTING:
        return ""
    if not moment.session.had_room:
        return tr("Head", "Connecting {n} s", n=moment.seconds)
    return tr("Head", "Reconnecting {n} s", n=moment.seconds)

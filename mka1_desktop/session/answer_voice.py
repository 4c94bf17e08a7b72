"""Cuts the assistant's voice into answers, and keeps the last ones under the keys of their turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from mka1_desktop.domain.answer_sound import AnswerSounds
from mka1_desktop.domain.audio import Samples
from mka1_desktop.domain.events import AgentSoundStopped, Event, ResponseStarted, TalkChanged, TextHandedOver
from mka1_desktop.session.controller import SessionController
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.state import Live, Phase, Session
from mka1_desktop.session.watch import Watcher


class AnswerVoice(Watcher):
    """Told of every frame by `hear` and of the turns as a watcher. In memory only: see AnswerSounds.

    It is forgotten with the conversation that it belongs to.
    """

    def __init__(self, controller: SessionController) -> None:
        self._controller = controller
        self._dialogue = controller.dialogue
        self._sounds = AnswerSounds()
        self._kept: frozenset[str] = frozenset()  # what was told of the keys
        self._told: dict[str, str] = {}  # key -> words, of the answers whose voice was heard
        self._asked = False  # since the last voice: the next one is another answer
        self._silenced = False
        self.speaking = False
        self.on_change: Callable[[frozenset[str]], None] = lambda _: None  # keys whose `has` changed

    @property
    def newest(self) -> str | None:
        """Key of the turn that was heard last."""
        return self._sounds.newest

    def has(self, key: str) -> bool:
        """Whether the sound of this turn is here."""
        return key in self._sounds.keys

    def sound(self, key: str) -> Samples | None:
        """Return a copy, which the caller overwrites; None when it is not here (any more)."""
        return self._sounds.sound(key)

    def forget(self) -> None:
        """Overwrite everything."""
        self._told.clear()
        self._asked = False
        self._keeping(self._sounds.forget)

    def hear(self, frame: memoryview) -> None:
        """One frame of the assistant's voice: int16, 48 kHz mono. What is silenced nobody heard."""
        if not self._silenced:
            self._sounds.hear(frame)

    def on_session(self, session: Session) -> None:
        """Follow whose turn it is: an answer ends with it."""
        if self._dialogue is not self._controller.dialogue:
            self._dialogue = self._controller.dialogue
            self.forget()
        self._silenced = isinstance(session.link, Live) and session.link.silenced
        was_speaking, self.speaking = self.speaking, _speaks(session)
        if was_speaking and not self.speaking:
            self._keeping(self._end)

    def on_event(self, event: Event, session: Session) -> None:
        match event:
            case AgentSoundStopped() if not self.speaking:
                self._sounds.drop()  # the rest of an answer that was over before
            case TalkChanged(open=True) | ResponseStarted() | TextHandedOver():
                self._asked = True
            case _:
                return

    def on_entries(self, entries: Sequence[Entry]) -> None:
        """The turn of a voice that is over may show itself only now."""
        for entry in entries:
            if self._sounds.unclaimed and _is_answer(entry) and entry.key not in self._told:
                self._told[entry.key] = entry.text
                self._keeping(partial(self._sounds.claim, entry.key))

    def _end(self) -> None:
        """The voice is over: it is that of the newest answer, unless another one was asked for and has no words yet."""
        answer = next((entry for entry in reversed(self._dialogue.entries) if _is_answer(entry)), None)
        if answer is not None and self._asked and self._told.get(answer.key) == answer.text:
            answer = None
        if not self._sounds.end(answer.key if answer is not None else None):
            return
        self._asked = False
        if answer is not None:
            self._told[answer.key] = answer.text

    def _keeping(self, work: Callable[[], object]) -> None:
        """Do what changes what is kept, and tell of the turns that it concerns; a long answer pushes others out."""
        work()
        before, self._kept = self._kept, self._sounds.keys
        if changed := before ^ self._kept:
            self.on_change(changed)


def _speaks(session: Session) -> bool:
    """Whether an answer is being spoken, in this room or in the one that is being left."""
    if session.leaving is not None and session.leaving.speaks:
        return True
    match session.link:
        case Live(silenced=True):
            return False
        case Live(phase=Phase.GREETING, answering=answering):
            return answering  # else nobody has begun
        case Live(phase=phase):
            return phase is Phase.SPEAKING
        case _:
            return False


def _is_answer(entry: Entry) -> bool:
    return entry.role == "assistant" and bool(entry.records)

"""Notices that an open microphone hears the assistant, and offers what helps, once a session.

Words of the "person" that begin while the voice sounds, and are the assistant's own, are an echo that no canceller
took away. One of them can be chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import AgentSoundStarted, AgentSoundStopped, Event
from mka1_desktop.domain.own_voice import is_own_voice
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.state import Idle, Live, Session
from mka1_desktop.session.watch import Watcher

TIMES = 2
FADES_S = 1.5  # a caption may begin so long after the sound that caused it


class EchoWatch(Watcher):
    """One for the app. `tell` shows what is found; `now_s` is monotonic."""

    def __init__(self, *, tell: Callable[[Trouble], None], now_s: Callable[[], float]) -> None:
        self._tell = tell
        self._now_s = now_s
        self._session = Session()
        self._sounds = False
        self._sounded_s = float("-inf")
        self._during: dict[str, bool] = {}  # entry of the person -> it began while the voice sounded
        self._spoken: dict[str, str] = {}
        self._found: set[str] = set()

    def on_session(self, session: Session) -> None:
        if isinstance(session.link, Idle):
            self._during.clear()
            self._spoken.clear()
            self._found.clear()
            self._sounds = False
        self._session = session

    def on_event(self, event: Event, session: Session) -> None:
        match event:
            case AgentSoundStarted():
                self._sounds = True
            case AgentSoundStopped():
                self._sounds, self._sounded_s = False, self._now_s()
            case _:
                return

    def on_entries(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.role == "assistant":
                self._spoken[entry.key] = entry.text
            elif entry.source == "voice" and isinstance(self._session.link, Live) and self._session.open_mic:
                self._look_at(entry)

    def _look_at(self, entry: Entry) -> None:
        during = self._during.setdefault(entry.key, self._sounds or self._now_s() - self._sounded_s < FADES_S)
        if not during or not entry.final or entry.key in self._found or len(self._found) >= TIMES:
            return
        if is_own_voice(entry.text, " ".join(self._spoken.values())):
            self._found.add(entry.key)
            if len(self._found) == TIMES:
                self._tell(Trouble(Code.ECHO_HEARD))

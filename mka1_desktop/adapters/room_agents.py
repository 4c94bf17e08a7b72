"""Who in a room is the assistant: by participant kind, by the state attribute, or by an audio track."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from livekit import rtc

from mka1_desktop.domain.events import AgentJoined, AgentLeft, AgentState, AgentStateChanged

STATE_ATTRIBUTE = "lk.agent.state"
_STATES = {state.value: state for state in AgentState}

AgentEvent: TypeAlias = AgentJoined | AgentLeft | AgentStateChanged


def joined_s(participant: rtc.RemoteParticipant) -> float:
    """When it came, by the server's clock; 0 where the server does not say."""
    return participant.joined_at.timestamp() if participant.joined_at is not None else 0.0


class Agents:
    """Says who came, who left and what state the assistant is in.

    With several, the one whose track is heard is the assistant, else the newest. The state of another one counts only
    while the assistant tells none.
    """

    def __init__(self, *, ticket: int, emit: Callable[[AgentEvent], None], speaker: Callable[[], str | None]) -> None:
        self._ticket = ticket
        self._emit = emit
        self._speaker = speaker
        self._here: dict[str, str] = {}  # identity -> the newest state's name, oldest agent first
        self._known: set[str] = set()  # of these, those that say that they are agents
        self._current: str | None = None
        self._told: set[str] = set()  # those of whom people heard

    def is_agent(self, identity: str) -> bool:
        """Whether this participant says so itself; one that merely has an audio track does not."""
        return identity in self._known

    def seen(self, participant: rtc.RemoteParticipant) -> None:
        """A participant is here, or something about it changed."""
        by_kind = participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        if by_kind or STATE_ATTRIBUTE in participant.attributes:
            self._known.add(participant.identity)
            self._here.setdefault(participant.identity, "")
            self._set_state(participant.identity, participant.attributes.get(STATE_ATTRIBUTE, ""))

    def heard(self, identity: str) -> None:
        """A participant has an audio track."""
        self._here.setdefault(identity, "")

    def gone(self, identity: str) -> None:
        self._here.pop(identity, None)
        self._known.discard(identity)
        if identity in self._told:
            self._told.remove(identity)
            self._emit(AgentLeft(ticket=self._ticket, identity=identity))
        if self._current == identity:
            self._current = None

    def settle(self) -> None:
        """Tell who the assistant is now, when that changed."""
        best = self._best()
        if best is None or best == self._current:
            return
        self._current = best
        self._told.add(best)
        self._emit(AgentJoined(ticket=self._ticket, identity=best))
        self._tell(self._here[best])

    def _best(self) -> str | None:
        known = [i for i in self._here if i in self._known]
        candidates = known or list(self._here)
        speaker = self._speaker()
        if speaker in candidates:
            return speaker
        return candidates[-1] if candidates else None

    def _set_state(self, identity: str, name: str) -> None:
        before = self._here[identity]
        self._here[identity] = name
        current = self._current
        if name != before and current is not None and (identity == current or not self._here[current]):
            self._tell(name)

    def _tell(self, name: str) -> None:
        if name in _STATES:
            self._emit(AgentStateChanged(ticket=self._ticket, state=_STATES[name]))

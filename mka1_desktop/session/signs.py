"""Signs that what was handed over to the assistant has arrived (issue on continuity, 5)."""

from __future__ import annotations

from mka1_desktop.domain.events import AgentState, AgentStateChanged, CaptionReceived, Event, ResponseStarted
from mka1_desktop.session.state import Live, Session


def arrived(event: Event, session: Session) -> bool:
    """Whether an answer begins: a response id, a caption of it, or an agent that thinks."""
    match event:
        case ResponseStarted() | AgentStateChanged(state=AgentState.THINKING):
            return True
        case CaptionReceived(speaker="agent", segment_id=segment):
            return isinstance(session.link, Live) and segment in session.link.segments
        case _:
            return False

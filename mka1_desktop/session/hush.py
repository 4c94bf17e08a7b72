"""A second greeting: what an agent says in a renewed room before it was asked anything there.

The person has been greeted and is in the middle of a conversation, so it is not played, shown or kept. The answer to
the first input of that room ends this; until a greeting that runs is over, only clear signs of another answer count.
"""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.events import (
    AgentSoundStarted,
    AgentSoundStopped,
    AgentState,
    AgentStateChanged,
    CaptionReceived,
    Event,
    ResponseStarted,
    TextGoesOut,
    TextHandedOver,
)
from mka1_desktop.session.state import Hush, Live

MOST = 64  # ids of a greeting that are remembered


def swallows(live: Live, event: Event) -> bool:
    """Whether this sign belongs to a second greeting."""
    hush = live.hush
    if hush is None:
        return False
    match event:
        case CaptionReceived(speaker="agent", segment_id=segment):
            return segment in hush.segments or not hush.asked
        case ResponseStarted(response_id=response):
            return response in hush.responses or not hush.asked
        case AgentSoundStarted() | AgentSoundStopped() | AgentStateChanged(state=AgentState.SPEAKING):
            return not hush.over and (hush.speaking or not hush.asked)
        case AgentStateChanged(state=AgentState.THINKING):
            return not hush.asked
        case _:
            return False


def lifts(live: Live, event: Event) -> bool:
    """Whether this is the first sign of an answer to something that was asked in this room."""
    hush = live.hush
    if hush is None or hush.over or not hush.asked or swallows(live, event):
        return False
    match event:
        case CaptionReceived(speaker="agent") | ResponseStarted() | AgentSoundStarted():
            return True
        case AgentStateChanged(state=state):
            return state in (AgentState.THINKING, AgentState.SPEAKING)
        case _:
            return False


def follow(live: Live, event: Event) -> Live:
    """Remember what belongs to the greeting, and whether something was asked."""
    hush = live.hush
    if hush is None or hush.over:
        return live
    match event:
        case CaptionReceived(speaker="user") | TextGoesOut() | TextHandedOver():
            return replace(live, hush=replace(hush, asked=True))
        case CaptionReceived(segment_id=segment, final=final) if swallows(live, event):
            segments = hush.segments if len(hush.segments) >= MOST else hush.segments | {segment}
            return _greets(live, replace(hush, segments=segments), speaking=live.sound or not final)
        case ResponseStarted(response_id=str(response)) if swallows(live, event):
            responses = hush.responses if len(hush.responses) >= MOST else hush.responses | {response}
            return _greets(live, replace(hush, responses=responses), speaking=True)
        case AgentSoundStarted() | AgentStateChanged(state=AgentState.SPEAKING) if swallows(live, event):
            sound = live.sound or isinstance(event, AgentSoundStarted)
            return _greets(replace(live, sound=sound), hush, speaking=True)
        case AgentSoundStopped() if swallows(live, event):
            return _greets(replace(live, sound=False), hush, speaking=False)
        case AgentStateChanged(state=AgentState.LISTENING | AgentState.IDLE):
            return replace(live, hush=replace(hush, speaking=False))
        case _:
            return live


def lifted(live: Live) -> Live:
    """Its agent is heard from now on; what is late of the greeting still is not."""
    return live if live.hush is None else replace(live, hush=replace(live.hush, over=True, settled=True))


def settled(live: Live) -> Live:
    """A greeting would have begun by now."""
    return live if live.hush is None else replace(live, hush=replace(live.hush, settled=True))


def _greets(live: Live, hush: Hush, *, speaking: bool) -> Live:
    """Its words and its voice have to be known, or some time over: an answer before that could not be told from it."""
    known = live.sound and bool(hush.segments)
    return replace(live, hush=replace(hush, settled=hush.settled or known, speaking=speaking))

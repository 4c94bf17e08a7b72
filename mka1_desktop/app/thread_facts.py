"""What the open thread is and goes on from, told from thread and session: the same for `ctl state` and the details."""

from __future__ import annotations

from dataclasses import dataclass

from mka1_desktop.domain.conversation import Continuation, Mode, Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadFacts:
    """None is what is not known yet."""

    mode: Mode | None
    conversation_id: str | None
    response_id: str | None


def thread_facts(thread: Thread | None, going_on: Continuation) -> ThreadFacts:
    """Return the facts; `going_on` is what the session goes on from, also before the first words are kept."""
    conversation_id = (thread.conversation_id if thread is not None else None) or going_on.conversation_id
    if thread is not None:
        return ThreadFacts(mode=thread.mode, conversation_id=conversation_id, response_id=thread.response_id)
    mode: Mode | None = "conversation" if conversation_id else "chain" if going_on.response_id else None
    return ThreadFacts(mode=mode, conversation_id=conversation_id, response_id=going_on.response_id)

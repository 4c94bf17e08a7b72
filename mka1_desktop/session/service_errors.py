"""Errors of the service in a room, by (code, service): stay, one new room, back off, or stop (reference 3.1).

`Session.failures` counts them since the last answer, whatever rooms lie in between.
"""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.conversation import NOTHING
from mka1_desktop.domain.errors import Code, Policy, Trouble
from mka1_desktop.session import turns
from mka1_desktop.session.build import again, connect, fail
from mka1_desktop.session.effects import FailTurn, Show, Step
from mka1_desktop.session.joining import shown
from mka1_desktop.session.state import Live, Session


def service_error(session: Session, live: Live, trouble: Trouble) -> Step:
    """Follow the policy of an error; what was asked is told as failed, unless it is asked again in another room."""
    session = replace(session, failures=session.failures + 1)
    if trouble.code is Code.INVALID_REQUEST and session.earlier and live.response_id is None:
        return _go_back(session, live, trouble)
    policy = trouble.advice.policy
    if trouble.code is Code.LLM_UNREACHABLE and session.failures > 1:  # "renew the session if repeated"
        policy = Policy.BACK_OFF
    match policy:
        case Policy.STOP:
            session, effects = fail(session, trouble, cause=trouble.code.value)
            return session, (FailTurn(trouble=trouble), *effects)
        case Policy.RENEW_ONCE | Policy.BACK_OFF:
            tries = max(live.tries, session.failures)
            session, effects = again(session, trouble, tries=tries, cause=trouble.code.value)
            return session, (FailTurn(trouble=trouble), *shown(session, trouble), *effects)
        case Policy.STAY:
            session, effects = turns.turn_failed(session, live)
            return session, (FailTurn(trouble=trouble), Show(trouble=trouble), *effects)


def _go_back(session: Session, live: Live, trouble: Trouble) -> Step:
    """Nothing was answered in this room: its continuation was refused. Once, the answer before it is gone on from.

    What was asked goes with it: texts and speech that no sign of an answer came for are sent again there.
    """
    session, earlier = replace(session, earlier=NOTHING), session.earlier
    return connect(session, earlier, tries=live.tries + 1, again="continuation refused", trouble=trouble)

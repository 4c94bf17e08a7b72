"""What two watchers tell is passed on once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.adapters.merged_events import SAME_S, MergedEvents
from mka1_desktop.domain.system_events import (
    ClockJumped,
    NetworkChanged,
    ProxyChanged,
    Resumed,
    ScreenLocked,
    ScreenUnlocked,
    Suspending,
    SystemEvent,
)
from tests.support.steady import be_steady

be_steady()

EVENTS: st.SearchStrategy[SystemEvent] = st.one_of(
    st.builds(NetworkChanged, up=st.sampled_from([True, False, None]), route_changed=st.booleans()),
    st.sampled_from([Suspending(), ScreenLocked(), ScreenUnlocked(), ProxyChanged(), ClockJumped(by_s=9.0)]),
    st.builds(Resumed, slept_s=st.floats(min_value=0, max_value=1e5)),
)


def _passed(*events: tuple[SystemEvent, float]) -> list[SystemEvent]:
    merged = MergedEvents()
    return [event for event, at_s in events if merged.admits(event, at_s)]


def test_one_sleep_is_told_once_and_the_next_one_again() -> None:
    assert _passed(
        (Suspending(), 0.0), (Suspending(), 0.1), (Resumed(slept_s=60.0), 0.2), (Resumed(slept_s=60.1), 1.0),
        (Suspending(), 2.0), (Resumed(slept_s=5.0), 2.5), (Resumed(slept_s=90.0), 2.5 + SAME_S + 1),
    ) == [
        Suspending(), Resumed(slept_s=60.0), Suspending(), Resumed(slept_s=5.0), Resumed(slept_s=90.0),
    ]  # fmt: skip


def test_a_portal_is_told_once_it_opens_and_a_new_route_always() -> None:
    same = NetworkChanged(up=True, route_changed=False)
    portal = NetworkChanged(up=None, route_changed=False)
    moved = NetworkChanged(up=True, route_changed=True)
    told = _passed((moved, 0), (same, 1), (moved, 2), (portal, 3), (portal, 4), (same, 5), (same, 6))
    assert told == [moved, moved, portal, same]


@given(st.lists(st.tuples(EVENTS, st.floats(min_value=0, max_value=60)), max_size=30))
def test_the_newest_of_each_kind_is_what_was_told_last(given_events: list[tuple[SystemEvent, float]]) -> None:
    """Nobody is left with an old belief: whether it is locked, and whether there is a network."""
    ordered = sorted(given_events, key=lambda pair: pair[1])
    told = _passed(*ordered)
    for kinds in ((ScreenLocked, ScreenUnlocked), (NetworkChanged,)):
        last = [e for e, _ in ordered if isinstance(e, kinds)][-1:]
        last_told = [e for e in told if isinstance(e, kinds)][-1:]
        assert [_belief(e) for e in last] == [_belief(e) for e in last_told]
    assert [e for e in told if isinstance(e, ProxyChanged | ClockJumped)] == [
        e for e, _ in ordered if isinstance(e, ProxyChanged | ClockJumped)
    ]


def _belief(event: SystemEvent) -> object:
    return event.up if isinstance(event, NetworkChanged) else type(event)

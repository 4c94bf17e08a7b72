"""Cursors of the demo's lists."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mka1_desktop.demo.pages import CursorError, cut

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a loaded machine


@dataclass(frozen=True)
class Thing:
    id: str


sizes = st.integers(min_value=0, max_value=60)
limits = st.integers(min_value=1, max_value=25)


@PATIENT
@given(size=sizes, limit=limits, newest_first=st.booleans())
def test_walking_forward_sees_everything_once_and_in_order(size: int, limit: int, newest_first: bool) -> None:
    things = [Thing(str(n)) for n in range(size)]
    seen: list[Thing] = []
    after: str | None = None
    while True:
        page = cut(things, limit=limit, newest_first=newest_first, after=after)
        assert len(page.things) <= limit
        seen += page.things
        if not page.has_more:
            break
        assert len(page.things) == limit
        after = page.things[-1].id
    assert seen == (things[::-1] if newest_first else things)


@PATIENT
@given(size=st.integers(min_value=1, max_value=60), limit=limits, newest_first=st.booleans())
def test_walking_back_sees_everything_before_once(size: int, limit: int, newest_first: bool) -> None:
    things = [Thing(str(n)) for n in range(size)]
    ordered = things[::-1] if newest_first else things
    seen: list[Thing] = []
    before = ordered[-1].id
    while True:
        page = cut(things, limit=limit, newest_first=newest_first, before=before)
        seen = [*page.things, *seen]
        if not page.has_more:
            break
        before = page.things[0].id
    assert seen == ordered[:-1]


@PATIENT
@given(size=sizes, limit=limits, cursor=st.sampled_from(["", "id", "id-60", "ID-0", "id-0 "]))
def test_an_unknown_cursor_is_an_error(size: int, limit: int, cursor: str) -> None:
    things = [Thing(f"id-{n}") for n in range(size)]
    with pytest.raises(CursorError):
        cut(things, limit=limit, newest_first=False, after=cursor)
    with pytest.raises(CursorError):
        cut(things, limit=limit, newest_first=False, before=cursor)


def test_two_cursors_cut_what_lies_between() -> None:
    things = [Thing(str(n)) for n in range(6)]
    page = cut(things, limit=2, newest_first=False, after="0", before="4")
    assert ([thing.id for thing in page.things], page.has_more) == (["1", "2"], True)

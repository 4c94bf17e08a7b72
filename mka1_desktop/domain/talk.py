"""The talk key's own machine: hold, tap, lock, tail. Pure: time comes in with the events.

`at_s` is when an event was handled. How far press and release are apart comes with them where the input system knows
it: a stalled window handles both at once, or a long time after each other.

Auto: a press shorter than `tap_ms` latches, a longer one holds. Hold: only while it is down. Toggle: each press turns.
After a release the microphone stays open for `tail_ms`; a press within the tail goes on as if nothing had happened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["auto", "hold", "toggle", "open"]
BOUNCE_S = 0.03  # a press this soon after a release is the same press: X11 repeats a held key as pairs of both
IGNORE_MS = 40  # shorter presses are bounces (issue: 40 to 350 ms latches)


class Phase(StrEnum):
    UP = "up"
    DOWN = "down"  # the key is held
    LATCHED = "latched"  # open without the key
    TAIL = "tail"  # released, the last word may still be on its way


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkSettings:
    mode: Mode = "auto"
    tail_ms: int = 200
    tap_ms: int = 350


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """`open` is what the microphone does; `tail_until_s` is when a running tail ends."""

    phase: Phase = Phase.UP
    pressed_at_s: float = 0.0
    held_s: float = 0.0  # of this press, up to the last release that a press within bounce or tail followed
    was_latched: bool = False  # this press began while latched, and so ends it
    before: Phase = Phase.UP  # what a press too short to count goes back to
    tail_until_s: float | None = None
    released_at_s: float = float("-inf")
    ended_hold: bool = False  # that release ended a hold, and so a repeat goes on with it

    @property
    def open(self) -> bool:
        return self.phase is not Phase.UP

    @property
    def held(self) -> bool:
        return self.phase is Phase.DOWN

    @property
    def latched(self) -> bool:
        return self.phase is Phase.LATCHED


def press(talk: Talk, at_s: float, settings: TalkSettings, *, up_s: float | None = None) -> Talk:
    """The key went down; repeats of a held key change nothing, and a press within the tail goes on talking.

    `up_s` is how many seconds it was up before, None where only `at_s` can tell.
    """
    if talk.phase is Phase.DOWN:
        return talk
    if (at_s - talk.released_at_s if up_s is None else up_s) < BOUNCE_S:
        return replace(talk, phase=Phase.DOWN, tail_until_s=None) if talk.ended_hold else talk
    if settings.mode in ("toggle", "open"):
        if talk.phase is Phase.LATCHED:
            return _tail(talk, at_s, settings)
        return Talk(phase=Phase.LATCHED, pressed_at_s=at_s)
    if talk.phase is Phase.TAIL:
        return replace(talk, phase=Phase.DOWN, tail_until_s=None)
    return Talk(phase=Phase.DOWN, pressed_at_s=at_s, was_latched=talk.phase is Phase.LATCHED, before=talk.phase)


def release(talk: Talk, at_s: float, settings: TalkSettings, *, down_s: float | None = None) -> Talk:
    """The key came up; `down_s` is how many seconds it was down, None where only `at_s` can tell."""
    if talk.phase is not Phase.DOWN:
        return replace(talk, released_at_s=at_s, ended_hold=False)
    held_s = at_s - talk.pressed_at_s if down_s is None else talk.held_s + down_s
    talk = replace(talk, released_at_s=at_s, ended_hold=True, held_s=held_s)
    held_ms = round(1000 * held_s)
    if settings.mode == "auto" and held_ms < IGNORE_MS:
        return replace(talk, phase=talk.before)
    if settings.mode == "auto" and not talk.was_latched and held_ms < settings.tap_ms:
        return replace(talk, phase=Phase.LATCHED)
    return _tail(talk, at_s, settings)


def stop(talk: Talk) -> Talk:
    """End at once and without a tail: mute, quit, lock screen, lost device."""
    ended = replace(talk, ended_hold=False)  # what repeats of the held key says nothing any more
    return ended if talk.phase is Phase.UP else Talk(released_at_s=talk.released_at_s)


def finish(talk: Talk, at_s: float, settings: TalkSettings) -> Talk:
    """End politely, with the tail: `ctl talk stop`, a click on the latched button."""
    return talk if talk.phase in (Phase.UP, Phase.TAIL) else _tail(talk, at_s, settings)


def latch(talk: Talk, at_s: float) -> Talk:
    """Open without a key: `ctl talk start`."""
    if talk.phase is Phase.LATCHED:
        return talk
    return replace(Talk(phase=Phase.LATCHED, pressed_at_s=at_s), released_at_s=talk.released_at_s)


def tail_over(talk: Talk, at_s: float) -> Talk:
    """The tail's time has come; anything else in between has made it meaningless."""
    if talk.phase is Phase.TAIL and talk.tail_until_s is not None and at_s >= talk.tail_until_s:
        return Talk(released_at_s=talk.released_at_s, ended_hold=talk.ended_hold)
    return talk


def _tail(talk: Talk, at_s: float, settings: TalkSettings) -> Talk:
    """Stay open for the tail; without one still for the moment in which a repeat would show."""
    tail_s = max(settings.tail_ms / 1000, BOUNCE_S)
    return replace(talk, phase=Phase.TAIL, tail_until_s=at_s + tail_s)

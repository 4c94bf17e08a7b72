"""The talk key's own machine: hold, tap, lock, dwell, tail. Pure: time comes in with the events.

`at_s` is when an event was handled. How far press and release are apart comes with them where the input system knows
it: a stalled window handles both at once, or a long time after each other.

Auto: a press shorter than `tap_ms` latches, a longer one holds. Hold: only while it is down, or two taps in a row
lock it. Toggle: each press turns. After a release the microphone stays open for `tail_ms`; a press within the tail goes
on as if nothing had happened. For hands that tremble: a press counts only after `dwell_ms`, and one that follows a
release within `debounce_ms` is the same press.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["auto", "hold", "toggle", "open"]
BOUNCE_S = 0.03  # a press this soon after a release is the same press: X11 repeats a held key as pairs of both
IGNORE_MS = 40  # shorter presses are bounces (issue: 40 to 350 ms latches)
DOUBLE_S = 0.4  # from one tap to the next, where two of them lock


class Phase(StrEnum):
    UP = "up"
    DWELL = "dwell"  # down, but not yet long enough to count
    DOWN = "down"  # the key is held
    LATCHED = "latched"  # open without the key
    TAIL = "tail"  # released, the last word may still be on its way


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkSettings:
    mode: Mode = "auto"
    tail_ms: int = 200
    tap_ms: int = 350
    dwell_ms: int = 0
    debounce_ms: int = 0

    @property
    def bounce_s(self) -> float:
        return max(BOUNCE_S, self.debounce_ms / 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """`open` is what the microphone does; `tail_until_s` and `dwell_until_s` are when a tail and a dwell end."""

    phase: Phase = Phase.UP
    pressed_at_s: float = 0.0
    held_s: float = 0.0  # of this press, up to the last release that a press within bounce or tail followed
    was_latched: bool = False  # this press began while latched, and so ends it
    before: Phase = Phase.UP  # what a press too short to count goes back to
    tail_until_s: float | None = None
    dwell_until_s: float | None = None
    tapped: bool = False  # the newest release ended a tap: another one may lock
    second: bool = False  # this press follows a tap
    released_at_s: float = float("-inf")
    ended_hold: bool = False  # that release ended a hold, and so a repeat goes on with it

    @property
    def open(self) -> bool:
        return self.phase is not Phase.UP and not (self.phase is Phase.DWELL and self.before is Phase.UP)

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
    if talk.phase in (Phase.DOWN, Phase.DWELL):
        return talk
    gap_s = at_s - talk.released_at_s if up_s is None else up_s
    if gap_s < settings.bounce_s:
        return replace(talk, phase=Phase.DOWN, tail_until_s=None, tapped=False) if talk.ended_hold else talk
    if settings.dwell_ms > 0 and talk.phase is not Phase.TAIL:
        return replace(
            talk, phase=Phase.DWELL, before=talk.phase, pressed_at_s=at_s, held_s=0.0,
            dwell_until_s=at_s + settings.dwell_ms / 1000,
        )  # fmt: skip
    return _pressed(talk, at_s, settings, gap_s)


def dwell_over(talk: Talk, at_s: float, settings: TalkSettings) -> Talk:
    """The key has been down for long enough to count; anything else in between has made that meaningless."""
    if talk.phase is not Phase.DWELL or talk.dwell_until_s is None or at_s < talk.dwell_until_s:
        return talk
    began_s = talk.pressed_at_s
    rested = replace(talk, phase=talk.before, dwell_until_s=None)
    return replace(_pressed(rested, at_s, settings, began_s - talk.released_at_s), pressed_at_s=began_s)


def _pressed(talk: Talk, at_s: float, settings: TalkSettings, gap_s: float) -> Talk:
    if settings.mode in ("toggle", "open"):
        if talk.phase is Phase.LATCHED:
            return _tail(talk, at_s, settings)
        return Talk(phase=Phase.LATCHED, pressed_at_s=at_s)
    second = settings.mode == "hold" and talk.tapped and gap_s < DOUBLE_S
    if talk.phase is Phase.TAIL and not second:
        return replace(talk, phase=Phase.DOWN, tail_until_s=None, tapped=False)
    return Talk(
        phase=Phase.DOWN, pressed_at_s=at_s, was_latched=talk.phase is Phase.LATCHED, second=second,
        before=Phase.UP if talk.phase is Phase.TAIL else talk.phase,
    )  # fmt: skip


def release(talk: Talk, at_s: float, settings: TalkSettings, *, down_s: float | None = None) -> Talk:
    """The key came up; `down_s` is how many seconds it was down, None where only `at_s` can tell."""
    if talk.phase is Phase.DWELL:
        return replace(talk, phase=talk.before, dwell_until_s=None, released_at_s=at_s, ended_hold=False)
    if talk.phase is not Phase.DOWN:
        return replace(talk, released_at_s=at_s, ended_hold=False)
    held_s = at_s - talk.pressed_at_s if down_s is None else talk.held_s + down_s
    talk = replace(talk, released_at_s=at_s, ended_hold=True, held_s=held_s)
    held_ms = round(1000 * held_s)
    if settings.mode == "auto" and held_ms < IGNORE_MS:
        return replace(talk, phase=talk.before)
    if settings.mode == "auto" and not talk.was_latched and held_ms < settings.tap_ms:
        return replace(talk, phase=Phase.LATCHED)
    tap = settings.mode == "hold" and IGNORE_MS <= held_ms < settings.tap_ms and not talk.was_latched
    if tap and talk.second:
        return replace(talk, phase=Phase.LATCHED)
    return replace(_tail(talk, at_s, settings), tapped=tap)


def stop(talk: Talk) -> Talk:
    """End at once and without a tail: mute, quit, lock screen, lost device."""
    ended = replace(talk, ended_hold=False)  # what repeats of the held key says nothing any more
    return ended if talk.phase is Phase.UP else Talk(released_at_s=talk.released_at_s)


def finish(talk: Talk, at_s: float, settings: TalkSettings) -> Talk:
    """End politely, with the tail: `ctl talk stop`, a click on the latched button."""
    if not talk.open:
        return stop(talk)
    return talk if talk.phase is Phase.TAIL else _tail(talk, at_s, settings)


def latch(talk: Talk, at_s: float) -> Talk:
    """Open without a key: `ctl talk start`."""
    if talk.phase is Phase.LATCHED:
        return talk
    return replace(Talk(phase=Phase.LATCHED, pressed_at_s=at_s), released_at_s=talk.released_at_s)


def tail_over(talk: Talk, at_s: float) -> Talk:
    """The tail's time has come; anything else in between has made it meaningless."""
    if talk.phase is Phase.TAIL and talk.tail_until_s is not None and at_s >= talk.tail_until_s:
        return Talk(released_at_s=talk.released_at_s, ended_hold=talk.ended_hold, tapped=talk.tapped)
    return talk


def _tail(talk: Talk, at_s: float, settings: TalkSettings) -> Talk:
    """Stay open for the tail; without one still for the moment in which a repeat would show."""
    tail_s = max(settings.tail_ms / 1000, settings.bounce_s)
    return replace(talk, phase=Phase.TAIL, tail_until_s=at_s + tail_s, dwell_until_s=None)

"""The four forms of the window by its width (design, section 5). A larger text takes the next narrower form."""

from __future__ import annotations

from dataclasses import dataclass, replace

MIN_WIDTH, MIN_HEIGHT = 380, 520
HEAD_H = 52
SIDEBAR_W, SIDEBAR_WIDEST, DRAWER_W = 264, 360, 300
BADGE_FROM_TURNS = 2  # narrow windows show the badge from this many turns on


@dataclass(frozen=True, slots=True)
class Form:
    """Sizes in px. `column` is the widest that the conversation and the composer get, without padding."""

    padding: int
    column: int
    figure: int
    name_w: int  # device names
    meter_steps: int
    drawer: bool  # the sidebar lies over the window
    stacked: bool  # the text box has a row of its own
    words: bool = True  # names on the connection chip, on End, beside the devices
    slider: bool = True
    least_text_h: int = 48
    draggable: bool = False  # the sidebar's edge


NARROW = Form(
    padding=12,
    column=10_000,
    figure=72,
    name_w=120,
    meter_steps=4,
    drawer=True,
    stacked=True,
    words=False,
    slider=False,
    least_text_h=44,
)
MIDDLE = Form(padding=24, column=10_000, figure=104, name_w=140, meter_steps=8, drawer=True, stacked=False)
WIDE = Form(padding=24, column=648, figure=104, name_w=180, meter_steps=8, drawer=False, stacked=False)
FULL = Form(padding=24, column=680, figure=120, name_w=180, meter_steps=8, drawer=False, stacked=False, draggable=True)
_ORDER = (NARROW, MIDDLE, WIDE, FULL)


def form_of(width: int, text_scale: float = 1.0) -> Form:
    """The form for a window `width` px wide; `text_scale` 1.0 is a 10 pt font."""
    step = 0 if width < 560 else 1 if width < 840 else 2 if width < 1200 else 3
    if text_scale > 1.3 and step > 0:
        step -= 1
    form = _ORDER[step]
    return replace(form, name_w=0, slider=False) if text_scale >= 2.0 else form


def side_margin(width: int, form: Form) -> int:
    """What is left free at each side of the column inside an area `width` px wide."""
    return max(form.padding, (width - form.column) // 2)

from __future__ import annotations

import pytest

from mka1_desktop.ui.forms import FULL, MIDDLE, NARROW, WIDE, Form, form_of, side_margin


@pytest.mark.parametrize(
    ("width", "form"),
    [(380, NARROW), (559, NARROW), (560, MIDDLE), (839, MIDDLE), (840, WIDE), (1199, WIDE), (1200, FULL), (3000, FULL)],
)
def test_breakpoints(width: int, form: Form) -> None:
    assert form_of(width) == form


def test_larger_text_takes_the_next_narrower_form() -> None:
    assert form_of(960, 1.3) == WIDE
    assert form_of(960, 1.31) == MIDDLE
    assert form_of(380, 1.9) == NARROW


def test_twice_the_text_keeps_icons_only() -> None:
    form = form_of(1440, 2.0)
    assert (form.name_w, form.slider, form.column) == (0, False, WIDE.column)


@pytest.mark.parametrize(
    ("width", "form", "margin"), [(696, WIDE, 24), (960, WIDE, 156), (1176, FULL, 248), (720, MIDDLE, 24)]
)
def test_the_column_is_centred(width: int, form: Form, margin: int) -> None:
    assert side_margin(width, form) == margin

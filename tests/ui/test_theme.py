"""The contrast table of the design, computed again from the roles; palette and type."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.roles import COLOURS, SCHEMES, Role, Scheme, contrast, hex_of
from mka1_desktop.ui.theme import TYPE, Choice, Theme
from tests.support.look import make_look

TEXT = """
text: bg 15.4/15.5/21.0, sidebar 14.3/16.2/21.0, surface 16.6/14.0/21.0, raised 16.6/12.4/21.0, hover 13.3/11.8/16.5, \
selected 13.0/10.5/12.1, mine 13.5/11.8/16.5, accent_soft 13.7/11.9/12.1, live_soft 14.0/13.0/15.2, \
warn_soft 14.7/12.3/14.1, error_soft 13.8/13.2/17.2
text2: bg 6.5/8.3/16.8, sidebar 6.0/8.7/16.8, surface 7.0/7.6/16.8, raised 7.0/6.7/16.8, hover 5.6/6.4/13.2, \
selected 5.5/5.7/9.7, mine 5.7/6.4/13.2, live_soft 5.9/7.0/12.2, accent_soft 5.8/6.4/9.7, warn_soft 6.2/6.7/11.3, \
error_soft 5.8/7.1/13.8
on_accent: accent 6.3/7.5/15.0
on_live: live 5.2/8.1/11.5
on_error: error 6.8/8.2/9.3
accent_text: bg 7.2/9.8/15.0, surface 7.8/8.9/15.0, raised 7.8/7.9/15.0, accent_soft 6.4/7.6/8.7, \
selected 6.1/6.7/8.7, sidebar 6.7/10.3/15.0, mine 6.3/7.5/11.8
live_text: bg 6.5/9.4/11.5, surface 7.0/8.5/11.5, live_soft 5.9/7.9/8.3, raised 7.0/7.5/11.5
ok: bg 5.6/9.0/16.4, surface 6.1/8.1/16.4, raised 6.1/7.2/16.4
warn: bg 6.2/10.4/16.1, surface 6.7/9.5/16.1, warn_soft 5.9/8.3/10.9, raised 6.7/8.4/16.1
error: bg 6.3/8.1/9.3, surface 6.8/7.4/9.3, error_soft 5.7/6.9/7.6, raised 6.8/6.5/9.3
bg: text 15.4/15.5/21.0
"""
GRAPHICS = """
control: bg 3.6/4.4/21.0, sidebar 3.4/4.6/21.0, surface 3.9/4.0/21.0, raised 3.9/3.5/21.0
accent: bg 5.9/7.9/15.0, sidebar 5.4/8.2/15.0, surface 6.3/7.2/15.0, raised 6.3/6.3/15.0, accent_soft 5.2/6.1/8.7, \
selected 4.9/5.4/8.7
live: bg 4.8/8.1/11.5, surface 5.2/7.4/11.5, live_soft 4.3/6.8/8.3, raised 5.2/6.5/11.5, sidebar 4.4/8.5/11.5
focus: bg 5.7/9.1/19.6, sidebar 5.3/9.5/19.6, surface 6.2/8.2/19.6, raised 6.2/7.3/19.6, selected 4.8/6.2/11.3
text2: bg 6.5/8.3/16.8
ok: accent_soft 5.0/6.9/9.5
warn: bg 6.2/10.4/16.1
error: bg 6.3/8.1/9.3
"""


def rows(table: str, least: float) -> list[tuple[str, str, Scheme, float, float]]:
    found: list[tuple[str, str, Scheme, float, float]] = []
    for line in table.strip().splitlines():
        ink, grounds = line.split(": ")
        for part in grounds.split(", "):
            ground, values = part.strip().split(" ")
            for scheme, value in zip(SCHEMES, values.split("/"), strict=True):
                found.append((ink, ground, scheme, float(value), least))
    return found


@pytest.mark.parametrize(("ink", "ground", "scheme", "value", "least"), rows(TEXT, 4.5) + rows(GRAPHICS, 3.0))
def test_contrast_is_what_the_design_says(ink: Role, ground: Role, scheme: Scheme, value: float, least: float) -> None:
    found = contrast(hex_of(ink, scheme), hex_of(ground, scheme))
    assert found >= least
    assert found == pytest.approx(value, abs=0.051)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_orange_belongs_to_the_microphone_alone(scheme: Scheme) -> None:
    live = {hex_of(role, scheme) for role in ("live", "live_text")}
    others = {hex_of(role, scheme) for role in COLOURS if not role.startswith(("live", "on_live"))}
    assert not live & others


def test_palette_carries_the_roles(qapp: QApplication) -> None:
    make_look(qapp, choice="dark")
    palette = qapp.palette()
    assert palette.color(QPalette.ColorRole.Window).name().upper() == hex_of("bg", "dark")
    assert palette.color(QPalette.ColorRole.Base).name().upper() == hex_of("surface", "dark")
    assert palette.color(QPalette.ColorRole.Highlight).name().upper() == hex_of("accent", "dark")
    assert palette.color(QPalette.ColorRole.PlaceholderText).name().upper() == hex_of("text2", "dark")
    assert qapp.style().name().lower() == "fusion"


def test_type_follows_the_persons_font_and_the_text_size(qapp: QApplication) -> None:
    theme = make_look(qapp, points=12, text_percent=150).theme
    for token, (factor, weight, _) in TYPE.items():
        assert theme.font(token).pointSizeF() == pytest.approx(12 * factor * 1.5, abs=0.01)
        assert theme.font(token).weight() == weight
    assert theme.line_height("body") >= 20 * 1.2 * 1.5


def test_no_text_is_smaller_than_eleven_pixels(qapp: QApplication) -> None:
    theme = make_look(qapp, points=7, text_percent=80).theme
    dpi = qapp.primaryScreen().logicalDotsPerInchY()
    assert all(theme.font(token).pointSizeF() * dpi / 72 >= 10.99 for token in TYPE)


@pytest.mark.parametrize(
    ("choice", "dark", "high"), [("light", False, False), ("dark", True, False), ("contrast", True, True)]
)
def test_a_choice_is_applied_and_told_once(
    qapp: QApplication, qtbot: QtBot, choice: Choice, *, dark: bool, high: bool
) -> None:
    theme = Theme(qapp)
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(True))
    with qtbot.waitSignal(theme.changed):
        theme.apply(choice=choice)
    assert (theme.dark, theme.high_contrast, told) == (dark, high, [True])
    assert theme.faded("accent", 0.5).alphaF() == pytest.approx(0.5, abs=0.01)


def test_the_desktops_preference_is_followed_while_the_choice_is_system(qapp: QApplication) -> None:
    theme = Theme(qapp)
    theme.apply(choice="system")
    theme.follow_system()
    hints = qapp.styleHints()
    seen = []
    try:
        for scheme in (Qt.ColorScheme.Dark, Qt.ColorScheme.Light):
            hints.setColorScheme(scheme)
            seen.append((hints.colorScheme() is Qt.ColorScheme.Dark, theme.dark))
        theme.apply(choice="light")
        hints.setColorScheme(Qt.ColorScheme.Dark)
        assert theme.scheme == "light"
    finally:
        hints.unsetColorScheme()
    assert all(desktop == ours for desktop, ours in seen)

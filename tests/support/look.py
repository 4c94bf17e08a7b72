"""The look that widget tests and the gallery use: our icons, the font of the mock-ups where it is installed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from mka1_desktop.ui.icons import Icons
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.motion import Motion
from mka1_desktop.ui.theme import Choice, Theme

ICONS = Path(__file__).parents[2] / "resources" / "icons"


def make_look(
    app: QApplication, *, choice: Choice = "light", text_percent: int = 100, reduced: bool = False, points: float = 10
) -> Look:
    font = QFont("Inter")
    font.setPointSizeF(points)
    app.setFont(font)
    theme = Theme(app)
    theme.apply(choice=choice, text_percent=text_percent)
    return Look(theme=theme, icons=Icons(ICONS), motion=Motion(reduced=reduced))

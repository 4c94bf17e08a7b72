"""Colours, type and spaces of the window, and the one place that tells widgets when they change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QToolTip

from mka1_desktop.ui.roles import Role, Scheme, hex_of

Token: TypeAlias = Literal["micro", "small", "body", "title", "message", "heading", "display", "strip"]
Choice: TypeAlias = Literal["system", "light", "dark", "contrast"]

# factor on the person's own font size, weight, line height in px at a 10 pt font (design, 2.3)
TYPE: Mapping[Token, tuple[float, int, int]] = {
    "micro": (0.85, 500, 16),
    "small": (0.90, 400, 16),
    "body": (1.00, 400, 20),
    "title": (1.10, 600, 20),
    "message": (1.15, 400, 24),
    "heading": (1.30, 600, 24),
    "display": (1.80, 600, 32),
    "strip": (1.80, 500, 34),
}
SMALLEST_PX = 11.0
SPACES = (2, 4, 8, 12, 16, 20, 24, 32, 48)
RADIUS_KEY, RADIUS_ROW, RADIUS_CARD, RADIUS_BUBBLE = 5, 8, 12, 16
TARGET, TARGET_SMALL, MAIN_CONTROL = 36, 28, 48

_PALETTE: Mapping[QPalette.ColorRole, Role] = {
    QPalette.ColorRole.Window: "bg",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "sidebar",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "text2",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "on_accent",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Link: "accent_text",
    QPalette.ColorRole.LinkVisited: "accent_text",
    QPalette.ColorRole.Light: "raised",
    QPalette.ColorRole.Midlight: "line",
    QPalette.ColorRole.Mid: "control",
    QPalette.ColorRole.Dark: "control",
    QPalette.ColorRole.Shadow: "control",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
}


class Theme(QObject):
    """What to paint with. Made once, after the QApplication; `apply` changes the whole application.

    Widgets read colours when they paint; `changed` is for those that keep fonts, sizes or pixmaps.
    """

    changed = Signal()

    def __init__(self, app: QApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._font = QFont(app.font())
        self._dpi = app.primaryScreen().logicalDotsPerInchY()
        own_px = self._font.pixelSize()
        self._own_pt = own_px * 72 / self._dpi if own_px > 0 else self._font.pointSizeF()
        self._choice: Choice = "system"
        self._scheme: Scheme = "light"
        self._percent = 100
        self._colours: dict[Role, QColor] = {}
        self._fonts: dict[tuple[Token, int | None], QFont] = {}

    @property
    def scheme(self) -> Scheme:
        return self._scheme

    @property
    def high_contrast(self) -> bool:
        return self._scheme == "contrast"

    @property
    def dark(self) -> bool:
        return self._scheme != "light"

    @property
    def text_percent(self) -> int:
        """The app's own text size, 80 to 200."""
        return self._percent

    @property
    def scale(self) -> float:
        """Text size against a 10 pt font at 100 %: what line heights and text-bound widths are multiplied with."""
        return self._own_pt / 10 * self._percent / 100

    def apply(self, *, choice: Choice = "system", text_percent: int = 100) -> None:
        """Take this look from now on and tell the application: one palette, one signal."""
        self._choice = choice
        self._percent = max(80, min(200, text_percent))
        self._scheme = self._resolved(choice)
        self._colours = {}
        self._fonts = {}
        if self._app.style().name().lower() != "fusion":
            self._app.setStyle(QStyleFactory.create("Fusion"))
        self._app.setFont(self.font("body"))
        self._app.setPalette(self.palette())
        QToolTip.setPalette(self.palette())
        self.changed.emit()

    def follow_system(self) -> None:
        """Listen to the desktop's light, dark and contrast preferences; call once."""
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        hints.accessibility().contrastPreferenceChanged.connect(self._system_changed)

    def colour(self, role: Role) -> QColor:
        """The colour of a role; do not modify it."""
        found = self._colours.get(role)
        if found is None:
            found = self._colours[role] = QColor(hex_of(role, self._scheme))
        return found

    def faded(self, role: Role, opacity: float) -> QColor:
        """The colour of a role with an opacity of 0 to 1."""
        colour = QColor(self.colour(role))
        colour.setAlphaF(opacity)
        return colour

    def font(self, token: Token, weight: int | None = None) -> QFont:
        """The font of a token, in the person's own family; do not modify it."""
        found = self._fonts.get((token, weight))
        if found is None:
            found = self._fonts[(token, weight)] = self._make_font(token, weight)
        return found

    def line_height(self, token: Token) -> float:
        """Line height of a token in px, scaled with its font, never below what the script needs."""
        return max(TYPE[token][2] * self.scale, QFontMetricsF(self.font(token)).lineSpacing())

    def palette(self) -> QPalette:
        """Every role in the palette's own terms, for the parts that Qt paints by itself."""
        palette = QPalette()
        for theirs, ours in _PALETTE.items():
            palette.setColor(theirs, self.colour(ours))
        for theirs in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, theirs, self.colour("disabled"))
        return palette

    def _make_font(self, token: Token, weight: int | None) -> QFont:
        factor, usual, _ = TYPE[token]
        font = QFont(self._font)
        smallest_pt = SMALLEST_PX * 72 / self._dpi
        font.setPointSizeF(max(smallest_pt, self._own_pt * factor * self._percent / 100))
        font.setWeight(QFont.Weight(weight or usual))
        return font

    def _resolved(self, choice: Choice) -> Scheme:
        if choice != "system":
            return choice
        hints = QGuiApplication.styleHints()
        if hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast:
            return "contrast"
        return "dark" if hints.colorScheme() is Qt.ColorScheme.Dark else "light"

    def _system_changed(self) -> None:
        if self._choice == "system" and self._resolved("system") != self._scheme:
            self.apply(choice="system", text_percent=self._percent)

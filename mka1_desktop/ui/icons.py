"""The icons of the interface: SVG files, painted in one colour at the size and sharpness that is asked for."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

CACHE_LIMIT = 400  # pixmaps; the whole interface uses about 60 at one scale
_SMALL_PX = 17  # up to here strokes are drawn at 2 units instead of 1.75


class Icons:
    """Reads `folder/<name>.svg`. Pixmaps are cached by name, size, colour and device ratio."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sources: dict[tuple[str, bool], QSvgRenderer] = {}
        self._pixmaps: dict[tuple[str, int, int, float], QPixmap] = {}

    def names(self) -> list[str]:
        """Every icon there is, tray shapes included."""
        return sorted(path.stem for path in self._folder.glob("*.svg"))

    def pixmap(self, name: str, size: int, colour: QColor, ratio: float) -> QPixmap:
        """An icon of `size` logical px in one colour.

        Args:
            name: file name without its ending; FileNotFoundError for a name that is none.
            size: 16, 18, 20 or 24 by design; others work.
            colour: painted over every stroke and fill of the source.
            ratio: `QWidget.devicePixelRatioF()` of where it is painted.
        """
        key = (name, size, colour.rgba(), ratio)
        found = self._pixmaps.get(key)
        if found is None:
            if len(self._pixmaps) >= CACHE_LIMIT:
                self._pixmaps.clear()
            found = self._pixmaps[key] = self._draw(name, size, colour, ratio)
        return found

    def paint(self, painter: QPainter, name: str, box: QRectF, colour: QColor) -> None:
        """Draw an icon into a square box of the painter's logical px."""
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(box.topLeft(), self.pixmap(name, round(box.width()), colour, ratio))

    def icon(self, name: str, size: int, colour: QColor) -> QIcon:
        """For menus and other parts that Qt paints; sharp at one and two device px."""
        icon = QIcon()
        for ratio in (1.0, 2.0):
            icon.addPixmap(self.pixmap(name, size, colour, ratio))
        return icon

    def app_icon(self) -> QIcon:
        """The coloured mark, flat at 24 px and below."""
        icon = QIcon()
        for size in (16, 24, 32, 48, 64, 128, 256):
            renderer = self._renderer("app-icon-16" if size <= 24 else "app-icon", small=False)
            pixmap = QPixmap(QSize(size, size))
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter)
            painter.end()
            icon.addPixmap(pixmap)
        return icon

    def mark(self, size: int, ratio: float) -> QPixmap:
        """The coloured mark as a pixmap of `size` logical px."""
        key = ("app-icon", size, 0, ratio)
        found = self._pixmaps.get(key)
        if found is None:
            found = _blank(size, ratio)
            painter = QPainter(found)
            self._renderer("app-icon-16" if size <= 24 else "app-icon", small=False).render(
                painter, QRectF(0, 0, size, size)
            )
            painter.end()
            self._pixmaps[key] = found
        return found

    def _draw(self, name: str, size: int, colour: QColor, ratio: float) -> QPixmap:
        renderer = self._renderer(name, small=size < _SMALL_PX)  # before a painter is open: it may raise
        pixmap = _blank(size, ratio)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(QRectF(0, 0, size, size), colour)
        painter.end()
        return pixmap

    def _renderer(self, name: str, *, small: bool) -> QSvgRenderer:
        found = self._sources.get((name, small))
        if found is None:
            source = (self._folder / f"{name}.svg").read_text(encoding="utf-8")
            if small:
                source = source.replace('stroke-width="1.75"', 'stroke-width="2"')
            source = source.replace("currentColor", "#000000")
            found = self._sources[(name, small)] = QSvgRenderer(source.encode())
        return found


def _blank(size: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap

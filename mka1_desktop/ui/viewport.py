"""The part of a scrolling widget that scrolls, without a ground of its own."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractScrollArea, QWidget

_QT_NAME = "qt_scrollarea_viewport"


def clear_viewport(area: QAbstractScrollArea) -> None:
    """Let what is behind `area` be seen through it. Called first, before anything else is set or put into it.

    The viewport is made here, since asking Qt for its own one lets PySide build the Python types of every widget there
    is (16 ms at the start) to find out which one it is. Not for text edits: they crash without their own one.
    """
    port = QWidget(area)
    port.setObjectName(_QT_NAME)
    area.setViewport(port)

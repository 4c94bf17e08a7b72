"""Garbage that refers to itself is collected on the window's thread alone.

Python looks for it on whatever thread makes an object. What it finds there may own widgets or timers, and Qt ends the
process when those are deleted on another thread than their own (Qt documentation, "Threads and QObjects").
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 2000


def collect_due() -> None:
    """Collect what Python itself would collect by now (gc documentation, `gc.set_threshold`). On Qt's thread only."""
    young, middle, old = gc.get_count()
    young_limit, middle_limit, old_limit = gc.get_threshold()
    if young <= young_limit:
        return
    if middle <= middle_limit:
        gc.collect(0)
    elif old <= old_limit:
        gc.collect(1)
    else:
        gc.collect(2)


def keep_all() -> None:
    """What exists now stays, and is not looked through again: a frame would wait for that."""
    gc.freeze()


class Collecting(QObject):
    """From now on, and until the process ends. See `keep_all` for what exists already.

    Made on Qt's thread, with Python's own collection off (`gc.disable`).
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        keep_all()
        timer = QTimer(self)
        timer.setInterval(EVERY_MS)
        timer.timeout.connect(collect_due)
        timer.start()

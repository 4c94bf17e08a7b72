from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.motion import LEVEL_FALL_S, Follower, FrameClock, Motion, stepped


class Moving(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.frames = 0
        self.clock = FrameClock(self, self.advance)

    def advance(self, passed_s: float) -> None:
        assert 0 <= passed_s <= 0.25
        self.frames += 1

    def paintEvent(self, _event: object) -> None:
        self.clock.painted()


def test_clock_runs_only_while_the_widget_can_be_seen(qtbot: QtBot) -> None:
    widget = Moving()
    qtbot.addWidget(widget)
    widget.clock.set_running(True)
    assert not widget.clock.running
    widget.show()
    qtbot.waitUntil(lambda: widget.frames > 1)
    widget.hide()
    qtbot.waitUntil(lambda: not widget.clock.running)
    widget.show()
    qtbot.waitUntil(lambda: widget.clock.running)
    widget.clock.set_running(False)
    assert not widget.clock.running


def test_level_rises_at_once_and_falls_slowly() -> None:
    follower = Follower()
    follower.target = 0.8
    assert follower.advance(0.033)
    assert follower.value == 0.8
    follower.target = 0.0
    follower.advance(LEVEL_FALL_S)
    assert follower.value == pytest.approx(0.8 / 2.718, abs=0.01)
    for _ in range(40):
        follower.advance(0.033)
    assert follower.value == 0.0
    assert not follower.advance(0.033)


def test_reduced_motion_is_told_once_and_levels_become_eighths(qtbot: QtBot) -> None:
    motion = Motion()
    told: list[bool] = []
    motion.changed.connect(lambda: told.append(motion.reduced))
    motion.set_reduced(True)
    motion.set_reduced(True)
    assert told == [True]
    assert {stepped(i / 100) * 8 for i in range(101)} == set(range(9))

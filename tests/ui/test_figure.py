"""The state figure: ten shapes that differ without colour, orange only with an open microphone, still at rest."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.figure import StateFigure
from mka1_desktop.ui.figure_shapes import Pose, paint_badge, paint_figure
from mka1_desktop.ui.look import Look
from mka1_desktop.viewmodels.levels import LevelsModel, LevelsView
from mka1_desktop.viewmodels.status import Phase, StatusModel, status_view
from tests.support.look import make_look

KEY = "Ctrl+Alt+Space"
STILL = [Phase.IDLE, Phase.MUTED, Phase.ERROR]
TURNING = [Phase.CONNECTING, Phase.THINKING, Phase.RECONNECTING]


def picture(look: Look, pose: Pose, size: int) -> QImage:
    image = QImage(size, size, QImage.Format.Format_RGB32)
    image.fill(look.theme.colour("bg"))
    painter = QPainter(image)
    paint = paint_badge if size <= 24 else paint_figure
    paint(painter, QRectF(0, 0, size, size), pose, look.theme, look.icons)
    painter.end()
    return image


def has_orange(image: QImage) -> bool:
    for y in range(image.height()):
        for x in range(image.width()):
            colour = QColor(image.pixel(x, y))
            if 8 <= colour.hsvHue() <= 32 and colour.hsvSaturation() > 60 and colour.red() - colour.blue() > 50:
                return True
    return False


@pytest.mark.parametrize("size", [24, 112])
def test_every_state_has_a_shape_of_its_own_in_grey_too(qapp: QApplication, size: int) -> None:
    look = make_look(qapp)
    shapes = []
    for phase in Phase:
        grey = picture(look, Pose(phase=phase, level=0.6, levels=(0.6, 0.4, 0.2), number="6 s"), size)
        shapes.append(grey.convertToFormat(QImage.Format.Format_Grayscale8))
    different = {bytes(shape.constBits()) for shape in shapes}
    assert len(different) == len(Phase)


@pytest.mark.parametrize("size", [24, 112])
def test_orange_is_drawn_for_the_open_microphone_and_nothing_else(qapp: QApplication, size: int) -> None:
    look = make_look(qapp)
    orange = {phase for phase in Phase if has_orange(picture(look, Pose(phase=phase, level=0.5), size))}
    assert orange - {Phase.RECONNECTING} == {Phase.LISTENING}  # ochre is near to orange, and has dashes


def test_interrupted_fills_the_start_half(qapp: QApplication) -> None:
    look = make_look(qapp)
    accent = look.theme.colour("accent").rgb()
    left = picture(look, Pose(phase=Phase.INTERRUPTED), 120)
    right = picture(look, Pose(phase=Phase.INTERRUPTED, mirrored=True), 120)
    assert (left.pixel(40, 60), right.pixel(80, 60)) == (accent, accent)
    assert left.pixel(80, 60) != accent
    assert left.pixel(60, 60) == look.theme.colour("bg").rgb()  # the gap


def figure_of(
    look: Look, phase: Phase, *, open_: bool = True
) -> tuple[StateFigure, StatusModel, LevelsModel, list[str]]:
    status = StatusModel(status_view(phase, key_name=KEY, microphone_open=open_))
    levels = LevelsModel()
    stopped: list[str] = []
    figure = StateFigure(look, status, levels, stop=lambda: stopped.append("stop"), size=104)
    return figure, status, levels, stopped


def test_listening_with_a_closed_microphone_is_the_idle_ring(qapp: QApplication, qtbot: QtBot) -> None:
    figure, status, _, _ = figure_of(make_look(qapp), Phase.LISTENING, open_=False)
    qtbot.addWidget(figure)
    drawn = [figure.phase]
    status.show(status_view(Phase.LISTENING, key_name=KEY, microphone_open=True))
    drawn.append(figure.phase)
    assert drawn == [Phase.IDLE, Phase.LISTENING]
    assert figure.accessibleName() == "Listening"


@pytest.mark.parametrize("phase", STILL)
def test_nothing_moves_at_rest(qapp: QApplication, qtbot: QtBot, phase: Phase) -> None:
    figure, _, levels, _ = figure_of(make_look(qapp), phase)
    qtbot.addWidget(figure)
    figure.show()
    levels.show(LevelsView(microphone=0.5, speaker=0.5))
    assert not figure.moving


@pytest.mark.parametrize("phase", TURNING)
def test_waiting_turns_unless_motion_is_reduced(qapp: QApplication, qtbot: QtBot, phase: Phase) -> None:
    look = make_look(qapp)
    figure, _, _, _ = figure_of(look, phase)
    qtbot.addWidget(figure)
    figure.show()
    qtbot.waitUntil(lambda: figure.moving)
    before = figure.pose()
    qtbot.waitUntil(lambda: figure.pose() != before)
    look.motion.set_reduced(True)
    assert not figure.moving
    assert (figure.pose().turn, figure.pose().breath) == (0.0, 1.0)


def test_listening_follows_the_microphone_and_rests_in_silence(qapp: QApplication, qtbot: QtBot) -> None:
    figure, _, levels, _ = figure_of(make_look(qapp), Phase.LISTENING)
    qtbot.addWidget(figure)
    figure.show()
    levels.show(LevelsView(microphone=0.7, speaker=0.1))
    qtbot.waitUntil(lambda: figure.pose().level == 0.7)
    levels.show(LevelsView(microphone=0.0))
    qtbot.waitUntil(lambda: figure.pose().level == 0.0)
    qtbot.waitUntil(lambda: not figure.moving)


def test_reduced_motion_shows_the_level_in_eighths(qapp: QApplication, qtbot: QtBot) -> None:
    figure, _, levels, _ = figure_of(make_look(qapp, reduced=True), Phase.SPEAKING)
    qtbot.addWidget(figure)
    figure.show()
    levels.show(LevelsView(speaker=0.66))
    assert figure.pose().level == 0.625
    assert not figure.moving


@pytest.mark.parametrize("phase", list(Phase))
def test_a_click_stops_a_voice_and_does_nothing_else(qapp: QApplication, qtbot: QtBot, phase: Phase) -> None:
    figure, _, _, stopped = figure_of(make_look(qapp), phase)
    qtbot.addWidget(figure)
    figure.show()
    QTest.mouseClick(figure, Qt.MouseButton.LeftButton, pos=QPoint(52, 52))
    assert stopped == (["stop"] if phase in (Phase.SPEAKING, Phase.GREETING) else [])


def test_reconnecting_shows_its_seconds_in_the_middle(qapp: QApplication, qtbot: QtBot) -> None:
    figure, status, _, _ = figure_of(make_look(qapp), Phase.RECONNECTING)
    qtbot.addWidget(figure)
    status.show(status_view(Phase.RECONNECTING, key_name=KEY, seconds=6))
    assert figure.pose().number == "6 s"

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QtMsgType, qInfo, qInstallMessageHandler

from mka1_desktop.app.crash_qt import LEVELS, install_qt_log


@pytest.fixture
def _qt_log() -> Iterator[None]:
    before = qInstallMessageHandler(None)
    install_qt_log()
    yield
    qInstallMessageHandler(before)


@pytest.mark.usefixtures("_qt_log")
def test_qt_s_messages_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="mka1_desktop.qt"):
        qInfo("hello from Qt")
    assert [(r.name, r.levelname) for r in caplog.records] == [("mka1_desktop.qt", "INFO")]
    assert "hello from Qt" in caplog.text


def test_every_kind_of_message_has_a_level() -> None:
    assert LEVELS[QtMsgType.QtCriticalMsg] == logging.ERROR
    assert set(LEVELS) >= {QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg, QtMsgType.QtWarningMsg, QtMsgType.QtFatalMsg}

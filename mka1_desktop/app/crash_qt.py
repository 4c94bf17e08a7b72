"""Qt's own messages go to the log. Apart from crash.py, so that commands without a window do not load Qt."""

from __future__ import annotations

import logging

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

log = logging.getLogger("mka1_desktop.qt")

LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def install_qt_log() -> None:
    """Send every Qt message to the log `mka1_desktop.qt`; called once, before the first window."""
    qInstallMessageHandler(_handle)


def _handle(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    log.log(LEVELS.get(kind, logging.WARNING), "%s: %s", getattr(context, "category", None) or "qt", message)

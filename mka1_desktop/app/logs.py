"""The log file: three files of 2 MB, for their owner only, without secrets and without words."""

from __future__ import annotations

import logging
import os
import re
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from mka1_desktop.app.tracebacks import describe
from mka1_desktop.domain.plain import plain
from mka1_desktop.domain.redact import Redactor

FILE_B = 2 * 1024 * 1024
FILES = 3
LINE_LIMIT = 4000  # characters of one message

_ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def start_logging(path: Path, redactor: Redactor, *, level: int = logging.INFO) -> logging.Handler:
    """Send the app's records to `path`, and other libraries' warnings. Never fails: an unwritable log is no log.

    Returns the handler, for `stop_logging`.
    """
    handler = PrivateRotatingFile(path)
    handler.setFormatter(RedactingFormatter(redactor))
    handler.addFilter(without_sdk_words)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)  # libraries log addresses and bodies below that
    logging.getLogger("mka1_desktop").setLevel(level)
    return handler


def stop_logging(handler: logging.Handler) -> None:
    """Close the file; records go nowhere afterwards."""
    logging.getLogger().removeHandler(handler)
    handler.close()


_SDK_EVENT = "error running user callback for"  # the room SDK's own words, followed by the whole event
_SDK_ARGUMENTS = 4  # of the SDK's own records: target, line, module, message
_STATUS = re.compile(r"(?:client|server) error: \d{3}|(?:Client|Server)\(\d{3},")


def without_sdk_words(record: logging.LogRecord) -> bool:
    """Keep kind and place of the room SDK's records; drop what they quote: events with words, bodies with tokens."""
    arguments = record.args
    if record.name == "root" and str(record.msg).startswith(_SDK_EVENT) and isinstance(arguments, tuple):
        record.msg, record.args = f"{_SDK_EVENT} %s", arguments[:1]
    elif record.name.startswith("livekit") and isinstance(arguments, tuple) and len(arguments) == _SDK_ARGUMENTS:
        text = str(arguments[-1])
        found = _STATUS.search(text)
        record.args = (*arguments[:-1], text[: found.end()] if found else text)
    return True


class PrivateRotatingFile(RotatingFileHandler):
    """Opens at the first record; each file has mode 0600. A full or read-only disk loses records and nothing else."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=FILE_B, backupCount=FILES - 1, encoding="utf-8", delay=True)

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return open(descriptor, "a", encoding="utf-8", errors="backslashreplace")  # noqa: PTH123 - a descriptor

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base class's name
        """Say nothing: the base class would write a traceback with the record's arguments to standard error."""


class RedactingFormatter(logging.Formatter):
    """One line a message, control characters visible, secrets masked, in tracebacks and other libraries' records too.

    Never log what was said, typed or answered: this is the second net, and it does not know words.
    """

    default_msec_format = "%s.%03d"

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler's formatter may have put its own text there
        text = self._redactor.redact(super().format(record))
        record.exc_text = None
        return text

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base class's name
        record.message = plain(record.message[:LINE_LIMIT])
        return super().formatMessage(record)

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the base class's name
        return describe(ei[1]) if ei[1] is not None else ""

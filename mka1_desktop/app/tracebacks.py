"""Exceptions as text for a log: where it happened, and never what somebody said."""

from __future__ import annotations

import traceback
from types import TracebackType

from mka1_desktop.app.paths import PACKAGE
from mka1_desktop.domain.errors import AppError

FRAMES = 30  # of one traceback; the middle of a deep recursion is left out
DEPTH = 8  # of causes and groups
MESSAGE_LIMIT = 200
# Their text speaks of code. That of others, such as ValueError and KeyError, may hold data: words, names, bodies.
SPEAKS_OF_CODE = (AppError, AttributeError, ImportError, NameError, NotImplementedError, TypeError, AssertionError)


def describe(error: BaseException) -> str:
    """Return frames and type of an exception, of its causes and of the members of a group; several lines."""
    return "\n".join(_lines(error, depth=0))


def _lines(error: BaseException, *, depth: int) -> list[str]:
    if depth >= DEPTH:
        return ["..."]
    lines: list[str] = []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        lines += [*_lines(cause, depth=depth + 1), "and then:"]
    lines += _frames(error.__traceback__)
    lines.append(_named(error))
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions[:DEPTH]:
            lines += ["of the group:", *("  " + line for line in _lines(member, depth=depth + 1))]
    return lines


def _frames(first: TracebackType | None) -> list[str]:
    found = traceback.StackSummary.extract(traceback.walk_tb(first), lookup_lines=False)
    lines = [f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}" for frame in found]
    if len(lines) > FRAMES:
        half = FRAMES // 2
        lines[half:-half] = [f"  ... {len(lines) - 2 * half} more"]
    return lines


def _named(error: BaseException) -> str:
    name = type(error).__qualname__
    if isinstance(error, OSError):
        return f"{name}: {error.errno} {error.strerror or ''}".rstrip()
    if isinstance(error, SPEAKS_OF_CODE):
        return f"{name}: {str(error)[:MESSAGE_LIMIT]}"
    return name


def _short(filename: str) -> str:
    """Leave out where the app is installed: that path holds the person's name."""
    root = str(PACKAGE.parent)
    if filename.startswith(root):
        return filename[len(root) + 1 :]
    return "/".join(filename.replace("\\", "/").split("/")[-3:])

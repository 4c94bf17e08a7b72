"""Words for people: one way to translate a sentence and to put values into it."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

_PLACE = re.compile(r"\{(\w+)\}")
_OPEN, _CLOSE = "\u2066", "\u2069"  # left-to-right isolate: key names never mirror


def tr(context: str, text: str, *, n: int = -1, **values: object) -> str:
    """Translate `text`; `{name}` is replaced by the value of that name.

    `n` is a number: it stands for `{n}` and `%n`, and chooses the plural form of the translation.

    Values are put in once and as they are, so braces inside them mean nothing. Both arguments must be literals where
    this is called: `pyside6-lupdate` collects them with `-tr-function-alias translate+=tr`.
    """
    translated = QCoreApplication.translate(context, text, None, n)
    if n >= 0:
        values["n"] = n
    return _PLACE.sub(lambda m: str(values[m[1]]) if m[1] in values else m[0], translated)


def isolated(name: str) -> str:
    """A key name or a product name that keeps its direction inside a right-to-left sentence."""
    return f"{_OPEN}{name}{_CLOSE}"


def clock(seconds: float) -> str:
    """Minutes and seconds as on a tape counter: 0:06, 12:40."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"

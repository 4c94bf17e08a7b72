"""Keeps imports quick once Qt is there."""

from __future__ import annotations

import builtins
from importlib import import_module


def keep_imports_plain() -> None:
    """Import PySide6 and take its hook out of Python's import statement again.

    The hook serves `from __feature__ import snake_case`, which nothing here uses. For that it reads the source of each
    module that is imported from then on, and `linecache` keeps what it read: time at the start, and megabytes once
    numpy and the room SDK are there. PySide6 keeps the original beside its hook (seen in 6.11).
    """
    import_module("PySide6.QtCore")
    original = getattr(builtins, "__orig_import__", None)
    if original is not None:
        builtins.__import__ = original

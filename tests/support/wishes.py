"""Wishes that are written down: what the windows asked for, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from mka1_desktop.viewmodels.wishes import Wishes


class WishList:
    """`asked` holds (name, *arguments); `wishes` is what widgets get."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.wishes = Wishes(**{field.name: self._recorder(field.name) for field in fields(Wishes)})

    def names(self) -> list[str]:
        return [entry[0] for entry in self.asked]

    def _recorder(self, name: str) -> Callable[..., None]:
        def record(*arguments: object) -> None:
            self.asked.append((name, *arguments))

        return record

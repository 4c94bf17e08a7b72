"""What is wished in a window that is seen before anything works behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import pytest

from mka1_desktop.app.later import Later
from mka1_desktop.viewmodels.wishes import Wishes
from tests.support.wishes import WishList

# Arguments of the wishes that have another number of them than one.
ARGUMENTS: dict[str, tuple[object, ...]] = {
    "rename_thread": ("thread", "title"),
    "set_setting": ("talk.mode", "hold"),
    "hear_again": ("turn", 150),
}
NAMES = [field.name for field in fields(Wishes)]


class Granting:
    def __init__(self) -> None:
        self.list = WishList()
        self.wishes = self.list.wishes
        self.others: list[tuple[object, ...]] = []

    def go_on(self, key: str) -> None:
        self.others.append(("go_on", key))

    def pin_thread(self, thread_id: str, pinned: bool) -> None:
        self.others.append(("pin_thread", thread_id, pinned))

    def open_account(self) -> None:
        self.others.append(("open_account",))


def wish(wishes: Wishes, name: str) -> None:
    """Wish it with as many arguments as it takes."""
    ask: Callable[..., None] = getattr(wishes, name)
    if name in ARGUMENTS:
        ask(*ARGUMENTS[name])
        return
    try:
        ask()
    except TypeError:
        ask("one")


def test_what_comes_too_early_is_granted_in_order() -> None:
    later, granting = Later(), Granting()
    later.wishes.talk_pressed(0.5)
    later.wishes.talk_released(0.1)
    later.wishes.text_submitted("hello")
    later.pin_thread("t", True)
    later.go_on("k")
    later.open_account()
    assert granting.list.names() == []
    later.begin(granting)
    assert granting.list.names() == ["talk_pressed", "talk_released", "text_submitted"]
    assert granting.others == [("pin_thread", "t", True), ("go_on", "k"), ("open_account",)]


@pytest.mark.parametrize("name", NAMES)
def test_every_wish_reaches_its_own_granting(name: str) -> None:
    later, granting = Later(), Granting()
    wish(later.wishes, name)
    later.begin(granting)
    wish(later.wishes, name)
    assert granting.list.names() == [name, name]

"""The window's models, presenter and wishes over a desk with fakes all around."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject

from mka1_desktop.app.account_desk import AccountDesk
from mka1_desktop.app.presenter import Presenter
from mka1_desktop.app.window import Models, build_models
from mka1_desktop.app.wish_list import Doors, WishList
from mka1_desktop.domain.audio import Device, Devices
from mka1_desktop.domain.settings import Settings
from mka1_desktop.viewmodels.status import Phase
from mka1_desktop.viewmodels.talk import TalkLook
from mka1_desktop.viewmodels.wishes import Wishes
from tests.fakes.fake_desk import DeskPlay

PLUGGED = Devices(microphones=(Device(id="m", name="Mic", default=True),), speakers=(Device(id="s", name="Loud"),))


class Accounts:
    """What the wishes need of AccountDesk."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def keep_key(self, key: str) -> None:
        self.asked.append(f"key {key}")

    async def use_demo(self) -> None:
        self.asked.append("demo")

    async def delete_key(self) -> None:
        self.asked.append("delete")


class WindowPlay:
    """Models, presenter and wishes of a desk; `opened` is what doors were used, `filled` what the box got."""

    def __init__(self, play: DeskPlay, parent: QObject) -> None:
        self.play, self.desk = play, play.desk
        self.models: Models = build_models(Settings({}))
        self.presenter = Presenter(
            play.desk, models=self.models.window, turns=self.models.turns, threads=self.models.threads, parent=parent,
            key_name=lambda: "Ctrl+Alt+Space",
        )  # fmt: skip
        play.desk.on_threads_changed = self.presenter.thread_saved
        self.opened: list[str] = []
        self.filled: list[str] = []
        self.accounts = Accounts()
        doors = Doors(
            open_settings=lambda: self.opened.append("settings"), open_account=lambda: self.opened.append("account"),
            fill_text=self.filled.append, focus_text=lambda: self.opened.append("text"),
            open_details=lambda: self.opened.append("details"),
            open_sound_check=lambda: self.opened.append("sound check"),
        )  # fmt: skip
        self.list = WishList(
            play.desk, accounts=cast(AccountDesk, self.accounts), models=self.models.window, turns=self.models.turns,
            threads=self.models.threads, doors=doors,
        )  # fmt: skip

    @property
    def wishes(self) -> Wishes:
        return self.list.wishes

    def turns(self) -> list[tuple[str, str]]:
        return [(turn.role, turn.text) for turn in self.models.turns.turns()]

    def look(self) -> TalkLook:
        return self.models.window.talk.view.look

    def status(self) -> Phase:
        return self.models.window.status.view.phase

    def sending(self) -> bool:
        """Whether the microphone is open."""
        return self.play.sound.sending

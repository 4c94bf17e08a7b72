"""Opens the settings and the key dialog over the main window, one of each at a time.

The dialogs are imported after the first paint, a module at a time, so that no frame waits for them.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtWidgets import QDialog, QWidget

from mka1_desktop.app.desk import Desk
from mka1_desktop.app.sound_check_door import SoundCheckDoor
from mka1_desktop.domain.grant import Model
from mka1_desktop.domain.models import voice_suitable
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.talk_keys import TalkKeys
from mka1_desktop.viewmodels.account import AccountModel
from mka1_desktop.viewmodels.devices import DevicesModel, PickerView
from mka1_desktop.viewmodels.settings import Choice, SettingsModel
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

# Settings that do something in this version; the others stay in the table for scripts and later pages.
SHOWN = frozenset(
    {
        "talk.key", "talk.global", "talk.mode", "talk.tail_ms", "talk.ready", "talk.tap_ms", "talk.dwell_ms",
        "talk.debounce_ms", "audio.engine", "audio.microphone", "audio.channel", "audio.speaker", "audio.others",
        "audio.others_percent", "audio.cue_volume", "audio.volume", "audio.echo_cancellation",
        "audio.noise_suppression", "audio.gain_control", "assistant.model", "assistant.instructions",
        "assistant.language", "assistant.reasoning", "assistant.max_tool_calls", "assistant.silence_timeout_ms",
        "thread.kind", "session.renewal", "session.idle_minutes", "connection.base_url", "connection.on_behalf_of",
        "look.theme", "look.text_percent", "look.reduced_motion", "window.sidebar",
    }
)  # fmt: skip


# What the dialogs are made of and the main window is not, in the order in which it is needed.
_PIECES = (
    "field", "service_fields", "account_parts", "account_dialog", "combo", "key_field", "segments", "slider", "switch",
    "setting_controls", "settings_rows", "page_list", "settings_dialog", "peak_meter", "sound_trace", "sound_figures",
    "sound_check_dialog",
)  # fmt: skip


class DialogDoors:
    """Needs the window's parts; `delete_key` is what the key dialog calls."""

    def __init__(
        self,
        desk: Desk,
        *,
        look: Look,
        parent: Callable[[], QWidget],
        wishes: Callable[[], Wishes],
        account: AccountModel,
        devices: DevicesModel,
        delete_key: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._look = look
        self._parent = parent
        self._wishes = wishes
        self._account = account
        self._devices = devices
        self._delete_key = delete_key
        self._open: dict[str, QDialog] = {}
        self._models: tuple[Model, ...] = ()
        self.settings = SettingsModel(desk.settings)
        self._sound_check = SoundCheckDoor(desk, look=look, devices=devices)
        desk.on_key_tested = lambda words: self.settings.note("talk.key", words)

    def set_models(self, models: Sequence[Model]) -> None:
        """What the service offers, as the list of the setting."""
        self._models = tuple(models)

    async def warm_up(self) -> None:
        """Import the dialogs. On the loop's thread, since Qt's classes get their Python types while that happens."""
        for piece in _PIECES:
            importlib.import_module(f"mka1_desktop.ui.{piece}")
            await asyncio.sleep(0)

    def open_settings(self) -> None:
        from mka1_desktop.ui.settings_dialog import SettingsDialog  # noqa: PLC0415 - not for the first paint

        self.settings.show(self._desk.settings)
        self._show("settings", lambda: self._with_talk_key(SettingsDialog(
            self._look, self.settings, self._wishes(), shown=SHOWN, offers=self._offers(),
            actions={
                "talk.key": (tr("Settings", "Test the key"), self._wishes().test_key),
                "audio.microphone": (tr("Settings", "Sound check"), self._wishes().check_sound),
            }, parent=self._parent(),
        )))  # fmt: skip

    def _with_talk_key(self, dialog: QDialog) -> QDialog:
        """While the key is tested it is found in the dialog too."""
        keys = TalkKeys(dialog, self._wishes(), key=self._desk.settings.text("talk.key"), can_stop=lambda: False)
        keys.set_paused(True)

        def testing(running: bool) -> None:
            keys.set_key(self._desk.settings.text("talk.key"))
            keys.set_paused(not running)

        def over(_result: int) -> None:
            self._desk.on_key_test = lambda _: None

        self._desk.on_key_test = testing
        dialog.finished.connect(over)
        return dialog

    def open_account(self) -> None:
        from mka1_desktop.ui.account_dialog import AccountDialog  # noqa: PLC0415 - not for the first paint

        self._show(
            "account",
            lambda: AccountDialog(
                self._look, self._account, self._wishes(), delete_key=self._delete_key, parent=self._parent()
            ),
        )

    def open_sound_check(self) -> None:
        """Over the settings, if they are open."""
        self._sound_check.open(lambda: self._open.get("settings") or self._parent())

    async def close(self) -> None:
        """No device is open any more."""
        await self._sound_check.close()

    def close_account(self) -> None:
        """The question is answered: the key was accepted, or the demo chosen."""
        dialog = self._open.get("account")
        if dialog is not None:
            dialog.accept()

    def _show(self, name: str, build: Callable[[], QDialog]) -> None:
        dialog = self._open.get(name)
        if dialog is None:
            dialog = build()
            self._open[name] = dialog
            dialog.finished.connect(lambda _: self._closed(name))
        dialog.open()
        dialog.raise_()

    def _closed(self, name: str) -> None:
        dialog = self._open.pop(name, None)
        if name == "settings":
            self._sound_check.dismiss()
        if dialog is not None:
            dialog.deleteLater()

    def _offers(self) -> Mapping[str, Sequence[Choice]]:
        view = self._devices.view
        models = [Choice("auto", tr("Settings", "Automatic"))]
        models += [Choice(m.id, m.name or m.id) for m in voice_suitable(self._models) if m.id != "auto"]
        return {
            "audio.microphone": _devices(view.microphone),
            "audio.speaker": _devices(view.speaker),
            "assistant.model": models,
        }


def _devices(picker: PickerView) -> list[Choice]:
    return [Choice(row.id, row.name) for row in picker.rows]

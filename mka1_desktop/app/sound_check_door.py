"""Opens the sound check, over the settings where they are open, and ends it with its dialog."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from mka1_desktop.app.desk import Desk
from mka1_desktop.app.sound_check import SoundCheck
from mka1_desktop.domain.settings import CHANNELS
from mka1_desktop.ports.sound_check import SoundCheckPort
from mka1_desktop.ui.look import Look
from mka1_desktop.viewmodels.devices import DevicesModel

if TYPE_CHECKING:
    from mka1_desktop.ui.sound_check_dialog import SoundCheckDialog


async def open_devices(desk: Desk) -> SoundCheckPort:
    """Import what opens devices, off the loop's thread. One channel is heard where the engine hears it alone."""
    alone = desk.parts.sound.engine == "portaudio"
    channel = CHANNELS.index(desk.settings.text("audio.channel")) if alone else 0
    module = await asyncio.to_thread(importlib.import_module, "mka1_desktop.adapters.sound_check")
    port: SoundCheckPort = module.DeviceCheck(channel)
    return port


class SoundCheckDoor:
    """One dialog at a time."""

    def __init__(
        self,
        desk: Desk,
        *,
        look: Look,
        devices: DevicesModel,
        open_port: Callable[[], Awaitable[SoundCheckPort]] | None = None,
    ) -> None:
        """`open_port` is called once something is opened; None: the machine's own devices."""
        self._look = look
        self._dialog: SoundCheckDialog | None = None
        self.check = SoundCheck(desk, devices=devices, open_port=open_port or partial(open_devices, desk))

    @property
    def dialog(self) -> SoundCheckDialog | None:
        """The dialog while it is open."""
        return self._dialog

    def open(self, parent: Callable[[], QWidget]) -> None:
        """Show it, or bring it to the front."""
        from mka1_desktop.ui.sound_check_dialog import SoundCheckDialog  # noqa: PLC0415 - not for the first paint

        if self._dialog is None:
            self.check.opened()
            self._dialog = SoundCheckDialog(self._look, self.check.model, self.check.wishes, parent=parent())
            self._dialog.finished.connect(lambda _: self._closed())
        self._dialog.open()
        self._dialog.raise_()

    def dismiss(self) -> None:
        """The window under it goes."""
        if self._dialog is not None:
            self._dialog.reject()

    async def close(self) -> None:
        """No device is open any more."""
        await self.check.close()

    def _closed(self) -> None:
        dialog, self._dialog = self._dialog, None
        self.check.closed()
        if dialog is not None:
            dialog.deleteLater()

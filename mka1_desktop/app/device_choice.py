"""The devices that are used follow the person's choices and what is plugged in, in mid-session too."""

from __future__ import annotations

from collections.abc import Mapping

from mka1_desktop.app.desk import Desk
from mka1_desktop.domain.audio import Device, Devices
from mka1_desktop.domain.device_order import (
    ORDER_KEYS,
    SIDES,
    Side,
    device_in_use,
    read_order,
    with_names,
    write_order,
)
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.settings import Settings
from mka1_desktop.ports.audio import EngineName
from mka1_desktop.viewmodels.devices import PickerView, picker_view
from mka1_desktop.viewmodels.words import tr


class DeviceChoice:
    """One for the app. The engine moves what runs: no room is connected anew."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        # The engine is opened with the choices; what is remembered counts once the list of devices is known.
        self._told: dict[Side, str] = {side: desk.settings.text(f"audio.{side}") for side in SIDES}

    async def follow(self) -> Devices:
        """Have the engine use what is to be used now; returns what is plugged in. Raises nothing."""
        try:
            devices = await self._desk.parts.sound.devices()
        except AppError:
            devices = Devices()
        wanted = {side: self._wanted(side, devices) for side in SIDES}
        new = {side: device for side, device in wanted.items() if device != self._told[side]}
        if new:
            await self._tell(new)
        return devices

    async def _tell(self, new: Mapping[Side, str]) -> None:
        try:
            await self._desk.parts.sound.choose(microphone=new.get("microphone"), speaker=new.get("speaker"))
        except AppError as error:
            self._desk.notice(error.trouble)
        self._told.update(new)  # not earlier: one that was cut off is told again

    def remember(self, devices: Devices) -> None:
        """Keep the names that the favourites have now, for when they are not plugged in."""
        for key, side in ORDER_KEYS.items():
            order = read_order(self._desk.settings.text(key))
            names = {device.id: device.name for device in plugged(devices, side)}
            self._desk.set_setting(key, write_order(with_names(order, names)))

    def _wanted(self, side: Side, devices: Devices) -> str:
        found, settings = plugged(devices, side), self._desk.settings
        if not found:  # there is none, or nobody can tell
            return settings.text(f"audio.{side}")
        return device_in_use(settings, side, (device.id for device in found))


def picker_of(settings: Settings, side: Side, devices: Devices) -> PickerView:
    """What the window shows of one side."""
    found, chosen = plugged(devices, side), settings.text(f"audio.{side}")
    names: Mapping[str, str] = {f.id: f.name for f in read_order(settings.text(f"audio.{side}_order"))}
    none = tr("Devices", "No microphone") if side == "microphone" else tr("Devices", "No speaker")
    return picker_view(
        tuple((device.id, device.name) for device in found),
        chosen=chosen,
        chosen_name=names.get(chosen, ""),
        instead=device_in_use(settings, side, (device.id for device in found)),
        default_name=next((device.name for device in found if device.default), None),
        none_text=none,
    )


def channel_note(engine: EngineName) -> str:
    """What is said under the choice of a channel: WebRTC's own devices take all together."""
    return tr("Devices", "Only with the PortAudio engine.") if engine == "native" else ""


def plugged(devices: Devices, side: Side) -> tuple[Device, ...]:
    """What is plugged in on one side."""
    return devices.microphones if side == "microphone" else devices.speakers

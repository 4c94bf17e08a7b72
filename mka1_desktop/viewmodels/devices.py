"""Microphones and speakers: the menus, the names beside the buttons, the volume."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from mka1_desktop.viewmodels.shown import Shown
from mka1_desktop.viewmodels.words import tr


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """One row of a device menu."""

    id: str  # "" follows the system
    name: str
    detail: str = ""  # second line: the device that the system means
    chosen: bool = False
    present: bool = True  # False: a favourite that is not plugged in


@dataclass(frozen=True, slots=True, kw_only=True)
class PickerView:
    """One side. `name` is the device in use, as beside the button."""

    name: str
    rows: tuple[DeviceRow, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesView:
    microphone: PickerView
    speaker: PickerView
    volume: int = 100  # percent, 0 to 150


def picker_view(
    devices: tuple[tuple[str, str], ...],
    *,
    chosen: str,
    chosen_name: str = "",
    instead: str = "",
    default_name: str | None,
    none_text: str,
) -> PickerView:
    """Build one side of the view.

    Args:
        devices: (id, name) of what is plugged in, in the system's order.
        chosen: id of the person's choice, "" follows the system.
        chosen_name: name of the choice as it was remembered, for when it is not plugged in.
        instead: id of what is used while the choice is not plugged in, "" is the system's.
        default_name: what the system means by its default, None when it has none.
        none_text: what stands in the bar when there is no device at all.
    """
    names = dict(devices)
    absent = bool(chosen) and chosen not in names
    fallback = names.get(instead) or default_name or (devices[0][1] if devices else "")
    in_use = names.get(chosen) or fallback
    detail = tr("Devices", "now {name}", name=default_name) if default_name else tr("Devices", "no device now")
    rows = [DeviceRow(id="", name=tr("Devices", "Follow the system"), detail=detail, chosen=not chosen)]
    until = tr("Devices", "in use until {name} is back", name=chosen_name or chosen) if absent else ""
    rows += [
        DeviceRow(id=i, name=name, detail=until if i == instead else "", chosen=i == chosen) for i, name in devices
    ]
    if absent:
        name = tr("Devices", "{name}, not plugged in", name=chosen_name or chosen)
        rows.append(DeviceRow(id=chosen, name=name, chosen=True, present=False))
    return PickerView(name=in_use or none_text, rows=tuple(rows), enabled=bool(devices))


def no_devices() -> DevicesView:
    """Before the engine has answered, and on a machine without sound."""
    nothing = ()
    return DevicesView(
        microphone=picker_view(nothing, chosen="", default_name=None, none_text=tr("Devices", "No microphone")),
        speaker=picker_view(nothing, chosen="", default_name=None, none_text=tr("Devices", "No speaker")),
    )


class DevicesModel(Shown[DevicesView]):
    """Devices in by `show(view)`, out by `changed`."""

    def __init__(self, view: DevicesView | None = None, parent: QObject | None = None) -> None:
        super().__init__(view or no_devices(), parent)

"""Which microphone or speaker is used: the chosen one, else the one chosen before it that is there. Pure.

`audio.microphone` and `audio.speaker` hold the newest choice, empty for the system's device. `audio.…_order` holds what
was chosen, the newest first: one device a line, its id and, after a tab, its name as it was last seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mka1_desktop.domain.settings import BY_KEY, Settings, Value

Side: TypeAlias = Literal["microphone", "speaker"]

SIDES: Final[tuple[Side, ...]] = ("microphone", "speaker")
CHOICE_KEYS: Final[Mapping[str, Side]] = {f"audio.{side}": side for side in SIDES}
ORDER_KEYS: Final[Mapping[str, Side]] = {f"audio.{side}_order": side for side in SIDES}
MOST = 8  # devices that are remembered
NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Favourite:
    """A device that was chosen once. `name` is empty where it was never seen."""

    id: str
    name: str = ""


def read_order(text: str) -> tuple[Favourite, ...]:
    """Return the devices of a setting, each once; lines that name none are left out."""
    found: dict[str, Favourite] = {}
    for line in text.split("\n"):
        device, _, name = line.partition("\t")
        if device.strip() and device.strip() not in found:
            found[device.strip()] = Favourite(device.strip(), _line(name))
    return tuple(found.values())[:MOST]


def write_order(order: Iterable[Favourite]) -> str:
    """Return the setting for these devices: as many of the first as have room."""
    lines: list[str] = []
    for device in list(order)[:MOST]:
        lines.append(f"{device.id}\t{_line(device.name)}".rstrip())
        if len("\n".join(lines)) > BY_KEY["audio.microphone_order"].max_length:
            return "\n".join(lines[:-1])
    return "\n".join(lines)


def favourites(settings: Settings, side: Side) -> tuple[Favourite, ...]:
    """Return what is tried in this order; empty where the system is followed."""
    choice = settings.text(f"audio.{side}")
    return _first(read_order(settings.text(f"audio.{side}_order")), choice) if choice else ()


def device_in_use(settings: Settings, side: Side, present: Iterable[str]) -> str:
    """Return which of the devices that are `present`, by their ids, is to be used; "" is the system's."""
    there = set(present)
    return next((device.id for device in favourites(settings, side) if device.id in there), "")


def with_setting(settings: Settings, key: str, value: Value) -> Settings:
    """Return the settings with one changed. A device that is chosen, or was, is remembered in front of the others."""
    changed = settings.replaced(key, value)
    side = CHOICE_KEYS.get(key)
    if side is None:
        return changed
    order = read_order(settings.text(f"audio.{side}_order"))
    for choice in (settings.text(key), str(value)):
        order = _first(order, choice) if choice else order
    return changed.replaced(f"audio.{side}_order", write_order(order))


def with_names(order: Iterable[Favourite], names: Mapping[str, str]) -> tuple[Favourite, ...]:
    """Return the order with the names that the devices have now."""
    return tuple(Favourite(device.id, _line(names.get(device.id, device.name))) for device in order)


def _first(order: tuple[Favourite, ...], choice: str) -> tuple[Favourite, ...]:
    head = next((device for device in order if device.id == choice), Favourite(choice))
    return (head, *(device for device in order if device.id != choice))[:MOST]


def _line(name: str) -> str:
    return " ".join(name.split())[:NAME_LENGTH].strip()

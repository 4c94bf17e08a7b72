"""What a person is told when another microphone or speaker is used than before, without having chosen it."""

from __future__ import annotations

from mka1_desktop.viewmodels.devices import DevicesView, PickerView
from mka1_desktop.viewmodels.notices import ToastView
from mka1_desktop.viewmodels.words import tr


def device_news(before: DevicesView, now: DevicesView) -> ToastView | None:
    """Name the device before and the one now; None where the person chose it, or where nothing changed.

    Two devices that go at once, as those of a headset, are one piece of news.
    """
    told = [
        (icon, words)
        for icon, words in (
            ("mic", _changed(tr("Devices", "Microphone"), before.microphone, now.microphone)),
            ("speaker", _changed(tr("Devices", "Speaker"), before.speaker, now.speaker)),
        )
        if words
    ]
    return ToastView(text=" · ".join(words for _, words in told), icon=told[0][0]) if told else None


def _changed(side: str, before: PickerView, now: PickerView) -> str:
    if before.name == now.name or _chosen(before) != _chosen(now):
        return ""
    return tr("Devices", "{side}: {before} → {now}", side=side, before=before.name, now=now.name)


def _chosen(picker: PickerView) -> str | None:
    """The id of the person's choice, also of one that is not plugged in."""
    return next((row.id for row in picker.rows if row.chosen), None)

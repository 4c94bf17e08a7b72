"""Row two of the composer: microphone, speaker, volume, mode, more."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mka1_desktop.domain.settings import BY_KEY
from mka1_desktop.ui.buttons import IconButton
from mka1_desktop.ui.device_menu import HEIGHT, DevicePicker, WordPicker
from mka1_desktop.ui.forms import WIDE, Form
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.menus import PanelMenu
from mka1_desktop.ui.meter import Meter
from mka1_desktop.ui.volume import VolumeSlider
from mka1_desktop.viewmodels.devices import DevicesModel, DevicesView
from mka1_desktop.viewmodels.levels import LevelsModel
from mka1_desktop.viewmodels.talk import TalkModel, TalkView
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

MODE_KEY = "talk.mode"
SPEAKER_LEAST_W = 104
_WORN = ("headphone", "headset", "airpods", "earbuds", "buds", "kopfhörer")


def mode_words(mode: str) -> str:
    """The short name of a talk mode, as in the bar."""
    match mode:
        case "hold":
            return tr("Talk", "Hold")
        case "toggle":
            return tr("Talk", "Tap")
        case "open":
            return tr("Talk", "Open")
        case _:
            return tr("Talk", "Auto")


class DeviceBar(QWidget):
    """Buttons and menus of the sound; every one forwards a wish and shows what the models say."""

    def __init__(
        self,
        look: Look,
        *,
        talk: TalkModel,
        levels: LevelsModel,
        devices: DevicesModel,
        wishes: Wishes,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._wishes = wishes
        self._view = devices.view
        self._mode = talk.view.mode
        self._loud = 100  # what a second click on a silenced speaker goes back to
        self._form = WIDE
        self.mute = IconButton(look, "mic", tr("Sound", "Mute the microphone"), size=HEIGHT, icon_size=18)
        self.microphone = DevicePicker(
            look, tr("Sound", "Microphone"), choose=wishes.microphone_chosen, check_sound=wishes.check_sound,
            open_settings=wishes.open_settings,
        )  # fmt: skip
        self.meter = Meter(look, levels, tr("Sound", "Microphone level"))
        self._divider = _Divider(look)
        self.hush = IconButton(look, "speaker", tr("Sound", "Silence the speaker"), size=HEIGHT, icon_size=18)
        self.speaker = DevicePicker(
            look, tr("Sound", "Speaker"), choose=wishes.speaker_chosen, check_sound=wishes.check_sound,
            open_settings=wishes.open_settings,
        )  # fmt: skip
        self.volume = VolumeSlider(look, devices, wishes)
        self.mode = WordPicker(look, tr("Talk", "How the talk key works"))
        self.more = IconButton(look, "more", tr("Window", "More"), size=HEIGHT, icon_size=18)
        self._place()
        self.mute.clicked.connect(lambda _checked=False: wishes.mute_toggled())
        self.hush.clicked.connect(self._toggle_volume)
        self.mode.clicked.connect(self.open_modes)
        self.more.clicked.connect(self.open_more)
        talk.changed.connect(self._show_talk)
        devices.changed.connect(self._show_devices)
        self._show_talk(talk.view)
        self._show_devices(devices.view)

    def set_form(self, form: Form) -> None:
        self._form = form
        bare = form.name_w == 0
        self.microphone.set_room(form.name_w, bare=bare)
        self.speaker.set_room(form.name_w, bare=bare)
        self.meter.set_steps(form.meter_steps)
        self.speaker.set_least(SPEAKER_LEAST_W)
        self.volume.setVisible(form.slider)
        self.mode.setVisible(not form.stacked)
        self._divider.setVisible(not form.stacked)

    def open_modes(self) -> PanelMenu:
        menu = self._menu(tr("Talk", "How the talk key works"))
        self._add_modes(menu)
        menu.open_at(self.mode, above=True)
        return menu

    def open_more(self) -> PanelMenu:
        """What has no place in the bar; in narrow windows the modes too."""
        menu = self._menu(tr("Window", "More"))
        if self._form.stacked:
            self._add_modes(menu)
            menu.add_line()
        rows = (
            (tr("Window", "New conversation"), "plus", self._wishes.new_thread),
            (tr("Window", "Copy the conversation"), "copy", self._wishes.copy_all),
            (tr("Window", "Settings…"), "settings", self._wishes.open_settings),
        )
        for text, icon, wish in rows:
            menu.add_row(text, icon=icon).triggered.connect(lambda _checked=False, wish=wish: wish())
        menu.open_at(self.more, above=True)
        return menu

    def _menu(self, name: str) -> PanelMenu:
        menu = PanelMenu(self._look, name, self)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _add_modes(self, menu: PanelMenu) -> None:
        row = BY_KEY[MODE_KEY]
        for value, title in zip(row.choices, row.choice_titles, strict=True):
            action = menu.add_row(tr("Settings", title), ticked=value == self._mode)
            action.triggered.connect(lambda _checked=False, value=value: self._wishes.set_setting(MODE_KEY, value))

    def _place(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.mute)
        row.addWidget(self.microphone)
        row.addSpacing(2)
        row.addWidget(self.meter)
        row.addSpacing(16)
        row.addWidget(self._divider)
        row.addSpacing(8)
        row.addWidget(self.hush)
        row.addWidget(self.speaker)
        row.addSpacing(2)
        row.addWidget(self.volume)
        row.addStretch(1)
        row.addWidget(self.mode)
        row.addSpacing(8)
        row.addWidget(self.more)

    def _toggle_volume(self) -> None:
        if self._view.volume > 0:
            self._loud = self._view.volume
        self._wishes.volume_changed(0 if self._view.volume > 0 else self._loud)

    def _show_talk(self, view: TalkView) -> None:
        self._mode = view.mode
        self.mode.set_words(mode_words(view.mode))
        self.mute.set_icon("mic-off" if view.muted else "mic", "error" if view.muted else "text2")
        self.mute.set_name(tr("Sound", "Unmute the microphone") if view.muted else tr("Sound", "Mute the microphone"))

    def _show_devices(self, view: DevicesView) -> None:
        self._view = view
        self.microphone.show_view(view.microphone)
        self.speaker.show_view(view.speaker)
        worn = any(word in view.speaker.name.lower() for word in _WORN)
        silent = view.volume == 0
        self.hush.set_icon(
            "speaker-off" if silent else "headphones" if worn else "speaker", "error" if silent else "text2"
        )
        self.hush.set_name(
            tr("Sound", "Give the speaker its sound back") if silent else tr("Sound", "Silence the speaker")
        )


class _Divider(QWidget):
    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setFixedSize(1, 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._look.theme.colour("line"))

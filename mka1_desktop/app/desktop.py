"""The composition root of the windowed app: builds all that works behind the window, warms up, and closes in order.

Imported by a thread once the first frame is on the screen; made and used on the window's thread.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import logging
import sys
import time
from typing import Protocol

from mka1_desktop.adapters.clock import SystemClock
from mka1_desktop.adapters.expiry_file import ExpiryFile
from mka1_desktop.adapters.fingerprint import Fingerprints
from mka1_desktop.adapters.secrets_keyring import KeyringSecrets
from mka1_desktop.adapters.settings_file import SettingsFile
from mka1_desktop.adapters.system_pages import SystemPages
from mka1_desktop.app.account import Account
from mka1_desktop.app.account_desk import AccountDesk
from mka1_desktop.app.account_source import AccountSource
from mka1_desktop.app.collecting import keep_all
from mka1_desktop.app.control_server import ControlServer
from mka1_desktop.app.cue_sounds import open_cues
from mka1_desktop.app.demo_phrases import DEMO_SUGGESTIONS
from mka1_desktop.app.desk import Desk, Parts
from mka1_desktop.app.details_door import DetailsDoor
from mka1_desktop.app.device_choice import DeviceChoice, channel_note
from mka1_desktop.app.dialog_doors import DialogDoors
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.app.front import Front
from mka1_desktop.app.hotkeys import Hotkeys, open_system_keys
from mka1_desktop.app.lazy import LazyApi, LazyRooms, open_api
from mka1_desktop.app.other_sound import OtherSound, SystemOtherSound
from mka1_desktop.app.paths import Paths
from mka1_desktop.app.presenter import Presenter
from mka1_desktop.app.sound_setup import OpenSound, open_sound
from mka1_desktop.app.store_setup import Store
from mka1_desktop.app.surroundings import Surroundings
from mka1_desktop.app.switch_sound import SwitchSound
from mka1_desktop.app.verbs import Verbs
from mka1_desktop.app.wanted import Wanted
from mka1_desktop.app.window import apply_look, usual_suggestions
from mka1_desktop.app.wish_list import Doors, WishList
from mka1_desktop.domain.device_order import CHOICE_KEYS, ORDER_KEYS
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import DevicesChanged, Event
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.ports.api import ServicePort
from mka1_desktop.ports.room import RoomPort
from mka1_desktop.session.state import Session
from mka1_desktop.session.watch import Watcher
from mka1_desktop.ui.key_words import native_key

log = logging.getLogger(__name__)
CLOSE_LIMIT_S = 8.0


class ControlPort(Protocol):
    """The control socket, on either kind of system."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...


class Desktop(Watcher):
    """`front` is the window; `run` works until `quit`."""

    def __init__(
        self,
        front: Front,
        *,
        options: argparse.Namespace,
        paths: Paths,
        redactor: Redactor,
        settings: SettingsFile,
        sound: OpenSound = open_sound,
    ) -> None:
        self._front = front
        self.frame = front.frame
        self._ending = front.ending
        self._options = options
        self._paths = paths
        self._redactor = redactor
        self._open_engine = sound
        self._clock = SystemClock()
        self._sound = SwitchSound()
        self._rooms = LazyRooms(self._make_rooms)
        self._source = AccountSource(
            wanted=Wanted(
                account=options.account, base_url=options.base_url, on_behalf_of=options.on_behalf_of
            ),
            settings=lambda: self.desk.settings, secrets=self._secrets(), fingerprints=Fingerprints(paths.salt),
            redactor=redactor, forced_demo=options.demo,
        )  # fmt: skip
        self._store = Store(paths.history, on_problem=self._store_problem)
        parts = Parts(
            api=LazyApi(resolve=self._source.resolve, open_one=self._open_api, outdated=lambda: self._source.outdated),
            rooms=self._rooms, sound=self._sound, history=self._store.history, settings=settings, clock=self._clock,
            save_again=self._store.retry, spares=self._store.spares,
            expiry=ExpiryFile(paths.expiry, origin=self._origin), cues=open_cues, pages=SystemPages(),
        )  # fmt: skip
        self.desk = Desk(parts, settings=front.settings, on_talk=lambda _: self.presenter.render())
        self._choice = DeviceChoice(self.desk)
        self._build()

    def _origin(self) -> str | None:
        account = self.desk.parts.api.account
        return account.identity.origin if account is not None else None

    def _secrets(self) -> KeyringSecrets:
        return KeyringSecrets(
            fingerprints=Fingerprints(self._paths.salt), on_key=self._redactor.register,
            on_slow=lambda: self.desk.notice(Trouble(Code.KEYRING_SLOW)),
        )  # fmt: skip

    def _make_rooms(self) -> RoomPort:
        from mka1_desktop.adapters.room_livekit import LivekitRooms  # noqa: PLC0415 - the SDK loads in a thread

        return LivekitRooms(host=self._sound, clock=self._clock)

    async def _open_api(self, account: Account) -> ServicePort:
        return await open_api(account, self._redactor)

    def _build(self) -> None:
        desk, front = self.desk, self._front
        self._models = models = front.models
        self._accounts = AccountDesk(desk, self._source, models.account)
        doors = Doors(
            open_settings=lambda: self._dialogs.open_settings(),  # noqa: PLW0108 - made below
            open_account=lambda: self._dialogs.open_account(),  # noqa: PLW0108 - made below
            fill_text=self.frame.fill_text, focus_text=self.frame.focus_text,
            open_details=lambda: self._details.open(),  # noqa: PLW0108 - made below
            open_sound_check=lambda: self._dialogs.open_sound_check(),  # noqa: PLW0108 - made below
        )  # fmt: skip
        self._wishes = WishList(
            desk, accounts=self._accounts, models=models.window, turns=models.turns, threads=models.threads, doors=doors
        )
        self._dialogs = DialogDoors(
            desk, look=front.look, parent=lambda: self.frame.window, wishes=lambda: self._wishes.wishes,
            account=models.account, devices=models.window.devices, delete_key=self._wishes.delete_key,
        )  # fmt: skip
        self._details = DetailsDoor(
            desk, look=front.look, parent=lambda: self.frame.window, wishes=lambda: self._wishes.wishes
        )
        self.presenter = Presenter(
            desk, models=models.window, turns=models.turns, threads=models.threads, parent=self.frame.window,
            key_name=lambda: native_key(desk.settings.text("talk.key")),
        )  # fmt: skip
        self._hotkeys = Hotkeys(
            desk, open_port=open_system_keys,
            on_change=lambda: self._dialogs.settings.note("talk.global", self._hotkeys.note),
        )  # fmt: skip
        self._others = OtherSound(
            desk, SystemOtherSound(self._paths.data),
            on_note=lambda note: self._dialogs.settings.note("audio.others", note),
        )  # fmt: skip
        desk.report.hotkey = self._hotkeys.report
        desk.on_threads_changed = self.presenter.thread_saved
        desk.on_setting = self._setting_changed
        desk.controller.watch(self)
        models.account.changed.connect(lambda _: self._account_shown())
        front.later.begin(self._wishes)

    def quit(self, code: Exit = Exit.DONE) -> None:
        self._ending.quit(code)

    # --- running -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until `quit`. Raises what a part of the app failed with."""
        log.info("ready %.0f ms after the window was begun", 1000 * (time.monotonic() - self._front.began_s))
        server = self._server()
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(self.desk.run(), name="desk")
            await server.start()
            beside = [
                tasks.create_task(self._warm_up(), name="warm up"),
                tasks.create_task(self._watch_system(), name="system"),
                tasks.create_task(self._hotkeys.run(), name="hotkeys"),
                tasks.create_task(self._others.run(), name="other sound"),
            ]
            ending = tasks.create_task(self._ending.wait(), name="quit")
            await asyncio.wait((working, ending), return_when=asyncio.FIRST_COMPLETED)
            self.frame.window.hide()
            for task in beside:
                task.cancel()
            await self._close(server, working)
            ending.cancel()

    def _server(self) -> ControlPort:
        verbs = Verbs(self.desk, show=self.frame.come_forward, quit_app=self.quit, closing=self._ending.is_set)
        if sys.platform == "win32":
            from mka1_desktop.app.control_pipe import PipeServer  # noqa: PLC0415 - QtNetwork, needed there only

            return PipeServer(data_dir=self._paths.data, handle=verbs, now=self._clock.monotonic)
        return ControlServer(data_dir=self._paths.data, handle=verbs, now=self._clock.monotonic)

    async def _close(self, server: ControlPort, working: asyncio.Task[None]) -> None:
        self.desk.report.close()
        await self._wishes.close()
        await self._dialogs.close()
        self.desk.hang_up()
        self.desk.controller.stop()
        await asyncio.wait((working,), timeout=CLOSE_LIMIT_S)
        working.cancel()
        await server.close()
        await self._source.close()
        await self._store.close()

    async def _warm_up(self) -> None:
        """After the first paint: history, sound, SDK, account, so that the first press finds everything ready."""
        await self._load_threads()
        await self._dialogs.warm_up()
        await asyncio.gather(self._open_sound(), self._rooms.warm_up(), self._look_for_account())
        keep_all()  # the libraries of all that

    async def _watch_system(self) -> None:
        module = await asyncio.to_thread(importlib.import_module, "mka1_desktop.adapters.watchers")
        await Surroundings(self.desk, make=lambda: module.pick_watchers(self._clock)).run()

    async def _load_threads(self) -> None:
        trouble = await self._store.open()
        if trouble is not None:
            self.desk.notice(trouble)
        try:
            page = await self._store.history.threads(limit=200)
        except AppError as error:
            self.desk.notice(error.trouble)
        else:
            self._models.threads.set_threads(page.threads)

    async def _open_sound(self) -> None:
        engine = await self._open_engine(self.desk.settings, emit=self._sound.emit, clock=self._clock)
        await self._sound.use(engine)
        await self._sound.set_volume(self.desk.settings.number("audio.volume"))
        self._dialogs.settings.note("audio.channel", channel_note(engine.engine))
        if engine.engine == "none":
            self.desk.remark(Trouble(Code.NO_SOUND))
        await self._show_devices()

    async def _show_devices(self) -> None:
        devices = await self._choice.follow()
        self.presenter.show_devices(devices)
        self.frame.offer_talking(self.desk.settings.text("talk.key"), possible=bool(devices.microphones))
        self._choice.remember(devices)

    async def _look_for_account(self) -> None:
        await self._accounts.look(self._dialogs.open_account)
        try:
            self._dialogs.set_models(await self.desk.parts.api.models())
        except AppError:
            return  # the list is a convenience; what stops a session is said when one is wanted

    # --- following ---------------------------------------------------------------------------------------------

    def on_event(self, event: Event, session: Session) -> None:
        if isinstance(event, DevicesChanged):
            self.desk.background.start("devices", self._show_devices())

    def _setting_changed(self, key: str) -> None:
        """Bring a changed setting into force at once."""
        settings, start = self.desk.settings, self.desk.background.start
        self._dialogs.settings.show(settings)
        self._hotkeys.setting_changed(key)
        self._others.setting_changed(key)
        if key.startswith("look."):
            apply_look(self._front.look, settings)
        elif key == "talk.key":
            self.frame.set_key(settings.text(key))
            start("devices", self._show_devices())
        elif key == "audio.volume":
            start("volume", self._sound.set_volume(settings.number(key)))
        elif key in CHOICE_KEYS or key in ORDER_KEYS:
            start("devices", self._show_devices())
        elif key.startswith("audio.") and not key.startswith(("audio.others", "audio.cue")):
            start("engine", self._open_sound())
        elif key.startswith("connection."):
            start("address", self._accounts.address_changed())
        self.presenter.render()
        if key == "audio.volume":
            start("shown volume", self._show_devices())

    def _account_shown(self) -> None:
        view = self._models.account.view
        self.frame.suggest(DEMO_SUGGESTIONS if view.demo else usual_suggestions())
        if view.demo or view.state in ("stored", "memory"):
            self._dialogs.close_account()

    def _store_problem(self, error: AppError | None) -> None:
        if error is not None:
            self.desk.notice(error.trouble)
        else:
            self.desk.notice_over()

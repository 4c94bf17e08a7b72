"""The volume mixer of Windows, through Core Audio (pycaw).

Volume of this process's own session, names of the devices, and news of plugged and unplugged ones. Windows has no
public way to move a running stream: the engine opens the chosen device itself (`moves_streams` is False).
Written after Microsoft's Core Audio documentation; this code cannot be run on the machine it was written on.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import comtypes
from pycaw.api.audioclient import ISimpleAudioVolume
from pycaw.api.audiopolicy import IAudioSessionControl2, IAudioSessionManager2
from pycaw.callbacks import MMNotificationClient
from pycaw.constants import DEVICE_STATE, EDataFlow, ERole
from pycaw.pycaw import AudioUtilities

from mka1_desktop.domain.audio import Device, Devices

log = logging.getLogger(__name__)
T = TypeVar("T")
ANSWER_LIMIT_S = 5.0


class WindowsMixer:
    """See Mixer. COM objects live in one thread of their own."""

    moves_streams = False
    sets_volume = True

    def __init__(self) -> None:
        self._worker: ThreadPoolExecutor | None = None
        self._percent: int | None = None
        self._microphone = ""
        self._speaker = ""
        self._news: _News | None = None

    async def open(self, changed: Callable[[], None]) -> None:
        """See Mixer."""
        loop = asyncio.get_running_loop()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="mixer", initializer=comtypes.CoInitialize)
        self._news = _News(lambda: _on_loop(loop, changed))
        news = self._news

        def watch() -> None:
            AudioUtilities.GetDeviceEnumerator().RegisterEndpointNotificationCallback(news)

        await self._ask(watch)

    async def close(self) -> None:
        """See Mixer."""
        news, self._news = self._news, None
        if news is not None:

            def unwatch() -> None:
                AudioUtilities.GetDeviceEnumerator().UnregisterEndpointNotificationCallback(news)

            await self._ask(unwatch)
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.shutdown(wait=False, cancel_futures=True)

    async def devices(self) -> Devices | None:
        """See Mixer. The names are those that WebRTC gives the same devices."""
        return await self._ask(
            lambda: Devices(
                microphones=_listed(EDataFlow.eCapture.value, self._microphone),
                speakers=_listed(EDataFlow.eRender.value, self._speaker),
            )
        )

    async def set_volume(self, percent: int) -> None:
        """See Mixer. A session goes up to 100 % on Windows: more is 100."""
        self._percent = max(0, min(100, percent))
        await self._ask(self._apply_volume)

    def hush(self) -> None:
        """See Mixer. Windows plays from a short buffer: the engine's own switch is quick enough."""

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        """See Mixer. Only remembered, for the list; the engine opens the device."""
        if microphone is not None:
            self._microphone = microphone
        if speaker is not None:
            self._speaker = speaker
        await self._ask(self._apply_volume)  # another speaker has a session of its own

    def _apply_volume(self) -> None:
        if self._percent is None:
            return
        for device in _active(EDataFlow.eRender.value):
            manager = device.Activate(IAudioSessionManager2._iid_, comtypes.CLSCTX_ALL, None)
            sessions = manager.QueryInterface(IAudioSessionManager2).GetSessionEnumerator()
            for i in range(sessions.GetCount()):
                control = sessions.GetSession(i).QueryInterface(IAudioSessionControl2)
                if control.GetProcessId() == os.getpid():
                    control.QueryInterface(ISimpleAudioVolume).SetMasterVolume(self._percent / 100, None)

    async def _ask(self, question: Callable[[], T]) -> T | None:
        if self._worker is None:
            return None

        def work() -> T | None:
            try:
                return question()
            except (comtypes.COMError, OSError) as e:
                log.info("the mixer did not answer: %s", type(e).__name__)
                return None

        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                return await asyncio.get_running_loop().run_in_executor(self._worker, work)
        except TimeoutError:
            log.warning("the mixer is frozen")
            return None


class _News(MMNotificationClient):  # type: ignore[misc]  # pycaw has no types
    """Called by Windows on a thread of its own."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self._changed = changed

    def on_default_device_changed(
        self, flow: str, flow_id: int, role: str, role_id: int, default_device_id: str
    ) -> None:
        self._changed()

    def on_device_added(self, added_device_id: str) -> None:
        self._changed()

    def on_device_removed(self, removed_device_id: str) -> None:
        self._changed()

    def on_device_state_changed(self, device_id: str, new_state: str, new_state_id: int) -> None:
        self._changed()


def _listed(flow: int, chosen: str) -> tuple[Device, ...]:
    enumerator = AudioUtilities.GetDeviceEnumerator()
    try:
        default = enumerator.GetDefaultAudioEndpoint(flow, ERole.eConsole.value).GetId()
    except comtypes.COMError:  # there is none
        default = None
    found = [AudioUtilities.CreateDevice(device) for device in _active(flow)]
    return tuple(
        Device(id=d.id, name=d.FriendlyName or d.id, default=d.id == default, chosen=d.id == chosen) for d in found
    )


def _active(flow: int) -> Iterator[Any]:
    found = AudioUtilities.GetDeviceEnumerator().EnumAudioEndpoints(flow, DEVICE_STATE.ACTIVE.value)
    for i in range(found.GetCount()):
        yield found.Item(i)


def _on_loop(loop: asyncio.AbstractEventLoop, work: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(work)

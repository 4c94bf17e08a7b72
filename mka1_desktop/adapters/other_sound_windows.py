"""Other programs' sessions in the volume mixer of Windows, through Core Audio (pycaw).

Windows remembers a session's level for its program and tells nobody of it: a program that ends while it is lowered
begins with that level the next time. Written after Microsoft's Core Audio documentation; this code cannot be run on the
machine it was written on.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import comtypes
from pycaw.api.audioclient import ISimpleAudioVolume
from pycaw.api.audiopolicy import IAudioSessionControl2, IAudioSessionManager2
from pycaw.callbacks import AudioSessionNotification
from pycaw.constants import DEVICE_STATE, EDataFlow
from pycaw.pycaw import AudioUtilities

from mka1_desktop.adapters.level_keeper import StreamMixer
from mka1_desktop.domain.other_sound import Levels, OtherStream

log = logging.getLogger(__name__)
EXPIRED = 2  # AudioSessionStateExpired
SYSTEM_SOUNDS = 0  # IsSystemSoundsSession: S_OK


class WindowsMixerLink:
    """See MixerLink (other_sound_lower.py). Its thread belongs to COM's multithreaded apartment: news need that."""

    lost: tuple[type[Exception], ...] = (comtypes.COMError, OSError)

    def __init__(self) -> None:
        self._ready = False

    @contextmanager
    def connected(self) -> Iterator[StreamMixer]:
        """See MixerLink."""
        self._prepare()
        yield WindowsSessions()

    def watch(self, news: Callable[[], None]) -> Callable[[], None]:
        """See MixerLink. Only sessions that begin are news; a device that comes later is not watched."""
        self._prepare()
        ear = _Ear(news)
        managers = list(_managers())
        for manager in managers:
            manager.RegisterSessionNotification(ear)
            manager.GetSessionEnumerator()  # without it there are no news (IAudioSessionManager2, remarks)

        def unwatch() -> None:
            for manager in managers:
                manager.UnregisterSessionNotification(ear)

        return unwatch

    def _prepare(self) -> None:
        if not self._ready:
            comtypes.CoInitializeEx(comtypes.COINIT_MULTITHREADED)
            self._ready = True


class WindowsSessions:
    """See StreamMixer (level_keeper.py). A session has one level, from 0.0 to 1.0."""

    def __init__(self) -> None:
        self._controls: dict[str, Any] = {}

    def streams(self) -> Sequence[OtherStream]:
        """See StreamMixer."""
        found = []
        for control in _controls():
            process = control.GetProcessId()
            ours = process == os.getpid()
            if ours or control.IsSystemSoundsSession() == SYSTEM_SOUNDS or control.GetState() == EXPIRED:
                continue
            id_ = str(control.GetSessionInstanceIdentifier())
            self._controls[id_] = control
            level = float(control.QueryInterface(ISimpleAudioVolume).GetMasterVolume())
            program = str(control.GetSessionIdentifier())
            found.append(OtherStream(id=id_, process=str(process), program=program, levels=(level,)))
        return found

    def set_levels(self, stream: OtherStream, levels: Levels) -> None:
        """See StreamMixer; after `streams`."""
        control = self._controls.get(stream.id)
        if control is None:
            return
        try:
            control.QueryInterface(ISimpleAudioVolume).SetMasterVolume(levels[0], None)
        except comtypes.COMError as e:
            log.debug("a session could not be changed: %s", type(e).__name__)

    def memories(self) -> Mapping[str, Levels]:
        """See StreamMixer. Windows shows none."""
        return {}

    def remember(self, memory: str, levels: Levels) -> None:
        """See StreamMixer."""


class _Ear(AudioSessionNotification):  # type: ignore[misc]  # pycaw has no types
    """Called by Windows on a thread of its own."""

    def __init__(self, news: Callable[[], None]) -> None:
        super().__init__()
        self._news = news

    def OnSessionCreated(self, _new_session: object) -> None:  # noqa: N802 - COM's name
        """Tell that there is one; asking it here could block Windows' own thread."""
        self._news()


def _controls() -> Iterator[Any]:
    for manager in _managers():
        sessions = manager.GetSessionEnumerator()
        for i in range(sessions.GetCount()):
            yield sessions.GetSession(i).QueryInterface(IAudioSessionControl2)


def _managers() -> Iterator[Any]:
    """One for each speaker that is plugged in."""
    found = AudioUtilities.GetDeviceEnumerator().EnumAudioEndpoints(EDataFlow.eRender.value, DEVICE_STATE.ACTIVE.value)
    for i in range(found.GetCount()):
        manager = found.Item(i).Activate(IAudioSessionManager2._iid_, comtypes.CLSCTX_ALL, None)
        yield manager.QueryInterface(IAudioSessionManager2)

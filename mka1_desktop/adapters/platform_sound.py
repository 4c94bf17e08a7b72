"""WebRTC's own sound devices, through the SDK; with the two requests that its Python API does not offer.

Everything here blocks for up to 50 ms and belongs in a thread, except `switch_playback` and `stop_recording` (0.2 ms).
"""

from __future__ import annotations

import logging

from livekit import rtc
from livekit.rtc._ffi_client import INVALID_HANDLE, FfiClient
from livekit.rtc._proto.ffi_pb2 import FfiRequest
from livekit.rtc.platform_audio import AudioDeviceInfo, PlatformAudioError, PlatformAudioSource

from mka1_desktop.adapters.sound_options import SoundOptions
from mka1_desktop.domain.audio import Device, Devices
from mka1_desktop.domain.errors import AppError, Code

log = logging.getLogger(__name__)
DEFAULT_PREFIX = "default: "  # how WebRTC lists the device that the system uses


class PlatformSound:
    """One microphone source, and playing of every subscribed track, as long as this lives."""

    def __init__(self, options: SoundOptions) -> None:
        """Raises AppError(NO_SOUND) when the system has no sound."""
        try:
            self._audio = rtc.PlatformAudio()
        except PlatformAudioError as e:
            raise AppError(Code.NO_SOUND, details=str(e)[:200]) from None
        self._source = self._audio.create_audio_source(
            rtc.PlatformAudioOptions(
                echo_cancellation=options.echo_cancellation,
                noise_suppression=options.noise_suppression,
                auto_gain_control=options.gain_control,
            )
        )
        if self._source._handle == INVALID_HANDLE:  # noqa: SLF001 - the SDK does not say that it failed
            self._audio.close()
            raise AppError(Code.NO_SOUND, details="no audio source")

    @property
    def source(self) -> PlatformAudioSource:
        return self._source

    def close(self) -> None:
        """The source first, as the SDK asks; safe to call twice."""
        self._source.close()
        self._audio.close()

    def stop_recording(self) -> None:
        """Close the recording stream at the operating system, whatever WebRTC thinks of it."""
        try:
            request = FfiRequest()
            request.stop_recording.platform_audio_handle = self._audio._ffi_handle.handle  # noqa: SLF001
            FfiClient.instance.request(request)
        except (AttributeError, AssertionError) as e:  # an SDK without this request: muting has to do
            log.warning("recording could not be stopped: %s", type(e).__name__)

    def start_recording(self) -> None:
        """Open the recording stream at the operating system although the track is muted (2 to 6 ms)."""
        try:
            request = FfiRequest()
            request.start_recording.platform_audio_handle = self._audio._ffi_handle.handle  # noqa: SLF001
            FfiClient.instance.request(request)
        except (AttributeError, AssertionError) as e:  # an SDK without this request: the first word is a little late
            log.warning("recording could not be started: %s", type(e).__name__)

    def devices(self, *, microphone: str, speaker: str) -> Devices:
        """Name them by their name: on Linux the SDK's ids are list positions. Empty when they cannot be listed."""
        try:
            return Devices(
                microphones=_listed(self._audio.recording_devices(), microphone),
                speakers=_listed(self._audio.playout_devices(), speaker),
            )
        except PlatformAudioError:
            return Devices()

    def use_microphone(self, name: str) -> bool:
        """Record from the device of this name from the next opening on; "" is the system's. False: not known here."""
        try:
            found = _find(self._audio.recording_devices(), name)
            if found is not None:
                self._audio.set_recording_device(found.id)
        except PlatformAudioError:
            return False
        return found is not None

    def use_speaker(self, name: str) -> bool:
        """Like `use_microphone`."""
        try:
            found = _find(self._audio.playout_devices(), name)
            if found is not None:
                self._audio.set_playout_device(found.id)
        except PlatformAudioError:
            return False
        return found is not None


def switch_playback(track: rtc.RemoteAudioTrack, enabled: bool) -> bool:
    """Let a track be heard or not, 14 to 20 ms later (measured); False when this SDK cannot."""
    try:
        request = FfiRequest()
        request.enable_remote_track.track_handle = track._ffi_handle.handle  # noqa: SLF001 - no public way
        request.enable_remote_track.enabled = enabled
        answer = FfiClient.instance.request(request)
        return bool(answer.HasField("enable_remote_track") and answer.enable_remote_track.enabled == enabled)
    except (AttributeError, ValueError, AssertionError) as e:  # no such request, or the track is gone
        log.warning("playback could not be switched: %s", type(e).__name__)
        return False


def _listed(found: list[AudioDeviceInfo], chosen: str) -> tuple[Device, ...]:
    default = next((_plain(d.name) for d in found if d.name.startswith(DEFAULT_PREFIX)), None)
    names = list(dict.fromkeys(d.name for d in found if not d.name.startswith(DEFAULT_PREFIX)))
    return tuple(Device(n, n, default=n == default, chosen=n == chosen) for n in names)


def _find(found: list[AudioDeviceInfo], name: str) -> AudioDeviceInfo | None:
    if not name:
        return found[0] if found else None  # WebRTC lists the system's device first
    return next((d for d in found if d.name == name), None)


def _plain(name: str) -> str:
    return name.removeprefix(DEFAULT_PREFIX)

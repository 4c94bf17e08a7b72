"""Other programs' streams at PulseAudio's server, or PipeWire's Pulse server, and what it remembers of them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import pulsectl

from mka1_desktop.adapters.level_keeper import StreamMixer
from mka1_desktop.adapters.pulse_link import LOST, PulseEvents, connected
from mka1_desktop.domain.other_sound import Levels, OtherStream

log = logging.getLogger(__name__)
NOBODY = (
    0xFFFFFFFF  # PA_INVALID_INDEX: a stream of the server itself, such as that of a filter. It may carry our voice.
)
# Short, with a slider of its own; and screen readers, which somebody needs to hear. Not all of them tell their role.
SPARED_ROLES = frozenset({"event", "a11y"})
SPARED_PROGRAMS = ("speech-dispatcher", "sd_", "orca")
MEMORY = "module-stream-restore.id"  # the server's own name for the entry of a stream


class PulseMixerLink:
    """See MixerLink (other_sound_lower.py)."""

    lost = LOST

    @contextmanager
    def connected(self) -> Iterator[StreamMixer]:
        """See MixerLink."""
        with connected() as pulse:
            yield PulseStreams(pulse)

    def watch(self, news: Callable[[], None]) -> Callable[[], None]:
        """See MixerLink. A program that changes a stream's title is news too: the server remembers its level anew."""
        events = PulseEvents(facilities=("sink_input",), is_news=lambda _: True, heard=lambda *_: news())
        events.start()
        return events.stop


class PulseStreams:
    """See StreamMixer (level_keeper.py). Levels are PulseAudio's, as its own mixers show them."""

    def __init__(self, pulse: pulsectl.Pulse) -> None:
        self._pulse = pulse
        self._entries: dict[str, pulsectl.PulseExtStreamRestoreInfo] = {}

    def streams(self) -> Sequence[OtherStream]:
        """See StreamMixer."""
        return [_stream(s) for s in self._pulse.sink_input_list() if s.client != NOBODY and not _spared(s.proplist)]

    def set_levels(self, stream: OtherStream, levels: Levels) -> None:
        """See StreamMixer."""
        try:
            self._pulse.sink_input_volume_set(int(stream.id), pulsectl.PulseVolumeInfo(list(levels)))
        except pulsectl.PulseOperationFailed as e:
            log.debug("a stream could not be changed: %s", type(e).__name__)

    def memories(self) -> Mapping[str, Levels]:
        """See StreamMixer. Nothing where the server has no such module (module-stream-restore)."""
        self._entries = {}
        with suppress(*LOST):
            self._entries = {entry.name: entry for entry in self._pulse.stream_restore_list()}
        return {name: tuple(entry.volume.values) for name, entry in self._entries.items()}

    def remember(self, memory: str, levels: Levels) -> None:
        """See StreamMixer; after `memories`."""
        entry = self._entries[memory]
        entry.volume = pulsectl.PulseVolumeInfo(list(levels))
        with suppress(*LOST):
            self._pulse.stream_restore_write(entry, mode="replace")


def _spared(about: Mapping[str, str]) -> bool:
    return (
        about.get("application.process.id") == str(os.getpid())
        or about.get("media.role") in SPARED_ROLES
        or _program(about).lower().startswith(SPARED_PROGRAMS)
    )


def _program(about: Mapping[str, str]) -> str:
    return about.get("application.process.binary") or about.get("application.name", "")


def _stream(found: pulsectl.PulseSinkInputInfo) -> OtherStream:
    about = found.proplist
    return OtherStream(
        id=str(found.index), process=about.get("application.process.id", ""), program=_program(about),
        levels=tuple(found.volume.values), memory=about.get(MEMORY, ""),
    )  # fmt: skip

"""The one way to make other programs quiet that this system has."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from mka1_desktop.adapters.changed_file import ChangedFile
from mka1_desktop.adapters.other_sound_none import NoOtherSound
from mka1_desktop.ports.other_sound import OtherSoundPort


def open_other_sound(wanted: Literal["lower", "pause"], file: Path, *, platform: str = sys.platform) -> OtherSoundPort:
    """Make it; nothing is changed and nothing is asked of the system yet. `file` is where changes are written down.

    Its `way` tells what it really does: players can be paused on Linux only, and macOS lets nobody change the sound of
    another program. Only the module of the chosen way is loaded.
    """
    if platform.startswith("linux"):
        return _paused(file) if wanted == "pause" else _lowered(file)
    if platform == "win32":
        from mka1_desktop.adapters.other_sound_lower import LoweredSound  # noqa: PLC0415 - only where it is used
        from mka1_desktop.adapters.other_sound_windows import WindowsMixerLink  # noqa: PLC0415 - Windows only

        return LoweredSound(WindowsMixerLink(), ChangedFile(file))
    return NoOtherSound()


def _lowered(file: Path) -> OtherSoundPort:
    from mka1_desktop.adapters.other_sound_lower import LoweredSound  # noqa: PLC0415 - only where it is used

    try:
        from mka1_desktop.adapters.other_sound_pulse import PulseMixerLink  # noqa: PLC0415 - loads libpulse
    except OSError:  # libpulse is not installed
        return NoOtherSound()
    return LoweredSound(PulseMixerLink(), ChangedFile(file))


def _paused(file: Path) -> OtherSoundPort:
    from mka1_desktop.adapters.other_sound_mpris import MprisOtherSound  # noqa: PLC0415 - only where it is used

    return MprisOtherSound(ChangedFile(file))

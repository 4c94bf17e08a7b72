"""A sound server that ends is looked for until another one is there, and is heard again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from mka1_desktop.adapters.mixer_pulse import PulseMixer
from tests.support.pulse import PulseRig

WAIT_S = 20.0


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseRig]:
    with PulseRig() as rig:
        for name in ("PULSE_SERVER", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "PULSE_COOKIE"):
            monkeypatch.setenv(name, rig.env[name])
        yield rig


async def test_devices_are_told_of_again_after_a_crash_of_the_server(rig: PulseRig) -> None:
    mixer = PulseMixer()
    news: asyncio.Queue[None] = asyncio.Queue()

    async def told() -> None:
        async with asyncio.timeout(WAIT_S):
            await news.get()

    await mixer.open(lambda: news.put_nowait(None))
    assert await mixer.devices() is not None
    await asyncio.to_thread(rig.restart)
    await told()  # it is gone
    await told()  # there is another one
    known = await mixer.devices()
    assert known is not None
    assert [d.id for d in known.microphones] == ["mic", "mic2"]
    await asyncio.to_thread(rig.pactl, "load-module", "module-null-sink", "sink_name=headset")
    await told()
    await mixer.close()

"""The whole sound check through a sound card whose speaker is looped into its microphone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from mka1_desktop.domain.sound_check import echo_of
from mka1_desktop.domain.sound_probe import probe, sweep, tone
from tests.support.pulse import RATE_HZ, PulseRig
from tests.support.sound_check_child import checked

pytestmark = pytest.mark.timeout(120)
HALF = "50%"  # of the sound server's volume: -18.06 dB
BUFFERS_MS = 250.0  # the server's, on the way out and back, on a busy machine


@pytest.fixture(scope="module")
def rig() -> Iterator[PulseRig]:
    with PulseRig(loopback_ms=30) as rig:
        number = next(
            row.split("\t")[0] for row in rig.pactl("list", "short", "sink-inputs").splitlines() if "loopback" in row
        )
        rig.pactl("set-sink-input-volume", number, HALF)
        yield rig


async def test_echo_and_delay_of_a_speaker_beside_the_microphone(rig: PulseRig) -> None:
    recording = rig.recording()
    (said,) = await checked(rig.env, "check", "talk.mode=open")
    heard = recording.stop()
    assert said["problem"] == ""
    assert said["findings"]["echo"]["level_db"] == pytest.approx(-18.06, abs=1.0)
    loop_ms = way_back_ms(heard.played, heard.fed)
    assert -20.0 < said["findings"]["echo"]["delay_ms"] - loop_ms < BUFFERS_MS, "the loop, and the buffers around it"
    assert not said["findings"]["clipped"]
    assert said["findings"]["peak_dbfs"] == pytest.approx(-17.1 - 18.06, abs=1.0)
    assert (said["verdict"], said["action"]) == ("Headphones are better here.", "talk_key")


async def test_the_tone_is_heard_at_the_chosen_speaker_alone(rig: PulseRig) -> None:
    recording = rig.recording()
    (said,) = await checked(rig.env, "tone", "speaker=spk2", "audio.volume=50")
    assert said["problem"] == ""
    strayed = np.count_nonzero(recording.stop().played)  # ALSA begins anew on the system's device after an underrun
    assert strayed < 0.1 * tone().size
    recording = rig.recording()
    await checked(rig.env, "tone", "audio.volume=50")
    assert np.abs(recording.stop().played).max() == pytest.approx(np.abs(tone()).max() / 2, rel=0.1)


async def test_without_a_sound_server_it_says_so(rig: PulseRig) -> None:
    nowhere = {**rig.env, "PULSE_SERVER": "unix:/nowhere/pulse"}
    (said,) = await checked(nowhere, "check")
    assert said["problem"]
    assert said["findings"] is None


def way_back_ms(played: NDArray[np.int16], fed: NDArray[np.int16]) -> float:
    """From the speaker to the microphone, in one recording of both."""
    begin = int(np.flatnonzero(np.abs(played) > 50)[0]) - RATE_HZ // 100
    count = probe().size + RATE_HZ // 10
    there = echo_of(sweep(), played[begin : begin + count])
    back = echo_of(sweep(), fed[begin : begin + count])
    assert there is not None
    assert there.delay_ms is not None
    assert back is not None
    assert back.delay_ms is not None
    return back.delay_ms - there.delay_ms

"""A sound card that is not there: a private PulseAudio with a microphone to speak into and a speaker to hear.

One null sink with four channels carries what is fed to the microphone (front left) and what the app plays (rear left),
so one recording holds both, aligned to the sample. Engines load libpulse with the environment of their process:
give `env` to a child.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
START_LIMIT_S = 20.0
TOOL_LIMIT_S = 10.0
NEEDED = ("pulseaudio", "pactl", "pacat", "parec")
CHANNELS = "front-left,front-right,rear-left,rear-right"
SCRIPT = f"""
load-module module-native-protocol-unix socket={{socket}} auth-anonymous=1
load-module module-null-sink sink_name=rig rate=48000 channels=4 channel_map={CHANNELS}
load-module module-remap-sink sink_name=micfeed master=rig channels=1 channel_map=mono \
master_channel_map=front-left remix=no
load-module module-remap-sink sink_name=spk master=rig channels=1 channel_map=mono master_channel_map=rear-left \
remix=no sink_properties=device.description=Rig_Speaker
load-module module-remap-source source_name=mic master=rig.monitor channels=1 channel_map=mono \
master_channel_map=front-left remix=no source_properties=device.description=Rig_Microphone
load-module module-null-sink sink_name=spk2 rate=48000 channels=1 sink_properties=device.description=Other_Speaker
load-module module-null-sink sink_name=feed2 rate=48000 channels=1
load-module module-remap-source source_name=mic2 master=feed2.monitor \
source_properties=device.description=Other_Microphone
set-default-sink spk
set-default-source mic
"""
ALSA = """
pcm.!default { type pulse hint { show on description "Default (PulseAudio)" } }
ctl.!default { type pulse }
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording, both shape (n,), int16, 48 kHz."""

    fed: NDArray[np.int16]
    played: NDArray[np.int16]


def available() -> bool:
    """The programs are installed; `run test` installs them."""
    return all(shutil.which(name) for name in NEEDED)


class PulseRig:
    """Start with `with PulseRig() as rig:`; ends only the processes that it started."""

    def __init__(self, *, loopback_ms: int | None = None) -> None:
        self._loopback_ms = loopback_ms  # an echo path from the speaker to the microphone
        self._folder = Path(tempfile.mkdtemp(prefix="rig-"))
        self._children: list[subprocess.Popen[bytes]] = []

    @property
    def env(self) -> dict[str, str]:
        """The environment for a child that shall use this sound card."""
        ours = {
            "XDG_RUNTIME_DIR": str(self._folder / "run"),
            "XDG_CONFIG_HOME": str(self._folder / "config"),
            "PULSE_SERVER": f"unix:{self._folder / 'run' / 'pulse.sock'}",
            "PULSE_COOKIE": str(self._folder / "cookie"),
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{self._folder / 'asound.conf'}",
        }
        return {**os.environ, **ours}

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    # --- what a test does ---------------------------------------------------------------------------------

    def say(self, samples: NDArray[np.int16], *, into: str = "micfeed") -> None:
        """Speak into the microphone; returns when all is played."""
        feeder = self._child("pacat", "--playback", "-d", into, *self._raw(1, latency_ms=20), stdin=subprocess.PIPE)
        feeder.communicate(samples.astype("<i2").tobytes(), timeout=samples.size / RATE_HZ + TOOL_LIMIT_S)

    def recording(self) -> Recording:
        """Record the fed and the played side from now on, until `stop`."""
        path = self._folder / f"heard-{len(self._children)}.raw"
        child = self._child("parec", "-d", "rig.monitor", *self._raw(4, latency_ms=10), stdout=path.open("wb"))
        return Recording(child, path)

    def pactl(self, *words: str) -> str:
        done = subprocess.run(
            ["pactl", *words], env=self.env, capture_output=True, timeout=TOOL_LIMIT_S, check=True, text=True
        )
        return done.stdout.strip()

    def streams(self, kind: str, pid: int) -> list[dict[str, Any]]:
        """The open streams of one process; `kind` is source-outputs (recording) or sink-inputs (playing)."""
        rows: list[dict[str, Any]] = json.loads(self.pactl("-f", "json", "list", kind) or "[]")
        return [row for row in rows if row["properties"].get("application.process.id") == str(pid)]

    def records(self, pid: int) -> bool:
        """Whether this process has a recording stream open."""
        return bool(self.streams("source-outputs", pid))

    def wait_for(self, condition: Any, limit_s: float = 10.0) -> Any:
        """Ask again and again until the answer is true; returns it. Raises TimeoutError."""
        end_s = time.monotonic() + limit_s
        while not (answer := condition()):
            if time.monotonic() > end_s:
                raise TimeoutError("the sound card never came into the expected state")
            _pause()
        return answer

    def restart(self) -> None:
        """End the server, as a crash does, and start another one; everything that played ends too."""
        self._end_children(kill=True)
        self._serve()

    # --- starting and stopping ----------------------------------------------------------------------------

    def _start(self) -> None:
        run = self._folder / "run"
        run.mkdir(mode=0o700)
        (self._folder / "config").mkdir(mode=0o700)
        (self._folder / "asound.conf").write_text(ALSA)
        script = SCRIPT.format(socket=run / "pulse.sock")
        if self._loopback_ms is not None:
            script += f"load-module module-loopback source=spk.monitor sink=micfeed latency_msec={self._loopback_ms}\n"
        (self._folder / "rig.pa").write_text(script)
        self._serve()

    def _serve(self) -> None:
        self._child(
            *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disallow-exit"),
            *("--realtime=no", "--high-priority=no", "--log-level=error", "-F", str(self._folder / "rig.pa")),
        )
        self.wait_for(self._answers, START_LIMIT_S)
        for sink in ("spk", "micfeed", "spk2", "feed2"):
            # An idle null sink renders in long blocks and the next stream stalls; a client at 10 ms prevents it.
            self._child("pacat", "--playback", "-d", sink, *self._raw(1, latency_ms=10), "/dev/zero")
        self.wait_for(lambda: self.pactl("list", "short", "sink-inputs").count("\n") >= 3, START_LIMIT_S)

    def _answers(self) -> bool:
        if self._children[0].poll() is not None:
            raise RuntimeError("pulseaudio ended at once")
        done = subprocess.run(
            ["pactl", "get-default-source"], env=self.env, capture_output=True, timeout=TOOL_LIMIT_S, check=False
        )
        return done.stdout.strip() == b"mic"

    def _stop(self) -> None:
        self._end_children()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end_children(self, *, kill: bool = False) -> None:
        for child in reversed(self._children):
            child.kill() if kill else child.terminate()
        for child in reversed(self._children):
            try:
                child.wait(TOOL_LIMIT_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(TOOL_LIMIT_S)
        self._children.clear()

    def _raw(self, channels: int, *, latency_ms: int) -> Sequence[str]:
        shape = ("--raw", "--format=s16le", f"--rate={RATE_HZ}", f"--channels={channels}")
        order = (f"--channel-map={CHANNELS}",) if channels == 4 else ()
        return (*shape, *order, f"--latency-msec={latency_ms}")

    def _child(self, *words: str, **pipes: Any) -> subprocess.Popen[bytes]:
        env: Mapping[str, str] = self.env
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        child = subprocess.Popen(words, env=env, **{**quiet, **pipes})
        for pipe in pipes.values():
            if hasattr(pipe, "close"):
                pipe.close()  # the child has its own copy
        self._children.append(child)
        return child


class Recording:
    """A running `parec`."""

    def __init__(self, child: subprocess.Popen[bytes], path: Path) -> None:
        self._child = child
        self._path = path

    @property
    def seconds(self) -> float:
        """How much is recorded already."""
        return self._path.stat().st_size / (RATE_HZ * 4 * 2)

    def so_far(self) -> Heard:
        raw = self._path.read_bytes()
        channels = np.frombuffer(raw[: len(raw) // 8 * 8], "<i2").reshape(-1, 4)
        return Heard(fed=channels[:, 0].copy(), played=channels[:, 2].copy())

    def stop(self) -> Heard:
        self._child.terminate()
        self._child.wait(TOOL_LIMIT_S)
        return self.so_far()


def _pause() -> None:
    threading.Event().wait(0.02)

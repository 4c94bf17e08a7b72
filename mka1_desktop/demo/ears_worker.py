"""The recogniser's process: `python -m mka1_desktop.demo.ears_worker`.

Standard input: length in bytes (32 bit, little end first), then so many bytes of int16 samples at 16 kHz.
Standard output: one line of JSON for each, the words or null. Ends when its input ends.
"""

from __future__ import annotations

import json
import signal
import struct
import sys
from typing import BinaryIO

import numpy as np

from mka1_desktop.demo.recognise import Ears

MAX_B = 4_000_000  # two minutes


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer until `source` ends."""
    ears = Ears()
    while len(head := source.read(4)) == 4:
        size = struct.unpack("<I", head)[0]
        if size > MAX_B:
            return
        words = ears.hear(np.frombuffer(source.read(size), np.int16))
        target.write(json.dumps(words).encode() + b"\n")
        target.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C goes to the whole group; the service ends this
    serve(sys.stdin.buffer, sys.stdout.buffer)

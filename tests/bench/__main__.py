"""`python -m tests.bench [NAME …]`: measures this machine's figures and prints one JSON object a line.

Never part of the test suite: times belong to a quiet machine. Needs the Debian packages of `./run test`.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys

from tests.bench import (
    double_talk,
    first_paint,
    idle,
    joining,
    key_down,
    loaded,
    mouth_to_ear,
    reconnecting,
    sizes,
    soak,
    spoken,
    stopping,
)

BENCHES = {
    "first_paint": first_paint.measure,
    "joining": joining.measure,
    "stopping": stopping.measure,
    "key_down": key_down.measure,
    "mouth_to_ear": mouth_to_ear.measure,
    "double_talk": double_talk.measure,
    "idle": idle.measure,
    "loaded": loaded.measure,
    "sizes": sizes.measure,
    "reconnecting": reconnecting.measure,
    "soak": soak.measure,
    "spoken": spoken.measure,
}
LONG = ("soak", "spoken", "loaded")  # some minutes: only when they are named


def tell(row: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def main(names: list[str]) -> None:
    """Run the named benches, or all."""
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]}
    tell({"bench": "machine", **machine})
    for name in names or [one for one in BENCHES if one not in LONG]:
        result = asyncio.run(BENCHES[name]())
        tell({"bench": name, **result})


if __name__ == "__main__":
    main(sys.argv[1:])

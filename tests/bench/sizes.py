"""Size of the environment with and without the demo, in MB, from the packages that the lock file names for each."""

from __future__ import annotations

from importlib.metadata import distribution, distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

DEVELOPMENT_ROOT = "mka1-desktop"


async def measure() -> dict[str, object]:
    without, with_demo = _closure(set()), _closure({"demo"})
    return {"app_mb": _size(without), "app_with_demo_mb": _size(with_demo), "packages": len(with_demo)}


def _closure(extras: set[str]) -> set[str]:
    """Names of all packages that the app needs, its own included."""
    known = {d.metadata["Name"].lower().replace("_", "-") for d in distributions()}
    found: set[str] = set()
    waiting: list[tuple[str, set[str]]] = [(DEVELOPMENT_ROOT, extras)]
    while waiting:
        name, wanted = waiting.pop()
        if name in found or name not in known:
            continue
        found.add(name)
        for line in requires(name) or []:
            requirement = Requirement(line)
            scopes = [{"extra": extra} for extra in (wanted or {""})]
            if requirement.marker is None or any(requirement.marker.evaluate(scope) for scope in scopes):
                waiting.append((requirement.name.lower().replace("_", "-"), set(requirement.extras)))
    return found


def _size(names: set[str]) -> float:
    total = 0
    for name in names:
        for file in distribution(name).files or []:
            path = Path(str(file.locate()))
            if path.is_file():
                total += path.stat().st_size
    return round(total / 1e6, 1)

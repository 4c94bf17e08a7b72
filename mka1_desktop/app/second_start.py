"""A second start of the same app: a link, `--hidden` and "show" go to the one that runs, nothing else (contract)."""

from __future__ import annotations

import argparse
import threading
import time

from mka1_desktop.app.ctl import ask_once, refused
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.app.lock import InstanceLock
from mka1_desktop.app.options import say
from mka1_desktop.app.paths import Paths
from mka1_desktop.domain.errors import AppError, Code

PATIENCE_S = 15.0  # the first start may still be on its way to listening, or to its end
PAUSE_S = 0.1


def hand_over(options: argparse.Namespace, paths: Paths, lock: InstanceLock) -> int | None:
    """Ask the running app to show itself; it refuses options that differ from its own.

    Returns the exit code; None when the first app has ended meanwhile, and `lock` is ours.
    """
    answer = _first_answer(options, paths, lock)
    if lock.held:
        return None
    if answer is None:
        return say("The app is starting or closing; it did not answer.", Exit.UNREACHABLE)
    if answer.get("ok") is True:
        return say("The app is already running.", Exit.DONE)
    code, message = refused(answer)
    if code is Code.ALREADY_RUNNING:
        return say("The app is already running with other options. Quit it first.", Exit.REFUSED)
    return say(message, Exit.UNREACHABLE)


def _first_answer(options: argparse.Namespace, paths: Paths, lock: InstanceLock) -> dict[str, object] | None:
    """Return what the first app answers; None when it ended, so that `lock` was to be had, or says nothing."""
    wanted: dict[str, object] = {
        "hidden": options.hidden, "demo": options.demo, "base_url": options.base_url,
        "on_behalf_of": options.on_behalf_of,
    }  # fmt: skip
    waiting = threading.Event()
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        try:
            answer = ask_once(paths.data, "start", wanted)
        except (AppError, OSError):
            answer = None  # its socket comes a moment after its lock
        if answer is not None and not _closes(answer):
            return answer
        if lock.acquire():
            return None
        waiting.wait(PAUSE_S)
    return None


def _closes(answer: dict[str, object]) -> bool:
    return answer.get("ok") is not True and refused(answer)[0] is Code.NOT_RUNNING

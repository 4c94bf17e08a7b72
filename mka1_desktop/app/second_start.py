"""A second start of the same app: a link, `--hidden` and "show" go to the one that runs, nothing else (contract)."""

from __future__ import annotations

import argparse
import threading
import time

from mka1_desktop.app.ctl import ask_once
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.app.options import say
from mka1_desktop.app.paths import Paths
from mka1_desktop.domain.errors import AppError

PATIENCE_S = 8.0  # the first start may still be on its way to listening
PAUSE_S = 0.1


def hand_over(options: argparse.Namespace, paths: Paths) -> int:
    """Ask the running app to show itself; options that differ from its own are refused."""
    state = _first_answer(paths)
    if state is None:
        return say("The app is starting or closing; it did not answer.", Exit.UNREACHABLE)
    if _differs(options, state):
        return say("The app is already running with other options. Quit it first.", Exit.REFUSED)
    if not options.hidden:
        ask_once(paths.data, "show", {})
    return say("The app is already running.", Exit.DONE)


def _first_answer(paths: Paths) -> dict[str, object] | None:
    waiting = threading.Event()
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        try:
            answer = ask_once(paths.data, "state", {})
        except (AppError, OSError):
            waiting.wait(PAUSE_S)  # its socket comes a moment after its lock
            continue
        return answer if answer.get("ok") is True else None
    return None


def _differs(options: argparse.Namespace, state: dict[str, object]) -> bool:
    account = state.get("account")
    running = account if isinstance(account, dict) else {}
    demo = running.get("demo")
    if options.demo:
        return demo is not True
    return bool(options.base_url) and demo is not None and options.base_url.rstrip("/") != running.get("base_url")

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mka1_desktop.adapters.daemon_worker import DaemonWorker

ROOT = Path(__file__).parents[2]


def test_work_is_done_in_order_on_one_thread() -> None:
    worker = DaemonWorker("w")
    names = [worker.submit(lambda n=n: (n, threading.current_thread().name)) for n in range(5)]  # type: ignore[misc]
    assert [f.result(10) for f in names] == [(n, "w") for n in range(5)]
    worker.stop()


def test_an_exception_travels_to_the_waiter_and_the_thread_goes_on() -> None:
    worker = DaemonWorker("w")
    with pytest.raises(ZeroDivisionError):
        worker.submit(lambda: 1 // 0).result(10)
    assert worker.submit(lambda: 7).result(10) == 7
    worker.stop()


def test_work_that_was_taken_back_is_not_done() -> None:
    worker = DaemonWorker("w")
    gate = threading.Event()
    done: list[int] = []
    worker.submit(lambda: gate.wait(10))
    waiting = worker.submit(lambda: done.append(1))
    assert waiting.cancel()
    gate.set()
    worker.submit(lambda: None).result(10)
    assert done == []
    worker.stop()


def test_a_hanging_call_does_not_keep_the_process_alive() -> None:
    code = (
        "import threading; from mka1_desktop.adapters.daemon_worker import DaemonWorker;"
        "w = DaemonWorker('w'); w.submit(threading.Event().wait); w.submit(lambda: None); print('end')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=30, check=True)
    assert done.stdout.strip() == b"end"

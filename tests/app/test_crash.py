from __future__ import annotations

import asyncio
import faulthandler
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mka1_desktop.app.crash import CrashReports
from mka1_desktop.domain.redact import Redactor

ROOT = Path(__file__).parents[2]


class Desk:
    """Crash reports of one run, and what they told."""

    def __init__(self, folder: Path) -> None:
        self.told: list[str] = []
        self.folder = folder
        self.redactor = Redactor()
        self.reports = CrashReports(folder=folder, redactor=self.redactor, tell=self.told.append)

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("crash-*.txt"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    hooks = sys.excepthook, threading.excepthook
    desk = Desk(tmp_path / "data")
    yield desk
    sys.excepthook, threading.excepthook = hooks


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as e:
        return e


def test_an_uncaught_exception_is_a_report_and_one_sentence(desk: Desk) -> None:
    desk.reports.install()
    error = raised(TypeError("token mk-0123456789abcdef"))
    sys.excepthook(type(error), error, error.__traceback__)
    (report,) = desk.files
    text = report.read_text()
    assert "TypeError" in text
    assert "test_crash.py" in text
    assert "MKA1 Desktop" in text
    assert "0123456789abcdef" not in text
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert desk.told == [f"Something went wrong inside the app. A report for the developers is in {report}"]


def test_what_was_said_is_in_no_report(desk: Desk) -> None:
    desk.reports.report(raised(ValueError("what somebody said")), where="main")
    assert "somebody" not in desk.files[0].read_text()


def test_the_same_defect_is_told_once(desk: Desk) -> None:
    errors = [raised(TypeError("again")) for _ in range(5)]
    for error in errors:
        desk.reports.report(error, where="main")
    assert len(desk.files) == len(desk.told) == 1


def test_a_run_tells_of_a_few_defects_only_and_the_newest_ten_reports_stay(desk: Desk) -> None:
    for run in range(4):
        run_desk = Desk(desk.folder)
        for n in range(20):
            run_desk.reports.report(raised(TypeError(f"defect {run} {n}")), where="main")
        assert len(run_desk.told) == 5
    assert len(desk.files) == 10
    assert "defect 3 4" in desk.files[-1].read_text()


def test_a_thread_s_exception_is_reported_with_its_name(desk: Desk) -> None:
    desk.reports.install()

    def work() -> None:
        raise TypeError("in a thread")

    thread = threading.Thread(target=work, name="hotkey")
    thread.start()
    thread.join()
    assert "where: hotkey" in desk.files[0].read_text()


async def test_the_event_loop_s_exceptions_are_reported(desk: Desk) -> None:
    loop = asyncio.get_running_loop()
    desk.reports.watch(loop)

    def callback() -> None:
        raise TypeError("in a callback")

    loop.call_soon(callback)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    loop.call_exception_handler({"message": "only words"})
    assert len(desk.files) == 1
    assert "in a callback" in desk.files[0].read_text()


def test_ctrl_c_is_no_defect(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.reports.install()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert desk.files == []
    assert "KeyboardInterrupt" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_still_gets_the_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    desk = Desk(tmp_path / "file" / "data")
    assert desk.reports.report(raised(TypeError("x")), where="main") is None
    assert desk.told == ["Something went wrong inside the app."]


def test_a_defect_in_the_telling_hides_nothing(tmp_path: Path) -> None:
    def tell(_: str) -> None:
        raise RuntimeError("no window yet")

    reports = CrashReports(folder=tmp_path, redactor=Redactor(), tell=tell)
    error = raised(TypeError("x"))
    reports._uncaught(type(error), error, error.__traceback__)
    assert len(list(tmp_path.glob("crash-*.txt"))) == 1


def test_a_native_crash_is_found_at_the_next_start(desk: Desk) -> None:
    path = desk.folder / "faults.txt"
    code = (
        "import ctypes, sys; from pathlib import Path; from mka1_desktop.app.crash import CrashReports;"
        "from mka1_desktop.domain.redact import Redactor;"
        "r = CrashReports(folder=Path(sys.argv[1]), redactor=Redactor(), tell=lambda s: None);"
        "assert r.watch_faults(Path(sys.argv[2])) is None; ctypes.string_at(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(desk.folder), str(path)],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    was_on = faulthandler.is_enabled()
    report = desk.reports.watch_faults(path)
    desk.reports.uninstall()
    if was_on:
        faulthandler.enable()
    assert report is not None
    assert "Segmentation fault" in report.read_text()
    assert path.read_text() == ""
    assert desk.reports.watch_faults(path) is None
    desk.reports.uninstall()

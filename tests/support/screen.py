"""A screen that is not there: a private X server with a window manager, and a bus on which programs can be looked at.

The bus carries AT-SPI, what screen readers use: `tests/support/sight.py` reads the windows through it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.private_bus import private_bus

SIZE = "1440x900x24"
STOP_LIMIT_S = 10.0
REGISTRY = ("/usr/libexec/at-spi2-registryd", "/usr/lib/at-spi2-core/at-spi2-registryd")
DROPPED = ("PYTHONDONTWRITEBYTECODE", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR")
# Windows come up where they want, undecorated, and no key is taken by the window manager.
OPENBOX = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <keyboard></keyboard>
  <applications><application class="*"><decor>no</decor></application></applications>
</openbox_config>
"""


class Screen:
    """Use as a context manager; `environment` is what programs on this screen need.

    `looked_at`: programs tell what their windows show (costs them a little, so benches do without).
    """

    def __init__(self, *, managed: bool = False, looked_at: bool = False) -> None:
        self._managed = managed
        self._looked_at = looked_at
        self._stack = ExitStack()
        self.display = ""
        self.address = ""  # of the bus
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="screen-")))
            self.display = self._server(stack)
            kept = {k: v for k, v in os.environ.items() if k not in DROPPED and not k.startswith("MKA1_")}
            run = folder / "run"
            run.mkdir(mode=0o700)
            self.environment = {**kept, "DISPLAY": self.display, "XDG_RUNTIME_DIR": str(run)}
            if self._managed:
                self._manager(stack, folder)
            if self._looked_at:
                self._bus(stack, folder)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _server(self, stack: ExitStack) -> str:
        """Start the X server; it chooses a free display and says so when it can be used."""
        reader, writer = os.pipe()
        with os.fdopen(reader) as numbers:
            try:
                _run(
                    stack,
                    ["Xvfb", "-displayfd", str(writer), "-screen", "0", SIZE, "-nolisten", "tcp", "-noreset"],
                    fds=(writer,),
                )
            finally:
                os.close(writer)
            number = numbers.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        return f":{number}"

    def _manager(self, stack: ExitStack, folder: Path) -> None:
        config = folder / "openbox.xml"
        config.write_text(OPENBOX)
        env = {**self.environment, "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
        _run(stack, ["openbox", "--sm-disable", "--config-file", str(config)], env=env)

    def _bus(self, stack: ExitStack, folder: Path) -> None:
        bus = stack.enter_context(private_bus(folder / "bus", keyring=False))
        self.address = bus.address
        ours = {"DBUS_SESSION_BUS_ADDRESS": bus.address, "AT_SPI_BUS_ADDRESS": bus.address}
        self.environment |= {**ours, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
        registry = next(path for path in REGISTRY if Path(path).exists())
        _run(stack, [registry], env=self.environment)


def _run(
    stack: ExitStack, command: list[str], *, env: dict[str, str] | None = None, fds: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    """Start a program that ends with the stack."""
    process = subprocess.Popen(
        command, env=env, pass_fds=fds, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

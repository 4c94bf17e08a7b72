"""A WAV file that is correct after every write: 48 kHz mono 16 bit, for its owner only."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
from types import TracebackType
from typing import Self

from mka1_desktop.domain.audio import RATE_HZ, Samples
from mka1_desktop.domain.errors import AppError, Code

LONGEST_S = 6 * 3600  # 2.1 GB: a WAV header counts to 4.3 GB
HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
O_NONBLOCK = getattr(os, "O_NONBLOCK", 0)  # a named pipe without a reader is an error, not a wait
O_BINARY = getattr(os, "O_BINARY", 0)  # Windows


def header(samples: int) -> bytes:
    """Return the 44 bytes before `samples` samples of 48 kHz mono 16 bit PCM."""
    size_b = samples * 2
    return HEADER.pack(b"RIFF", 36 + size_b, b"WAVE", b"fmt ", 16, 1, 1, RATE_HZ, RATE_HZ * 2, 2, 16, b"data", size_b)


class WavWriter:
    """Appends samples and renews the header each time, so that a killed process leaves a file that plays.

    Every method blocks on the disk and belongs to one thread at a time. Mode 0600, also for a file that existed.
    What comes after 6 hours is dropped. Raises AppError: BAD_FILE, STORE_FULL, STORE_READ_ONLY.
    """

    def __init__(self, path: str) -> None:
        self._samples = 0
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | O_NONBLOCK | O_BINARY, 0o600)
        except (OSError, ValueError) as e:
            raise _failed(e) from None
        self._file = os.fdopen(handle, "wb", buffering=0)
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(self._file.close)
            self._begin(handle)
            on_failure.pop_all()

    def _begin(self, handle: int) -> None:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise AppError(Code.BAD_FILE, message="The recording needs a normal file.")
        try:
            if hasattr(os, "fchmod"):
                os.fchmod(handle, 0o600)
            self._file.truncate(0)
            _write_all(handle, header(0))
        except OSError as e:
            raise _failed(e) from None

    @property
    def samples(self) -> int:
        """How many samples are in the file."""
        return self._samples

    def write(self, samples: Samples) -> None:
        """Append int16 samples, shape (n,), any n."""
        block = samples[: max(0, LONGEST_S * RATE_HZ - self._samples)]
        if block.size == 0:
            return
        try:
            self._file.seek(HEADER.size + self._samples * 2)
            _write_all(self._file.fileno(), block.astype("<i2", copy=False).tobytes())
            self._samples += block.size
            self._file.seek(0)
            _write_all(self._file.fileno(), header(self._samples))
        except OSError as e:
            raise _failed(e) from None

    def close(self) -> None:
        """Safe to call twice."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _write_all(handle: int, data: bytes) -> None:
    """`write` of an unbuffered file may take a part only, on a disk that is nearly full."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _failed(e: OSError | ValueError) -> AppError:
    number = e.errno if isinstance(e, OSError) else None
    if number in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return AppError(Code.STORE_FULL, message="The disk is full: the recording is not complete.")
    if number in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return AppError(Code.STORE_READ_ONLY, message="The recording cannot be written there.")
    return AppError(Code.BAD_FILE, message="The recording cannot be written there.", details=type(e).__name__)

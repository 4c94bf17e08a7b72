"""WAV files, from anywhere and in any state, to what the engine sends: 48 kHz mono int16."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mka1_desktop.domain.audio import RATE_HZ, Samples
from mka1_desktop.domain.errors import AppError, Code

LONGEST_S = 600
LOWEST_HZ, HIGHEST_HZ = 8_000, 96_000
PCM, FLOAT, EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
# WAVE_FORMAT_EXTENSIBLE: the first two bytes of the sub-format are the tag, the rest is this (Microsoft, mmreg.h).
SUBFORMAT_TAIL = bytes.fromhex("000000001000800000aa00389b71")
UNKNOWN_SIZE = 0xFFFF_FFFF  # a program that wrote to a pipe did not know it; RF64 says it elsewhere
OTHER_CHUNKS_LIMIT_B = 16 << 20  # cover art and the like before the sound; more is hostile
FMT_LIMIT_B = 4096
SKIP_B = 64 << 10


class Reader(Protocol):
    """Any binary stream, also one that cannot seek."""

    def read(self, size_b: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Format:
    """What the `fmt ` chunk says, checked."""

    tag: int
    channels: int
    rate_hz: int
    bits: int

    @property
    def frame_b(self) -> int:
        return self.channels * self.bits // 8


def read_wav(path: str, *, stdin: Reader | None = None) -> Samples:
    """Read and convert one file; `-` is standard input. Blocks: call it in a thread.

    PCM of 16, 24 or 32 bit or float of 32 or 64, 8 to 96 kHz, one or two channels (averaged), at most 10 minutes.
    A file that ends before its header says so is used as far as it goes: a recorder that was killed leaves one.
    Memory: the result (58 MB for 10 minutes) and about a second of the file.

    Raises AppError(BAD_FILE) whose message is a sentence; it names the file and is safe to print.
    """
    if path == "-":
        return _convert(stdin or sys.stdin.buffer, "Standard input")
    name = _printable(path)
    try:
        with Path(path).open("rb") as file:
            return _convert(file, name)
    except (OSError, ValueError) as e:  # ValueError: a NUL in the name
        raise _bad(name, "cannot be opened", details=type(e).__name__) from None


def _convert(file: Reader, name: str) -> Samples:
    try:
        form, size_b = _find_sound(file, name)
        pieces = [_to_int16(block) for block in _resampled(_mono(file, form, size_b, name), form.rate_hz)]
    except OSError as e:
        raise _bad(name, "cannot be read", details=type(e).__name__) from None
    samples: Samples = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
    if samples.size == 0:
        raise _bad(name, "holds no sound")
    return samples


def _find_sound(file: Reader, name: str) -> tuple[Format, int | None]:
    """Walk the chunks up to `data`; return its format and its size in bytes, None when only the end tells."""
    head = _read(file, 12)
    if not head:
        raise _bad(name, "is empty")
    if len(head) < 12 or head[:4] not in {b"RIFF", b"RF64"} or head[8:] != b"WAVE":
        raise _bad(name, "is not a WAV file")
    form: Format | None = None
    long_size_b: int | None = None
    budget_b = OTHER_CHUNKS_LIMIT_B
    while len(chunk := _read(file, 8)) == 8:
        kind, size_b = chunk[:4], struct.unpack("<I", chunk[4:])[0]
        if kind == b"data":
            if form is None:
                raise _bad(name, "does not say what format its sound has")
            return form, long_size_b if size_b == UNKNOWN_SIZE else size_b
        padded_b = size_b + size_b % 2
        budget_b -= padded_b
        if budget_b < 0:
            raise _bad(name, "is damaged: a part of it claims an impossible size")
        if kind == b"fmt ":
            form = _format(_body(file, min(size_b, FMT_LIMIT_B), padded_b), name)
        elif kind == b"ds64" and head[:4] == b"RF64":
            body = _body(file, min(size_b, 28), padded_b)
            long_size_b = struct.unpack("<Q", body[8:16])[0] if len(body) >= 16 else None
        else:
            _body(file, 0, padded_b)
    raise _bad(name, "holds no sound")


def _format(body: bytes, name: str) -> Format:
    if len(body) < 16:
        raise _bad(name, "does not say what format its sound has")
    tag, channels, rate_hz, _, frame_b, bits = struct.unpack("<HHIIHH", body[:16])
    if tag == EXTENSIBLE:
        if len(body) < 40 or body[26:40] != SUBFORMAT_TAIL:
            raise _bad(name, "uses an unknown sound format. Use PCM of 16 bit")
        tag = struct.unpack("<H", body[24:26])[0]
    if tag not in {PCM, FLOAT}:
        raise _bad(name, "uses a compressed sound format. Use PCM of 16 bit")
    if bits not in ({16, 24, 32} if tag == PCM else {32, 64}):
        raise _bad(name, f"has samples of {bits} bit. Use PCM of 16, 24 or 32 bit or float")
    if not 1 <= channels <= 2:
        raise _bad(name, f"has {channels} channels. Use one or two")
    if not LOWEST_HZ <= rate_hz <= HIGHEST_HZ:
        raise _bad(name, f"has {rate_hz} samples a second. Use 8,000 to 96,000")
    form = Format(tag, channels, rate_hz, bits)
    if frame_b != form.frame_b:
        raise _bad(name, "is damaged: its header contradicts itself")
    return form


def _mono(file: Reader, form: Format, size_b: int | None, name: str) -> Iterator[NDArray[np.float32]]:
    """Yield about a second at a time, full scale 1.0; values that are no numbers become silence."""
    decode = _decoder(form)
    left_b = size_b
    frames_left = LONGEST_S * form.rate_hz
    while left_b is None or left_b > 0:
        wanted_b = form.rate_hz * form.frame_b
        raw = _read(file, wanted_b if left_b is None else min(wanted_b, left_b))
        frames = len(raw) // form.frame_b
        if frames == 0:
            return
        frames_left -= frames
        if frames_left < 0:
            raise _bad(name, f"is longer than {LONGEST_S // 60} minutes")
        if left_b is not None:
            left_b -= len(raw)
        yield decode(raw[: frames * form.frame_b]).reshape(frames, form.channels).mean(axis=1, dtype=np.float32)


def _decoder(form: Format) -> Callable[[bytes], NDArray[np.float32]]:
    if form.tag == FLOAT:
        return _from_float_32 if form.bits == 32 else _from_float_64
    if form.bits == 24:
        return _from_24_bit
    return _from_16_bit if form.bits == 16 else _from_32_bit


def _from_float_32(raw: bytes) -> NDArray[np.float32]:
    return _tamed(np.frombuffer(raw, "<f4"))


def _from_float_64(raw: bytes) -> NDArray[np.float32]:
    return _tamed(np.frombuffer(raw, "<f8"))


def _tamed(values: NDArray[np.floating]) -> NDArray[np.float32]:
    finite = np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=-1.0)
    tamed: NDArray[np.float32] = np.clip(finite, -1.0, 1.0).astype(np.float32)
    return tamed


def _from_16_bit(raw: bytes) -> NDArray[np.float32]:
    return np.frombuffer(raw, "<i2").astype(np.float32) / np.float32(2.0**15)


def _from_32_bit(raw: bytes) -> NDArray[np.float32]:
    return np.frombuffer(raw, "<i4").astype(np.float32) / np.float32(2.0**31)


def _from_24_bit(raw: bytes) -> NDArray[np.float32]:
    wide = np.zeros((len(raw) // 3, 4), np.uint8)
    wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
    return wide.view("<i4").reshape(-1).astype(np.float32) / np.float32(2.0**31)


def _resampled(blocks: Iterator[NDArray[np.float32]], rate_hz: int) -> Iterator[NDArray[np.float32]]:
    if rate_hz == RATE_HZ:
        yield from blocks
        return
    import soxr  # noqa: PLC0415 - only files of another rate need it

    stream = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality="HQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _to_int16(block: NDArray[np.float32]) -> Samples:
    samples: Samples = np.rint(block * np.float32(32768.0)).clip(-32768, 32767).astype(np.int16)
    return samples


def _body(file: Reader, wanted_b: int, padded_b: int) -> bytes:
    """Return the first `wanted_b` bytes of a chunk and pass over the rest, also where seeking is impossible."""
    body = _read(file, wanted_b)
    left_b = padded_b - wanted_b
    while left_b > 0 and (skipped := file.read(min(left_b, SKIP_B))):
        left_b -= len(skipped)
    return body


def _read(file: Reader, size_b: int) -> bytes:
    """Read `size_b` bytes; fewer only at the end (a pipe hands out what it has)."""
    parts: list[bytes] = []
    while size_b > 0 and (part := file.read(size_b)):
        parts.append(part)
        size_b -= len(part)
    return b"".join(parts)


def _printable(path: str) -> str:
    shown = "".join(c if c.isprintable() else "?" for c in path)
    return shown if len(shown) <= 120 else "…" + shown[-119:]


def _bad(name: str, what: str, *, details: str | None = None) -> AppError:
    return AppError(Code.BAD_FILE, message=f"{name} {what}.", details=details)

"""WAV files of every kind, read; and one kind, written."""

from __future__ import annotations

import io
import os
import resource
import stat
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mka1_desktop.adapters import wav_read
from mka1_desktop.adapters.wav_read import read_wav
from mka1_desktop.adapters.wav_write import WavWriter
from mka1_desktop.domain.audio import RATE_HZ, Samples
from mka1_desktop.domain.errors import AppError, Code

SUBFORMAT_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def fmt(tag: int, channels: int, rate_hz: int, bits: int, *, frame_b: int | None = None) -> bytes:
    frame_b = channels * bits // 8 if frame_b is None else frame_b
    return struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * frame_b, frame_b, bits)


def chunk(kind: bytes, body: bytes, *, size_b: int | None = None) -> bytes:
    return kind + struct.pack("<I", len(body) if size_b is None else size_b) + body + b"\0" * (len(body) % 2)


def riff(*chunks: bytes, head: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return head + struct.pack("<I", len(body)) + body


def pcm(samples: NDArray[np.int16], *, rate_hz: int = RATE_HZ, channels: int = 1) -> bytes:
    return riff(chunk(b"fmt ", fmt(1, channels, rate_hz, 16)), chunk(b"data", samples.astype("<i2").tobytes()))


def read(data: bytes) -> Samples:
    return read_wav("-", stdin=io.BytesIO(data))


def refusal(data: bytes) -> str:
    with pytest.raises(AppError) as caught:
        read(data)
    assert caught.value.code is Code.BAD_FILE
    assert caught.value.trouble.message is not None
    return caught.value.trouble.message


def tone(rate_hz: int, seconds: float = 0.5, hz: float = 440.0) -> NDArray[np.float64]:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(int(rate_hz * seconds)) / rate_hz)


def loudest_hz(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum) * RATE_HZ / samples.size)


samples_of_any_length = st.lists(st.integers(-32768, 32767), min_size=1, max_size=2000).map(
    lambda values: np.array(values, np.int16)
)


@given(samples_of_any_length)
def test_48_khz_mono_is_read_to_the_bit(samples: Samples) -> None:
    assert np.array_equal(read(pcm(samples)), samples)


@settings(max_examples=30)
@given(st.lists(samples_of_any_length, max_size=4))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, blocks: list[Samples]) -> None:
    path = tmp_path_factory.mktemp("wav") / "out.wav"
    with WavWriter(str(path)) as writer:
        for block in blocks:
            writer.write(block)
    everything = np.concatenate([np.zeros(0, np.int16), *blocks])
    with wave.open(str(path), "rb") as file:  # another reader agrees
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE_HZ, 1, 2)
        assert np.array_equal(np.frombuffer(file.readframes(file.getnframes()), "<i2"), everything)
    if everything.size:
        assert np.array_equal(read_wav(str(path)), everything)


@given(st.binary(max_size=300))
def test_garbage_is_refused_with_a_sentence(data: bytes) -> None:
    assert refusal(data).startswith("Standard input ")


@given(st.binary(max_size=200), st.integers(0, 60))
def test_a_header_with_garbage_in_it_never_crashes(garbage: bytes, at: int) -> None:
    good = pcm(np.arange(100, dtype=np.int16))
    data = good[: 12 + at] + garbage + good[12 + at :]
    try:
        assert read(data).dtype == np.int16
    except AppError as e:
        assert e.code is Code.BAD_FILE  # noqa: PT017 - both endings are right, any other exception is not


@pytest.mark.parametrize(
    ("tag", "bits", "encode"),
    [
        (1, 16, lambda x: (x * 32768).astype("<i2").tobytes()),
        (1, 24, lambda x: (x * 2**31).astype("<i4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()),
        (1, 32, lambda x: (x * 2**31).astype("<i4").tobytes()),
        (3, 32, lambda x: x.astype("<f4").tobytes()),
        (3, 64, lambda x: x.astype("<f8").tobytes()),
    ],
)
@pytest.mark.parametrize("extensible", [False, True])
def test_every_sample_format(tag: int, bits: int, encode: object, extensible: bool) -> None:
    assert callable(encode)
    sound = tone(RATE_HZ)
    form = fmt(tag, 1, RATE_HZ, bits)
    if extensible:
        form = struct.pack("<H", 0xFFFE) + form[2:] + struct.pack("<HHIH", 22, bits, 4, tag) + SUBFORMAT_TAIL
    samples = read(riff(chunk(b"fmt ", form), chunk(b"data", encode(sound))))
    assert np.max(np.abs(samples - sound * 32768)) <= 1


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 96_000])
def test_other_rates_are_resampled(rate_hz: int) -> None:
    samples = read(pcm((tone(rate_hz) * 32768).astype(np.int16), rate_hz=rate_hz))
    assert samples.size == pytest.approx(RATE_HZ * 0.5, abs=2)
    assert loudest_hz(samples) == pytest.approx(440, abs=3)
    assert np.abs(samples[2000:-2000]).max() == pytest.approx(0.5 * 32768, rel=0.01)


def test_a_long_file_is_resampled_without_seams() -> None:
    samples = read(pcm((tone(16_000, 3.5) * 32768).astype(np.int16), rate_hz=16_000))
    expected = tone(RATE_HZ, 3.5) * 32768
    assert np.abs(samples[500:-500] - expected[500:-500]).max() < 30


def test_two_channels_are_averaged() -> None:
    both = np.stack([np.full(100, 1000), np.full(100, 3000)], axis=1).astype(np.int16)
    assert np.array_equal(read(pcm(both, channels=2)), np.full(100, 2000))


def test_values_that_are_no_numbers_are_silence_and_too_loud_ones_are_clipped() -> None:
    odd = np.array([np.nan, np.inf, -np.inf, 7.0, 0.5], "<f4")
    samples = read(riff(chunk(b"fmt ", fmt(3, 1, RATE_HZ, 32)), chunk(b"data", odd.tobytes())))
    assert samples.tolist() == [0, 32767, -32768, 32767, 16384]


def test_other_chunks_are_passed_over() -> None:
    data = riff(
        chunk(b"LIST", b"abc"),
        chunk(b"fmt ", fmt(1, 1, RATE_HZ, 16) + b"\0\0"),
        chunk(b"fact", b"1234"),
        chunk(b"data", b"\x01\x00\x02\x00"),
        chunk(b"LIST", b"after"),
    )
    assert read(data).tolist() == [1, 2]


@pytest.mark.parametrize("size_b", [0xFFFF_FFFF, 1_000_000, 5])
def test_sound_that_ends_before_its_header_says_so_is_used(size_b: int) -> None:
    sound = chunk(b"data", b"\x01\x00\x02\x00\x03", size_b=size_b)[: 8 + 5]
    assert read(riff(chunk(b"fmt ", fmt(1, 1, RATE_HZ, 16))) + sound).tolist() == [1, 2]


def test_rf64() -> None:
    ds64 = struct.pack("<QQQI", 0, 4, 2, 0)
    data = riff(
        chunk(b"ds64", ds64),
        chunk(b"fmt ", fmt(1, 1, RATE_HZ, 16)),
        chunk(b"data", b"\x01\x00\x02\x00" + b"\x09\x00", size_b=0xFFFF_FFFF),
        head=b"RF64",
    )
    assert read(data).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"ID3\x03" + b"\0" * 60, "is not a WAV file"),
        (b"RIFX" + pcm(np.ones(4, np.int16))[4:], "is not a WAV file"),
        (riff(chunk(b"fmt ", fmt(1, 1, RATE_HZ, 8)), chunk(b"data", b"\x80" * 100)), "samples of 8 bit"),
        (riff(chunk(b"fmt ", fmt(1, 1, 4_000, 16)), chunk(b"data", b"\x80" * 100)), "4000 samples a second"),
        (riff(chunk(b"fmt ", fmt(1, 1, 192_000, 16)), chunk(b"data", b"\x80" * 100)), "192000 samples a second"),
        (riff(chunk(b"fmt ", fmt(1, 6, RATE_HZ, 16)), chunk(b"data", b"\x80" * 100)), "6 channels"),
        (riff(chunk(b"fmt ", fmt(1, 0, RATE_HZ, 16)), chunk(b"data", b"\x80" * 100)), "0 channels"),
        (riff(chunk(b"fmt ", fmt(0x55, 1, RATE_HZ, 16)), chunk(b"data", b"\x80" * 100)), "compressed"),
        (riff(chunk(b"fmt ", fmt(1, 1, RATE_HZ, 16, frame_b=9)), chunk(b"data", b"\x80" * 100)), "contradicts"),
        (riff(chunk(b"fmt ", fmt(0xFFFE, 1, RATE_HZ, 16)), chunk(b"data", b"\x80" * 100)), "unknown sound format"),
        (riff(chunk(b"fmt ", b"\x01\0"), chunk(b"data", b"\x80" * 100)), "what format"),
        (riff(chunk(b"data", b"\x80" * 100)), "what format"),
        (riff(chunk(b"fmt ", fmt(1, 1, RATE_HZ, 16))), "holds no sound"),
        (riff(chunk(b"fmt ", fmt(1, 1, RATE_HZ, 16)), chunk(b"data", b"")), "holds no sound"),
        (riff(chunk(b"LIST", b"", size_b=0xFFFF_FFF0)), "impossible size"),
        (riff(chunk(b"fmt ", b"", size_b=0xFFFF_FFFF)), "impossible size"),
    ],
)
def test_what_cannot_be_used_is_named(data: bytes, words: str) -> None:
    assert words in refusal(data)


class Endless:
    """A pipe that never ends and gives a few bytes at a time."""

    def __init__(self, head: bytes, forever: bytes) -> None:
        self._head = head
        self._forever = forever
        self.given_b = 0

    def read(self, size_b: int, /) -> bytes:
        part, self._head = self._head[:size_b], self._head[size_b:]
        part = part or self._forever[:size_b]
        self.given_b += len(part)
        return part


def test_reading_stops_after_ten_minutes() -> None:
    pipe = Endless(riff(chunk(b"fmt ", fmt(1, 1, 8_000, 16))) + b"data\xff\xff\xff\xff", b"\0" * 4096)
    with pytest.raises(AppError) as caught:
        read_wav("-", stdin=pipe)
    assert caught.value.trouble.message == "Standard input is longer than 10 minutes."
    assert pipe.given_b < 8_000 * 2 * (wav_read.LONGEST_S + 2)


def test_hostile_chunks_before_the_sound_are_bounded() -> None:
    pipe = Endless(b"RIFF\0\0\0\0WAVE", b"junk\x00\x00\x10\x00" + b"\0" * 4088)
    with pytest.raises(AppError):
        read_wav("-", stdin=pipe)
    assert pipe.given_b < wav_read.OTHER_CHUNKS_LIMIT_B * 2


@pytest.mark.parametrize("path", ["nowhere.wav", "", "with\0nul", "."])
def test_a_path_that_cannot_be_opened(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AppError) as caught:
        read_wav(path)
    assert caught.value.code is Code.BAD_FILE


def test_control_characters_of_a_name_are_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(AppError) as caught:
        read_wav(str(tmp_path / "evil\x1b[2J.wav"))
    assert "\x1b" not in str(caught.value.trouble.message)


def test_the_header_is_right_before_closing(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    writer = WavWriter(str(path))
    writer.write(np.array([1, 2, 3], np.int16))
    assert read_wav(str(path)).tolist() == [1, 2, 3]
    writer.close()


def test_a_recording_belongs_to_its_owner_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    path.write_bytes(b"x" * 1000)
    path.chmod(0o644)
    with WavWriter(str(path)) as writer:
        writer.write(np.array([5], np.int16))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == 46


def test_a_recording_that_cannot_be_made(tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "folder.wav", tmp_path):
        with pytest.raises(AppError):
            WavWriter(str(path))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(AppError):
        WavWriter(str(tmp_path / "pipe"))


def test_a_full_disk_is_said_so_and_what_is_there_plays(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with WavWriter(str(path)) as writer:
        writer.write(np.ones(400, np.int16))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))  # the nearest thing to a full disk
        try:
            with pytest.raises(AppError) as caught:
                writer.write(np.ones(400, np.int16))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.code is Code.STORE_FULL
    assert read_wav(str(path)).size == 400


def test_devices_are_left_alone() -> None:
    before = Path("/dev/null").stat().st_mode
    with pytest.raises(AppError):
        WavWriter("/dev/null")
    assert Path("/dev/null").stat().st_mode == before

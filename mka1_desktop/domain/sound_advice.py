"""What a person should do after a sound check. Rules only."""

from __future__ import annotations

from enum import StrEnum

from mka1_desktop.domain.sound_check import Findings, Loudness

STRONG_ECHO_DB = -30.0  # from here on echo cancelling leaves enough for the assistant to hear itself
NOISY_DBFS = -45.0  # noise that is taken for speech where nobody says when speech begins
FAINT_VOICE_DBFS = -36.0  # the loudest sample of somebody who speaks; -20 to -6 is usual
FAINT_ROOM_DBFS = -80.0  # together with no echo at all: hardly anything arrives


class Remedy(StrEnum):
    """One thing to do."""

    LISTEN_ELSEWHERE = "listen_elsewhere"  # the microphone is dead or blocked
    LOWER_GAIN = "lower_gain"
    RAISE_GAIN = "raise_gain"
    HEADPHONES = "headphones"
    TALK_KEY = "talk_key"


def strong_echo(findings: Findings) -> bool:
    return findings.echo is not None and findings.echo.level_db >= STRONG_ECHO_DB


def noisy(findings: Findings) -> bool:
    return findings.noise_dbfs >= NOISY_DBFS


def remedies(findings: Findings, voice: Loudness | None = None) -> tuple[Remedy, ...]:
    """What helps, the most pressing first; empty: all is well.

    Args:
        findings: of the check.
        voice: the loudest that the person was while hearing herself; None: she did not try.
    """
    if findings.silent:
        return (Remedy.LISTEN_ELSEWHERE,)
    found = []
    if findings.clipped or (voice is not None and voice.clipped):
        found.append(Remedy.LOWER_GAIN)
    elif _faint(findings, voice):
        found.append(Remedy.RAISE_GAIN)
    if strong_echo(findings):
        found.append(Remedy.HEADPHONES)
    if strong_echo(findings) or noisy(findings):
        found.append(Remedy.TALK_KEY)
    return tuple(found)


def _faint(findings: Findings, voice: Loudness | None) -> bool:
    if voice is not None:
        return voice.peak_dbfs < FAINT_VOICE_DBFS
    return findings.echo is None and findings.noise_dbfs < FAINT_ROOM_DBFS

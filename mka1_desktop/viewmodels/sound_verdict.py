"""What a sound check found, in words."""

from __future__ import annotations

from collections.abc import Sequence

from mka1_desktop.domain.sound_advice import Remedy, noisy, strong_echo
from mka1_desktop.domain.sound_check import Findings
from mka1_desktop.viewmodels.sound_check import FigureView, VerdictView, no_figures
from mka1_desktop.viewmodels.words import tr

MINUS = "\u2212"


def decibels(value: float) -> str:
    """A rounded number with a real minus sign."""
    whole = round(value)
    return tr("Sound check", "{level} dB", level=f"{MINUS}{-whole}" if whole < 0 else str(whole))


def figures_of(findings: Findings) -> tuple[FigureView, ...]:
    """Describe the four numbers."""
    room, echo, delay, clipping = (figure.label for figure in no_figures())
    if findings.silent:
        return (
            FigureView(label=room, value=tr("Sound check", "silence"), words=tr("Sound check", "no sound at all"),
                       mark="bad"),
            *no_figures()[1:],
        )  # fmt: skip
    found = findings.echo
    unsure = found is not None and found.delay_ms is None
    late_ms = None if found is None else found.delay_ms
    return (
        FigureView(
            label=room,
            value=decibels(findings.noise_dbfs),
            words=tr("Sound check", "loud room") if noisy(findings) else tr("Sound check", "quiet room"),
            mark="bad" if noisy(findings) else "good",
        ),
        FigureView(
            label=echo,
            value=tr("Sound check", "none") if found is None else decibels(found.level_db),
            words=tr("Sound check", "of the test sound"),
            mark="bad" if strong_echo(findings) else "good",
        ),
        FigureView(
            label=delay,
            value="–" if late_ms is None else tr("Sound check", "{ms} ms", ms=round(late_ms)),
            words=tr("Sound check", "not steady") if unsure else tr("Sound check", "out and back"),
        ),
        FigureView(
            label=clipping,
            value=tr("Sound check", "yes") if findings.clipped else tr("Sound check", "none"),
            words=tr("Sound check", "loudest {level}", level=decibels(findings.peak_dbfs)),
            mark="bad" if findings.clipped else "good",
        ),
    )


def verdict_of(
    findings: Findings, advice: Sequence[Remedy], *, microphone: str, open_microphone: bool, system_page: str
) -> VerdictView:
    """Say what to do.

    Args:
        findings: of the check.
        advice: what helps, of `remedies`.
        microphone: its name.
        open_microphone: the talk key's mode leaves it open.
        system_page: words on a button that opens the system's page about microphones; empty: there is none.
    """
    if Remedy.LISTEN_ELSEWHERE in advice:
        return VerdictView(
            sentence=tr("Sound check", "I get only silence from {name}.", name=microphone),
            more=tr("Sound check", "It is switched off, or the system keeps it from this program."),
            good=False, icon="mic-off", action="system_page" if system_page else "", action_label=system_page,
        )  # fmt: skip
    sentences = [*_gain(advice), *_room(findings, advice, open_microphone=open_microphone)]
    if not sentences:
        more = tr("Sound check", "The assistant will not hear itself, so you may also leave the microphone open.")
        return VerdictView(sentence=tr("Sound check", "All is well."), more=more)
    offered = Remedy.TALK_KEY in advice and open_microphone
    return VerdictView(
        sentence=sentences[0],
        more=" ".join(sentences[1:]),
        good=False,
        icon="headphones" if Remedy.HEADPHONES in advice else "mic",
        action="talk_key" if offered else "",
        action_label=tr("Sound check", "Use the talk key") if offered else "",
    )


def _gain(advice: Sequence[Remedy]) -> list[str]:
    if Remedy.LOWER_GAIN in advice:
        return [
            tr("Sound check", "The microphone is too loud."),
            tr("Sound check", "Lower its level in the system's sound settings."),
        ]
    if Remedy.RAISE_GAIN in advice:
        return [
            tr("Sound check", "The microphone is very soft."),
            tr("Sound check", "Raise its level in the system's sound settings, or go closer."),
        ]
    return []


def _room(findings: Findings, advice: Sequence[Remedy], *, open_microphone: bool) -> list[str]:
    sentences = []
    if Remedy.HEADPHONES in advice and findings.echo is not None:
        sentences += [
            tr("Sound check", "Headphones are better here."),
            tr("Sound check", "The assistant's voice comes back into the microphone at {level}.",
               level=decibels(findings.echo.level_db)),
        ]  # fmt: skip
    elif Remedy.TALK_KEY in advice:
        sentences += [
            tr("Sound check", "The room is loud."),
            tr("Sound check", "With an open microphone its noise is taken for speech."),
        ]
    if Remedy.TALK_KEY in advice:
        sentences.append(
            tr("Sound check", "Or let the talk key open the microphone.")
            if open_microphone
            else tr("Sound check", "The talk key, as you use it, keeps both out.")
        )
    return sentences

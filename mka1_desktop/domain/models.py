"""Which models are fit for a spoken conversation (API reference 6)."""

from __future__ import annotations

from collections.abc import Iterable

from mka1_desktop.domain.grant import Model

AUTO = Model(id="auto", model_type="llm")  # accepted by the service, and often missing from its list
PREFERRED_ID = "meetkai:qwen3.5-35b-a3b"  # the guide's example (open question 18)


def is_suitable(model: Model) -> bool:
    """Whether it takes and makes text, and is still there. What the service does not say counts in its favour."""
    return (
        model.model_type in (None, "llm")
        and _has_text(model.input_modalities)
        and _has_text(model.output_modalities)
        and model.lifecycle != "retired"
    )


def voice_suitable(models: Iterable[Model]) -> tuple[Model, ...]:
    """Return the models to choose from, the quickest to answer first; `auto` always leads.

    A model that reasons and has no say about the effort ignores `{"effort": "none"}` and answers late, so it comes
    last; so do deprecated ones among their equals. Otherwise the service's order stays.
    """
    found = {model.id: model for model in models if is_suitable(model)}
    auto = found.pop(AUTO.id, AUTO)
    return (auto, *sorted(found.values(), key=_rank))


def default_model(models: Iterable[Model]) -> str:
    """Return the id to start with when the person chose none (open question 18)."""
    listed = [model for model in voice_suitable(models) if model.id != AUTO.id]
    if any(model.id == PREFERRED_ID for model in listed):
        return PREFERRED_ID
    return listed[0].id if listed else AUTO.id


def _has_text(modalities: tuple[str, ...]) -> bool:
    return not modalities or "text" in modalities


def _rank(model: Model) -> tuple[int, bool]:
    if model.supports_reasoning is False or model.supports_reasoning_effort:
        speed = 0
    elif model.supports_reasoning and model.supports_reasoning_effort is False:
        speed = 2
    else:
        speed = 1  # the service does not say
    return speed, model.lifecycle == "deprecated"

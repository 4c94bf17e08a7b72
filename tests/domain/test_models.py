"""Which models are offered for a spoken conversation, in which order."""

from __future__ import annotations

from mka1_desktop.domain.grant import Model
from mka1_desktop.domain.models import PREFERRED_ID, default_model, voice_suitable


def ids(*models: Model) -> list[str]:
    return [model.id for model in voice_suitable(models)]


def test_auto_is_always_offered_first_and_once() -> None:
    assert ids() == ["auto"]
    assert ids(Model(id="a"), Model(id="auto"), Model(id="a")) == ["auto", "a"]


def test_models_that_neither_read_nor_write_text_are_left_out() -> None:
    assert ids(
        Model(id="old", lifecycle="retired"),
        Model(id="ears", model_type="speech_to_text"),
        Model(id="painter", model_type="llm", input_modalities=("text",), output_modalities=("image",)),
        Model(id="both", model_type="llm", input_modalities=("text", "image"), output_modalities=("text",)),
        Model(id="terse"),
    ) == ["auto", "both", "terse"]


def test_models_that_answer_late_come_last() -> None:
    assert ids(
        Model(id="slow", supports_reasoning=True, supports_reasoning_effort=False),
        Model(id="unsaid"),
        Model(id="ageing", supports_reasoning=False, lifecycle="deprecated"),
        Model(id="steered", supports_reasoning=True, supports_reasoning_effort=True),
        Model(id="plain", supports_reasoning=False),
    ) == ["auto", "steered", "plain", "ageing", "unsaid", "slow"]


def test_the_first_choice_is_the_guides_model_then_the_first_suitable_then_auto() -> None:
    assert default_model([Model(id="a"), Model(id=PREFERRED_ID)]) == PREFERRED_ID
    assert default_model([Model(id="slow", supports_reasoning=True, supports_reasoning_effort=False)]) == "slow"
    assert default_model([Model(id="ears", model_type="speech_to_text")]) == "auto"

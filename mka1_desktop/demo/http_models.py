"""GET /llm/models: what the demo offers. Shapes: mka1-api.md 6."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web

from mka1_desktop.demo.http_door import Call, Door
from mka1_desktop.demo.http_errors import invalid, not_found

PATH = "/api/v1/llm/models"
CREATED = 1_790_000_000  # Unix seconds; the same at each start, so that lists compare equal


def _model(id_: str, about: str, **more: object) -> dict[str, object]:
    return {
        "id": id_,
        "object": "model",
        "created": CREATED,
        "owned_by": "demo",
        "model_type": "llm",
        "input_modalities": ["text"],
        "output_modalities": ["text"],
        "context_window": 8192,
        "capabilities": _abilities(reasoning=False, effort=False),
        "lifecycle": {"status": "active", "deprecated_at": None, "retires_at": None, "successor": None},
        "languages": ["en"],
        "tts": None,
        "limitations": about,
        **more,
    }


def _abilities(*, reasoning: bool, effort: bool) -> dict[str, object]:
    return {
        "supports_temperature": False,
        "supports_top_p": False,
        "supports_reasoning": reasoning,
        "supports_reasoning_effort": effort,
        "supports_structured_outputs": None,
    }


_RETIRED = {
    "status": "retired",
    "deprecated_at": CREATED,
    "retires_at": CREATED,
    "successor": "demo:assistant",
}
_VOICES = {"default_voice": {"en": "demo-en"}, "voices": [{"id": "demo-en", "name": "Demo", "language": "en"}]}
_RULES = "Answers from fixed rules; no language model runs."

MODELS: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        str(model["id"]): model
        for model in (
            _model("demo:assistant", _RULES),
            # The id of the service's own guide, so that the same settings work here and there.
            _model("meetkai:qwen3.5-35b-a3b", _RULES, capabilities=_abilities(reasoning=True, effort=True)),
            _model("demo:ponder", _RULES, capabilities=_abilities(reasoning=True, effort=False)),
            _model("demo:retired", _RULES, lifecycle=_RETIRED),
            # As old copies of the documents show a model: five fields, nothing else.
            {
                "id": "demo:plain",
                "object": "model",
                "created": CREATED,
                "owned_by": "demo",
                "model_type": "llm",
            },
            _model(
                "demo:voice",
                "Espeak's voice.",
                model_type="text_to_speech",
                output_modalities=["audio"],
                tts=_VOICES,
            ),
            _model("demo:ears", "Knows thirty phrases.", model_type="speech_to_text", input_modalities=["audio"]),
        )
    }
)


class ModelRoutes:
    def __init__(self, *, door: Door) -> None:
        self._door = door

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(PATH, self._door.to(self._list)),
            web.get(PATH + "/{id}", self._door.to(self._retrieve)),
            web.get(PATH + "/{id}/quota", self._door.to(self._quota)),
        ]

    async def _list(self, _: Call) -> Mapping[str, object]:
        return {"object": "list", "data": list(MODELS.values())}

    async def _retrieve(self, call: Call) -> Mapping[str, object]:
        found = MODELS.get(call.path("id"))  # `auto` is a choice, not a model
        if found is None:
            raise not_found("The model was not found.")
        return found

    async def _quota(self, call: Call) -> Mapping[str, object]:
        if call.path("id") == "auto":
            raise invalid("A quota belongs to one model, not to auto.", param="model_id")
        model = await self._retrieve(call)
        return {"model_id": model["id"], "limits": []}

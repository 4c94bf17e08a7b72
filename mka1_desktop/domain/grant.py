"""The answer to a token request, and the models to choose from."""

from __future__ import annotations

from dataclasses import dataclass, field

DEFAULT_LIFETIME_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomGrant:
    """A room to join. The token never shows in a repr, and so in no log."""

    url: str
    token: str = field(repr=False)
    room: str | None = None
    lifetime_s: float = DEFAULT_LIFETIME_S  # exp - nbf of the token, 300 when unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One row of the models list; only `id` is sure to be there (API reference 6)."""

    id: str
    model_type: str | None = None
    name: str | None = None
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    supports_reasoning: bool | None = None
    supports_reasoning_effort: bool | None = None
    supports_temperature: bool | None = None
    lifecycle: str | None = None
    context_window: int | None = None

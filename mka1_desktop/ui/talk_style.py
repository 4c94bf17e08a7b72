"""Colours, icon and edge of the talk button in each of its nine looks."""

from __future__ import annotations

from dataclasses import dataclass

from mka1_desktop.ui.roles import Role
from mka1_desktop.viewmodels.talk import TalkLook


@dataclass(frozen=True, slots=True)
class TalkStyle:
    """Roles of one look; `edge_px` 0 has no edge."""

    fill: Role | None
    ink: Role
    icon: str = "mic"
    edge: Role | None = None
    edge_px: float = 0.0
    dashes: bool = False


STYLES: dict[TalkLook, TalkStyle] = {
    TalkLook.REST: TalkStyle("accent", "on_accent"),
    TalkLook.WAKING: TalkStyle("live_soft", "live_text", edge="live", edge_px=2),
    TalkLook.HELD: TalkStyle("live", "on_live"),
    TalkLook.LATCHED: TalkStyle("live", "on_live", icon="lock"),
    TalkLook.RECORDING: TalkStyle("live_soft", "live_text", edge="live", edge_px=2, dashes=True),
    TalkLook.INTERRUPT: TalkStyle("surface", "accent_text", edge="accent", edge_px=2),
    TalkLook.MUTED: TalkStyle("surface", "text", icon="mic-off", edge="control", edge_px=1.5),
    TalkLook.RETRY: TalkStyle("surface", "text", icon="refresh", edge="control", edge_px=1.5),
    TalkLook.NO_DEVICE: TalkStyle(None, "text2", icon="mic-off", edge="control", edge_px=1, dashes=True),
}

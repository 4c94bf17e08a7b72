"""The colour roles of the three schemes (design, 2.1), and nothing else. One colour, one meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

Scheme: TypeAlias = Literal["light", "dark", "contrast"]
Role: TypeAlias = Literal[
    "bg",
    "sidebar",
    "surface",
    "raised",
    "hover",
    "selected",
    "mine",
    "line",
    "track",
    "disabled",
    "control",
    "text",
    "text2",
    "accent",
    "on_accent",
    "accent_text",
    "accent_soft",
    "live",
    "on_live",
    "live_text",
    "live_soft",
    "ok",
    "warn",
    "warn_soft",
    "error",
    "error_soft",
    "on_error",
    "focus",
]

SCHEMES: tuple[Scheme, ...] = ("light", "dark", "contrast")

COLOURS: Mapping[Role, tuple[str, str, str]] = {  # light, dark, high contrast
    "bg": ("#F7F6F3", "#151918", "#000000"),
    "sidebar": ("#EFEEE9", "#101413", "#000000"),
    "surface": ("#FFFFFF", "#1D2221", "#000000"),
    "raised": ("#FFFFFF", "#262C2A", "#000000"),
    "hover": ("#E7E6E0", "#29302E", "#1F1F1F"),
    "selected": ("#D6E7E3", "#1F3B38", "#003D3A"),
    "mine": ("#E9E7E0", "#29302E", "#1F1F1F"),
    "line": ("#DDDBD3", "#2F3634", "#FFFFFF"),
    "track": ("#D5D3CB", "#3A4340", "#6B6B6B"),
    "disabled": ("#A3A8A4", "#5C6663", "#8C8C8C"),
    "control": ("#7B827E", "#77817D", "#FFFFFF"),
    "text": ("#1B1F1E", "#EDF0EE", "#FFFFFF"),
    "text2": ("#525B57", "#ABB4B0", "#E6E6E6"),
    "accent": ("#0B6B68", "#54BDB5", "#3FF2E3"),
    "on_accent": ("#FFFFFF", "#05211F", "#000000"),
    "accent_text": ("#095C59", "#74D0C8", "#3FF2E3"),
    "accent_soft": ("#DBEDEA", "#17322F", "#003D3A"),
    "live": ("#BF4507", "#FF9457", "#FFB000"),  # only while the microphone is open
    "on_live": ("#FFFFFF", "#2B1204", "#000000"),
    "live_text": ("#9C3905", "#FFA873", "#FFB000"),
    "live_soft": ("#FBE8DB", "#3A2115", "#332300"),
    "ok": ("#1B7043", "#6CCB94", "#6BFF9E"),
    "warn": ("#805300", "#F0C04F", "#FFE14D"),
    "warn_soft": ("#FAF0D6", "#342A10", "#332B00"),
    "error": ("#AE2138", "#FF8F97", "#FF8A8A"),
    "error_soft": ("#FAE5E7", "#3D1C21", "#400000"),
    "on_error": ("#FFFFFF", "#33060C", "#000000"),
    "focus": ("#2457D6", "#9DB8FF", "#FFFF00"),
}


def hex_of(role: Role, scheme: Scheme) -> str:
    """`#RRGGBB` of a role."""
    return COLOURS[role][SCHEMES.index(scheme)]


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB`, 0 to 1. Source: WCAG 2.2, definition of relative luminance."""

    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21. Source: WCAG 2.2, definition of contrast ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)

"""The settings table as pages of rows, with the words that people read. QtCore only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PySide6.QtCore import QObject, Signal

from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.settings import BY_KEY, TABLE, Setting, Settings
from mka1_desktop.viewmodels.shown import Shown
from mka1_desktop.viewmodels.threads import folded
from mka1_desktop.viewmodels.words import tr

Kind: TypeAlias = Literal["switch", "segments", "menu", "slider", "number", "text", "paragraph", "key"]

# The order of the pages; a page of the table that is not named here comes last.
PAGES: tuple[str, ...] = (
    "General",
    "Talking",
    "Sound",
    "Captions",
    "Keys",
    "Quick ask",
    "Assistant",
    "Privacy and data",
    "Connection",
    "Accessibility",
    "Advanced",
)
PAGE_ICONS: Mapping[str, str] = {
    "General": "sliders",
    "Talking": "mic",
    "Sound": "speaker",
    "Captions": "captions",
    "Keys": "keyboard",
    "Quick ask": "bolt",
    "Assistant": "agent",
    "Privacy and data": "lock",
    "Connection": "network",
    "Accessibility": "access",
    "Advanced": "settings",
}
OWN_NAMES: Mapping[str, str] = {  # what speakers call their language; never translated
    "en": "English",
    "zh": "中文",
    "hi": "हिन्दी",
    "es": "Español",
    "ar": "العربية",
    "bn": "বাংলা",
    "pt": "Português",
    "ru": "Русский",
    "ja": "日本語",
    "pa": "ਪੰਜਾਬੀ",
    "de": "Deutsch",
    "ko": "한국어",
    "fr": "Français",
    "tr": "Türkçe",
    "it": "Italiano",
    "th": "ไทย",
    "pl": "Polski",
    "nl": "Nederlands",
    "id": "Bahasa Indonesia",
    "vi": "Tiếng Việt",
    "ur": "اردو",
    "uk": "Українська",
}
SEGMENT_LETTERS = 26  # more than this in all titles together does not fit into 264 px


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that can be chosen, with its name for people."""

    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the dialog; `title` is translated, `name` is the table's."""

    name: str
    title: str
    icon: str
    rows: tuple[Setting, ...]


class SettingsModel(Shown[Settings]):
    """The values at this moment. Rows listen; wishes change them elsewhere."""

    noted = Signal(str, str)  # key of a row, and what is to be said under it; "" is nothing

    def __init__(self, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(settings or Settings({}), parent)
        self._notes: dict[str, str] = {}

    @property
    def notes(self) -> Mapping[str, str]:
        """What a setting does at this moment, by its key."""
        return self._notes

    def note(self, key: str, words: str) -> None:
        if words != self._notes.get(key, ""):
            self._notes[key] = words
            self.noted.emit(key, words)


def pages(shown: frozenset[str], table: Sequence[Setting] = TABLE) -> tuple[Page, ...]:
    """Pages that have at least one row among `shown`, in the order of PAGES."""
    names = [*PAGES, *dict.fromkeys(row.page for row in table if row.page not in PAGES)]
    found = ((name, tuple(r for r in table if r.page == name and r.key in shown)) for name in names)
    return tuple(
        Page(name, tr("Settings", name), PAGE_ICONS.get(name, "sliders"), rows) for name, rows in found if rows
    )


def matching(page: Page, query: str) -> tuple[Setting, ...]:
    """Rows of a page in which every word of `query` stands; all of them for an empty query."""
    words = folded(query).split()
    return tuple(row for row in page.rows if all(word in folded(_searched(page, row)) for word in words))


def _searched(page: Page, row: Setting) -> str:
    return " ".join((page.title, title_of(row), help_of(row), *(c.title for c in choices_of(row)), row.key))


def kind_of(row: Setting) -> Kind:
    """Which control fits the row."""
    if isinstance(row.default, bool):
        return "switch"
    if isinstance(row.default, int):
        return "slider" if row.unit == "%" else "number"
    if row.choices:
        letters = sum(len(choice.title) for choice in choices_of(row))
        return "segments" if len(row.choices) <= 3 and letters <= SEGMENT_LETTERS else "menu"
    if row.multiline:
        return "paragraph"
    return "key" if row.key.endswith(".key") else "text"


def title_of(row: Setting) -> str:
    return tr("Settings", row.title)


def help_of(row: Setting) -> str:
    return tr("Settings", row.help) if row.help else ""


def choices_of(row: Setting) -> tuple[Choice, ...]:
    """The row's own choices; languages by their names."""
    titles = row.choice_titles or row.choices
    return tuple(Choice(value, _choice_title(value, title)) for value, title in zip(row.choices, titles, strict=True))


def _choice_title(value: str, title: str) -> str:
    return OWN_NAMES[value] if title == value and value in OWN_NAMES else tr("Settings", title)


def allowed(row: Setting) -> str:
    """What the row takes, as a sentence."""
    kind = kind_of(row)
    if kind in {"number", "slider"}:
        unit = f" {row.unit}" if row.unit else ""
        return tr("Settings", "Type a whole number from {low} to {high}{unit}.", low=row.low, high=row.high, unit=unit)
    if kind in {"segments", "menu"}:
        return tr("Settings", "Choose one of the list.")
    return tr("Settings", "At most {count} characters, on one line.", count=row.max_length)


def problem(key: str, raw: object) -> str:
    """Why `raw` cannot be the value of `key`, as a sentence with the range; empty when it can."""
    row = BY_KEY[key]
    try:
        row.parse(raw)
    except AppError:
        return allowed(row)
    return ""

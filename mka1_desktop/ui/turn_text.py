"""The words of one turn as they are laid out: what is cut away, what is put in, and which part looks how.

Qt counts text in UTF-16 units and Python in characters; the difference is settled here.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mka1_desktop.viewmodels.transcript import TurnView

# plain: final or heard. soft: not heard, or still to come. interim: may still change. current: the word being spoken.
# bar: room for the bar at which the voice was cut. chip: our own words inside the text.
Kind: TypeAlias = Literal["plain", "soft", "interim", "current", "bar", "chip"]

TEXT_LIMIT: Final = 20_000  # characters that are painted; copying takes all of them
_NBSP, _ISOLATE, _END_ISOLATE = "\u00a0", "\u2068", "\u2069"
_BAR_ROOM = _NBSP * 4
_LINE = "\u2028"
_CONTROLS: Final = dict.fromkeys(range(32), "\ufffd") | {9: " ", 10: _LINE, 13: "\u200b", 0x7F: "\ufffd", 0x2029: _LINE}
_STRONG_SEARCH = 400  # characters looked at for the direction
_WORD_LIMIT = 60  # characters of a word that is marked as the current one


@dataclass(frozen=True, slots=True)
class Span:
    """A run of one look; `start` and `length` in UTF-16 units of the shown text."""

    start: int
    length: int
    kind: Kind

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class ShownText:
    """Text for a QTextLayout with the looks of its parts, in order and without gaps."""

    text: str
    spans: tuple[Span, ...]
    elided: bool
    right_to_left: bool

    def span(self, kind: Kind) -> Span | None:
        return next((s for s in self.spans if s.kind == kind), None)


def shown_text(turn: TurnView, chip: str) -> ShownText:
    """Lay out words of `turn`; `chip` is the translated "not heard"."""
    text = _clean(turn.text[:TEXT_LIMIT])
    elided = len(turn.text) > TEXT_LIMIT
    if turn.cut is not None:
        parts = _cut_parts(text, turn.cut, chip)
    elif turn.role == "assistant" and turn.live and turn.heard_chars is not None:
        parts = _spoken_parts(text, turn.heard_chars)
    elif turn.interim:
        parts = [(text[: turn.settled_chars], "plain"), (text[turn.settled_chars :], "interim")]
    else:
        parts = [(text, "plain")]
    if elided:
        parts.append(("…", "soft"))
    return _joined(parts, elided=elided, right_to_left=reads_right_to_left(text))


def reads_right_to_left(text: str) -> bool:
    """Whether the first strong letter is a right-to-left one."""
    for letter in text[:_STRONG_SEARCH]:
        kind = unicodedata.bidirectional(letter)
        if kind in {"R", "AL"}:
            return True
        if kind == "L":
            return False
    return False


def utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def word_at(text: str, place: int) -> tuple[int, int]:
    """Start and end of the word at `place`, or of the next one; an empty range at the end of the text."""
    start = min(max(place, 0), len(text))
    while start < len(text) and text[start].isspace():
        start += 1
    if start == len(text):
        return start, start
    while start > 0 and not text[start - 1].isspace() and place - start < _WORD_LIMIT:
        start -= 1
    end = start
    while end < len(text) and not text[end].isspace() and end - start < _WORD_LIMIT:
        end += 1
    while end > start + 1 and not text[end - 1].isalnum():  # punctuation is not part of the word
        end -= 1
    return start, end


Parts: TypeAlias = list[tuple[str, Kind]]


def _clean(text: str) -> str:
    """The same number of characters, with none that a text layout would trip over."""
    text = text.translate(_CONTROLS)
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text) if not text.isascii() else text


def _cut_parts(text: str, heard: int, chip: str) -> Parts:
    """Heard words, a run that cannot be broken for the cut bar and the chip, then the rest."""
    while 0 < heard < len(text) and not text[heard].isspace() and not text[heard - 1].isspace():
        heard -= 1  # a word that was not heard to its end was not heard
    before, after = text[:heard].rstrip(), text[heard:].lstrip()
    run = f"{_ISOLATE}{_NBSP * 2}{chip.replace(' ', _NBSP)}{_NBSP * 2}{_END_ISOLATE}"
    parts: Parts = [(before + " ", "plain")] if before else []
    parts += [(_BAR_ROOM, "bar"), (run, "chip"), (" " + after, "soft")]
    return parts


def _spoken_parts(text: str, heard: int) -> Parts:
    start, end = word_at(text, heard)
    return [(text[:start], "plain"), (text[start:end], "current"), (text[end:], "soft")]


def _joined(parts: Parts, *, elided: bool, right_to_left: bool) -> ShownText:
    spans: list[Span] = []
    at = 0
    for words, kind in parts:
        length = utf16_length(words)
        if length:
            spans.append(Span(at, length, kind))
        at += length
    return ShownText("".join(words for words, _ in parts), tuple(spans), elided, right_to_left)

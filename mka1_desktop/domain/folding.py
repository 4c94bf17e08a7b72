"""Text as a search sees it: one line, no case, no diacritics."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

SNIPPET_BEFORE = 40  # characters shown before the hit
SNIPPET_LENGTH = 140
QUERY_LIMIT = 200  # characters of a query that count


def one_line(text: str) -> str:
    """Collapse every run of white space to one blank."""
    return " ".join(text.split())


def folded(text: str) -> str:
    """Return the form in which texts and queries are compared: NFKD, marks removed, case folded, one line."""
    line = one_line(text)
    return line.lower() if line.isascii() else "".join(map(_folded_character, line))


def folded_query(query: str) -> str:
    """Fold what a person typed into a search box; at most 200 characters of it."""
    return folded(query[:QUERY_LIMIT])


def snippet(text: str, query: str) -> str | None:
    """Return about 140 characters of `text` around the first hit, cut ends marked with "…"; None without a hit.

    `query` is folded already. Folding changes lengths ("ß" becomes "ss"), so the hit is mapped back by character.
    """
    line = one_line(text)
    at = folded(line).find(query)
    if at < 0:
        return None
    length = 0
    start = 0
    for start, character in enumerate(line):  # noqa: B007 - the place of the hit is what is looked for
        length += len(_folded_character(character))
        if length > at:
            break
    begin = max(0, start - SNIPPET_BEFORE)
    end = begin + SNIPPET_LENGTH
    return ("…" if begin else "") + line[begin:end].strip() + ("…" if end < len(line) else "")


@lru_cache(maxsize=4096)
def _folded_character(character: str) -> str:
    """Fold one character. Marks go, and only marks are ever reordered, so characters can be folded one by one."""
    if character == " ":
        return character
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold()).casefold()
    return "".join(c for c in plain if not (c.isspace() or unicodedata.combining(c) or unicodedata.category(c) == "Mn"))

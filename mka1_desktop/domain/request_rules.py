"""A small language for the checks of a token request: a rule looks at one value and refuses it by name.

Sentences name the field and what is wanted, never the value: a value may be private.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from mka1_desktop.domain.errors import AppError, Code

NAME_LIMIT = 60  # characters of a field's name that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWarning:
    """Something that is sent all the same, but may not do what the person hopes."""

    field: str  # such as `llm.tools[0].require_approval`
    sentence: str


class Findings:
    """What the checks found worth saying, in the order of the fields."""

    def __init__(self) -> None:
        self._warnings: list[RequestWarning] = []

    def warn(self, field: str, sentence: str) -> None:
        warning = RequestWarning(field=field, sentence=sentence)
        if warning not in self._warnings:
            self._warnings.append(warning)

    @property
    def warnings(self) -> tuple[RequestWarning, ...]:
        return tuple(self._warnings)


Rule: TypeAlias = Callable[[object, str, Findings], None]  # (value, field, findings); raises AppError(BAD_REQUEST)


def refuse(field: str, wanted: str) -> NoReturn:
    """Refuse the request: `wanted` goes on after the field's name."""
    raise AppError(Code.BAD_REQUEST, message=f"{field} {wanted}")


def child(field: str, name: object) -> str:
    """Return the path of a field inside another; what cannot be printed is escaped, what is long is cut."""
    text = str(name)
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[:NAME_LIMIT])
    return f"{field}.{shown}" + ("…" if len(text) > NAME_LIMIT else "")


def anything(_value: object, _field: str, _findings: Findings) -> None:
    """Let any value through: the reference says nothing about it."""


def text(*, least: int = 0, most: int | None = None, pattern: str | None = None, wanted: str | None = None) -> Rule:
    """A string of `least` to `most` characters; `pattern` must match all of it."""
    compiled = re.compile(pattern) if pattern is not None else None
    if wanted is None:
        limit = "" if most is None else f" of at most {most} characters"
        wanted = f"must be {'a text' if least == 0 else 'a text that is not empty'}{limit}."

    def rule(value: object, field: str, _findings: Findings) -> None:
        fits = isinstance(value, str) and len(value) >= least and (most is None or len(value) <= most)
        if not fits or (compiled is not None and isinstance(value, str) and not compiled.fullmatch(value)):
            refuse(field, wanted)

    return rule


def whole(low: int, high: int | None = None) -> Rule:
    """A whole number from `low` to `high`, both allowed; true and false are no numbers."""
    wanted = f"must be a whole number from {low} to {high}." if high is not None else f"must be a whole number ≥ {low}."

    def rule(value: object, field: str, _findings: Findings) -> None:
        fits = isinstance(value, int) and not isinstance(value, bool)
        if not fits or not isinstance(value, int) or value < low or (high is not None and value > high):
            refuse(field, wanted)

    return rule


def number(low: float | None = None, high: float | None = None) -> Rule:
    """A finite number, between the limits where there are some."""
    wanted = "must be a number." if low is None or high is None else f"must be a number from {low:g} to {high:g}."

    def rule(value: object, field: str, _findings: Findings) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            refuse(field, wanted)
        finite = isinstance(value, int) or math.isfinite(value)
        if not finite or (low is not None and value < low) or (high is not None and value > high):
            refuse(field, wanted)

    return rule


def choice(*choices: str) -> Rule:
    def rule(value: object, field: str, _findings: Findings) -> None:
        if not isinstance(value, str) or value not in choices:
            refuse(field, f"must be one of: {', '.join(choices)}.")

    return rule


def yes_or_no(value: object, field: str, _findings: Findings) -> None:
    if not isinstance(value, bool):
        refuse(field, "must be true or false.")


def or_null(inner: Rule) -> Rule:
    def rule(value: object, field: str, findings: Findings) -> None:
        if value is not None:
            inner(value, field, findings)

    return rule


def warned(inner: Rule, sentence: str) -> Rule:
    """Check by `inner`, and say `sentence` whenever the field is there."""

    def rule(value: object, field: str, findings: Findings) -> None:
        inner(value, field, findings)
        findings.warn(field, sentence)

    return rule


def items(inner: Rule, *, least: int = 0) -> Rule:
    """A list of at least `least` values that `inner` accepts."""

    def rule(value: object, field: str, findings: Findings) -> None:
        if not isinstance(value, list | tuple) or len(value) < least:
            refuse(field, "must be a list." if least == 0 else f"must be a list with at least {least} entry.")
        for place, each in enumerate(value):
            inner(each, f"{field}[{place}]", findings)

    return rule


def mapping(inner: Rule) -> Rule:
    """An object with names of any kind and values that `inner` accepts."""

    def rule(value: object, field: str, findings: Findings) -> None:
        for name, each in as_object(value, field).items():
            inner(each, child(field, name), findings)

    return rule


def fields(rules: Mapping[str, Rule], *, required: tuple[str, ...] = ()) -> Rule:
    """An object with these fields. Unknown ones are let through with a warning: schemas grow."""

    def rule(value: object, field: str, findings: Findings) -> None:
        found = as_object(value, field)
        for name in required:
            if name not in found:
                refuse(child(field, name), "is missing.")
        for name, each in found.items():
            if (inner := rules.get(name)) is not None:
                inner(each, child(field, name), findings)
            else:
                findings.warn(child(field, name), "is not known here. It is sent as it is.")

    return rule


def as_object(value: object, field: str) -> Mapping[str, object]:
    """Return a JSON object; refuse anything else."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        refuse(field, "must be an object.")
    return value

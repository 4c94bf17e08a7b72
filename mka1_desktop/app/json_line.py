"""JSON that leaves the program: one object a line, harmless on a terminal."""

from __future__ import annotations

import json


def json_line(value: object, *, compact: bool = False) -> str:
    r"""Return `value` as one line of JSON, line break included.

    Letters of every script stay readable; whatever moves a cursor, hides or reorders text is escaped, as `\u001b`.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":") if compact else None)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    return text + "\n"

from __future__ import annotations

import json

import pytest

from mka1_desktop.app.json_line import json_line


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "é 🎧 عربي",
        "\x1b[2J",
        "\x9b31m",
        "a\u202eb",
        "line\nbreak\r",
        "👩\u200d👩\u200d👧",
        "\udcff",
        "\U000e0041",
        '"\\',
    ],
)
def test_a_line_reads_back_as_it_was_and_is_harmless(text: str) -> None:
    line = json_line({"text": text})
    assert json.loads(line.encode("utf-8").decode("utf-8")) == {"text": text}
    assert line.endswith("}\n")
    assert line[:-1].isprintable()


def test_letters_stay_readable_and_compact_has_no_spaces() -> None:
    assert json_line({"a": "é عربي"}) == '{"a": "é عربي"}\n'
    assert json_line({"a": [1, 2]}, compact=True) == '{"a":[1,2]}\n'

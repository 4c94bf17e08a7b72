from __future__ import annotations

import pytest

from mka1_desktop.app.tracebacks import FRAMES, describe
from mka1_desktop.domain.errors import AppError, Code

WORDS = "what somebody said"


def caught(error: Exception) -> Exception:
    with pytest.raises(type(error)) as found:
        raise error
    return found.value


@pytest.mark.parametrize("error", [ValueError(WORDS), KeyError(WORDS), RuntimeError(WORDS), Exception(WORDS)])
def test_text_that_may_hold_words_is_left_out(error: Exception) -> None:
    text = describe(caught(error))
    assert WORDS not in text
    assert type(error).__name__ in text
    assert "tests/app/test_tracebacks.py" in text


def test_text_that_speaks_of_code_is_kept() -> None:
    assert "no attribute 'x'" in describe(caught(AttributeError("no attribute 'x'")))
    assert "rate_limited (HTTP 429)" in describe(caught(AppError(Code.RATE_LIMITED, http_status=429)))
    assert describe(caught(OSError(28, "No space left", "/home/jane/secret"))).endswith("OSError: 28 No space left")


def test_causes_and_members_of_groups_are_described() -> None:
    first = caught(ZeroDivisionError())
    second = caught(TypeError("second"))
    second.__cause__ = first
    text = describe(ExceptionGroup("group", [second, ValueError(WORDS)]))
    assert text.index("ZeroDivisionError") < text.index("TypeError: second") < text.index("ValueError")
    assert WORDS not in text


def test_a_deep_recursion_is_cut_in_the_middle() -> None:
    def down(n: int) -> None:
        if n == 0:
            raise TypeError("bottom")
        down(n - 1)

    with pytest.raises(TypeError) as found:
        down(100)
    lines = describe(found.value).splitlines()
    assert len(lines) <= FRAMES + 2
    assert any("more" in line for line in lines)


def test_a_ring_of_causes_ends() -> None:
    one, two = TypeError("one"), TypeError("two")
    one.__cause__, two.__cause__ = two, one
    assert len(describe(one).splitlines()) < 40


def test_the_person_s_home_folder_is_not_told() -> None:
    try:
        compile("1 +", "/home/jane doe/app/x.py", "exec")
    except SyntaxError as e:
        text = describe(e)
    assert "jane" not in text

"""Sentences about the key, and what can be an address."""

from __future__ import annotations

import pytest

from mka1_desktop.viewmodels.account import AccountView, KeyState, address_problem, foot_lines, key_line, place_line

STATES: tuple[KeyState, ...] = ("none", "checking", "refused", "stored", "memory")


@pytest.mark.parametrize("state", STATES)
def test_every_state_says_where_the_key_is_or_will_be(state: KeyState) -> None:
    view = AccountView(state=state, backend="GNOME Keyring")
    assert place_line(view)
    assert (state == "none") == (key_line(view) == "")


def test_the_keyring_is_named_and_its_absence_said() -> None:
    assert "GNOME Keyring" in place_line(AccountView(state="stored", backend="GNOME Keyring"))
    assert "No keyring" in place_line(AccountView(state="memory"))
    assert key_line(AccountView(state="refused", sentence="It expired.")) == "It expired."


def test_the_foot_names_account_and_host() -> None:
    view = AccountView(state="stored", name="Work", base_url="https://gw.example/v1/")
    assert foot_lines(view) == ("Work", "gw.example/v1")
    assert foot_lines(AccountView(demo=True))[0] == "Demo"
    assert foot_lines(AccountView())[0] == "No key yet"


@pytest.mark.parametrize(
    "text", ["", "https://gw.example", "https://gw.example:8443/p", "http://127.0.0.1:8080", "http://[::1]:80/x"]
)
def test_addresses_that_can_be_used(text: str) -> None:
    assert address_problem(text) == ""


@pytest.mark.parametrize(
    "text",
    ["gw.example", "http://gw.example", "ftp://x", "https://", "http://127.0.0.1.evil.example", "http://localhost@x"],
)
def test_addresses_that_cannot(text: str) -> None:
    assert address_problem(text)

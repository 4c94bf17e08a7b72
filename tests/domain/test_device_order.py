from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.device_order import (
    MOST,
    NAME_LENGTH,
    Favourite,
    Side,
    device_in_use,
    favourites,
    read_order,
    with_names,
    with_setting,
    write_order,
)
from mka1_desktop.domain.settings import BY_KEY, Settings

MIC, ORDER = "audio.microphone", "audio.microphone_order"
IDS = st.sampled_from(["usb", "headset", "built-in", "hdmi"])
CHOICES = st.lists(st.one_of(IDS, st.just("")), max_size=12)


def chosen(*devices: str, side: Side = "microphone") -> Settings:
    """The settings after these choices, one after the other."""
    settings = Settings({})
    for device in devices:
        settings = with_setting(settings, f"audio.{side}", device)
    return settings


def order(settings: Settings) -> list[str]:
    return [device.id for device in read_order(settings.text(ORDER))]


def test_the_newest_choice_that_is_there_is_used() -> None:
    settings = chosen("built-in", "usb", "headset")
    assert settings.text(MIC) == "headset"
    assert order(settings) == ["headset", "usb", "built-in"]
    assert device_in_use(settings, "microphone", ["built-in", "usb", "headset"]) == "headset"
    assert device_in_use(settings, "microphone", ["built-in", "usb"]) == "usb"
    assert device_in_use(settings, "microphone", ["built-in", "hdmi"]) == "built-in"
    assert device_in_use(settings, "microphone", ["hdmi"]) == ""
    assert device_in_use(settings, "speaker", ["usb"]) == "", "the other side has an order of its own"


def test_who_follows_the_system_keeps_the_list_unused() -> None:
    settings = chosen("built-in", "usb", "")
    assert (settings.text(MIC), order(settings)) == ("", ["usb", "built-in"])
    assert favourites(settings, "microphone") == ()
    assert device_in_use(settings, "microphone", ["usb"]) == ""
    again = with_setting(settings, MIC, "built-in")
    assert device_in_use(again, "microphone", ["usb"]) == "usb"


def test_a_choice_from_before_there_was_an_order_is_remembered() -> None:
    old = Settings({MIC: "usb"})
    assert [device.id for device in favourites(old, "microphone")] == ["usb"]
    assert order(with_setting(old, MIC, "headset")) == ["headset", "usb"]
    assert order(with_setting(old, MIC, "")) == ["usb"]


def test_other_settings_change_no_order() -> None:
    settings = with_setting(chosen("usb"), "audio.volume", 50)
    assert (settings.number("audio.volume"), order(settings)) == (50, ["usb"])


def test_names_are_kept_of_those_that_are_away() -> None:
    devices = read_order(chosen("built-in", "usb").text(ORDER))
    devices = with_names(devices, {"usb": "Yeti\tStereo\nMicrophone", "other": "Other"})
    assert devices == (Favourite("usb", "Yeti Stereo Microphone"), Favourite("built-in"))
    assert read_order(write_order(devices)) == devices
    assert with_names(devices, {}) == devices
    [long] = with_names([Favourite("usb")], {"usb": "x" * 1000})
    assert len(long.name) == NAME_LENGTH


def test_too_many_and_too_long_ones_are_forgotten_from_the_end() -> None:
    many = chosen(*(f"d{i}" for i in range(20)))
    assert order(many) == [f"d{i}" for i in range(19, 19 - MOST, -1)]
    long = chosen(*(str(i) * 500 for i in range(MOST)), *(f"short{i}" for i in range(2)))
    assert order(long)[:2] == ["short1", "short0"]
    assert len(long.text(ORDER)) <= BY_KEY[ORDER].max_length


@given(CHOICES, st.sets(IDS))
def test_what_is_used_is_there_and_none_that_is_there_was_chosen_later(choices: list[str], present: set[str]) -> None:
    settings = chosen(*choices)
    used = device_in_use(settings, "microphone", present)
    newest_first = [device for device in reversed(choices) if device]
    there = [device for device in newest_first if device in present]
    follows = not choices or choices[-1] == ""
    assert used == ("" if follows or not there else there[0])


@given(CHOICES, IDS)
def test_a_device_that_goes_and_comes_back_is_taken_back(choices: list[str], choice: str) -> None:
    settings = chosen(*choices, choice)
    everything = {"usb", "headset", "built-in", "hdmi"}
    assert device_in_use(settings, "microphone", everything) == choice
    assert device_in_use(settings, "microphone", everything - {choice}) != choice
    assert device_in_use(settings, "microphone", everything) == choice


@given(CHOICES)
def test_the_order_names_each_device_once_with_the_newest_choice_first(choices: list[str]) -> None:
    assert order(chosen(*choices)) == list(dict.fromkeys(device for device in reversed(choices) if device))


@given(st.text())
def test_any_text_is_an_order_and_is_written_as_it_was_read(text: str) -> None:
    devices = read_order(text)
    assert len(devices) <= MOST
    assert all(device.id for device in devices)
    written = write_order(devices)
    assert read_order(written) == devices
    assert write_order(read_order(written)) == written
    assert BY_KEY[ORDER].parse(written) == written

"""The controls of the settings page, one for each kind of setting."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.domain.settings import TABLE, Setting
from mka1_desktop.ui.setting_controls import Control, control_for
from tests.support.look import make_look


def is_abstract(method: object) -> bool:
    return bool(getattr(method, "__isabstractmethod__", False))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.key)
def test_each_setting_has_a_control_that_shows_its_value_without_changing_it(
    qapp: QApplication, qtbot: QtBot, row: Setting
) -> None:
    control = control_for(make_look(qapp), row)
    qtbot.addWidget(control)
    told: list[object] = []
    control.edited.connect(told.append)
    control.show_value(row.default)
    assert told == []
    assert not is_abstract(control.show_value)


def test_the_base_is_no_control_of_its_own() -> None:
    assert is_abstract(Control.show_value)

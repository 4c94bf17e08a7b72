"""All the view-models of the main window in one value."""

from __future__ import annotations

from dataclasses import dataclass

from mka1_desktop.viewmodels.devices import DevicesModel
from mka1_desktop.viewmodels.head import HeadModel
from mka1_desktop.viewmodels.kept import KeptModel
from mka1_desktop.viewmodels.levels import LevelsModel
from mka1_desktop.viewmodels.notices import NoticesModel, ToastsModel
from mka1_desktop.viewmodels.status import StatusModel
from mka1_desktop.viewmodels.talk import TalkModel


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowModels:
    """What the window shows; made by the wiring and shown to by whoever knows."""

    head: HeadModel
    talk: TalkModel
    status: StatusModel
    kept: KeptModel
    levels: LevelsModel
    devices: DevicesModel
    notices: NoticesModel
    toasts: ToastsModel

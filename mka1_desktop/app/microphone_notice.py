"""A notice about a microphone from which nothing comes: which one, and the system's page that may let it in."""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.errors import Action, Code, Trouble
from mka1_desktop.ports.system_pages import PageKind
from mka1_desktop.viewmodels.notices import NoticeView
from mka1_desktop.viewmodels.words import tr

BLOCKED = frozenset({Code.MIC_SILENT, Code.MIC_DENIED})


def page_label(page: PageKind | None) -> str:
    """The words on a button that opens the system's page; "" where there is none."""
    match page:
        case "privacy":
            return tr("Notice", "Open privacy settings")
        case "sound":
            return tr("Notice", "Open sound settings")
        case None:
            return ""


def about_microphone(view: NoticeView, trouble: Trouble, *, name: str, page: PageKind | None) -> NoticeView:
    """Return `view` with the microphone's name and the page, where it is about a silent or blocked one.

    Without a page the notice keeps its own button.
    """
    if trouble.code is Code.MIC_SILENT and name:
        view = replace(view, sentence=tr("Notice", "I get only silence from {name}.", name=name))
    if trouble.code in BLOCKED and page is not None:
        view = replace(view, action=Action.OPEN_MIC_SETTINGS.value, action_label=page_label(page))
    return view

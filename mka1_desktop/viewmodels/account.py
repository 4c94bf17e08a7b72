"""The API key as the windows show it: its state and where it is kept, never the key itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from PySide6.QtCore import QObject

from mka1_desktop.viewmodels.shown import Shown
from mka1_desktop.viewmodels.words import isolated, tr

# none: there is no key. checking: the service is being asked. refused: it was not accepted, see `sentence`.
# stored: in a keyring. memory: accepted, but no keyring is there, so it lasts until the program ends.
KeyState: TypeAlias = Literal["none", "checking", "refused", "stored", "memory"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """What the key dialog and the foot of the sidebar show."""

    state: KeyState = "none"
    sentence: str = ""  # why the key was refused or the keyring did not answer, for people
    backend: str = ""  # name of the keyring
    name: str = ""  # of the account
    base_url: str = ""
    on_behalf_of: str = ""
    demo: bool = False  # the conversation is with the demo service

    @property
    def has_key(self) -> bool:
        """Whether there is a key that could be deleted."""
        return self.state in {"stored", "memory"}


class AccountModel(Shown[AccountView]):
    """The newest AccountView."""

    def __init__(self, view: AccountView | None = None, parent: QObject | None = None) -> None:
        super().__init__(view or AccountView(), parent)


def key_line(view: AccountView) -> str:
    """What is known about the key, in one sentence."""
    match view.state:
        case "checking":
            return tr("Account", "Checking the key…")
        case "refused":
            return view.sentence or tr("Account", "The service did not accept this key.")
        case "stored":
            return tr("Account", "The key works")
        case "memory":
            return tr("Account", "The key works until you close the program")
        case "none":
            return view.sentence


def place_line(view: AccountView) -> str:
    """Where the key is kept, or will be."""
    match view.state:
        case "stored":
            return tr("Account", "Kept in {keyring}.", keyring=isolated(view.backend or tr("Account", "your keyring")))
        case "memory":
            return tr("Account", "No keyring was found, so you will be asked again next time.")
        case "none" | "checking" | "refused":
            return tr("Account", "It will be kept in your system’s keyring, never in a file or a log.")


def foot_lines(view: AccountView) -> tuple[str, str]:
    """Name and address for the foot of the sidebar."""
    if view.demo:
        return tr("Account", "Demo"), tr("Account", "on this machine")
    host = view.base_url.split("://", 1)[-1].strip("/")
    if view.has_key:
        return view.name or tr("Account", "My account"), host
    return tr("Account", "No key yet"), tr("Account", "Click to enter one")


def address_problem(text: str) -> str:
    """Why this cannot be the service's address, as a sentence; empty when it can. Nothing means the usual one."""
    host = text.removeprefix("http://").split("/", 1)[0].rsplit(":", 1)[0] if text.startswith("http://") else ""
    secure = text.startswith("https://") and text != "https://"
    if not text or secure or host in {"127.0.0.1", "localhost", "[::1]"}:
        return ""
    return tr("Account", "An address begins with https:// (http:// is for this machine only).")

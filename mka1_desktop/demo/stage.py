"""A room as its agent sees it: whom it speaks to, and how to send something."""

from __future__ import annotations

from collections.abc import Callable

from mka1_desktop.demo.packets import Packets, Sender
from mka1_desktop.demo.people import AGENT_STATE, AgentPerson, Person, new_sid


class Stage:
    """Given to an agent by its session; lives as long as that."""

    def __init__(
        self,
        *,
        user: Person,
        agent: AgentPerson,
        send: Callable[[bytes], bool],
        announce: Callable[[], None],
    ) -> None:
        """Args: send: hands a packet to the reliable channel. announce: tells the room of the agent anew."""
        self._user = user
        self._agent = agent
        self._announce = announce
        self._no_track = new_sid("TR")
        self.send = send
        self.packets = Packets()

    @property
    def user(self) -> Sender:
        return Sender(self._user.identity, self._user.sid)

    @property
    def agent(self) -> Sender:
        return Sender(self._agent.identity, self._agent.sid)

    @property
    def user_track_sid(self) -> str:
        """The user's microphone track, else a made-up one: see `Packets.transcription`."""
        return self._user.microphone_sid or self._no_track

    @property
    def agent_track_sid(self) -> str:
        """Also of an agent whose track was never published: see `Packets.transcription`."""
        return self._agent.track_sid

    def show_state(self, state: str) -> None:
        """Set the agent's state: initializing, listening, thinking or speaking."""
        if self._agent.attributes.get(AGENT_STATE) != state:
            self._agent.change({AGENT_STATE: state})
            self._announce()

    def send_data(self, payload: bytes, topic: str) -> bool:
        return self.send(self.packets.user_data(self.agent, payload, topic))

"""The sound check's steps: one device or two are opened for what the person clicked, and closed when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from mka1_desktop.app.check_trace import CheckTrace
from mka1_desktop.app.desk import Desk
from mka1_desktop.app.microphone_notice import page_label
from mka1_desktop.domain.audio import RATE_HZ, Device, Devices
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.sound_advice import FAINT_VOICE_DBFS, remedies
from mka1_desktop.domain.sound_check import Findings, Loudness, clips, examine, peak_dbfs
from mka1_desktop.domain.sound_probe import amplified, probe, sweep, tone
from mka1_desktop.ports.sound_check import Capture, SoundCheckPort
from mka1_desktop.session.state import Session
from mka1_desktop.session.tasks import KeyedTasks
from mka1_desktop.session.watch import Watcher
from mka1_desktop.viewmodels.devices import DevicesModel
from mka1_desktop.viewmodels.sound_check import Activity, CheckWishes, SoundCheckModel, SoundCheckView, no_figures
from mka1_desktop.viewmodels.sound_verdict import figures_of, verdict_of
from mka1_desktop.viewmodels.words import tr

FRAME_S = 1 / 30
HEAR = 5 * RATE_HZ
SETTLE, QUIET = RATE_HZ * 4 // 10, 2 * RATE_HZ  # a microphone that was just opened clicks
OPENING = RATE_HZ // 2  # about how long the speaker takes to open
CHECK = SETTLE + QUIET + OPENING + RATE_HZ * 45 // 10

Work = Callable[[SoundCheckPort], Awaitable[None]]


class SoundCheck(Watcher):
    """One thing at a time; a new one ends the one before. Nothing runs while a session is live."""

    def __init__(
        self, desk: Desk, *, devices: DevicesModel, open_port: Callable[[], Awaitable[SoundCheckPort]]
    ) -> None:
        self._desk = desk
        self._devices = devices
        self._open_port = open_port
        self._port: SoundCheckPort | None = None
        self._tasks = KeyedTasks(desk.controller.defect)
        self._turn = asyncio.Lock()
        self._enough = False  # the person has heard or said enough
        self._voice: Loudness | None = None
        self._findings: Findings | None = None
        self.model = SoundCheckModel()
        self.wishes = CheckWishes(
            level=lambda: self._toggle(Activity.LEVEL, self._show_level),
            hear_yourself=self._hear_or_play,
            tone=lambda: self._toggle(Activity.TONE, self._play_tone),
            check=lambda: self._begin(Activity.CHECK, self._check),
            stop=self.stop,
            end_session=desk.hang_up,
            act=self._act,
        )
        devices.changed.connect(lambda _: self._name_devices())
        desk.controller.watch(self)

    @property
    def findings(self) -> Findings | None:
        """Of the newest check; None before, and when it did not come to its end."""
        return self._findings

    def opened(self) -> None:
        """Somebody looks at it: anew, with nothing found."""
        self._voice = self._findings = None
        self.model.show(SoundCheckView(figures=no_figures(), blocked=self._desk.active))
        self._name_devices()

    def closed(self) -> None:
        """Nobody looks at it any more: everything is closed."""
        self.stop()
        self._tasks.start("close", self._release())

    def stop(self) -> None:
        """End what runs, at once."""
        self._tasks.stop("activity")

    async def close(self) -> None:
        await self._tasks.close()
        await self._release()

    def on_session(self, session: Session) -> None:
        """A session has the devices for itself."""
        if self._desk.active:
            self.stop()
        self._put(blocked=self._desk.active)

    # --- what runs ---------------------------------------------------------------------------------------------

    def _toggle(self, activity: Activity, work: Work) -> None:
        if self.model.view.activity is activity:
            self.stop()
        else:
            self._begin(activity, work)

    def _hear_or_play(self) -> None:
        if self.model.view.activity is Activity.RECORDING:
            self._enough = True
        else:
            self._toggle(Activity.PLAYING, self._hear_yourself)

    def _begin(self, activity: Activity, work: Work) -> None:
        if not self._desk.active:
            self._desk.replay.stop()  # an answer that is heard again would be taken for an echo
            self._tasks.start("activity", self._run(activity, work))

    async def _run(self, activity: Activity, work: Work) -> None:
        async with self._turn:
            self._put(activity=activity, problem="", clipped=False)
            try:
                if self._port is None:
                    self._port = await self._open_port()
                await work(self._port)
            except AppError as error:
                self._put(problem=tr("Advice", error.trouble.sentence))
            finally:
                self._tasks.stop("levels")
                self._put(activity=Activity.NONE, stage="", progress=0.0, level=None, peak=None)

    async def _show_level(self, port: SoundCheckPort) -> None:
        microphone, _ = await self._chosen()
        self._put(stage=tr("Sound check", "Say something."))
        async with port.microphone(microphone, keeps=False) as capture:
            self._follow(capture)
            while True:
                await capture.until(capture.recorded + RATE_HZ)

    async def _hear_yourself(self, port: SoundCheckPort) -> None:
        self._enough = False
        self._put(
            activity=Activity.RECORDING, stage=tr("Sound check", "Say something. You hear it afterwards."), note=""
        )
        microphone, speaker = await self._chosen()
        async with port.microphone(microphone, keeps=True) as capture:
            self._follow(capture, HEAR)
            while capture.recorded < HEAR and not self._enough:
                await capture.until(min(HEAR, capture.recorded + RATE_HZ // 10))
            said = capture.samples(0, HEAR)
        self._tasks.stop("levels")
        self._put(level=None, peak=None, progress=0.0)
        self._heard(Loudness(peak_dbfs=peak_dbfs(said), clipped=clips(said)), silent=not said.any())
        if said.any():
            gain = self._gain(port)
            self._put(activity=Activity.PLAYING, stage=tr("Sound check", "This is what arrived."))
            async with port.speaker(speaker) as playback:
                await playback.play(amplified(said, gain))

    async def _play_tone(self, port: SoundCheckPort) -> None:
        self._put(stage=tr("Sound check", "Three notes from the speaker."))
        _, speaker = await self._chosen()
        async with port.speaker(speaker) as playback:
            await playback.play(amplified(tone(), self._gain(port)))

    async def _check(self, port: SoundCheckPort) -> None:
        self._findings = None
        self._put(figures=no_figures(), verdict=None, bars=(), stage=tr("Sound check", "Please be quiet for a moment."))
        microphone, speaker = await self._chosen()
        trace = CheckTrace(CHECK)
        async with port.microphone(microphone, keeps=True) as capture:
            self._follow(capture, CHECK, trace)
            await capture.until(SETTLE + QUIET)
            quiet = capture.samples(SETTLE, SETTLE + QUIET)
            async with port.speaker(speaker) as playback:
                self._put(stage=tr("Sound check", "Now three rising tones."))
                gain = self._gain(port)
                trace.play_from(capture.recorded)
                first = capture.index_at(await playback.play(amplified(probe(), gain)))
                buffer_s = playback.latency_s
                await capture.until(first + probe().size)
                heard = capture.samples(first, first + probe().size)
        played = amplified(sweep(), gain)
        self._findings = await asyncio.to_thread(
            partial(examine, quiet=quiet, played=played, heard=heard, buffer_s=buffer_s)
        )
        self._judge()

    async def _release(self) -> None:
        async with self._turn:
            port, self._port = self._port, None
            if port is not None:
                await port.close()

    # --- devices -----------------------------------------------------------------------------------------------

    async def _chosen(self) -> tuple[Device | None, Device | None]:
        """Microphone and speaker that are in use; None: the system's."""
        try:
            devices = await self._desk.parts.sound.devices()
        except AppError:
            devices = Devices()
        return _marked(devices.microphones), _marked(devices.speakers)

    def _gain(self, port: SoundCheckPort) -> float:
        return port.gain(self._desk.settings.number("audio.volume"), self._desk.parts.sound.engine)

    def _name_devices(self) -> None:
        view = self._devices.view
        self._put(microphone=view.microphone.name, speaker=view.speaker.name)

    def _microphone_name(self) -> str:
        used = self._devices.view.microphone
        return used.name if used.enabled else tr("Sound check", "the microphone")

    # --- what is shown -----------------------------------------------------------------------------------------

    def _put(self, **changes: object) -> None:
        self.model.show(replace(self.model.view, **changes))  # type: ignore[arg-type]

    def _follow(self, capture: Capture, length: int | None = None, trace: CheckTrace | None = None) -> None:
        self._tasks.start("levels", self._show_levels(capture, length, trace or CheckTrace(0)))

    async def _show_levels(self, capture: Capture, length: int | None, trace: CheckTrace) -> None:
        clock = self._desk.parts.clock
        while True:
            loudness = capture.loudness()
            trace.hear(capture.recorded, loudness, at_s=clock.monotonic())
            progress = min(1.0, capture.recorded / length) if length else 0.0
            shown = self.model.view
            self._put(
                level=trace.level, peak=trace.peak, clipped=shown.clipped or loudness.clipped, progress=progress,
                bars=trace.bars or shown.bars,
            )  # fmt: skip
            await clock.sleep(FRAME_S)

    def _heard(self, voice: Loudness, *, silent: bool) -> None:
        self._voice = None if silent else voice
        if silent:
            note = tr("Sound check", "I get only silence from {name}.", name=self._microphone_name())
        elif voice.clipped:
            note = tr("Sound check", "That was too loud for the microphone. Lower its level in the system's settings.")
        elif voice.peak_dbfs < FAINT_VOICE_DBFS:
            note = tr("Sound check", "That was very soft. Raise the microphone's level in the system's settings.")
        else:
            note = tr("Sound check", "Your voice has a good level.")
        self._put(note=note)
        self._judge()

    def _judge(self) -> None:
        findings = self._findings
        if findings is None:
            return
        pages = self._desk.parts.pages
        verdict = verdict_of(
            findings, remedies(findings, self._voice), microphone=self._microphone_name(),
            open_microphone=self._desk.settings.text("talk.mode") == "open",
            system_page=page_label(pages.microphone if pages is not None else None),
        )  # fmt: skip
        self._put(figures=figures_of(findings), verdict=verdict)

    def _act(self) -> None:
        verdict, pages = self.model.view.verdict, self._desk.parts.pages
        if verdict is not None and verdict.action == "talk_key":
            self._desk.set_setting("talk.mode", "auto")
            self._judge()
        elif verdict is not None and verdict.action == "system_page" and pages is not None:
            pages.open_microphone()


def _marked(devices: tuple[Device, ...]) -> Device | None:
    return next((device for device in devices if device.chosen), None)

"""A sound check in a process of its own, since libpulse reads the environment once.

As a program it takes names of its wishes and settings (`key=value`), grants one after the other, each to its end, and
prints one JSON object a wish.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from functools import partial
from typing import Any

WAIT_S = 60.0


async def checked(env: dict[str, str], *words: str) -> list[dict[str, Any]]:
    """Run the program and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.sound_check_child", *words), env=env, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(WAIT_S):
            printed, _ = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, f"the child ended with {process.returncode}"
    return [json.loads(line) for line in printed.decode().splitlines()]


async def _run(words: list[str]) -> None:
    from mka1_desktop.app.sound_check import SoundCheck  # noqa: PLC0415 - the driver needs none of this
    from mka1_desktop.app.sound_check_door import open_devices  # noqa: PLC0415
    from mka1_desktop.domain.audio import Device, Devices  # noqa: PLC0415
    from mka1_desktop.domain.settings import Settings, setting  # noqa: PLC0415
    from mka1_desktop.viewmodels.devices import DevicesModel  # noqa: PLC0415
    from mka1_desktop.viewmodels.sound_check import Activity  # noqa: PLC0415
    from tests.fakes.fake_desk import DeskPlay  # noqa: PLC0415

    given = dict(word.split("=", 1) for word in words if "=" in word)
    chosen = {side: given.pop(side, "") for side in ("microphone", "speaker")}
    async with DeskPlay(Settings({key: setting(key).parse(raw) for key, raw in given.items()})) as play:
        play.sound.plugged = Devices(
            microphones=tuple(Device(d, d, chosen=True) for d in [chosen["microphone"]] if d),
            speakers=tuple(Device(d, d, chosen=True) for d in [chosen["speaker"]] if d),
        )
        check = SoundCheck(play.desk, devices=DevicesModel(), open_port=partial(open_devices, play.desk))
        check.opened()
        for wish in (word for word in words if "=" not in word):
            ended = asyncio.Event()
            activities: list[Activity] = []

            def followed(view: Any, seen: list[Activity] = activities, ended: asyncio.Event = ended) -> None:
                seen.append(view.activity)
                if view.activity is Activity.NONE and seen[:-1]:
                    ended.set()

            check.model.changed.connect(followed)
            getattr(check.wishes, wish)()
            await ended.wait()
            check.model.changed.disconnect(followed)
            view = check.model.view
            _say(
                findings=None if check.findings is None else asdict(check.findings),
                verdict=None if view.verdict is None else view.verdict.sentence,
                action=None if view.verdict is None else view.verdict.action,
                note=view.note,
                problem=view.problem,
            )
        await check.close()


def _say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1:]))

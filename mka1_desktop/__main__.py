"""`python -m mka1_desktop` and the command `mka1-desktop`."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from mka1_desktop.app.cli import run


def main() -> NoReturn:
    """Run the command line and end with its code; all that must be closed or written is so when `run` returns."""
    code = run(sys.argv[1:])
    if sys.stderr is not None:  # a Windows program without a console
        sys.stderr.flush()
    # While the interpreter is taken down, Python ends a thread of the SDK (1.2.1) that has something to log, which
    # aborts the process: "panic in a function that cannot unwind", seen after a refused token.
    os._exit(code)


if __name__ == "__main__":
    main()

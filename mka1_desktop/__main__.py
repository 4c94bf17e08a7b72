"""`python -m mka1_desktop` and the command `mka1-desktop`."""

from __future__ import annotations

import sys

from mka1_desktop.app.cli import run


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

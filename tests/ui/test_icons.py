from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from mka1_desktop.ui.icons import Icons
from tests.support.look import ICONS


def inked(image: QImage) -> set[str]:
    """Colours of all opaque pixels."""
    found = set()
    for y in range(image.height()):
        for x in range(image.width()):
            colour = image.pixelColor(x, y)
            if colour.alpha() == 255:
                found.add(colour.name())
    return found


@pytest.mark.parametrize("name", sorted(path.stem for path in ICONS.glob("*.svg")))
def test_every_icon_is_drawn_in_the_colour_asked_for(qapp: QApplication, name: str) -> None:
    pixmap = Icons(ICONS).pixmap(name, 24, QColor("#BF4507"), 2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (48, 2.0)
    assert inked(pixmap.toImage()) == {"#bf4507"}


def test_pixmaps_are_kept_by_size_colour_and_ratio(qapp: QApplication) -> None:
    icons = Icons(ICONS)
    first = icons.pixmap("mic", 20, QColor("red"), 1.0)
    assert icons.pixmap("mic", 20, QColor("red"), 1.0).cacheKey() == first.cacheKey()
    assert icons.pixmap("mic", 20, QColor("red"), 2.0).cacheKey() != first.cacheKey()
    assert icons.pixmap("mic", 16, QColor("red"), 1.0).size() != first.size()


def test_an_icon_that_is_none_is_refused(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        Icons(ICONS).pixmap("no-such-icon", 20, QColor("red"), 1.0)


def test_app_icon_has_all_sizes(qapp: QApplication) -> None:
    icons = Icons(ICONS)
    sizes = {size.width() for size in icons.app_icon().availableSizes()}
    assert {16, 24, 32, 48, 256} <= sizes
    assert len(inked(icons.mark(24, 1.0).toImage())) > 1

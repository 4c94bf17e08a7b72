"""Plain words that wrap, with the line height of the design: what QLabel cannot do without rich text."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.roles import Role
from mka1_desktop.ui.theme import Token

LIMIT = 2000  # characters that are laid out


class Paragraph(QWidget):
    """Any text as it is, in one font and colour. Its height follows its width."""

    def __init__(
        self,
        look: Look,
        *,
        size: Token = "body",
        weight: int | None = None,
        role: Role = "text",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._token: Token = size
        self._weight = weight
        self._role: Role = role
        self._text = ""
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        look.theme.changed.connect(self.updateGeometry)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        if text != self._text:
            self._text = text[:LIMIT]
            self.setAccessibleName(self._text)
            self.updateGeometry()
            self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(self._laid_out(width).lineCount() * self._line_h())

    def sizeHint(self) -> QSize:
        widest = self._laid_out(100_000)
        natural = max((widest.lineAt(i).naturalTextWidth() for i in range(widest.lineCount())), default=0.0)
        return QSize(round(natural + 1), round(widest.lineCount() * self._line_h()))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, round(self._line_h()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._look.theme.colour(self._role))
        layout = self._laid_out(self.width())
        top = max(0.0, (self.height() - layout.lineCount() * self._line_h()) / 2)
        for index in range(layout.lineCount()):
            line = layout.lineAt(index)
            end = self.width() - line.naturalTextWidth()
            left = end if self.layoutDirection() is Qt.LayoutDirection.RightToLeft else 0.0
            line.draw(painter, QPointF(left, top + index * self._line_h() + (self._line_h() - line.height()) / 2))

    def _line_h(self) -> float:
        return self._look.theme.line_height(self._token)

    def _laid_out(self, width: int) -> QTextLayout:
        text = self._text.replace("\n", "\u2028")
        layout = QTextLayout(text, self._look.theme.font(self._token, self._weight))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        option.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
        layout.setTextOption(option)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, 0))
        layout.endLayout()
        return layout

"""Draw papers as one PDF, A4. Each paper counts its own pages."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    ActionFlowable,
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from checkout.paper import glyphs
from checkout.paper.document import Document, Fact, Line

_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_SOFT = colors.HexColor("#5d5a65")
_RULE = colors.HexColor("#b9b6bf")


def draw(documents: Sequence[Document]) -> bytes:
    """Return the PDF of all documents, each on pages of its own."""
    file = BytesIO()
    template = BaseDocTemplate(
        file,
        pagesize=A4,
        title=", ".join(str(one.number) for one in documents[:5]),
        author=documents[0].seller[0] if documents else "",
        # Two prints of the same paper are the same bytes.
        invariant=1,
    )
    frame = Frame(_MARGIN, _MARGIN, _WIDTH, A4[1] - 2 * _MARGIN, 0, 0, 0, 0)
    template.addPageTemplates([PageTemplate("paper", [frame])])
    story: list[Flowable] = []
    for position, document in enumerate(documents):
        story.append(_Begin(position, document))
        story.extend(_Sheet(document).flowables())
        story.append(PageBreak())
    template.build(story[:-1], canvasmaker=_CountingCanvas)
    return file.getvalue()


def answer(documents: Sequence[Document], name: str) -> HttpResponse:
    """Return the PDF as a file that browsers show, and save under ``name``."""
    response = HttpResponse(draw(documents), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


class _Begin(ActionFlowable):
    """Tells the canvas which document the pages from here on belong to."""

    def __init__(self, position: int, document: Document) -> None:
        super().__init__(())
        self.position, self.document = position, document

    def apply(self, doc: Any) -> None:
        doc.canv.begin(self.position, self.document)


class _CountingCanvas(Canvas):
    """Writes "number, page n of m" once the pages of all documents are known."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._kept: list[tuple[int, Document, dict[str, Any]]] = []

    def begin(self, position: int, document: Document) -> None:
        self._position, self._document = position, document

    def showPage(self) -> None:  # noqa: N802 (reportlab's name)
        self._kept.append((self._position, self._document, dict(self.__dict__)))
        self._startPage()  # type: ignore[attr-defined]

    def save(self) -> None:
        kept = self._kept
        for index, (position, document, state) in enumerate(kept):
            self.__dict__.update(state)
            first = next(at for at, page in enumerate(kept) if page[0] == position)
            count = sum(page[0] == position for page in kept)
            self._write_footer(document, index - first + 1, count)
            super().showPage()
        super().save()

    def _write_footer(self, document: Document, page: int, count: int) -> None:
        with translation.override(document.language):
            text = gettext("Page %(page)d of %(count)d") % {
                "page": page,
                "count": count,
            }
        footer = Paragraph(glyphs.markup(f"{document.number}  {text}"), _STYLE["foot"])
        footer.wrapOn(self, _WIDTH, 10 * mm)
        footer.drawOn(self, _MARGIN, 9 * mm)


_BASE = ParagraphStyle("text", fontName=glyphs.JAPANESE, fontSize=9.5, leading=14)
_STYLE = {
    "text": _BASE,
    "right": ParagraphStyle("right", _BASE, alignment=TA_RIGHT),
    "soft": ParagraphStyle("soft", _BASE, fontSize=8, leading=11, textColor=_SOFT),
    "title": ParagraphStyle("title", _BASE, fontSize=20, leading=26),
    "large": ParagraphStyle("large", _BASE, fontSize=22, leading=30),
    "who": ParagraphStyle("who", _BASE, fontSize=12, leading=18),
    "foot": ParagraphStyle(
        "foot", _BASE, fontSize=8, leading=10, alignment=TA_RIGHT, textColor=_SOFT
    ),
}


class _Sheet:
    """Lays out one document from top to bottom."""

    def __init__(self, document: Document) -> None:
        self.document = document
        # Japanese breaks between any two letters, English between words.
        self.wrap = "CJK" if document.language == "ja" else None

    def flowables(self) -> list[Flowable]:
        document = self.document
        return [
            self._head(),
            Spacer(0, 6 * mm),
            *self._receipt_of(),
            self._facts(document.facts),
            Spacer(0, 4 * mm),
            self._table(),
            Spacer(0, 3 * mm),
            KeepTogether([self._sums(), Spacer(0, 5 * mm), *self._notes()]),
        ]

    def _text(self, text: object, style: str = "text", *, bold: bool = False) -> Any:
        made = ParagraphStyle(style, _STYLE[style], wordWrap=self.wrap)
        return Paragraph(glyphs.markup(str(text), bold=bold), made)

    def _head(self) -> Table:
        document = self.document
        left = [self._text(line, "who") for line in document.addressee]
        right = [self._text(line) for line in document.seller]
        title = [self._text(document.title, "title", bold=True)]
        stamp = self._stamp() if document.stamp else ""
        return Table(
            [[title, stamp], [left, right]],
            colWidths=[_WIDTH * 0.58, _WIDTH * 0.42],
            style=TableStyle(
                [
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("LEFTPADDING", (0, 0), (-1, -1), 0),
                    ("BOTTOMPADDING", (0, 0), (-1, 0), 14),
                ]
            ),
        )

    def _stamp(self) -> Table:
        cell = self._text(self.document.stamp, "who", bold=True)
        style = TableStyle([("BOX", (0, 0), (-1, -1), 1.2, colors.black)])
        return Table([[cell]], colWidths=[45 * mm], style=style, hAlign="LEFT")

    def _receipt_of(self) -> list[Flowable]:
        if not self.document.large:
            return []
        return [
            self._text(self.document.large, "large", bold=True),
            self._text(self.document.lead),
            Spacer(0, 5 * mm),
        ]

    def _facts(self, facts: Sequence[Fact]) -> Table:
        rows = [[self._text(f.label, "soft"), self._text(f.value)] for f in facts]
        return Table(
            rows or [["", ""]],
            colWidths=[38 * mm, _WIDTH - 38 * mm],
            style=TableStyle(
                [
                    ("LEFTPADDING", (0, 0), (-1, -1), 0),
                    ("TOPPADDING", (0, 0), (-1, -1), 0),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ]
            ),
        )

    def _table(self) -> Table:
        document = self.document
        columns = document.columns
        head = [
            self._text(name, "text" if at == 0 else "right", bold=True)
            for at, name in enumerate(columns)
        ]
        narrow = 26 * mm
        widths = [_WIDTH - narrow * (len(columns) - 1), *[narrow] * (len(columns) - 1)]
        rules: Any = [
            ("LINEBELOW", (0, 0), (-1, 0), 0.9, colors.black),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, _RULE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ]
        return Table(
            [head, *(self._row(line) for line in document.lines)],
            colWidths=widths,
            repeatRows=1,
            style=TableStyle(rules),
        )

    def _row(self, line: Line) -> list[Any]:
        below = "  ".join(text for text in (line.sku, line.detail) if text)
        name = [self._text(line.name)]
        if below:
            name.append(self._text(below, "soft"))
        numbers = [line.unit, str(line.quantity), line.total]
        if not self.document.has_prices:
            numbers = [str(line.quantity)]
        return [name, *(self._text(number, "right") for number in numbers)]

    def _sums(self) -> Table:
        document = self.document
        rows: list[list[Any]] = []
        for fact in document.amounts:
            last = fact is document.amounts[-1]
            rows.append(
                [
                    "",
                    self._text(fact.label, bold=last),
                    self._text(fact.value, "right", bold=last),
                ]
            )
        rows += [
            ["", self._text(fact.label, "soft"), self._text(fact.value, "right")]
            for fact in document.taxes
        ]
        widths = [_WIDTH * 0.3, _WIDTH * 0.32, _WIDTH * 0.38]
        style = TableStyle(
            [
                ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        )
        return Table(rows or [["", "", ""]], colWidths=widths, style=style)

    def _notes(self) -> list[Flowable]:
        document = self.document
        notes = [self._text(note) for note in document.notes]
        texts = [
            *document.addressee,
            *document.seller,
            *(f"{line.name}{line.detail}{line.sku}" for line in document.lines),
        ]
        if any(glyphs.has_missing(text) for text in texts):
            with translation.override(document.language):
                text = gettext(
                    "%(mark)s stands for a character that this file cannot show. The "
                    "page on the web shows it."
                )
            notes.append(self._text(text % {"mark": glyphs.GETA}, "soft"))
        return notes

"""PDF by ReportLab, qpdf and Chromium: forms, notes, attachments, encryption, scans."""

import html
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.corpus.people import Person
from tests.corpus.planted import Case, Plant

_TOP: Final = 800
"""Points from the bottom of an A4 page (842 high) at which the first line stands."""


def _canvas(path: Path, **more: Any) -> Any:
    """A canvas with a Japanese font that is not embedded, as many programs in Japan leave it."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    canvas = Canvas(str(path), invariant=1, **more)
    canvas.setFont("HeiseiKakuGo-W5", 9)
    return canvas


def _lines(canvas: Any, people: list[Person]) -> None:
    for down, person in enumerate(people):
        canvas.drawString(40, _TOP - 14 * down, person.line)


def everything(path: Path, plant: Plant) -> None:
    """Every hiding place that ReportLab can make."""
    canvas = _canvas(path)
    canvas.setTitle(plant.line("document property", place="properties"))
    canvas.setSubject("s")
    _lines(canvas, plant.rows("text", 10, place="page 1"))
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(40, 300, plant.line("white text", place="page 1"))
    canvas.setFillColorRGB(0, 0, 0)
    hidden = canvas.beginText(40, 280)
    hidden.setTextRenderMode(3)  # neither filled nor stroked, as under a scan
    hidden.textOut(plant.line("invisible text", place="page 1"))
    canvas.drawText(hidden)
    canvas.showPage()
    canvas.setFont("HeiseiKakuGo-W5", 9)
    for down, person in enumerate(plant.rows("beyond the page edge", 6, place="page 2")):
        canvas.drawString(2000, -500 - 14 * down, person.line)
    canvas.showPage()
    canvas.setFont("HeiseiKakuGo-W5", 9)
    canvas.saveState()
    canvas.rotate(90)
    canvas.drawString(40, -200, plant.line("rotated text", place="page 3"))
    canvas.restoreState()
    for across, person in enumerate(plant.rows("single letters", 2, place="page 3")):
        for at, letter in enumerate(person.line):
            canvas.drawString(40 + 8 * at, 600 - 20 * across, letter)
    canvas.bookmarkPage("here")
    canvas.addOutlineEntry(plant.line("bookmark"), "here")
    canvas.showPage()
    canvas.save()


def form(path: Path, plant: Plant) -> None:
    """Fields by ReportLab, filled in by pypdf as by a reader; a note, a link."""
    import pypdf

    canvas = _canvas(path)
    canvas.drawString(40, _TOP, "form")
    people = plant.rows("form value", 6)
    for down in range(len(people)):
        canvas.acroForm.textfield(name=f"f{down}", x=40, y=700 - 40 * down, width=400)
    canvas.textAnnotation(plant.line("note"), Rect=(40, 40, 60, 60))
    (linked,) = plant.rows("link", 1, strings=lambda each: (each.email,))
    canvas.linkURL(f"mailto:{linked.email.split()[0]}", (0, 0, 10, 10))
    canvas.save()
    filled = pypdf.PdfWriter(clone_from=path)
    values = {f"f{down}": person.line for down, person in enumerate(people)}
    filled.update_page_form_field_values(filled.pages[0], values, auto_regenerate=True)
    filled.write(path)


def attached(path: Path, plant: Plant) -> None:
    """A list as an attachment of the PDF, added by qpdf."""
    with tempfile.TemporaryDirectory() as folder:
        plain, rows = Path(folder) / "plain.pdf", Path(folder) / "list.csv"
        canvas = _canvas(plain)
        _lines(canvas, plant.rows("text", 4, place="page 1"))
        canvas.save()
        people = plant.rows("attachment", 10, place="list.csv")
        rows.write_bytes("\r\n".join(",".join(each.cells) for each in people).encode("cp932"))
        _qpdf(str(plain), "--add-attachment", str(rows), "--", str(path))


def rewritten(path: Path, plant: Plant, *, options: tuple[str, ...]) -> None:
    """The same pages after qpdf wrote them again."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.pdf"
        canvas = _canvas(plain)
        _lines(canvas, plant.rows("encrypted" if "user" in options else "text", 12))
        canvas.save()
        _qpdf(*options, str(plain), str(path))


def _qpdf(*words: str) -> None:
    subprocess.run(
        ["qpdf", "--deterministic-id", *words] if "--encrypt" not in words else ["qpdf", *words],
        check=True,
    )


def scan(path: Path, plant: Plant) -> None:
    """A picture of a list and no text at all."""
    from PIL import Image, ImageDraw, ImageFont
    from reportlab.lib.utils import ImageReader

    picture = Image.new("1", (800, 400), 1)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 20)
    for down, person in enumerate(plant.rows("picture", 10)):
        draw.text((10, 10 + 36 * down), person.line, font=font, fill=0)
    canvas = _canvas(path)
    canvas.drawImage(ImageReader(picture), 40, 300, 520, 260)
    canvas.save()


def picture(path: Path, plant: Plant) -> None:
    """A picture of a list, by itself."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("1", (800, 400), 1)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 20)
    for down, person in enumerate(plant.rows("picture", 10)):
        draw.text((10, 10 + 36 * down), person.line, font=font, fill=0)
    image.save(path)


def printed(path: Path, plant: Plant) -> None:
    """A page that Chromium printed: subset fonts, letters by glyph."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in each.cells) + "</tr>"
        for each in plant.rows("table", 14)
    )
    text = "".join(f"<p>{html.escape(each.line)}</p>" for each in plant.rows("text", 6))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(
            f'<meta charset="utf-8"><title>list</title><style>*{{font-family:"Noto Sans CJK JP"}}</style>'
            f"<table>{rows}</table>{text}", "utf-8"
        )  # fmt: skip
        subprocess.run([
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
            "--no-pdf-header-footer", f"--print-to-pdf={path}", page.as_uri(),
        ], check=True, capture_output=True)  # fmt: skip


_REWRITTEN: Final = (
    ("object-streams", ("--object-streams=generate",), True),
    ("linearized", ("--linearize",), True),
    ("qdf", ("--qdf", "--object-streams=disable"), True),
    ("owner-password", ("--encrypt", "", "owner", "256", "--"), True),
    ("rc4", ("--allow-weak-crypto", "--encrypt", "", "owner", "128", "--use-aes=n", "--"), True),
    ("user-password", ("--encrypt", "user", "owner", "256", "--"), False),
)


def cases() -> Iterator[Case]:
    """What this module makes."""

    def case(file: str, producer: str, build: Any, **more: Any) -> Case:
        return Case(file=file, format="pdf", producer=producer, build=build, proof=False, **more)

    yield case("reportlab/everything.pdf", "ReportLab", everything)
    yield case("reportlab/form.pdf", "ReportLab", form)
    yield case("qpdf/attachment.pdf", "qpdf", attached)
    for name, options, opens in _REWRITTEN:
        more: dict[str, Any] = (
            {} if opens else {"twin": False, "state": "unreadable", "reasons": ("encrypted",)}
        )
        yield case(
            f"qpdf/{name}.pdf", "qpdf",
            lambda path, plant, options=options: rewritten(path, plant, options=options), **more,
        )  # fmt: skip
    yield case(
        "reportlab/scan.pdf",
        "ReportLab",
        scan,
        twin=False,
        state="unreadable",
        reasons=("image_only",),
    )
    yield Case(
        file="pillow/list.png", format="png", producer="Pillow", build=picture, proof=False, twin=False,
        state="unreadable", reasons=("image_only",),
    )  # fmt: skip
    yield case("chromium/print.pdf", "Chromium", printed)

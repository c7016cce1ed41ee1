"""PDF: what is found in it, and that damage which viewers mend is told."""

import base64
import random
import zlib
from pathlib import Path

import pytest
from containers import packed
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfs import one_page, pdf_of, shown, stream

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import Extract, ReadState, Reason

SAMPLES = Path(__file__).parents[2] / "samples" / "pdf"
TARO = "山田太郎 090-1234-0001 taro@example.com"
IMAGE = stream(
    b"\x00",
    b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8",
)


def found_in(octets: bytes, *, password: str = "", budget: Budget | None = None) -> Extract:
    return read("a.pdf", octets, budget=budget or Budget(), password=password)


def places(found: Extract) -> dict[str, str]:
    return {passage.place: passage.text for passage in found.passages}


@pytest.mark.parametrize("name", ["printed.pdf", "linearized.pdf", "owner-only.pdf"])
def test_printed_by_a_browser(name: str) -> None:
    """Text and title are read, of a file too that opens without a password but is encrypted."""
    found = found_in((SAMPLES / name).read_bytes())
    assert found.state is ReadState.READ
    assert TARO in places(found)["page 1"]
    assert "顧客一覧" in places(found)["properties"]


@pytest.mark.parametrize(
    ("password", "state"),
    [("", ReadState.UNREADABLE), ("wrong", ReadState.UNREADABLE), ("secret", ReadState.READ)],
)
def test_password(password: str, state: ReadState) -> None:
    """A locked file opens by its password alone."""
    found = found_in((SAMPLES / "aes256.pdf").read_bytes(), password=password)
    assert found.state is state
    assert (TARO in found.text) == (state is ReadState.READ)
    assert found.reasons == (() if found.text else (Reason.ENCRYPTED,))


def test_text_beyond_the_edge_and_unseen() -> None:
    """Text outside of the page, and text that is drawn in no colour, is text."""
    content = shown("on the page") + shown("far away", x=5_000) + b" 3 Tr " + shown("unseen")
    text = places(found_in(one_page(content)))["page 1"]
    assert all(words in text for words in ("on the page", "far away", "unseen"))


def test_fields_notes_outline_and_attachments() -> None:
    """What stands beside the text of the pages has its own places."""
    octets = one_page(
        shown("body of the page"),
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(customer)/V(Taro Yamada)/Rect[0 0 90 20]>>",
        b"<</Type/Annot/Subtype/Text/Contents(call 090-1234-5678)/Rect[0 0 9 9]>>",
        b"<</Title(Chapter on customers)/Parent 9 0 R>>",
        b"<</First 8 0 R/Last 8 0 R/Count 1>>",
        stream(b"hanako@example.com", b"/Type/EmbeddedFile"),
        b"<</Type/Filespec/F(list.csv)/EF<</F 10 0 R>>>>",
        b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(mailto:ichiro@example.com)>>>>",
        page=b"/Annots[6 0 R 7 0 R 12 0 R]",
        catalog=b"/AcroForm<</Fields[6 0 R]>>/Outlines 9 0 R"
        b"/Names<</EmbeddedFiles<</Names[(list.csv)11 0 R]>>>>",
    )
    found = found_in(octets)
    assert found.state is ReadState.READ
    told = places(found)
    assert told["form"] == "customer\tTaro Yamada"
    assert told["page 1, note"].splitlines() == [
        "call 090-1234-5678",
        "mailto:ichiro@example.com",
    ]
    assert told["outline"] == "Chapter on customers"
    assert told["a.pdf/list.csv"] == "hanako@example.com"


def test_outline_that_bites_its_tail() -> None:
    """A title that comes after itself, and below itself, is given once."""
    title = b"<</Title(loop)/First 6 0 R/Next 6 0 R/Last 6 0 R>>"
    found = found_in(one_page(shown("row"), title, catalog=b"/Outlines 6 0 R"))
    assert places(found)["outline"].count("loop") <= 2


def test_strings_that_no_page_shows() -> None:
    """A field without a place on a page, and a script, are found among the objects."""
    found = found_in(
        one_page(
            shown("body"),
            b"<</FT/Tx/T(hidden)/V<FEFF5C717530592A90CE>>>",
            catalog=b"/AcroForm<</Fields[6 0 R]>>/OpenAction<</S/JavaScript/JS(send 0312345678)>>",
        )
    )
    assert "山田太郎" in places(found)["other strings"]
    assert "send 0312345678" in places(found)["other strings"]


def test_stamps_are_read() -> None:
    """What is drawn by a note, and not said in it, is read from its appearance."""
    found = found_in(
        one_page(
            shown("body"),
            b"<</Type/Annot/Subtype/Stamp/Rect[0 0 600 800]/F 4/AP<</N 7 0 R>>>>",
            stream(
                shown("stamped taro@example.com"),
                b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</Font<</F 5 0 R>>>>",
            ),
            page=b"/Annots[6 0 R]",
        )
    )
    assert "stamped taro@example.com" in places(found)["page 1, drawn over"]


def test_metadata_of_xml() -> None:
    """XMP metadata is read as the XML that it is."""
    found = found_in(
        one_page(
            shown("body"),
            stream(b"<?xpacket begin=''?><x:xmpmeta><a>Taro</a></x:xmpmeta>", b"/Type/Metadata"),
            catalog=b"/Metadata 6 0 R",
        )
    )
    assert "Taro" in found.text


def test_scan() -> None:
    """A page that is a picture is named, and pages with text are read."""
    found = found_in(one_page(b"/X Do", IMAGE, resources=b"/XObject<</X 6 0 R>>"))
    assert (found.state, found.reasons) == (ReadState.UNREADABLE, (Reason.IMAGE_ONLY,))
    assert "page 1, picture" in places(found)
    mixed = b"/X Do " + shown("a caption that says what is shown")
    assert found_in(one_page(mixed, IMAGE, resources=b"/XObject<</X 6 0 R>>")).state is (
        ReadState.READ
    )


def scanned(across: int, up: int) -> bytes:
    """Operators that draw the object 6 so large, on a page of 600 times 800 points."""
    return b"q %d 0 0 %d 10 10 cm /X Do Q " % (across, up)


def picture(pixels: int = 200) -> bytes:
    return stream(
        bytes(pixels * pixels),
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8"
        % (pixels, pixels),
    )


FOOTER = "Example Trading Co., Ltd.  Confidential  page 1 of 1"
LETTER = [f"line {number} of a letter with something to say" for number in range(8)]


@pytest.mark.parametrize(
    ("content", "shown_picture", "is_scan"),
    [
        pytest.param(scanned(580, 780) + shown(FOOTER), picture(), True, id="scan, footer"),
        pytest.param(scanned(420, 600) + shown(*LETTER[:3]), picture(), True, id="in margins"),
        pytest.param(scanned(400, 350) + shown(FOOTER), picture(), True, id="pasted table"),
        pytest.param(
            b"".join(b"q 600 0 0 100 0 %d cm /X Do Q " % at for at in range(0, 800, 100))
            + shown(FOOTER),
            picture(50),
            True,
            id="in strips",
        ),
        pytest.param(scanned(580, 780) + shown(*LETTER), picture(), False, id="over a photograph"),
        pytest.param(scanned(400, 350) + shown(*LETTER[:3]), picture(), False, id="illustrated"),
        pytest.param(scanned(150, 90) + shown(FOOTER), picture(), False, id="logo"),
        pytest.param(scanned(150, 90) * 9 + shown(FOOTER), picture(), False, id="drawn over again"),
        pytest.param(scanned(580, 780) + shown(FOOTER), picture(2), False, id="a colour"),
    ],
)
def test_scan_beside_text(content: bytes, shown_picture: bytes, is_scan: bool) -> None:
    """A page that is mostly picture is named though it has a footer; brochures are read."""
    found = found_in(one_page(content, shown_picture, resources=b"/XObject<</X 6 0 R>>"))
    assert found.reasons == ((Reason.IMAGE_ONLY,) if is_scan else ())
    assert found.state is (ReadState.PARTIAL if is_scan else ReadState.READ)
    assert ("page 1, picture" in places(found)) == is_scan


def test_scan_within_a_form() -> None:
    """The place of a picture that is drawn by a form within a form is that on the page."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</%s %d 0 R>>>>"
    within = stream(b"q 300 0 0 400 0 0 cm /Y Do Q", form % (b"Y", 7) + b"/Matrix[2 0 0 2 0 0]")
    inner = stream(b"/Z Do", form % (b"Z", 8))
    for drawn, reasons in [
        (b"q /X Do Q", (Reason.IMAGE_ONLY,)),
        (b"q .2 0 0 .2 0 0 cm /X Do Q", ()),
    ]:
        octets = one_page(
            drawn + shown(FOOTER), within, inner, picture(), resources=b"/XObject<</X 6 0 R>>"
        )
        assert found_in(octets).reasons == reasons


def test_scan_put_on_as_a_stamp() -> None:
    """A picture that a note draws over the page is one of the page."""
    octets = one_page(
        shown(FOOTER),
        picture(),
        b"<</Type/Annot/Subtype/Stamp/Rect[0 0 600 800]/F 4/AP<</N 8 0 R>>>>",
        stream(
            b"600 0 0 800 0 0 cm /X Do",
            b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X 6 0 R>>>>",
        ),
        page=b"/Annots[7 0 R]",
    )
    assert found_in(octets).reasons == (Reason.IMAGE_ONLY,)


def test_letters_drawn_as_shapes() -> None:
    """A page of outlines is no empty page."""
    assert found_in(one_page(b"0 0 m 9 9 l S\n" * 50)).reasons == (Reason.IMAGE_ONLY,)


def test_attachments_sealed_by_themselves() -> None:
    """Where only attachments are encrypted, pdfium gives cipher text: that is told."""
    octets = (SAMPLES / "owner-only.pdf").read_bytes()
    sealed = octets.replace(b"/StmF /StdCF", b"/EFF  /Other")
    if sealed == octets:
        sealed = octets.replace(b"/Encrypt", b"/Encrypt", 1).replace(b"/V 2", b"/V 2/EFF/Other")
    assert Reason.ENCRYPTED in found_in(sealed).reasons


def test_archive_behind_a_pdf() -> None:
    """A file that is a PDF and a ZIP archive is read as both."""
    found = found_in(one_page(shown("innocent")) + packed({"a.csv": "山田太郎"}))
    assert "山田太郎" in found.text
    assert "innocent" in found.text
    assert found.state is ReadState.PARTIAL


def test_too_many_pages() -> None:
    """The number of pages is looked at before any page is."""
    assert found_in(one_page(shown("a"), count=5_001)).reasons == (Reason.LIMIT,)


@pytest.mark.parametrize("apart", [False, True], ids=["within", "apart"])
def test_forms_that_draw_forms(apart: bool) -> None:
    """Ten forms of ten forms and so on are not drawn at all; a symbol drawn often is."""
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources"

    def drawn(*times: int) -> Extract:
        objects = []
        for number, each in enumerate(times):
            resources = b"<</XObject<</X %d 0 R>>>>" % (8 + 2 * number)
            named = b" %d 0 R" % (7 + 2 * number) if apart else resources
            objects += [stream(b"/X Do " * each, head + named), resources]
        last = stream(shown("row"), head + b"<</Font<</F 5 0 R>>>>")
        return found_in(one_page(b"/X Do", *objects, last, resources=b"/XObject<</X 6 0 R>>"))

    assert drawn(*[10] * 8).reasons == (Reason.LIMIT,)
    assert drawn(500, 3).state is ReadState.READ


def test_pages_that_draw_forms() -> None:
    """What a page draws counts as well, and a form that draws itself is never drawn."""
    head = b"/Subtype/Form/BBox[0 0 600 800]"
    row = stream(shown("row"), head + b"/Resources<</Font<</F 5 0 R>>>>")
    ten = stream(b"/Y Do " * 10, head + b"/Resources<</XObject<</Y 7 0 R>>>>")
    itself = stream(b"/X Do " * 10, head)
    for times, form, reasons in [(20_000, ten, (Reason.LIMIT,)), (900, ten, ()), (1, itself, None)]:
        octets = one_page(b"/X Do " * times, form, row, resources=b"/XObject<</X 6 0 R>>")
        assert found_in(octets).reasons == ((Reason.LIMIT,) if reasons is None else reasons)


def test_bomb() -> None:
    """A stream that unpacks to very much is refused before pdfium unpacks it."""
    bomb = zlib.compress(b"0 0 m 1 1 l S\n" * 5_000_000)
    found = found_in(one_page(stream(bomb, b"/Filter/FlateDecode")))
    assert (found.reasons, found.passages) == ((Reason.LIMIT,), ())


def test_empty_picture() -> None:
    """A blank sheet, scanned in colour, is a picture as any other."""
    blank = zlib.compress(b"\xff" * 30_000_000)
    head = b"/Subtype/Image/Width 2500/Height 4000/ColorSpace/DeviceRGB/BitsPerComponent 8"
    octets = one_page(
        scanned(580, 780), stream(blank, head + b"/Filter/FlateDecode"),
        resources=b"/XObject<</X 6 0 R>>",
    )  # fmt: skip
    assert found_in(octets).reasons == (Reason.IMAGE_ONLY,)


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(one_page(shown("row"))[:-30], id="cut off"),
        pytest.param(one_page(shown("row")).replace(b"startxref", b"startxxxx"), id="no start"),
        pytest.param(one_page(shown("row")).replace(b"4 0 obj", b"4_0 obj"), id="an object lost"),
        pytest.param(one_page(shown("row")) + b"and more" * 20, id="more behind the end"),
        pytest.param(
            one_page(stream(zlib.compress(shown("some row"))[:-1] + b"\0", b"/Filter/FlateDecode")),
            id="a checksum",
        ),
        pytest.param(
            one_page(stream(zlib.compress(shown("row")), b"/Filter/FlateDecodf")), id="no filter"
        ),
        pytest.param(
            one_page(stream(zlib.compress(shown("row")), b"/Gilter/FlateDecode")), id="unsaid"
        ),
        pytest.param(one_page(shown("row").replace(b"Tj", b"Tk")), id="no operator"),
        pytest.param(one_page(shown("row").replace(b"(row)", b"<4142 \0>")), id="no digits"),
        pytest.param(one_page(shown("row"), page=b"/Rotate\0\0\0\0"), id="zeros in an object"),
        pytest.param(one_page(shown("row"), page=b"/Annots[6 0 R"), id="a bracket lost"),
        pytest.param(one_page(shown("row"), page=b"/Lang(ja/Tabs/S"), id="a string torn"),
        pytest.param(one_page(shown("row"), page=b"/Parent 2 0 S"), id="a word torn"),
    ],
)
def test_damage_is_told(octets: bytes) -> None:
    """pdfium reads all of these without a word."""
    assert Reason.CORRUPT in found_in(octets).reasons


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(
            one_page(shown("row")).replace(b"xref\n0 6\n", b"xref\r0 6\r", 1), id="old line ends"
        ),
        pytest.param(
            one_page(shown("row"), stream(b"", b"/Filter/FlateDecode")), id="an empty stream"
        ),
        pytest.param(
            one_page(
                shown("row") + b" % a comment (\nBX gone Fishing EX",
                page=b"/A<<>>/B< >/C(a (b) \\) c)/D[-.5 +1 6. null true]/#45(%)% a comment ]\n",
            ),
            id="odd words",
        ),
        pytest.param(
            pdf_of(
                [
                    b"<</Type/Catalog/Pages 2 0 R>>\nendobj\n%% once the object 2 0 <<(",
                    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
                    stream(b"BT ET"),
                ]
            ),
            id="comments between objects",
        ),
        pytest.param(
            one_page(shown("row") + b" BI /W 1 /H 1 /BPC 8 /CS /G ID \x07<[( EI"), id="inline"
        ),
    ],
)
def test_what_is_no_damage(octets: bytes) -> None:
    """Acrobat Distiller ends lines as on a Macintosh, and nothing packs to nothing."""
    assert found_in(octets).state is ReadState.READ


@pytest.mark.parametrize("packed_rows", [zlib.compress(shown(TARO[5:])), b"x\x9c"])
def test_checksum_within_text(packed_rows: bytes) -> None:
    """The checksum of a stream that was made ASCII once more is looked at, too."""
    whole = base64.a85encode(packed_rows, adobe=False) + b"~>"
    head = b"/Filter[/ASCII85Decode/FlateDecode]"
    good = found_in(one_page(stream(whole, head)))
    assert (good.state is ReadState.READ) == (len(packed_rows) > 2)
    broken = whole[:9] + (b"!" if whole[9:10] != b"!" else b"#") + whole[10:]
    assert Reason.CORRUPT in found_in(one_page(stream(broken, head))).reasons


def test_mutations() -> None:
    """Of 300 cuts and flipped bits, at most 3 lose a row in silence."""
    octets = (SAMPLES / "printed.pdf").read_bytes()
    dice = random.Random(7)  # noqa: S311
    silent = 0
    for number in range(300):
        broken = bytearray(octets)
        if number % 2:
            del broken[dice.randrange(len(broken)) :]
        else:
            broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        found = found_in(bytes(broken))
        silent += found.state is ReadState.READ and TARO not in found.text
    assert silent <= 3


@given(st.binary(max_size=300), st.integers(0, 900))
@settings(max_examples=60, deadline=None)
def test_any_octets_within(middle: bytes, at: int) -> None:
    """Whatever is put into a file, it is read to some end."""
    octets = one_page(shown("row"), b"<</T(x)/V(yyyy)>>")
    found_in(octets[:at] + middle + octets[at:])


def test_without_native_code() -> None:
    """pypdf gives the pages' text, and it is never said to be all."""
    octets = (SAMPLES / "printed.pdf").read_bytes()
    found = read("a.pdf", octets, budget=Budget(), plain=True)
    assert "taro@example.com" in found.text
    assert found.reasons == (Reason.CRASH,)

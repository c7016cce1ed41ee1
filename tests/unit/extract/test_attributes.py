"""What people write that programs keep in attributes is read; what programs write is not."""

import pytest
from containers import packed
from hypothesis import given
from hypothesis import strategies as st

from guard.extract.attributes import Attributes
from guard.extract.budget import Budget
from guard.extract.read import read
from guard.extract.xmltext import XmlText
from guard.model.extract import ReadState, Reason

NAMES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "v": "urn:schemas-microsoft-com:vml",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "my": "urn:example:customers",
}
NAMESPACES = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMES.items())


def aside(element: str) -> list[str]:
    return XmlText.of(f"<w:p {NAMESPACES}>{element}</w:p>".encode()).aside.split("\n")


@pytest.mark.parametrize(
    ("element", "said"),
    [
        ('<w:docVar w:name="customer" w:val="Tanaka"/>', ["customer", "Tanaka"]),
        ('<w:alias w:val="Tanaka"/>', ["Tanaka"]),
        ('<w:tag w:val="12345"/>', ["12345"]),
        ('<w:bookmarkStart w:id="7" w:name="Tanaka"/>', ["Tanaka"]),
        ('<w:tblCaption w:val="Customers"/>', ["Customers"]),
        ('<w:listItem w:displayText="Tanaka" w:value="t1"/>', ["Tanaka", "t1"]),
        ('<w:anything w:some="ann@example.com"/>', ["ann@example.com"]),
        ('<w:anything w:some="Ann Lee"/>', ["Ann Lee"]),
        ('<w:anything w:some="田中"/>', ["田中"]),
        ('<w:anything w:some="09012345678"/>', ["09012345678"]),
        ('<w:anything w:some="+81 90-1234-5678"/>', ["+81 90-1234-5678"]),
        ('<a:hlinkClick tooltip="call"/>', ["call"]),
        ('<a:docPr id="5" name="Tanaka" descr="x"/>', ["Tanaka", "x"]),
        ('<x:dataValidation promptTitle="call" errorTitle="no"/>', ["call", "no"]),
        ('<x:customFilter val="Tanaka"/>', ["Tanaka"]),
        ('<x:tableColumn id="1" name="Tanaka"/>', ["Tanaka"]),
        ('<x:person displayName="Tanaka"/>', ["Tanaka"]),
        ('<draw:frame draw:name="Tanaka" draw:style-name="fr1"/>', ["Tanaka"]),
        ('<table:filter-condition table:value="Tanaka"/>', ["Tanaka"]),
        ('<my:customer my:name="Tanaka" my:tel="0312"/>', ["Tanaka", "0312"]),
        ('<w:lsdException w:name="ann@example.com"/>', ["ann@example.com"]),
    ],
)
def test_what_people_wrote(element: str, said: list[str]) -> None:
    assert aside(element) == said


@pytest.mark.parametrize(
    "element",
    [
        '<w:p w14:paraId="00123456" w14:textId="77777777" w:rsidR="00123456"/>',
        '<a:ext cx="12192000" cy="6858000"/>',
        '<a:pPr marL="2743200" indent="-457200"/>',
        '<w:lsdException w:name="Table Grid 1" w:uiPriority="39"/>',
        '<w:rFonts w:ascii="Times New Roman" w:eastAsia="ＭＳ 明朝"/>',
        '<w:panose1 w:val="02020603050405020304"/>',
        '<a:creationId val="2147483648"/>',
        '<a:ext uri="{28A0092B-C50C-407E-A947-70E740481C1C}"/>',
        '<v:shape style="position:absolute; left: 1pt" path="m@4@5l@4@11@9@11@9@5xe"/>',
        '<fo:p fo:border="0.06pt solid #000000"/>',
        '<style:style style:name="Heading_20_1" style:display-name="Heading 1"/>',
        '<x:c r="B7" s="12" t="s"/>',
        '<w:bookmarkStart w:name="_GoBack"/>',
        '<w:bookmarkStart w:name="_Toc123456789"/>',
        '<w:p w14:ignorable="true" w:val="center"/>',
    ],
)
def test_what_programs_wrote(element: str) -> None:
    """Ids, lengths, fonts and the names of styles."""
    assert aside(element) == [""]


def test_repeats_are_said_once_and_remembered_within_bounds() -> None:
    found = Attributes()
    for number in range(120_000):
        found.take("urn:oasis:x p", "p", {"a": "Ann Lee", "b": f"n{number}"})
    assert set(found.found) == {"Ann Lee"}
    assert len(found.found) < 10


def test_a_scan_stays_a_scan() -> None:
    """Names in its settings are no text of it."""
    octets = packed(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f'<w:p {NAMESPACES}><a:docPr name="Picture number one"/></w:p>',
            "word/settings.xml": f'<w:s {NAMESPACES}><w:tag w:val="a tag of many letters"/></w:s>',
            "word/media/image1.png": b"\x89PNG\r\n\x1a\n" + bytes(40),
        }
    )
    found = read("a.docx", octets, budget=Budget())
    assert found.reasons == (Reason.IMAGE_ONLY,)
    assert found.state is ReadState.PARTIAL


@given(st.text(max_size=20), st.text(max_size=40), st.text(max_size=40))
def test_any_attribute(element: str, key: str, value: str) -> None:
    Attributes().take(f"urn:oasis:x {element}", element, {key: value})

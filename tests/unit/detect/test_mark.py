# ruff: noqa: S311 -- invented data
"""Marks of confidentiality, and words that only sound like one."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.compose.places import placed
from guard.detect.mark import mark
from guard.detect.mark_words import MARKS, SPOKEN, STRONG
from guard.model.finding import FINDINGS, Mark
from guard.model.message import Attachment, Message
from tests.unit.detect.business import LEGAL, inspection, passage, report
from tests.unit.lists import crowd


def marks(text: str = "", **more: str) -> list[str]:
    """The marks of a mail's own words."""
    return [each for finding in mark(inspection(text, **more)) for each in finding.marks]


@pytest.mark.parametrize("each", STRONG)
@pytest.mark.parametrize("text", ["本資料は{}です", "【{}】", "{}\n\n本文", "a\n\t{}\tb"])
def test_strong_marks(each: str, text: str) -> None:
    """They are marks wherever they stand, in any case and width."""
    assert marks(text.format(each)) == [each]
    assert marks(text.format(each.lower())) == [each]


@pytest.mark.parametrize("each", SPOKEN)
def test_spoken_marks(each: str) -> None:
    """They are marks in capitals and at a sentence's end; with an object behind they are speech."""
    assert marks(f"{each} without our word") == [each]
    assert marks(f"Please {each.lower()}.\nThank you") == [each]
    assert marks(f"We {each.lower()} parts of it") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("For internal use only", ["INTERNAL USE ONLY"]),
        ("all connections are\nprivileged.\n", []),
        ("[Confidential]", ["CONFIDENTIAL"]),
        ("<< Confidential >>\n", ["CONFIDENTIAL"]),
        ("an option (internal) of it", []),
        ("*** CONFIDENTIAL ***", ["CONFIDENTIAL"]),
        ("CONFIDENTIAL - Q3 report", ["CONFIDENTIAL"]),
        ("ＣＯＮＦＩＤＥＮＴＩＡＬ", ["CONFIDENTIAL"]),
        ("Classification: Restricted", ["RESTRICTED"]),
        ("機密区分: 機密", ["機密"]),
        ("a\n(秘)\nb", ["秘"]),
        ("【機密情報】", ["機密情報"]),
        ("please keep this confidential", []),
        ("our confidentiality agreement", []),
        ("機密保持契約書、機密性の高い情報", []),
        ("神秘的な秘書の秘密の部屋", []),
        ("The secretary sends an internal memo.", []),
        ("non-confidential version", []),
        ("ワレモノにつき取扱注意と書きました", []),
        ("取扱注意でお願いします", ["取扱注意"]),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    """Ordinary words are marks by how they stand."""
    assert marks(text) == found


@pytest.mark.parametrize("legal", LEGAL)
@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "佐藤様\n\n資料をお送りします。\n\n-- \n山田\n\n{}\n",
        "Dear Ann,\nhere you are.\n--\n{}",
        "> {}",
    ],
)
def test_legal_texts(text: str, legal: str) -> None:
    """What stands below every mail says nothing of this one."""
    assert marks(text.format(legal)) == []


@pytest.mark.parametrize("legal", LEGAL)
def test_a_mark_above_a_legal_text(legal: str) -> None:
    """The legal text does not hide a mark of the mail itself."""
    assert marks(f"社外秘\n資料をお送りします。\n\n-- \n{legal}") == ["社外秘"]
    assert marks(f"社外秘\n\n{legal}") == ["社外秘"]


def test_where() -> None:
    """Subject, line, margin, properties, sheet, name: each is said, in both languages."""
    files = {
        "原価(極秘).xlsx": (
            passage("a\n社外秘\n", "sheet “原価”", 4),
            passage("ABC Inc. Confidential  page 1", "footer"),
            passage("Title\tPlan\nSensitivity\tCompany Confidential", "properties"),
        ),
        "a.zip/部外秘/b.txt": (passage("本文"),),
    }
    mail = inspection("本文\n\n㊙\n", subject="【取扱注意】名簿", files=files)
    found = {finding.file: finding for finding in mark(mail)}

    assert found[""].marks == ("㊙", "取扱注意")
    assert found[""].places == ("line 3", "subject")
    inside = found["原価(極秘).xlsx"]
    assert inside.marks == ("極秘", "社外秘", "CONFIDENTIAL", "COMPANY CONFIDENTIAL")
    assert inside.places == ("file name", "sheet “原価”, row 5", "footer", "properties")
    assert found["a.zip/部外秘/b.txt"].places == ("file name",)
    assert [placed(place, "ja") for place in ("file name", "subject")] == ["ファイル名", "件名"]
    assert FINDINGS.validate_json(FINDINGS.dump_json(tuple(found.values()))) == (*found.values(),)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("【社外秘】見積.xlsx", ["社外秘"]),
        ("Confidential_report_v2.pdf", ["CONFIDENTIAL"]),
        ("㊙名簿.xls", ["㊙"]),
        ("名簿_秘.csv", ["秘"]),
        ("[internal] plan.pdf", ["INTERNAL"]),
        ("internal-audit.pdf", []),
        ("Secret Santa.pdf", []),
        ("秘書室.xlsx", []),
        ("機密保持契約書.docx", []),
    ],
)
def test_names(name: str, found: list[str]) -> None:
    """Of a file that was read, and of one that nobody could read."""
    attachment = Attachment(part="2", name=name, content_type="", octets=b"")
    read = inspection(files={name: ()})
    unread = inspection()
    object.__setattr__(unread, "message", Message(attachments=(attachment,)))

    for mail in (read, unread):
        assert [each for finding in mark(mail) for each in finding.marks] == found


def test_innocent_mail() -> None:
    """Business mail, with and without legal texts, and reports about secretaries."""
    for number, text in enumerate(crowd.innocent(11, 300)):
        assert marks(text + "\n" + LEGAL[number % len(LEGAL)]) == []
    assert marks(report(random.Random(1), 200)) == []


_PARTS = st.sampled_from(
    [
        *MARKS,
        *LEGAL,
        "㊙",
        "\n",
        "\n\n",
        "【",
        "】",
        "[",
        "]",
        "This e-mail is ",
        "本メール",
        "ワレモノ",
        "\t",
    ]
)


@given(st.lists(_PARTS, max_size=30).map("".join) | st.text())
def test_any_text(text: str) -> None:
    """Any text, subject and name gives marks that we know, or none."""
    mail = inspection(text, subject=text, files={text or "a": (passage(text, "footer"),)})
    for finding in mark(mail):
        assert isinstance(finding, Mark)
        assert set(finding.marks) <= set(MARKS)
        assert finding.places

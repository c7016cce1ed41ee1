"""Places in files are told in the language of the page that they stand on."""

import pytest

from guard.compose.places import placed


@pytest.mark.parametrize(
    ("place", "ja", "en"),
    [
        ("sheet “顧客”, rows 2–31", "シート「顧客」の 2～31 行", "sheet “顧客”, rows 2–31"),
        ("hidden sheet “A {name} b”, row 7", "非表示のシート「A {name} b」の 7 行", None),
        (
            "very hidden sheet “S” with hidden columns C–F, J, hidden rows, rows 4–9",
            "完全に非表示のシート「S」(非表示の列 C–F, J あり), 非表示の行, 4～9 行",
            None,
        ),
        ("sheet “S”, comment at B12, line 1", "シート「S」, セル B12 のコメント, 1 行目", None),
        ("a.pptx, hidden slide 3, notes", "a.pptx, 非表示のスライド 3, ノート", None),
        ("a.docx, deleted text, lines 1–2", "a.docx, 削除された文章, 1～2 行目", None),
        ("chart.xlsx/notes.txt", "chart.xlsx/notes.txt", None),
        ("list.zip/a.csv, lines 3–4", "list.zip/a.csv, 3～4 行目", "list.zip/a.csv, lines 3–4"),
        ("and 12 other places", "ほか 12 か所", "and 12 other places"),
        ("and more rows, not counted", "ほかにもあります(数えていません)", None),
        ("sheet “顧客”, comments", "シート「顧客」, コメント", "sheet “顧客”, comments"),
        ("a.ppt, slide 3", "a.ppt, スライド 3", "a.ppt, slide 3"),
        ("slide 3, notes", "スライド 3, ノート", None),
        ("slide 2, comments", "スライド 2, コメント", "slide 2, comments"),
        (
            "m.msg/comments.doc, header or footer",
            "m.msg/comments.doc, ヘッダーまたはフッター",
            None,
        ),
        ("comments/a.txt, properties", "comments/a.txt, プロパティ", None),
        ("m.eml, part 1.2, line 3", "m.eml, パート 1.2, 3 行目", None),
        ("header of part 2", "パート 2 のヘッダー", None),
        ("beside the parts of part 1, line 1", "パート 1 の前後, 1 行目", None),
        ("a.eml, beside the parts", "a.eml, パートの前後", None),
        ("source, line 9", "ソース, 9 行目", None),
        ("part 2.txt, source.eml", "part 2.txt, source.eml", None),
        ("read as cp932", "read as cp932", "read as cp932"),
    ],
)
def test_place(place: str, ja: str, en: str | None) -> None:
    """What is not known stays as it is: a file may be called anything."""
    assert placed(place, "ja") == ja
    assert placed(place, "en") == (en or place)

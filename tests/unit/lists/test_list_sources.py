"""Lists as people export them, whole or refused."""

# ruff: noqa: E501 -- rows of data, each best read on one line

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.lists.columns import Column
from guard.lists.kinds import Kind
from guard.lists.sources import columns_option, source
from guard.model.errors import SourceError

JAPANESE = "顧客番号,会社名,氏名,フリガナ,メール,電話\nC001,北商事,山田 太郎,ヤマダ タロウ,a@kita.example,03-1234-5678\nC002,南工業,佐藤 花子,サトウ ハナコ,b@minami.example,03-1234-9999\n"
WESTERN = "customer id;first;last;email;company\n1;Zoë;Müller;z@delta.example;Café Größe\n2;José;Núñez;j@delta.example;Delta\n"


def read(
    path: Path, **more: object
) -> tuple[str, int, dict[str, str], list[tuple[int, list[str]]]]:
    """Give form, header line, columns and rows."""
    with source(path, **more) as opened:  # type: ignore[arg-type]
        columns = {column.header: column.kind.value for column in opened.columns}
        return opened.form, opened.header_line, columns, list(opened.rows)


LONG = "長" * 140_000
TAIL = "".join(f"山田 太郎{n},a{n}@kita.example\n" for n in range(9000))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(f"x,{LONG}\n", ":3: has a cell of more than 131,072", id="long cell"),
        pytest.param(f'x,"{LONG}"\n', ":3: has a cell of more than 131,072", id="quoted"),
        pytest.param(
            f'x,"a\n{LONG}\nb"\n', ":3: has a cell of more than", id="long, of three lines"
        ),
        pytest.param(
            f'"a\nb","{TAIL}', ":4: is no proper CSV (a quotation mark is opened", id="open"
        ),
        pytest.param(
            f'x,"{TAIL}"y",z\n',
            ":3: is no proper CSV (a quotation mark is opened",
            id="open, another follows",
        ),
        pytest.param(
            '"x,a\ny,b\n', ":3: is no proper CSV (a quotation mark is opened", id="open at the end"
        ),
    ],
)
def test_long_cells_and_open_quotes(tmp_path: Path, text: str, words: str) -> None:
    """Which of the two it is, and the line where it begins."""
    path = tmp_path / "list.csv"
    path.write_text(f"氏名,メール\nx,a@kita.example\n{text}", "utf-8")
    with pytest.raises(SourceError) as raised:
        read(path)
    assert words in str(raised.value)
    assert "a0@kita" not in str(raised.value)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("cp932", "cp932"),
        ("euc_jp", "euc_jp"),
        ("iso2022_jp", "iso2022_jp"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_japanese_encodings(tmp_path: Path, encoding: str, shown: str, delimiter: str) -> None:
    """Encoding and delimiter are found, and every cell is read."""
    path = tmp_path / "list.csv"
    path.write_bytes(JAPANESE.replace(",", delimiter).encode(encoding))
    form, header, columns, rows = read(path)
    assert form.startswith(shown + ",")
    assert header == 1
    assert columns == {
        "顧客番号": "id", "会社名": "company", "氏名": "name", "フリガナ": "kana", "メール": "email", "電話": "phone"
    }  # fmt: skip
    assert rows[1] == (
        2,
        ["C002", "南工業", "佐藤 花子", "サトウ ハナコ", "b@minami.example", "03-1234-9999"],
    )


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1", "utf-16"])
def test_western_encodings(tmp_path: Path, encoding: str) -> None:
    """Accented letters in an old encoding are not taken for Japanese."""
    path = tmp_path / "list.csv"
    path.write_bytes(WESTERN.encode(encoding))
    _, _, columns, rows = read(path)
    assert columns["last"] == "last"
    assert rows[0][1] == ["1", "Zoë", "Müller", "z@delta.example", "Café Größe"]


def test_half_width_kana_in_cp932(tmp_path: Path) -> None:
    """A list in capitals and half-width kana, as old systems write it, is cp932."""
    path = tmp_path / "list.csv"
    path.write_bytes("ｺｷﾔｸ,ﾒｰﾙ,ｶﾅ\n1,a@kita.example,ﾔﾏﾀﾞ ﾀﾛｳ\n".encode("cp932"))
    assert read(path)[3][0][1][2] == "ﾔﾏﾀﾞ ﾀﾛｳ"


def test_title_blank_lines_and_breaks_within_cells(tmp_path: Path) -> None:
    """Headers may stand below a title; line breaks in quotes are part of the cell; blanks count."""
    path = tmp_path / "list.csv"
    path.write_text(
        '顧客一覧 2026年11月\n\n氏名,メール,備考\n山田太郎,a@kita.example,"二行\nの備考"\n\n佐藤花子,b@kita.example,\n',
        "utf-8",
    )
    _, header, columns, rows = read(path)
    assert header == 3
    assert columns == {"氏名": "name", "メール": "email"}
    assert [number for number, _ in rows] == [1, 3]
    assert rows[0][1][2] == "二行\nの備考"


def test_columns_by_their_values(tmp_path: Path) -> None:
    """Without headers, what stands in the columns says what they are."""
    path = tmp_path / "list.csv"
    path.write_text(
        "山田 太郎,a@kita.example,090-1234-5678,株式会社北商事\n佐藤 花子,b@kita.example,03-1234-5678,(株)南工業\n",
        "utf-8",
    )
    _, header, columns, rows = read(path)
    assert header == 0
    assert list(columns.values()) == ["name", "email", "phone", "company"]
    assert len(rows) == 2


def test_unknown_header_with_plain_values(tmp_path: Path) -> None:
    """E-mail addresses are seen under any header; a remark that looks like a name is not."""
    path = tmp_path / "list.csv"
    path.write_text("氏名,宛て先A,メモ\n山田太郎,a@kita.example,鈴木 確認\n", "utf-8")
    assert read(path)[2] == {"氏名": "name", "宛て先A": "email"}


def test_overrides(tmp_path: Path) -> None:
    """--columns goes before every guess, and can leave a column out."""
    path = tmp_path / "list.csv"
    path.write_text("なまえ,コード,メール,電話\n山田太郎,X1,a@kita.example,03-1234-5678\n", "utf-8")
    overrides = columns_option("なまえ=name,コード=id,電話=ignore")
    assert read(path, overrides=overrides)[2] == {
        "なまえ": "name",
        "コード": "id",
        "メール": "email",
    }


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"氏命": "name"}, ["氏命", 'did you mean "氏名"']),
        ({"氏名": "nmae"}, ["nmae", 'did you mean "name"']),
    ],
)
def test_wrong_overrides(tmp_path: Path, overrides: dict[str, str], words: list[str]) -> None:
    """A slip in --columns is named, with the nearest word."""
    path = tmp_path / "list.csv"
    path.write_text("氏名,メール\n山田太郎,a@kita.example\n", "utf-8")
    with pytest.raises(SourceError) as refused:
        read(path, overrides=overrides)
    assert all(word in str(refused.value) for word in words)


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        pytest.param("氏名,備考\n山田太郎,東京\n".encode(), ["no column with e-mail", "氏名", "--columns"], id="no strong column"),
        pytest.param("メール,備考\na@kita.example,x\n".encode(), ["one usable column"], id="one column"),
        pytest.param(b"", ["empty"], id="empty"),
        pytest.param("氏名,メール\n山田太郎,a@kita.example\n佐藤花子\n".encode(), [":3:", "1 cells", "headers are 2"], id="short row"),
        pytest.param("氏名,メール\n山田太郎,a@kita.example,x\n".encode(), [":2:", "3 cells"], id="long row"),
        pytest.param('氏名,メール\n"山田太郎,a@kita.example\n'.encode(), [":2:", "quotation mark"], id="open quote"),
        pytest.param('氏名,メール\n"山田"太郎,a@kita.example\n'.encode(), [":2:", "no proper CSV"], id="broken quote"),
        pytest.param("氏名,メール\n山田太郎,a@kita.example\n".encode() * 20 + "佐藤花子,b@kita.example\n".encode("cp932"), [":41:", "encodings"], id="mixed"),
        pytest.param("氏名,メール\n山田太郎,a@kita.example\n".encode("cp932") * 20 + "佐藤花子,b@kita.example\n鈴木次郎,b@kita.example\n".encode(), ["mixed"], id="mixed the other way"),
        pytest.param("\ufeff氏名,メール\n".encode() + "佐藤花子,b@kita.example\n".encode("cp932"), [":2:", "utf-8"], id="BOM lies"),
        pytest.param(b"PK\x03\x04 no workbook", ["no workbook"], id="broken workbook"),
        pytest.param(b"\xd0\xcf\x11\xe0 no workbook", ["no workbook"], id="broken old workbook"),
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, octets: bytes, words: list[str]) -> None:
    """A source that cannot be read for sure is refused with line and remedy."""
    path = tmp_path / "list.csv"
    path.write_bytes(octets)
    with pytest.raises(SourceError) as refused:
        read(path)
    assert all(word in str(refused.value) for word in words), str(refused.value)
    assert "山田太郎" not in str(refused.value)
    assert "example" not in str(refused.value)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is a source error, too."""
    with pytest.raises(SourceError):
        read(tmp_path / "none.csv")


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


ROWS: list[list[object]] = [
    ["顧客一覧"],
    [],
    ["氏名", "電話", "生年月日", "顧客番号", "メール"],
    ["山田太郎", 312345678, date(1980, 1, 2), 12345, "a@kita.example"],
    [],
    ["佐藤花子", "03-1111-2222", None, 12346.0, "b@kita.example"],
]


def test_workbook(tmp_path: Path) -> None:
    """The sheet with usable headers is found; numbers and dates read as their owner reads them."""
    path = tmp_path / "list.xlsx"
    workbook(path, {"表紙": [["社外秘"]], "顧客": ROWS})
    form, header, columns, rows = read(path)
    assert form == "sheet “顧客”"
    assert header == 3
    assert columns == {
        "氏名": "name",
        "電話": "phone",
        "生年月日": "birthday",
        "顧客番号": "id",
        "メール": "email",
    }
    assert rows == [
        (1, ["山田太郎", "312345678", "1980-01-02", "12345", "a@kita.example"]),
        (3, ["佐藤花子", "03-1111-2222", "", "12346", "b@kita.example"]),
    ]


def test_named_sheet(tmp_path: Path) -> None:
    """--sheet takes that sheet; a name that is none is refused with those there are."""
    path = tmp_path / "list.xlsx"
    other = [["name", "email"], ["Ann Lee", "ann@delta.example"]]
    workbook(path, {"顧客": ROWS, "Leads": other})
    assert read(path, sheet="Leads")[3] == [(1, ["Ann Lee", "ann@delta.example"])]
    with pytest.raises(SourceError, match="“顧客”, “Leads”"):
        read(path, sheet="Kunden")


def test_sheet_of_a_text_file(tmp_path: Path) -> None:
    """A CSV file has no sheets."""
    path = tmp_path / "list.csv"
    path.write_text(JAPANESE, "utf-8")
    with pytest.raises(SourceError, match="without sheets"):
        read(path, sheet="顧客")


@pytest.mark.parametrize("option", ["氏名", "=name", "氏名="])
def test_columns_option_refused(option: str) -> None:
    """--columns is pairs of header and kind."""
    with pytest.raises(SourceError, match="HEADER=KIND"):
        columns_option(option)


@settings(deadline=None)
@given(octets=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_octets(octets: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any octets are a list or a `SourceError`, never another exception."""
    path = tmp_path_factory.mktemp("any") / "list.csv"
    path.write_bytes("氏名,メール\n".encode() + octets)
    try:
        with source(path) as opened:
            rows = list(opened.rows)
    except SourceError:
        return
    assert all(isinstance(column, Column) and column.kind in Kind for column in opened.columns)
    assert [number for number, _ in rows] == sorted({number for number, _ in rows})


def test_a_few_broken_rows_are_left_out(tmp_path: Path) -> None:
    """They are counted with their lines, and the rows keep their numbers; blank ones, too."""
    path = tmp_path / "list.csv"
    good = "".join(f"山田太郎,a{n}@kita.example\n" for n in range(30))
    path.write_text(f"氏名,メール\n{good}broken\n\n{good}a,b,c\n,\n", "utf-8")
    with source(path) as opened:
        assert next(iter(opened.rows)) == (1, ["山田太郎", "a0@kita.example"])
        rows = list(opened.rows)
    assert (len(rows), rows[-1][0]) == (59, 62)
    tally = opened.tally
    assert (tally.rows, tally.broken, tally.blank) == (64, 2, 2)
    assert tally.broken_at == ["list.csv:32: 1 cells", "list.csv:64: 3 cells"]
    assert tally.blank_at == ["list.csv:33", "list.csv:65"]


@pytest.mark.parametrize(
    ("good", "broken", "taken"),
    [(100, 10, True), (100, 11, False), (5000, 50, True), (5000, 51, False), (2, 2, False)],
)
def test_many_broken_rows(tmp_path: Path, good: int, broken: int, taken: bool) -> None:
    """Beyond one in a hundred, and ten, the file is not what its headers say."""
    path = tmp_path / "list.csv"
    text = "".join(f"山田太郎,a{n}@kita.example\n" for n in range(good - broken))
    path.write_text("氏名,メール\n" + text + "佐藤花子\n" * broken, "utf-8")
    if taken:
        assert len(read(path)[3]) == good - broken
        return
    with pytest.raises(SourceError) as refused:
        read(path)
    told = str(refused.value)
    assert f"{broken:,} of {good:,} rows are broken (list.csv:{good - broken + 2}: 1 cells" in told
    assert "1%" in told
    assert "佐藤" not in told


def test_how_much_was_read(tmp_path: Path) -> None:
    """The share goes by octets in text, by rows in a workbook."""
    path = tmp_path / "list.csv"
    path.write_text("氏名,メール\n" + "山田太郎,a@kita.example\n" * 50_000, "utf-8")
    with source(path) as opened:
        shares = [opened.share() for number, _ in opened.rows if number % 10_000 == 0]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.5 < shares[3] < shares[4] == 1.0
    book = tmp_path / "list.xlsx"
    workbook(book, {"顧客": ROWS})
    with source(book) as opened:
        list(opened.rows)
        assert opened.share() == 1.0


def test_carriage_returns_alone(tmp_path: Path) -> None:
    """Old Macintosh line ends are line ends."""
    path = tmp_path / "list.csv"
    path.write_bytes(
        io.StringIO("氏名,メール\n山田太郎,a@kita.example\n").read().replace("\n", "\r").encode()
    )
    assert read(path)[3] == [(1, ["山田太郎", "a@kita.example"])]

"""R-H1 to R-H4: a row in an odd structure is found, or the mail says that it may hide something."""

import pytest

from guard.parse import parse
from tests.unit.parse import odd_mail as odd

CT = "Content-Type: text/plain; charset=utf-8"
CTE = "Content-Transfer-Encoding"
HELLO = f"--b\n{CT}\n\nhello"
CODED = f"{CT}\n{CTE}: base64\n\nCODED"


FOUND: dict[str, odd.Build] = {
    # Duplicate fields: every reading.
    "two types, page first": odd.one(
        f"Content-Type: text/html; charset=utf-8\n{CT}", lambda row: b"<!-- " + row + b" -->"
    ),
    "two types, page second": odd.one(
        f"{CT}\nContent-Type: text/html; charset=utf-8",
        lambda row: odd.spread(row, "<i></i>").encode(),
    ),
    "two charsets": odd.one(
        "Content-Type: text/plain; charset=iso-8859-1\nContent-Type: text/plain; charset=utf-16-be",
        lambda row: row.decode().encode("utf-16-be"),
    ),
    "two encodings, the second right": odd.one(f"{CT}\n{CTE}: 7bit\n{CTE}: base64", odd.b64),
    "two encodings, the first right": odd.one(f"{CT}\n{CTE}: base64\n{CTE}: 8bit", odd.b64),
    "three encodings": odd.one(
        f"{CT}\n{CTE}: 8bit\n{CTE}: binary\n{CTE}: quoted-printable", odd.qp
    ),
    "two dispositions": odd.parts(
        HELLO,
        f"--b\n{CT}\nContent-Disposition: inline\n"
        f"Content-Disposition: attachment; filename=a.txt\n{CTE}: base64\n\nCODED\n--b--",
    ),
    "a multipart second": odd.parts(
        HELLO,
        f"--b\n{CT}\nContent-Type: multipart/mixed; boundary=c\n\n--c\n{CODED}\n--c--\n--b--",
    ),
    "two names, two types of them": odd.parts(
        HELLO,
        '--b\nContent-Type: application/octet-stream; name="a.txt"\n'
        'Content-Disposition: attachment; filename="b.txt"; filename="ROW"\n\nx\n--b--',
    ),
    "name and filename differ": odd.parts(
        HELLO,
        '--b\nContent-Type: application/octet-stream; name="ROW"\n'
        'Content-Disposition: attachment; filename="b.txt"\n\nx\n--b--',
    ),
    "filename and filename* differ": odd.parts(
        HELLO,
        "--b\nContent-Type: application/octet-stream\n"
        "Content-Disposition: attachment; filename=\"ROW\"; filename*=utf-8''b.txt\n\nx\n--b--",
    ),
    # Boundaries.
    "boundary: the second of two": odd.parts(
        f"--b\n{CT}\n\nhello\n--c\n{CODED}\n--c--\n--b--",
        kind="multipart/mixed; boundary=b; boundary=c",
    ),
    "boundary: unquoted with a blank": odd.parts(
        f"--b\n{CT}\n\nhello\n--b c\n{CODED}\n--b c--\n--b--",
        kind="multipart/mixed; boundary=b c",
    ),
    "boundary: with a comment": odd.parts(
        f"--b\n{CT}\n\nhello\n--b(c)\n{CODED}\n--b(c)--\n--b--",
        kind="multipart/mixed; boundary=b(c)",
    ),
    "boundary: continued": odd.parts(
        f"--b\n{CT}\n\nhello\n--bc\n{CODED}\n--bc--\n--b--",
        kind="multipart/mixed; boundary=b; boundary*0=b; boundary*1=c",
    ),
    "boundary: continued with a gap": odd.parts(
        f"--bc\n{CT}\n\nhello\n--b\n{CODED}\n--b--\n--bc--",
        kind="multipart/mixed; boundary*0=b; boundary*2=c",
    ),
    "boundary: with a charset": odd.parts(
        f"--b\n{CT}\n\nhello\n--=?utf-8?q?b?=\n{CODED}\n--b--",
        kind='multipart/mixed; boundary="=?utf-8?q?b?="',
    ),
    "boundary: begins like another": odd.parts(f"--b\n{CT}\n\nhello\n--bc\n{CODED}\n--bc--\n--b--"),
    "boundary: none is named": odd.parts(f"--b\n{CODED}\n--b--", kind="multipart/mixed"),
    "boundary: another is named": odd.parts(
        f"--b\n{CODED}\n--b--", kind="multipart/mixed; boundary=c"
    ),
    "boundary: blanks behind it": odd.parts(
        f"--b \t\n{CODED}\n--b-- ", kind='multipart/mixed; boundary="b "'
    ),
    "boundary: not closed": odd.parts(f"--b\n{CODED}"),
    "boundary: in another case": odd.parts(f"--B\n{CODED}\n--B--"),
    "boundary: behind a blank": odd.parts(f"{HELLO}\n --b\n{CODED}\n--b--"),
    "boundaries after a bare CR": lambda row: odd.parts(f"{HELLO}\n--b\n{CODED}\n--b--")(
        row
    ).replace(b"\r\n--b", b"\r--b"),
    "boundaries after a bare LF": lambda row: odd.parts(f"{HELLO}\n--b\n{CODED}\n--b--")(
        row
    ).replace(b"\r\n--b", b"\n--b"),
    # Beside the parts.
    "preamble": odd.parts("ROW", f"{HELLO}\n--b--"),
    "preamble in base64": odd.parts(f"{CTE}: base64\n\nCODED", f"{HELLO}\n--b--"),
    "preamble in quoted-printable": odd.parts("CODED", f"{HELLO}\n--b--", code=odd.qp),
    "epilogue": odd.parts(HELLO, "--b--\nROW"),
    "epilogue in base64": odd.parts(HELLO, "--b--\nCODED"),
    "a part behind the last": odd.parts(HELLO, f"--b--\n--b\n{CODED}\n--b--"),
    "a whole multipart behind the last": odd.parts(
        HELLO, f"--b--\nContent-Type: multipart/mixed; boundary=c\n\n--c\n{CODED}\n--c--"
    ),
    # Transfer encodings.
    **{
        f"encoding written {written!r} ({number})": odd.one(f"{CT}\n{CTE}:{written}", code)
        for number, (written, code) in enumerate(
            (
                (" BASE64 ", odd.b64),
                ("\n  base64", odd.b64),
                (" (x) base64", odd.b64),
                (" base64 (x)", odd.b64),
                (' "base64"', odd.b64),
                (" base64;", odd.b64),
                (" b", odd.b64),
                (" base-64", odd.b64),
                (" x-base64", odd.b64),
                (" =?utf-8?q?base64?=", odd.b64),
                (" 8bit, base64", odd.b64),
                (" quotedprintable", odd.qp),
                (" Quoted-Printable\t", odd.qp),
                (" x-uuencode", odd.uu),
                (" uuencode", odd.uu),
                (" x-uue", odd.uu),
                (" 7bit", odd.qp),
                (" 7bit", odd.b64),
                (" 8bit", odd.uu),
                (" binary", odd.yenc),
                (" x-yencode", odd.yenc),
                (" base64", bytes),
                (" base64", lambda row: b"YWJj\n" + row + b"ZGVm\n"),
                (" base64", lambda row: b"YWJj=\n" + odd.b64(row)),
                (" x-uuencode", lambda row: row + odd.uu(b"abc")),
                (" x-uuencode", lambda row: odd.uu(b"abc") + odd.uu(row)),
            )
        )
    },
    "the name of the field before a blank": odd.one(f"{CT}\n{CTE} : base64", odd.b64),
    "a multipart in base64": lambda row: (
        odd.crlf(f"Content-Type: multipart/mixed; boundary=b\n{CTE}: base64\n\n".encode())
        + odd.b64(odd.parts(f"--b\n{CODED}\n--b--")(row).partition(b"\r\n\r\n")[2])
    ),
    # Runs in a text.
    "base64 in a text": odd.one(CT, lambda row: b"see\n\n" + odd.b64(row) + b"\nbye\n"),
    "base64 in a page": odd.one(
        "Content-Type: text/html", lambda row: b"<p>" + odd.b64(row).replace(b"\n", b"<br>\n")
    ),
    "quoted-printable in a text": odd.one(CT, lambda row: b"see\n\n" + odd.qp(row)),
    "uuencode in a text": odd.one(CT, lambda row: b"see\n\n" + odd.uu(row)),
    "yEnc in a text": odd.one(CT, lambda row: b"see\n\n" + odd.yenc(row)),
    # Nested.
    "a message": odd.parts(
        HELLO, f"--b\nContent-Type: message/rfc822\n\nSubject: x\n{CODED}\n--b--"
    ),
    "a message in base64": odd.parts(
        HELLO,
        f"--b\nContent-Type: message/rfc822\n{CTE}: base64\n\nCODED\n--b--",
        code=lambda row: odd.b64(odd.one(f"{CT}\n{CTE}: base64", odd.b64)(row)),
    ),
    "a message in quoted-printable": odd.parts(
        HELLO,
        f"--b\nContent-Type: message/rfc822\n{CTE}: quoted-printable\n\nCODED\n--b--",
        code=lambda row: odd.qp(odd.one(f"{CT}\n{CTE}: base64", odd.b64)(row)),
    ),
    "a message's subject": odd.parts(
        HELLO, "--b\nContent-Type: message/rfc822\n\nSubject: ROW\n\nx\n--b--"
    ),
    "six deep": odd.parts(
        *(
            f"--b{'x' * n}\nContent-Type: multipart/mixed; boundary=b{'x' * (n + 1)}\n"
            for n in range(6)
        ),
        f"--bxxxxxx\n{CODED}",
    ),
    # Headers.
    "no empty line behind the header": lambda row: odd.crlf(CT.encode() + b"\n" + row + b"\n"),
    "the header goes on behind junk": odd.one(f"Subject: x\njunk\n{CT}\n{CTE}: base64", odd.b64),
    "no MIME-Version": odd.one(f"{CT}\n{CTE}: base64", odd.b64),
    "a subject in base64": lambda row: odd.crlf(
        b"Subject: =?utf-8?B?" + odd.b64(row).replace(b"\n", b"") + b"?=\n\nx\n"
    ),
    "a description": odd.parts(f"{HELLO}\n--b\nContent-Description: ROW\n\nx\n--b--"),
    "a parameter": odd.parts('--b\nContent-Type: text/plain; x="ROW"\n\nhello\n--b--'),
    "a display name": lambda row: odd.crlf(
        b'To: "' + row + b'" <ann@example.com>\nX-To: ' + row[-20:] + b"\n\nx\n"
    ),
    "lines end in CR": lambda row: odd.one(f"{CT}\n{CTE}: base64", odd.b64)(row).replace(
        b"\r\n", b"\r"
    ),
    # Signed and sealed.
    "multipart/signed": odd.parts(
        f"--b\n{CODED}\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--",
        kind="multipart/signed; boundary=b",
    ),
    "S/MIME, opaque": odd.smime(odd.signed_data),
    "S/MIME, opaque, streamed": odd.smime(odd.signed_data_ber),
    "S/MIME, compressed": odd.smime(odd.compressed_data, "compressed-data"),
    "S/MIME, signed twice": odd.smime(
        lambda row: odd.signed_data(odd.smime(odd.signed_data)(row.partition(b"\r\n\r\n")[2]))
    ),
    "S/MIME as a file": odd.parts(
        HELLO,
        "--b\nContent-Type: application/octet-stream; name=smime.p7m\n"
        f"{CTE}: base64\n\nCODED\n--b--",
        code=lambda row: odd.b64(odd.signed_data(odd.one(CT)(row))),
    ),
    "PGP, signed in the clear": odd.one(
        CT, lambda row: b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + row
    ),
    "PGP, literal": odd.one(CT, lambda row: odd.armored(odd.literal(row))),
    **{
        f"PGP, compressed by {method}": odd.one(
            CT, lambda row, method=method: odd.armored(odd.compressed(method, odd.literal(row)))
        )
        for method in (1, 2, 3)
    },
    "PGP, literal, as a file": odd.parts(
        HELLO,
        "--b\nContent-Type: application/octet-stream; name=a.asc\n\nCODED\n--b--",
        code=lambda row: odd.armored(odd.literal(row)),
    ),
    # Charsets.
    "flowed": odd.one(
        f"{CT}; format=flowed; delsp=yes", lambda row: b" \n".join([row[:6], row[6:23], row[23:]])
    ),
    **{
        f"{written} declared as {declared}": odd.one(
            f"Content-Type: text/plain; charset={declared}\n{CTE}: base64",
            lambda row, written=written: odd.b64(("あ" + row.decode()).encode(written)),
        )
        for written, declared in (
            ("cp932", "iso-8859-1"),
            ("cp932", "utf-8"),
            ("cp932", "x-unknown"),
            ("cp932", "koi8-r"),
            ("cp932", "us-ascii"),
            ("cp932", "gb18030"),
            ("cp932", "big5"),
            ("euc_jp", "iso-8859-1"),
            ("euc_jp", "gb2312"),
            ("euc_jp", "shift_jis"),
            ("iso2022_jp", "utf-8"),
            ("iso2022_jp", "us-ascii"),
            ("iso2022_jp", "iso-8859-1"),
            ("iso2022_jp", "utf-16"),
            ("utf-16", "us-ascii"),
            ("utf-16", "utf-8"),
            ("utf-16", "iso-8859-1"),
            ("utf-16-le", "us-ascii"),
            ("utf-16-be", "iso-8859-1"),
            ("utf-16-le", "utf-16"),
            ("utf-16-be", "utf-16"),
            ("utf-16-le", "utf-16-be"),
            ("utf-32", "utf-8"),
            ("utf-7", "utf-7"),
            ("utf-7", "us-ascii"),
            ("utf-7", "utf-8"),
            ("hz", "hz-gb-2312"),
            ("hz", "us-ascii"),
            ("hz", "utf-8"),
            ("utf-8", "utf-7"),
            ("utf-8", "hz-gb-2312"),
            ("utf-8", "iso-2022-jp"),
            ("gb18030", "gb2312"),
            ("gb18030", "iso-8859-1"),
        )
        if written != "hz"
    },
    **{
        f"HZ declared as {declared}": odd.one(
            f"Content-Type: text/plain; charset={declared}",
            lambda row: row.decode().encode("hz"),
        )
        for declared in ("hz-gb-2312", "us-ascii", "utf-8")
    },
    # Characters that do not show.
    **{
        f"{name} within it": odd.one(CT, lambda row, char=char: char.join(row.decode()).encode())
        for name, char in (
            ("zero width space", "\u200b"),
            ("zero width joiner", "\u200d"),
            ("word joiner", "\u2060"),
            ("soft hyphen", "\u00ad"),
            ("marks of direction", "\u200e"),
            ("byte order marks", "\ufeff"),
            ("a tag", "\U000e0041"),
            ("variation selector", "\ufe0f"),
            ("combining joiner", "\u034f"),
        )
    },
    "written backwards": odd.one(
        CT, lambda row: ("\u202e" + row.decode().strip()[::-1] + "\u202c").encode()
    ),
    # Pages.
    "hidden by CSS": odd.page('<p>hi<p style="display:none">ROW'),
    "white on white": odd.page('<p>hi<font color="#fff" size=0>ROW</font>'),
    "the hidden attribute": odd.page("<p>hi<div hidden>ROW</div>"),
    "noscript": odd.page("<noscript>ROW</noscript>"),
    "template": odd.page("<template>ROW</template>"),
    "a comment": odd.page("hi<!-- ROW -->"),
    "an attribute": odd.page('<img alt="ROW">'),
    "an attribute of no meaning": odd.page('<p x="ROW">hi'),
    "names of attributes": odd.page("<x ROW>hi"),
    "the name of an element": odd.page("<xROW>hi"),
    "a class": odd.page('<p class="ROW">hi'),
    "a style": odd.page("<p style=\"--x: 'ROW'\">hi"),
    "content by CSS": odd.page('<style>p:before{content:"ROW"}</style><p>hi'),
    "content by CSS, escaped": lambda row: odd.page('<style>p:before{content:"ROW"}</style><p>hi')(
        "".join(f"\\{ord(char):x} " if char > "~" else char for char in row.decode()).encode()
    ),
    "a script": odd.page("<script>var a='ROW'</script>hi"),
    "character references": lambda row: odd.page("<p>ROW")(
        "".join(f"&#{ord(char)};" for char in row.decode()).encode()
    ),
    "a declaration": odd.page("<!x ROW><p>hi"),
    "CDATA": odd.page("<![CDATA[ROW]]><p>hi"),
    "an unknown element": odd.page("<x-y>ROW</x-y>"),
    "svg": odd.page("<svg><text>ROW</text></svg>"),
    "behind the end": odd.page("<html><p>hi</html>ROW"),
    "put together by a style": lambda row: odd.page("<span>ROW</span><span>1</span>")(
        row.replace(b" ", b"</span><span>")
    ),
    "written backwards in a page": lambda row: odd.page("<bdo dir=rtl>ROW</bdo>")(
        row.decode()[::-1].encode()
    ),
    **{
        f"parted by {between}": lambda row, between=between: odd.page("<p>ROW")(
            odd.spread(row, between).encode()
        )
        for between in (
            "<b></b>",
            "<!-- x -->",
            "<wbr>",
            "&shy;",
            "&#8203;",
            "<span style='display:none'></span>",
            "</td><td>",
            "</div><div style='display:inline'>",
            "</p><p style=float:left>",
        )
    },
    # Other text.
    "a calendar": odd.parts(
        HELLO,
        "--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nSUMMARY:ROW\nEND:VCALENDAR\n--b--",
    ),
    "a card": odd.parts(
        HELLO, "--b\nContent-Type: text/x-vcard\n\nBEGIN:VCARD\nNOTE:ROW\nEND:VCARD\n--b--"
    ),
    "rich text": odd.parts(HELLO, "--b\nContent-Type: text/enriched; charset=utf-8\n\nROW\n--b--"),
    "an unknown text": odd.parts(HELLO, "--b\nContent-Type: text/x-y; charset=utf-8\n\nROW\n--b--"),
    "an unknown multipart": odd.parts(f"--b\n{CODED}\n--b--", kind="multipart/x-y; boundary=b"),
}
"""What must be found."""

HIDING: dict[str, tuple[odd.Build, str]] = {
    "message/partial": (
        odd.parts(HELLO, "--b\nContent-Type: message/partial; id=x; number=1\n\nx\n--b--"),
        "partial-message",
    ),
    "message/external-body": (
        odd.parts(HELLO, "--b\nContent-Type: message/external-body; access-type=url\n\nx\n--b--"),
        "external-body",
    ),
    "multipart/encrypted": (
        odd.parts("--b\n\nx\n--b--", kind="multipart/encrypted; boundary=b"),
        "encrypted",
    ),
    "S/MIME, encrypted": (odd.smime(odd.enveloped_data, "enveloped-data"), "encrypted"),
    "S/MIME, broken": (odd.smime(lambda row: row[:9]), "opaque-smime"),
    "PGP, encrypted": (
        odd.one(CT, lambda row: odd.armored(odd.packet(1, b"\3" * 20) + odd.packet(18, row))),
        "encrypted",
    ),
    "PGP, broken": (odd.one(CT, lambda _: b"-----BEGIN PGP MESSAGE-----\n\nx"), "encrypted"),
    "a field too long": (odd.one("X: " + "y" * 70_000), "header-too-long"),
    "a header too long": (odd.one("X: yyyyyyyy\n" * 30_000 + "Y: z"), "header-too-long"),
}
"""What nobody in between can read, and how that is told."""


@pytest.mark.parametrize("name", FOUND)
def test_a_row_is_found(name: str) -> None:
    """However it is wrapped, the row comes out."""
    text, _ = odd.said(FOUND[name](odd.ROW.encode()))
    assert [part for part in odd.ROW.split() if odd.fold(part) not in text] == []


@pytest.mark.parametrize("name", FOUND)
def test_no_row_is_made_up(name: str) -> None:
    """The same mail without the row says nothing of it."""
    text, _ = odd.said(FOUND[name](odd.HARMLESS.encode()))
    assert "090-1234-5678" not in text


@pytest.mark.parametrize("name", HIDING)
def test_what_cannot_be_read_is_told(name: str) -> None:
    """Where the row cannot come out, the mail is no clean one."""
    build, code = HIDING[name]
    assert code in odd.hidden(parse(build(odd.ROW.encode())))

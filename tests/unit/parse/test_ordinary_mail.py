"""Mail as everyday programs write it: everything is seen, and nothing is thought hidden."""

import base64

import pytest

from guard.parse import parse

_JIS = "山田様\n\nお世話になっております。鈴木です。\n".encode("iso2022_jp")

OUTLOOK = b"""\
From: =?iso-2022-jp?B?GyRCTmtMWhsoQg==?= <suzuki@example.co.jp>
To: =?iso-2022-jp?B?GyRCOzNFRBsoQiAbJEJCQE86GyhC?= <yamada@example.com>
Subject: =?iso-2022-jp?B?GyRCOCtAUT1xGyhC?=
Thread-Topic: =?iso-2022-jp?B?GyRCOCtAUT1xGyhC?=
Date: Tue, 24 Nov 2026 01:00:00 +0000
Message-ID: <TY2PR01MB1@TY2PR01MB1.jpnprd01.prod.example.com>
Content-Language: ja-JP
Content-Type: multipart/mixed;
\tboundary="_005_TY2PR01MB1_"
MIME-Version: 1.0

--_005_TY2PR01MB1_
Content-Type: multipart/related;
\tboundary="_004_TY2PR01MB1_";
\ttype="multipart/alternative"

--_004_TY2PR01MB1_
Content-Type: multipart/alternative;
\tboundary="_000_TY2PR01MB1_"

--_000_TY2PR01MB1_
Content-Type: text/plain; charset="iso-2022-jp"
Content-Transfer-Encoding: base64

%s
--_000_TY2PR01MB1_
Content-Type: text/html; charset="iso-2022-jp"
Content-Transfer-Encoding: quoted-printable

<html xmlns:v=3D"urn:schemas-microsoft-com:vml"><head><!--[if !mso]>=
<style>v\\:* {behavior:url(#default#VML);}</style><![endif]--></head>
<body><p class=3D"MsoNormal">=1B$B;3EDMM=1B(B<o:p></o:p></p>=
<img src=3D"cid:image001.png@01DC"></body></html>
--_000_TY2PR01MB1_--

--_004_TY2PR01MB1_
Content-Type: image/png; name="image001.png"
Content-Description: image001.png
Content-Disposition: inline; filename="image001.png"; size=8;
\tcreation-date="Tue, 24 Nov 2026 01:00:00 GMT"
Content-ID: <image001.png@01DC>
Content-Transfer-Encoding: base64

iVBORw0KGgo=

--_004_TY2PR01MB1_--

--_005_TY2PR01MB1_
Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;
\tname="=?iso-2022-jp?B?GyRCOCtAUT1xGyhCLnhsc3g=?="
Content-Description: =?iso-2022-jp?B?GyRCOCtAUT1xGyhCLnhsc3g=?=
Content-Disposition: attachment;
\tfilename="=?iso-2022-jp?B?GyRCOCtAUT1xGyhCLnhsc3g=?="; size=3
Content-Transfer-Encoding: base64

YWJj

--_005_TY2PR01MB1_--
""" % base64.b64encode(_JIS)

GMAIL = b"""\
MIME-Version: 1.0
Date: Tue, 24 Nov 2026 10:00:00 +0900
Message-ID: <CAF1@mail.example.com>
Subject: =?UTF-8?B?6KaL56mN5pu4?=
From: =?UTF-8?B?6Yi05pyo?= <suzuki@example.co.jp>
To: Taro Yamada <yamada@example.com>
Content-Type: multipart/mixed; boundary="000000000000b1"

--000000000000b1
Content-Type: multipart/alternative; boundary="000000000000b0"

--000000000000b0
Content-Type: text/plain; charset="UTF-8"
Content-Transfer-Encoding: base64

5bGx55Sw5qeY
--000000000000b0
Content-Type: text/html; charset="UTF-8"
Content-Transfer-Encoding: base64

PGRpdiBkaXI9Imx0ciI+5bGx55Sw5qeYPC9kaXY+
--000000000000b0--
--000000000000b1
Content-Type: text/csv; charset="UTF-8"; name="=?UTF-8?B?6aGn5a6iLmNzdg==?="
Content-Disposition: attachment; filename="=?UTF-8?B?6aGn5a6iLmNzdg==?="
Content-Transfer-Encoding: base64
Content-ID: <f_mi1>
X-Attachment-Id: f_mi1

YWJj
--000000000000b1--
"""

THUNDERBIRD = """\
Content-Type: multipart/mixed; boundary="------------x0"
Message-ID: <b7@example.co.jp>
Date: Tue, 24 Nov 2026 10:00:00 +0900
MIME-Version: 1.0
User-Agent: Mozilla Thunderbird
Content-Language: ja
To: =?UTF-8?B?5bGx55Sw?= <yamada@example.com>
From: =?UTF-8?B?6Yi05pyo?= <suzuki@example.co.jp>
Subject: =?UTF-8?B?6KaL56mN5pu4?=

This is a multi-part message in MIME format.
--------------x0
Content-Type: text/plain; charset=UTF-8; format=flowed
Content-Transfer-Encoding: 8bit

山田様

お世話に@
なっております。

--------------x0
Content-Type: application/pdf; name="=?UTF-8?B?6KaL56mN5pu4LnBkZg==?="
Content-Disposition: attachment;
 filename*0*=UTF-8''%E8%A6%8B%E7%A9%8D;
 filename*1*=%E6%9B%B8%2E%70%64%66
Content-Transfer-Encoding: base64

YWJj

--------------x0--
""".replace("@\n", " \n").encode()

BECKY = (
    b"Date: Tue, 24 Nov 2026 10:00:00 +0900\nFrom: =?ISO-2022-JP?B?GyRCTmtMWhsoQg==?= "
    b"<suzuki@example.co.jp>\nTo: yamada@example.com\n"
    b"Subject: =?ISO-2022-JP?B?GyRCOCtAUT1xGyhC?=\nMessage-Id: <2026@example.co.jp>\n"
    b'MIME-Version: 1.0\nContent-Type: text/plain; charset="ISO-2022-JP"\n'
    b"Content-Transfer-Encoding: 7bit\nX-Mailer: Becky! ver. 2.81.05 [ja]\n\n" + _JIS
)

APPLE = b"""\
From: Hanako <hanako@example.com>
Content-Type: multipart/alternative; boundary="Apple-Mail=_1"
Mime-Version: 1.0 (Mac OS X Mail 16.0 \\(3774\\))
Subject: Photos
Date: Tue, 24 Nov 2026 10:00:00 +0900
Message-Id: <A1@example.com>
To: Taro <yamada@example.com>


--Apple-Mail=_1
Content-Transfer-Encoding: quoted-printable
Content-Type: text/plain;
\tcharset=utf-8

=E5=B1=B1=E7=94=B0=E6=A7=98

--Apple-Mail=_1
Content-Type: multipart/mixed;
\tboundary="Apple-Mail=_2"


--Apple-Mail=_2
Content-Transfer-Encoding: 7bit
Content-Type: text/html;
\tcharset=us-ascii

<html><head></head><body>Hello<div></div></body></html>
--Apple-Mail=_2
Content-Disposition: attachment;
\tfilename=notes.txt
Content-Type: text/plain;
\tx-unix-mode=0644;
\tname="notes.txt"
Content-Transfer-Encoding: 7bit

abc
--Apple-Mail=_2--

--Apple-Mail=_1--
"""

SIGNED = b"""\
From: a@example.com
Content-Type: multipart/signed; protocol="application/pkcs7-signature";
	micalg=sha-256; boundary="----S"

This is an S/MIME signed message

------S
Content-Type: text/plain

\xe5\xb1\xb1\xe7\x94\xb0\xe6\xa7\x98
------S
Content-Type: application/pkcs7-signature; name="smime.p7s"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="smime.p7s"

YWJj
------S--

"""


@pytest.mark.parametrize(
    ("octets", "files"),
    [
        pytest.param(OUTLOOK, ["image001.png", "見積書.xlsx"], id="Outlook"),
        pytest.param(GMAIL, ["顧客.csv"], id="Gmail"),
        pytest.param(THUNDERBIRD, ["見積書.pdf"], id="Thunderbird"),
        pytest.param(BECKY, [], id="Becky"),
        pytest.param(APPLE, ["notes.txt"], id="Apple Mail"),
        pytest.param(SIGNED, ["smime.p7s"], id="S/MIME signed"),
    ],
)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_nothing_is_hidden(octets: bytes, files: list[str], line_end: bytes) -> None:
    """Bodies and files come out, and no defect hides content, on the wire and as a file."""
    message = parse(octets.replace(b"\n", line_end))
    assert "山田様" in message.text
    assert [file.name for file in message.attachments] == files
    assert not any(defect.hides_content for defect in message.defects)


def test_outlook_whole() -> None:
    """The logo is inline, the workbook is not; names and subject are decoded."""
    message = parse(OUTLOOK.replace(b"\n", b"\r\n"))
    assert [file.inline for file in message.attachments] == [True, False]
    assert message.attachments[1].octets == b"abc"
    assert message.subject == "見積書"
    assert [(person.name, str(person.address)) for person in message.to] == [
        ("山田 太郎", "yamada@example.com")
    ]
    assert [body.part for body in message.bodies if not body.html] == ["1.1.1"]


def test_thunderbird_paragraphs() -> None:
    """A flowed paragraph is one line again."""
    assert "お世話に なっております。" in parse(THUNDERBIRD).text

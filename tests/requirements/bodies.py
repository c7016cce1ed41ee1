"""Messages as clients send them, well-made and odd; each is to arrive as it is."""

from typing import Final

FROM = b"From: Ann <ann@example.com>\r\nTo: Bob <bob@example.net>\r\n"
HEAD = (
    FROM + b"Subject: x\r\nDate: Mon, 23 Nov 2026 15:04:00 +0900\r\nMessage-ID: <1@example.com>\r\n"
)
TEXT = b"Hello,\r\n\r\nhere it is.\r\n"

SIGNED: Final = (
    HEAD
    + b"MIME-Version: 1.0\r\n"
    + b"Content-Type: multipart/signed; protocol=application/pkcs7-signature;\r\n"
    + b' micalg=sha-256; boundary="----S"\r\n\r\n'
    + b"This is an S/MIME signed message\r\n\r\n------S\r\n"
    + b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
    + b"Content-Transfer-Encoding: 8bit\r\n\r\n"
    + "署名の付いた本文  \r\n.点で始まる行\r\n-- \r\n山田\r\n".encode()
    + b"\r\n------S\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
    + b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n"
    + b"MIIGPwYJKoZIhvcNAQcCoIIGMDCCBiwCAQExDTALBglghkgBZQMEAgEwCwYJKoZI\r\n"
    + b"hvcNAQcBMQ==\r\n\r\n------S--\r\n\r\n"
)
PGP_SIGNED: Final = (
    HEAD
    + b"MIME-Version: 1.0\r\nContent-Type: multipart/signed; micalg=pgp-sha512;\r\n"
    + b'\tprotocol="application/pgp-signature"; boundary=p\r\n\r\n--p\r\n'
    + b"Content-Type: text/plain\r\n\r\nFrom here on \r\ntrailing blanks\t \r\n\r\n--p\r\n"
    + b"Content-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\n"
    + b"iQEzBAEBCgAdFiEE\r\n=abcd\r\n-----END PGP SIGNATURE-----\r\n\r\n--p--\r\n"
)
PGP_ENCRYPTED: Final = (
    HEAD
    + b"MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; boundary=e;\r\n"
    + b' protocol="application/pgp-encrypted"\r\n\r\n--e\r\n'
    + b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--e\r\n"
    + b"Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\n"
    + b"hQEMA+aaaa\r\n=bbbb\r\n-----END PGP MESSAGE-----\r\n\r\n--e--\r\n"
)

SEALED: Final = {
    "multipart/signed": SIGNED,
    "PGP/MIME signed": PGP_SIGNED,
    "PGP/MIME encrypted": PGP_ENCRYPTED,
    "clear-signed": HEAD
    + b"\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\n- -- dash\r\n"
    + b"-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP SIGNATURE-----\r\n",
}
"""What a signature or a cipher makes useless at the first octet that differs."""

LONG_LINES: Final = {
    f"line of {size} octets{where}": HEAD
    + before
    + b"x" * (size - 2 - len(prefix))
    + b"\r\n"
    + TEXT
    for size in (998, 1000, 1001, 2048, 4096, 100_000, 1_000_000)
    for where, before, prefix in (
        (" in the body", b"\r\n", b""),
        (" in the header", b"X-Long: ", b"X-Long: "),
    )
}

HEADERS: Final = {
    "Bcc": HEAD + b"Bcc: secret@example.org\r\n\r\n" + TEXT,
    "Resent-Bcc": HEAD + b"Resent-Bcc: secret@example.org\r\n\r\n" + TEXT,
    "Return-Path": b"Return-Path: <other@example.org>\r\n" + HEAD + b"\r\n" + TEXT,
    "no Date": FROM + b"Message-ID: <1@example.com>\r\n\r\n" + TEXT,
    "no Message-ID": FROM + b"Date: Mon, 23 Nov 2026 15:04:00 +0900\r\n\r\n" + TEXT,
    "no From": b"Subject: x\r\n\r\n" + TEXT,
    "odd spacing": b"From:ann@example.com\r\nTo:\t bob@example.net \t\r\nSubject:   a   b\r\n\r\n"
    + TEXT,
    "odd case": b"FROM: ann@example.com\r\nmessage-id: <1@EXAMPLE.com>\r\nsUBJECT: x\r\n\r\n"
    + TEXT,
    "odd order": b"Message-ID: <1@example.com>\r\nSubject: x\r\nTo: b@example.net\r\n"
    b"X-A: 1\r\nFrom: ann@example.com\r\nX-A: 2\r\n\r\n" + TEXT,
    "folded": HEAD
    + b"References: <1@example.com>\r\n\t<2@example.com>\r\n  <3@example.com>\r\n\r\n"
    + TEXT,
    "folded before the value": FROM + b"Subject:\r\n x\r\n\r\n" + TEXT,
    "fold of blanks alone": FROM + b"Subject: a\r\n \t \r\n b\r\n\r\n" + TEXT,
    "space before the colon": FROM + b"Subject : x\r\n\r\n" + TEXT,
    "empty field": FROM + b"Subject:\r\nX-Empty: \r\n\r\n" + TEXT,
    "twice": FROM + b"Subject: one\r\nSubject: two\r\nFrom: eve@example.org\r\n\r\n" + TEXT,
    "no field": FROM + b"this is no field\r\nSubject: x\r\n\r\n" + TEXT,
    "mbox line": b"From ann@example.com Mon Nov 23 15:04:00 2026\r\n" + HEAD + b"\r\n" + TEXT,
    "encoded words": FROM + b"Subject: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?= =?utf-8?q?x?=\r\n\r\n",
    "raw UTF-8": FROM + "Subject: お見積り\r\n\r\n".encode() + TEXT,
    "raw Shift_JIS": FROM + "Subject: お見積り\r\n\r\n".encode("cp932") + TEXT,
    "traces of others": b"Received: from a.example\r\n\tby b.example; x\r\n"
    + HEAD
    + b"\r\n"
    + TEXT,
    "two hundred fields": HEAD
    + b"".join(b"X-%d: %d\r\n" % (number, number) for number in range(200))
    + b"\r\n"
    + TEXT,
}

BODIES: Final = {
    "nothing at all": b"",
    "an empty line": b"\r\n",
    "only CRLF": b"\r\n" * 50,
    "header alone": HEAD,
    "header and its end": HEAD + b"\r\n",
    "no header": b"\r\n" + TEXT,
    "text that begins at once": b"Hello, no header here\r\n" + TEXT,
    "dot alone": HEAD + b"\r\n.\r\n..\r\n...\r\n",
    "dots first": HEAD + b"\r\n.a\r\n..b\r\n. c\r\nd.\r\n.\t\r\n",
    "dots to the end": HEAD + b"\r\n" + b".\r\n" * 40,
    "dot in the first octet": b".a: b\r\n\r\n" + TEXT,
    "trailing blanks": HEAD + b"\r\na \r\nb\t\r\n \r\n\t\r\n",
    "trailing empty lines": HEAD + b"\r\n" + TEXT + b"\r\n" * 7,
    "UTF-8": HEAD + b"\r\n" + "お世話になっております。\r\n".encode(),
    "ISO-2022-JP": HEAD + b"\r\n" + "お世話になっております。\r\n".encode("iso2022_jp"),
    "Shift_JIS": HEAD + b"\r\n" + "表示ソ能\r\n".encode("cp932"),
    "UTF-16": HEAD + b"\r\n" + "日本".encode("utf-16-be") + b"\r\n",
    "all octets": HEAD + b"\r\n" + bytes(set(range(1, 256)) - {10, 13}) + b"\r\n",
    "controls": HEAD + b"\r\n\x01\x1b[2J\x7f\x08\x0b\x0c\x1a\r\n",
    "quoted-printable": HEAD
    + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=41=\r\n=0D=0A.=0D=0A=\r\n",
    "base64": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8s\r\nIGhlcmUgaXQgaXMu\r\n",
    "base64 with odd lines": HEAD
    + b"Content-Transfer-Encoding: base64\r\n\r\nSGV\r\nsbG8s\r\n\r\n !\r\n==\r\n",
    "commands": HEAD + b"\r\nQUIT\r\nRSET\r\nMAIL FROM:<eve@example.org>\r\nDATA\r\n",
    "From at the line's start": HEAD + b"\r\nFrom me\r\n>From you\r\n",
    "attached mail": HEAD
    + b"Content-Type: message/rfc822\r\n\r\nFrom: b@example.net\r\nSubject: y\r\n\r\n.\r\n",
    "unclosed boundary": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n",
    "preamble and epilogue": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\nx\r\n--b--\r\npost\r\n",
    "a megabyte and a half": HEAD
    + b"\r\n"
    + b".line of a large message, of some width\r\n" * 37_000,
}

ALL: Final = {**BODIES, **HEADERS, **LONG_LINES, **SEALED}

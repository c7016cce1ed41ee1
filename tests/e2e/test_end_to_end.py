"""
The whole main job over real sockets: smtplib → `guard run` → a recording mail server.

Guard is a process of its own, started as an administrator starts it, and killed as a crash would.
"""

import asyncio
import base64
import email
import email.policy
import io
import json
import os
import re
import signal
import smtplib
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import dkim
import openpyxl
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from loopback import free_ports, is_ready
from smarthost import Mail, Smarthost

from guard.demo.files import locked_zip

SENDER = "yamada@example.co.jp"
KNOWN = "sato@kita-shoji.example"
TYPED = "sato@kita-syoji.example"
STRANGER = "new@nishi.example"

FAMILIES = ("田中", "鈴木", "高橋", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田")
GIVEN = ("太郎", "花子", "一郎", "美咲", "健太", "さくら", "翔", "陽子", "誠", "恵")

SETTINGS = """
policies = "policies"
[[listen]]
address = "127.0.0.1:{smtp}"
tls = "none"
auth = "none"
trusted = ["127.0.0.0/8"]
[upstream]
address = "{upstream}"
tls = "none"
[web]
address = "127.0.0.1:{web}"
public_url = "http://127.0.0.1:{web}"
[store]
url = "sqlite:///guard.db"
key_file = "guard.key"
[admin]
address = "127.0.0.1:{admin}"
[notices]
from = "Mail check <guard@example.co.jp>"
"""


class Office:
    """A folder with settings, policy, contacts and customers, and a guard to start and kill."""

    def __init__(self, folder: Path, smarthost: Smarthost) -> None:
        self.folder = folder
        self.smarthost = smarthost
        self.smtp, self.web, self.admin = free_ports(3)
        self.process: subprocess.Popen[bytes] | None = None
        settings = SETTINGS.format(
            smtp=self.smtp, web=self.web, admin=self.admin, upstream=smarthost.address
        )
        (folder / "guard.toml").write_text(settings, "utf-8")

    async def guard(self, *words: str, **more: object) -> subprocess.CompletedProcess[str]:
        """Run a command of guard's in the folder, to its end."""
        return await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "guard", *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            **more,
        )

    async def start(self) -> None:
        """Start `guard run` and wait until it says that it is ready."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "guard", "run", "--config", "guard.toml"],
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        async with asyncio.timeout(30):
            while not await asyncio.to_thread(is_ready, self.admin):
                assert self.process.poll() is None, (self.folder / "log").read_text()
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """End it without a word, as a crash or the kernel would."""
        assert self.process is not None
        self.process.kill()
        await asyncio.to_thread(self.process.wait)

    async def stop(self) -> int:
        """Ask it to end, and give its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, 30)

    async def submit(self, octets: bytes, *recipients: str) -> tuple[int, bytes]:
        """Hand in octets as they are, and give the reply to the final dot."""

        def talk() -> tuple[int, bytes]:
            with smtplib.SMTP("127.0.0.1", self.smtp, timeout=30) as client:
                client.ehlo()
                assert client.mail(SENDER)[0] == 250
                for recipient in recipients:
                    assert client.rcpt(recipient)[0] == 250
                return client.data(octets)

        return await asyncio.to_thread(talk)

    async def held(self) -> list[dict[str, object]]:
        """What `guard held list --json` says, beside the running guard."""
        printed = (await self.guard("held", "list", "--json")).stdout
        return [json.loads(line) for line in printed.splitlines()]

    async def notice(self, count: int = 1) -> tuple[Mail, str]:
        """Wait for the notice, and give it with its link."""
        mails = await self.smarthost.wait_for(count, 15)
        notice = mails[count - 1]
        message = email.message_from_bytes(notice.octets, policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        link = re.search(r"https?://\S+", body.get_content())
        assert link is not None
        return notice, link.group()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """An office that knows Sato of Kita Shoji and has two hundred customers."""
    tmp_path.chmod(0o700)
    async with Smarthost() as smarthost:
        office = Office(tmp_path, smarthost)
        policies = tmp_path / "policies"
        policies.mkdir()
        shipped = Path(__file__).parents[2] / "policies" / "main.yaml"
        text = re.sub(r"(?m)^( *domains:).*$", r"\1 [example.co.jp]", shipped.read_text("utf-8"))
        text = re.sub(r"(?m)^( *undo_after_send:) *[^#\n]*", r"\1 0 seconds ", text)
        (policies / "main.yaml").write_text(text, "utf-8")
        (tmp_path / "contacts.csv").write_text(
            f"氏名,会社名,メール\n佐藤 一郎,北商事,{KNOWN}\n", "cp932"
        )
        (tmp_path / "customers.csv").write_text(customers_csv(), "utf-8")
        await office.guard("contacts", "import", "contacts.csv")
        await office.guard("lists", "import", "customers", "customers.csv")
        await office.start()
        try:
            yield office
        finally:
            if office.process is not None and office.process.poll() is None:
                assert await office.stop() == 0
            assert smarthost.violations == []


def customer(number: int) -> tuple[str, str, str, str]:
    """Name, company, e-mail and telephone of one invented customer."""
    family = ["田中", "鈴木", "高橋", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田"][
        number % 10
    ]
    given = ["太郎", "花子", "一郎", "美咲", "健太", "さくら", "翔", "陽子", "誠", "恵"][
        number // 10 % 10
    ]
    return (
        f"{family} {given}",
        f"株式会社第{number}工業",
        f"customer{number}@kokyaku-{number}.example",
        f"090-{1000 + number:04}-{9999 - 7 * number:04}",
    )


def customers_csv() -> str:
    """Two hundred customers as a CRM would export them."""
    rows = [",".join(customer(number)) for number in range(200)]
    return "\n".join(["氏名,会社名,メール,電話", *rows]) + "\n"


def plain(
    to: str, subject: str = "11月分お見積り", text: str = "お世話になっております。"
) -> bytes:
    """An ordinary mail, as octets."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = f"山田 太郎 <{SENDER}>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = "<1@example.co.jp>"
    message.set_content(text)
    return message.as_bytes()


def with_workbook(to: str, rows: int) -> bytes:
    """A mail with a workbook of customers."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "顧客"
    sheet.append(["氏名", "会社名", "メール", "電話"])
    for number in range(rows):
        sheet.append(customer(number))
    file = io.BytesIO()
    workbook.save(file)
    message = email.message_from_bytes(plain(to, "名簿のご送付"), policy=email.policy.SMTP)
    message.add_attachment(
        file.getvalue(),
        maintype="application",
        subtype="vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        filename="名簿.xlsx",
    )
    return message.as_bytes()


def get(url: str) -> tuple[int, str]:
    """What a browser, or a link scanner, gets."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def post(url: str, **fields: str) -> int:
    """Submit the form, and give the status of what comes back."""
    data = urllib.parse.urlencode(fields).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def below_trace(octets: bytes) -> bytes:
    """The message without the one trace line that Guard puts on top."""
    trace = re.match(rb"Received: [^\r]*\r\n(?:[ \t][^\r]*\r\n)*", octets)
    assert trace is not None
    return octets[trace.end() :]


async def test_clean_mail_is_identical_below_the_trace_line(office: Office) -> None:
    """R-C1: whatever a client sends, the next server gets, octet for octet."""
    octets = (
        b"X-Odd:   spaced \t\r\nBcc: secret@example.com\r\nSubject: =?utf-8?b?5pel5pys?=\r\n"
        b"To: "
        + KNOWN.encode()
        + b"\r\n\r\n.leading dot\r\n..two\r\n\xe3\x81\x82 8 bit\r\n"
        + b"x" * 2000
        + b"\r\n\r\n\r\n"
    )
    code, _ = await office.submit(octets, KNOWN)
    assert code == 250
    (mail,) = await office.smarthost.wait_for(1)

    assert (mail.mail_from, mail.rcpts) == (SENDER, (KNOWN,))
    assert below_trace(mail.octets) == octets
    assert await office.held() == []


async def test_dkim_signature_survives(office: Office) -> None:
    """R-C2: signed by the client, it verifies behind us; passed on at once, and released."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)

    def verifies(octets: bytes) -> bool:
        return bool(dkim.verify(octets, dnsfunc=lambda *_, **__: record))

    signed = {}
    for to in (KNOWN, TYPED):
        octets = plain(to)
        signature = dkim.sign(
            octets,
            b"s1",
            b"example.co.jp",
            private,
            canonicalize=(b"simple", b"simple"),
            include_headers=[b"from", b"to", b"subject"],
        )
        signed[to] = signature + octets

    await office.submit(signed[KNOWN], KNOWN)
    (clean,) = await office.smarthost.wait_for(1)
    assert verifies(clean.octets)
    await office.submit(signed[TYPED], TYPED)
    _, link = await office.notice(2)
    assert post(link, action="send", confirm=TYPED) == 200
    *_, released = await office.smarthost.wait_for(3)
    assert verifies(released.octets)
    assert below_trace(released.octets) == signed[TYPED]


async def look_and_release(office: Office, octets: bytes) -> None:
    """Look three times, post without and with the tick, twice at once: one mail leaves."""
    notice, link = await office.notice()
    assert (notice.mail_from, notice.rcpts) == ("", (SENDER,))
    assert b"Auto-Submitted: auto-generated" in notice.octets
    for _ in range(3):
        status, page = await asyncio.to_thread(get, link)
        assert status == 200
    assert page.count(TYPED) >= 1
    assert KNOWN in page
    assert await asyncio.to_thread(post, link, action="send") == 422
    assert [hold["state"] for hold in await office.held()] == ["waiting"]
    assert len(office.smarthost.messages) == 1

    answers = await asyncio.gather(
        *(asyncio.to_thread(post, link, action="send", confirm=TYPED) for _ in range(2))
    )
    assert set(answers) <= {200, 409}
    _, released = await office.smarthost.wait_for(2)
    assert (released.mail_from, released.rcpts) == (SENDER, (TYPED,))
    assert below_trace(released.octets) == octets
    async with asyncio.timeout(10):
        while [hold["state"] for hold in await office.held()] != ["delivered"]:
            await asyncio.sleep(0.05)
    assert await asyncio.to_thread(post, link, action="send", confirm=TYPED) in {200, 409}
    assert await asyncio.to_thread(post, link, action="cancel") in {200, 409}
    assert len(office.smarthost.messages) == 2


async def test_lookalike_is_held_and_released_once(office: Office) -> None:
    """R-F1, R-F2, R-F3: GET never acts, an untouched form never acts, two POSTs send one mail."""
    octets = plain(TYPED)
    code, text = await office.submit(octets, TYPED)

    assert code == 250
    assert re.search(rb"H-[0-9A-Z]{4}-[0-9A-Z]{2}", text)
    await look_and_release(office, octets)


async def test_held_mail_survives_kill_9(office: Office) -> None:
    """R-A1: acknowledged means durable; the link of before the crash works after it."""
    octets = plain(TYPED)
    code, _ = await office.submit(octets, TYPED)
    await office.kill()
    assert code == 250

    await office.start()
    await look_and_release(office, octets)


async def test_workbook_of_customers_is_held_and_cancelled(office: Office) -> None:
    """Nothing of a customer is shown in clear, nothing leaves, and the original comes back."""
    octets = with_workbook(STRANGER, 30)
    code, _ = await office.submit(octets, STRANGER)
    assert code == 250
    notice, link = await office.notice()
    _, page = await asyncio.to_thread(get, link)
    said = email.message_from_bytes(notice.octets, policy=email.policy.default)
    notice_text = "".join(
        p.get_content() for p in said.walk() if p.get_content_maintype() == "text"
    )
    for text in (page, notice_text):
        assert "30" in text
        assert "名簿.xlsx" in text
        for number in range(30):
            assert not any(value in text for value in customer(number)[2:])
    assert [hold["rules"] for hold in await office.held()] != [[]]

    assert await asyncio.to_thread(post, link, action="cancel") == 200
    *_, returned = await office.smarthost.wait_for(2, 15)
    assert (returned.mail_from, returned.rcpts) == ("", (SENDER,))
    result = email.message_from_bytes(returned.octets, policy=email.policy.default)
    (attached,) = [p for p in result.walk() if (p.get_filename() or "").endswith(".eml")]
    assert attached.get_payload(decode=True) == b"X-Unsent: 1\r\n" + octets
    assert [hold["state"] for hold in await office.held()] == ["returned"]


async def test_a_locked_file_is_opened_by_its_password(office: Office) -> None:
    """The page takes it, looks inside, asks about what is there, and keeps it nowhere."""
    password = "pasuwado-2026"
    rows = "\n".join(",".join(customer(number)) for number in range(30))
    message = email.message_from_bytes(plain(STRANGER), policy=email.policy.SMTP)
    message.add_attachment(
        locked_zip("名簿.csv", rows.encode("cp932"), password.encode()),
        maintype="application",
        subtype="zip",
        filename="名簿.zip",
    )
    octets = message.as_bytes()
    await office.submit(octets, STRANGER)
    _, link = await office.notice()
    _, page = await asyncio.to_thread(get, link)
    assert 'name="password"' in page
    assert "30 件" not in page

    assert await asyncio.to_thread(post, link, action="open", password="wrong") == 422
    assert await asyncio.to_thread(post, link, action="open", password=password) == 200
    _, page = await asyncio.to_thread(get, link)
    assert "30 件" in page
    assert 'name="password"' not in page
    assert len(office.smarthost.messages) == 1  # the notice
    (held,) = await office.held()
    assert held["state"] == "waiting"

    ticks = {"confirm": STRANGER}
    assert await asyncio.to_thread(post, link, action="send", **ticks) == 200
    *_, sent = await office.smarthost.wait_for(2, 15)
    assert below_trace(sent.octets) == octets
    for file in office.folder.rglob("*"):
        assert not file.is_file() or password.encode() not in file.read_bytes()


async def test_a_company_may_receive_its_own_rows(office: Office) -> None:
    """The customer's own data to the customer is daily business."""
    own = customer(7)[2]
    message = plain(own, text="ご登録内容: " + " ".join(customer(7)))

    assert (await office.submit(message, own))[0] == 250
    (mail,) = await office.smarthost.wait_for(1)
    assert mail.rcpts == (own,)
    assert await office.held() == []


async def test_a_file_that_went_to_others_before(office: Office) -> None:
    """What was delivered is known a moment later, and so is whom the sender then confirmed."""
    rules = office.folder / "policies" / "main.yaml"
    text = rules.read_text("utf-8")
    text = re.sub(r"(- id: file-of-another-company)\n *mode: watch[^\n]*", r"\1", text)
    rules.write_text(text.replace("another_company: likely", "another_company: possible"), "utf-8")
    await office.stop()
    await office.start()
    drawing = ("図面 A-100\n鋼板 12枚\n" * 20).encode()

    def mail(to: str) -> bytes:
        message = email.message_from_bytes(plain(to, "図面"), policy=email.policy.SMTP)
        message.add_attachment(drawing, maintype="text", subtype="x", filename="図面.txt")
        return message.as_bytes()

    assert (await office.submit(mail(KNOWN), KNOWN))[0] == 250
    await office.smarthost.wait_for(1)
    await asyncio.sleep(3)
    assert (await office.submit(mail(STRANGER), STRANGER))[0] == 250

    _, link = await office.notice(2)
    (held,) = await office.held()
    assert held["state"] == "waiting"
    page = await asyncio.to_thread(get, link)
    assert "北商事 (kita-shoji.example)" in page[1]
    assert await asyncio.to_thread(post, link, action="send", confirm=STRANGER) == 200
    await office.smarthost.wait_for(3, 15)
    await asyncio.sleep(3)

    assert (await office.submit(mail(STRANGER), STRANGER))[0] == 250
    assert len(await office.held()) == 1


async def test_a_policy_is_tried_on_what_went_through(office: Office) -> None:
    """What was kept of live mail bears out what was decided then, and answers another policy."""
    await office.submit(plain(KNOWN), KNOWN)
    await office.submit(plain(TYPED), TYPED)
    await office.submit(with_workbook(STRANGER, 40), STRANGER)
    assert await office.stop() == 0
    text = (office.folder / "policies" / "main.yaml").read_text("utf-8")
    (office.folder / "watch.yaml").write_text(text.replace("mode: hold", "mode: watch"), "utf-8")

    tried = await office.guard("policy", "try", "watch.yaml", "--json", "--list")

    told = json.loads(tried.stdout)
    assert (told["mails"], told["now"]["held"], told["new"]["held"]) == (3, 2, 0)
    assert told["new"]["recorded"] == 2
    assert told["new"]["rules"] == told["now"]["rules"] != {}
    assert told["notes"] == []  # nothing that could not be asked, and no doubt


async def test_upstream_down_is_451_and_nothing_is_stored(office: Office) -> None:
    """R-E2: trouble is temporary, and told at once."""
    await office.smarthost.stop()
    try:
        with smtplib.SMTP("127.0.0.1", office.smtp, timeout=60) as client:
            client.ehlo()
            assert (await asyncio.to_thread(client.mail, SENDER))[0] == 451
        assert await office.held() == []
    finally:
        await office.smarthost.start()


async def test_no_content_or_address_in_the_log(office: Office) -> None:
    """R-J1 for the log: neither subject, text, address, token nor file name."""
    await office.submit(plain(KNOWN, subject="himitsu-no-kenmei", text="naisho-no-honbun"), KNOWN)
    await office.submit(with_workbook(TYPED, 30), TYPED)
    _, link = await office.notice(2)
    await asyncio.to_thread(get, link)
    log = (office.folder / "log").read_text("utf-8")

    assert "submission.done" in log
    for secret in ("himitsu", "naisho", SENDER, KNOWN, TYPED, "名簿", "customer1", link[-20:]):
        assert secret not in log


async def test_bad_reload_keeps_the_old_policy(office: Office) -> None:
    """R-I: a typing slip at noon does not open the gate."""
    (office.folder / "policies" / "main.yaml").write_text("guard: 1\nmode: wacth\n", "utf-8")
    assert office.process is not None
    office.process.send_signal(signal.SIGHUP)
    async with asyncio.timeout(10):
        while "policy.refused" not in (office.folder / "log").read_text("utf-8"):
            await asyncio.sleep(0.05)

    await office.submit(plain(TYPED), TYPED)
    assert [hold["state"] for hold in await office.held()] == ["waiting"]


@pytest.mark.parametrize("broken", ["settings", "policy", "public_url", "from", "upstream"])
async def test_refuses_to_start_with_78(tmp_path: Path, broken: str) -> None:
    """The file and the word are named; nothing is listened on."""
    policies = tmp_path / "policies"
    policies.mkdir()
    shipped = Path(__file__).parents[2] / "policies" / "main.yaml"
    policy, settings = shipped.read_text("utf-8"), SETTINGS
    match broken:
        case "settings":
            settings, word = settings.replace("tls =", "tsl =", 1), "tsl"
        case "policy":
            policy, word = re.sub(r"(?m)^mode: *\w+", "mode: wacth", policy), "wacth"
        case "public_url":
            settings, word = re.sub(r"public_url.*\n", "", settings), "public_url"
        case "from":
            settings, word = re.sub(r"from = .*\n", "", settings), "[notices] from"
        case "upstream":
            settings = re.sub(r"\[upstream\]\naddress.*\ntls.*\n", "", settings)
            word = "[upstream] address"
    (policies / "main.yaml").write_text(policy, "utf-8")
    (tmp_path / "guard.toml").write_text(
        settings.format(smtp=0, web=0, admin=0, upstream="127.0.0.1:1"), "utf-8"
    )
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "guard", "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        check=False,
    )

    assert ended.returncode == 78
    assert word in ended.stderr
    assert "Traceback" not in ended.stderr

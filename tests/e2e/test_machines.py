"""Mail that no person sends, and mail of a shared mailbox, over real sockets."""

import asyncio
import email
import email.policy
import re

from test_end_to_end import SENDER, STRANGER, TYPED, Office, get, plain, post, with_workbook
from test_end_to_end import office as _office
from test_list_audit import audited

office = _office
"""The fixture."""

MEMBERS = ("suzuki@example.co.jp", "tanaka@example.co.jp")


async def with_policy(office: Office, after: str, lines: str) -> None:
    """Start the guard again with *lines* below the line of its policy that matches *after*."""
    assert await office.stop() == 0
    path = office.folder / "policies" / "main.yaml"
    text, found = re.subn(f"(?m)^{after}.*$", rf"\g<0>\n{lines}", path.read_text("utf-8"), count=1)
    assert found
    path.write_text(text, "utf-8")
    await office.start()


def answering(octets: bytes, header: str) -> bytes:
    return header.encode() + b"\r\n" + octets


async def test_about_an_automatic_answer_nobody_is_asked(office: Office) -> None:
    """It goes out at once, and the audit log has what a rule would have done."""
    away = answering(plain(TYPED), "Auto-Submitted: auto-replied")

    assert (await office.submit(away, TYPED))[0] == 250

    (mail,) = await office.smarthost.wait_for(1)
    assert mail.rcpts == (TYPED,)
    assert await office.held() == []
    (details,) = await audited(office, "mail.unasked")
    assert (details["mail"], details["rules"]) == ("auto_reply", ["lookalike-recipient"])


async def test_a_header_takes_no_list_past(office: Office) -> None:
    """With a file it is no answer; nobody can be asked about what a machine sends: refused."""
    lists = answering(with_workbook(STRANGER, 30), "Auto-Submitted: auto-replied")

    assert (await office.submit(lists, STRANGER))[0] == 550
    assert office.smarthost.messages == []


async def test_whoever_answers_for_a_machine_is_asked(office: Office) -> None:
    """In its place, and for mail that says that a machine made it."""
    await with_policy(office, "mode:", f"machines: {{owners: {{{SENDER}: {MEMBERS[0]}}}}}")
    lists = answering(with_workbook(STRANGER, 30), "Auto-Submitted: auto-generated")

    assert (await office.submit(lists, STRANGER))[0] == 250

    notice, _ = await office.notice()
    assert notice.rcpts == (MEMBERS[0],)


async def test_any_member_answers_for_a_shared_mailbox(office: Office) -> None:
    """Each gets a notice with another link; one answers, and the other sees that and by whom."""
    boxes = f"  shared_mailboxes: {{{SENDER}: [{', '.join(MEMBERS)}]}}"
    await with_policy(office, "  domains:", boxes)
    assert (await office.submit(plain(TYPED), TYPED))[0] == 250

    notices = await office.smarthost.wait_for(2, 15)
    links = {}
    for mail in notices:
        (person,) = mail.rcpts
        message = email.message_from_bytes(mail.octets, policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        found = re.search(r"https?://\S+", body.get_content())
        assert found is not None
        links[person] = found.group()
    assert set(links) == set(MEMBERS)
    first, other = (links[member] for member in MEMBERS)
    assert first != other

    assert await asyncio.to_thread(post, other, action="send", confirm=TYPED) == 200

    *_, released = await office.smarthost.wait_for(3)
    assert released.rcpts == (TYPED,)
    _, page = await asyncio.to_thread(get, first)
    assert MEMBERS[1] in page
    assert await asyncio.to_thread(post, first, action="cancel") in {200, 409}
    assert len(office.smarthost.messages) == 3
    printed = (await office.guard("audit", "search", "--actor", MEMBERS[1], "--json")).stdout
    assert '"hold.decided"' in printed

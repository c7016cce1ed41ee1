"""nodemailer, the library that web applications send mail with."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from sending import Letter, Told, Way, run, told


async def nodemailer(way: Way, letter: Letter, folder: Path) -> Told:
    """Send with nodemailer, octets as they are."""
    file = folder / "letter"
    file.write_bytes(letter.octets)
    return await _nodemailer(
        way,
        {"envelope": {"from": letter.sender, "to": [letter.recipient]}},
        {"raw": str(file)},
    )


async def _nodemailer(way: Way, mail: Mapping[str, object], files: Mapping[str, str]) -> Told:
    options: dict[str, object] = {
        "host": "localhost",
        "port": way.port,
        "secure": way.tls == "implicit",
        "requireTLS": way.tls == "starttls",
        "ignoreTLS": way.tls == "none",
    }
    if way.user:
        options |= {
            "auth": {"user": way.user, "pass": way.password},
            "authMethod": way.mechanism,
        }
    script = Path(__file__).with_name("nodemailer.js")
    given = {"options": options, "ca": str(way.ca or ""), "mail": mail, "files": files}
    ran = await run("node", str(script), given=json.dumps(given).encode())
    said = json.loads(ran.printed.splitlines()[-1])
    return told(re.findall(r"(?s)^(\d{3})[ -](.*)$", said["response"]), ran)


async def compose(way: Way, mail: Mapping[str, object]) -> Told:
    """Have nodemailer write a mail by itself, and send it."""
    return await _nodemailer(way, mail, {})

"""Policies as texts, right and wrong ones: those that ship, those of the tests, and mutants."""

import re
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from guard.policy import shipped

TESTS = Path(__file__).parents[2]
SLIPS = TESTS / "golden" / "slips"

RICH = """\
guard: 1
us:
  domains: [example.co.jp, 例え.example]
  language: ja
  time_zone: Asia/Tokyo
  shared_mailboxes: {info@example.co.jp: [yamada@example.co.jp, suzuki@example.co.jp]}
  send_as: {yamada@example.co.jp: "*@brand.example"}
  groups: {sales-team: [yamada@example.co.jp, "*@sales.example.co.jp"], rivals: "*@rival.example"}
mode: hold
contacts: {learn_from_sent_mail: true, forget_after: 400 days, sources: directory}
lists:
  customers: {source: crm, match_on: [email, name+company], owner: 営業部}
  patients:
holding:
  notify_within: 30 seconds
  remind_after: [15 minutes, 4 working hours, 2 working days]
  if_no_answer: {after: 24 working hours, then: keep}
  undo_after_send: 0 seconds
  retention: 7 days
  second_person: boss@example.co.jp
  tell_admins_above: 2 percent
  hold_budget: 0.3 percent
rules:
  - id: everything
    mode: watch
    message:
      ja: "{recipient} {file} {count}"
      en: |
        {recipient} {file} {count}
    when:
      recipient:
        resembles: known_contacts
        closeness: 88
        alike_in: [letters, name]
        first_time: true
        outside: true
        address: "*@*.example"
        group: rivals
        free_mail: false
        role: false
        new_domain: true
        mistyped_provider: false
        joins_thread: true
      recipients: {never_together: [sales-team, "*@rival.example"]}
      attachment:
        name: ["*.xlsx", "*.csv"]
        kind: [spreadsheet, archive]
        contains: [customers, patients]
        at_least: 5 rows
        of_other_companies: false
        looks_like_list: {at_least: 20}
        numbers: {kinds: [my_number, card], at_least: 3 numbers}
        marked: [社外秘, CONFIDENTIAL]
        of_another_company: likely
        unreadable: [encrypted, corrupt]
      subject: {words: [見積, price list]}
      body:
        {contains: customers, looks_like_list: {at_least: 9}, words: 秘, quotes_others: true}
      visible_outside_domains: {at_least: 5 domains}
      visible_outside_recipients: {at_least: 20 recipients}
      greeting: {names_someone_else: true, names_other_company: likely}
      sender: {not_theirs: true, from_outside: false, address: "*@example.co.jp", group: sales-team}
      time: {between: "18:00-08:00", days: [sat, sun]}
    then: hold
    confirm: second_person
    hold_only: doubtful_recipients
    except:
      - {to: "*@audit.example", from: yamada@example.co.jp, because: 監査 (木村), until: 2027-03-31}
      - {to: [a@b.example, "*@c.example"], because: contract, until: 2027-03-31}
  - id: another
    message: {ja: "{recipient}", en: "{recipient}"}
    when: {recipient: {address: "*@partner.example", outside: false}}
    then: refuse
if_guard_cannot_check: deliver
"""
"""A right policy that has nearly every word of the language."""


def texts() -> dict[str, str]:
    """Every policy of the repository that is text, by its name."""
    files = [*shipped().glob("*.yaml"), *shipped().glob("examples/*/*.yaml")]
    files += [*SLIPS.glob("*.yaml"), *(TESTS / "golden" / "policies").glob("*/policies/*.yaml")]
    found = {"rich": RICH}
    for file in sorted(files):
        try:
            found[f"{file.parent.name}/{file.name}"] = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
    return found


GOOD = {name: text for name, text in texts().items() if not name.startswith(("slips", "policies"))}

MANY = settings(
    max_examples=settings().max_examples * 3 // 5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
"""A text takes some ten milliseconds; with ``--hypothesis-profile=fuzz`` thousands are tried."""

WHOLE = {name: text for name, text in GOOD.items() if "\nus:" in text}
"""Those of them that are a policy by themselves, and no part of one."""

_TOKEN = re.compile(r"[\w.@*+-]+|\s+|[^\w\s]")


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A right policy with some of its lines and tokens taken out, doubled, moved or exchanged."""
    text = draw(st.sampled_from(sorted(WHOLE.values())))
    for _ in range(draw(st.integers(1, 3))):
        by_lines = draw(st.booleans())
        parts = text.splitlines(keepends=True) if by_lines else _TOKEN.findall(text)
        if not parts:
            return text
        one, other = (draw(st.integers(0, len(parts) - 1)) for _ in range(2))
        match draw(st.sampled_from(["take out", "double", "exchange", "put", "indent"])):
            case "take out":
                del parts[one]
            case "double":
                parts.insert(other, parts[one])
            case "exchange":
                parts[one], parts[other] = parts[other], parts[one]
            case "put":
                parts[one] = draw(st.sampled_from(ODD))
            case _:
                parts[one] = " " * draw(st.integers(1, 4)) + parts[one]
        text = "".join(parts)
    return text


ODD = (
    *("", "[]", "{}", "null", "~", "true", "no", "0", "-1", "1e9", "5 rows", "'", '"', ": ", "- "),
    *("#", "&a", "*a", "!x", "|", ">", "\t", "\u3000", "：", "｛count｝", "{count}", "{", "%", "@"),
    *(
        "9" * 30,
        "あ" * 70,
        "\ufeff",
        "\u2028",
        "\\",
        "*@example.co.jp",
        ".",
        "2027-02-30",
        "🙂",
        "é",
    ),
)
"""What people, editors and accidents put into files."""

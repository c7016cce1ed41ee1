"""The budget of holds over a stream that is judged offline."""

from datetime import UTC, datetime, timedelta

from factories import box

from guard.detect.channel import shipped
from guard.detect.spending import Spending
from guard.model.contact import Exchange

START = datetime(2026, 1, 1, tzinfo=UTC)
TABLE = shipped().log_odds_of(0.003)


def mail(number: int, to: str = "sato@kita.example") -> Exchange:
    """The mail of that number, a hundred a day."""
    at = START + timedelta(days=number // 100)
    boxes = box("ono@ours.example"), (box(to),)
    return Exchange(sender=boxes[0], recipients=boxes[1], at=at, message_id=f"<{number}>")


def test_what_was_sent_counts() -> None:
    """A stream of tame mail lowers what is enough to be held; at first the table decides."""
    spending = Spending(shipped(), 0.003)
    just_below = TABLE - 0.3
    assert not spending.judged(mail(0), just_below)

    for number in range(1, 3000):
        spending.judged(mail(number), -9.0)
        spending.sent(mail(number))

    assert spending.judged(mail(3000), just_below)


def test_what_was_only_judged_does_not() -> None:
    """Slips that were tried and not sent spend nothing; nor does mail that nobody judged."""
    tried, plain = Spending(shipped(), 0.003), Spending(shipped(), 0.003)
    for number in range(3000):
        for spending in (tried, plain):
            spending.judged(mail(number), -9.0)
        tried.judged(mail(number, to="slip@kita.example"), 9.0)
        for spending in (tried, plain):
            spending.sent(mail(number))
            spending.sent(mail(number))
            spending.sent(mail(-number - 1))

    odds = [TABLE + step / 20 for step in range(-60, 60)]
    held = [[spending.judged(mail(3000), one) for one in odds] for spending in (tried, plain)]
    assert held[0] == held[1]

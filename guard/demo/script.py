"""The mails that the demo plays: what people of the company send, and what is expected of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from guard.demo.customers import Customer, as_csv, customers, table
from guard.demo.files import XLSX, ZIP, locked_zip, workbook
from guard.demo.letter import File, Letter
from guard.demo.people import DOMAIN
from guard.model.verdict import Action

LOOKALIKE: Final = "lookalike-recipient"
ROWS_ATTACHED: Final = "customer-rows-attached"
ROWS_PASTED: Final = "customer-rows-in-body"
LOCKED: Final = "encrypted-attachment"
MANY: Final = "many-companies-in-to"
"""Rules of the shipped policy, by id."""

YAMADA: Final = f"yamada@{DOMAIN}"
SUZUKI: Final = f"suzuki@{DOMAIN}"
TANAKA: Final = f"tanaka@{DOMAIN}"
WATANABE: Final = f"watanabe@{DOMAIN}"
CLARK: Final = f"clark@{DOMAIN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One mail of the script, with what is expected of the shipped policy."""

    letter: Letter
    action: Action = Action.DELIVER
    rule: str | None = None
    """The rule that is expected to speak; `None` where none is."""


def script() -> tuple[Scene, ...]:
    """Give the mails in the order in which they are sent."""
    return (*_addresses(), *_lists(), *_rest())


def _addresses() -> Iterator[Scene]:
    """Right recipients, and slips that only a second look finds."""
    yield Scene(
        letter=Letter(
            id="demo-quote",
            sender=YAMADA,
            to=(("佐藤 一郎", "sato@kita-shoji.example"),),
            subject="10月分お見積り",
            text=_QUOTE.format(month=10),
            files=(_prices("見積_10月.xlsx"),),
        )
    )
    yield Scene(
        letter=Letter(
            id="demo-quote-slip",
            sender=YAMADA,
            to=(("佐藤 一郎", "sato@kita-syoji.example"),),
            subject="11月分お見積り",
            text=_QUOTE.format(month=11),
            files=(_prices("見積_11月.xlsx"),),
        ),
        action=Action.HOLD,
        rule=LOOKALIKE,
    )
    yield Scene(
        letter=Letter(
            id="demo-order",
            sender=CLARK,
            to=(("Olivia Reed", "reed@acme-tools.example"),),
            subject="Delivery dates for December",
            text="Hi Olivia,\n\ncould you confirm the delivery dates for the December order?\n\n"
            "Best wishes\nEmma\n",
        )
    )
    yield Scene(
        letter=Letter(
            id="demo-order-slip",
            sender=CLARK,
            to=(("James Porter", "porter@acrne-tools.example"),),
            subject="Contract renewal, final figures",
            text="Hi James,\n\nour final figures for the renewal: 1,200 units at 38.50 each.\n\n"
            "Best wishes\nEmma\n",
        ),
        action=Action.HOLD,
        rule=LOOKALIKE,
    )
    yield Scene(
        letter=Letter(
            id="demo-ending",
            sender=CLARK,
            to=(("Grace Nguyen", "nguyen@harbour-legal.test"),),
            subject="Draft settlement",
            text="Dear Grace,\n\nthe draft is ready for your review. It is confidential.\n\n"
            "Kind regards\nEmma\n",
        ),
        action=Action.HOLD,
        rule=LOOKALIKE,
    )
    yield Scene(
        letter=Letter(
            id="demo-colleague",
            sender=YAMADA,
            to=(("渡邉 健一", "watanabe@example.com"),),
            subject="来期の給与改定案(社外秘)",
            text="渡辺さん\n\nお疲れさまです。来期の給与改定案です。社外秘でお願いします。\n\n山田\n",
        ),
        action=Action.HOLD,
        rule=LOOKALIKE,
    )


def _lists() -> Iterator[Scene]:
    """Rows of the customer list: to a stranger, to the company itself, within our own."""
    rows = customers()
    yield Scene(
        letter=Letter(
            id="demo-list",
            sender=SUZUKI,
            to=(("", "partner@higashi.example"),),
            subject="展示会の案内先リスト",
            text="ご担当者様\n\n展示会の案内状の送り先です。印刷をお願いします。\n\n鈴木 花\n",
            files=(sample_list(),),
        ),
        action=Action.HOLD,
        rule=ROWS_ATTACHED,
    )
    yield Scene(
        letter=Letter(
            id="demo-pasted",
            sender=TANAKA,
            to=(("", "info@new-callcentre.example"),),
            subject="Customers to call this week",
            text="Hello,\n\nthese are the customers to call this week:\n\n"
            + as_csv([row for row in rows if not row.kana][:12]).replace("\r\n", "\n")
            + "\nThank you\nMisaki Tanaka\n",
        ),
        action=Action.HOLD,
        rule=ROWS_PASTED,
    )
    yield Scene(
        letter=Letter(
            id="demo-own-rows",
            sender=SUZUKI,
            to=(("", "keiri@minami.example"),),
            subject="ご登録内容の確認のお願い",
            text="南工業 ご担当者様\n\n貴社のご登録内容をお送りします。"
            "変更があればお知らせください。\n\n鈴木 花\n",
            files=(
                File(
                    name="南工業様_ご登録内容.csv",
                    content_type="text/csv",
                    octets=as_csv([r for r in rows if r.company == "南工業"]).encode("utf-8-sig"),
                ),
            ),
        )
    )
    yield Scene(
        letter=Letter(
            id="demo-internal",
            sender=SUZUKI,
            to=(("山田 太郎", YAMADA),),
            subject="顧客リスト(社内用)",
            text="山田さん\n\n頼まれていた顧客リストです。\n\n鈴木\n",
            files=(
                File(
                    name="顧客リスト.csv",
                    content_type="text/csv",
                    octets=as_csv(rows).encode("cp932"),
                ),
            ),
        )
    )


def _rest() -> Iterator[Scene]:
    """Give a file that nobody can look into, and many companies that see each other."""
    yield Scene(
        letter=Letter(
            id="demo-locked",
            sender=WATANABE,
            to=(("", "bids@stoneway-invest.example"),),
            subject="Offer documents",
            text="Dear all,\n\nour offer is attached. Its password is aoba2026.\n\n"
            "Kenichi Watanabe\n",
            files=(sample_locked(),),
        ),
        action=Action.HOLD,
        rule=LOCKED,
    )
    yield Scene(
        letter=Letter(
            id="demo-many",
            sender=TANAKA,
            to=(
                ("小林 直樹", "kobayashi@yamate-insatsu.example"),
                ("林 健太", "hayashi@wakaba-foods.example"),
                ("近藤 千夏", "kondo@shirakaba-books.example"),
                ("三浦 里奈", "miura@mikazuki-ads.example"),
                ("中村 翔太", "nakamura@hoshi-design.example"),
                ("Chloe Martin", "chloe@studio-martin.example"),
                ("William Hughes", "hughes@castle-print.example"),
            ),
            subject="年末年始の営業日のお知らせ",
            text="お取引先各位\n\n年末年始は12月29日から1月4日まで休業いたします。\n\n"
            "青葉商会 田中 美咲\n",
        ),
        action=Action.TELL,
        rule=MANY,
    )


def sample_list() -> File:
    """Give a workbook with 48 customers of many companies."""
    return File(
        name="顧客リスト.xlsx", content_type=XLSX, octets=workbook("顧客", table(_spread(48)))
    )


def sample_locked() -> File:
    """Give an archive that nobody can look into without its password."""
    offer = b"Our price is 4,800,000 yen.\n"
    return File(
        name="offer.zip", content_type=ZIP, octets=locked_zip("offer.txt", offer, b"aoba2026")
    )


def _spread(count: int) -> Sequence[Customer]:
    """Pick *count* customers from all over the list."""
    rows = customers()
    return [rows[place * len(rows) // count] for place in range(count)]


_QUOTE: Final = (
    "佐藤様\n\nいつもお世話になっております。青葉商会の山田です。\n"
    "{month}月分のお見積りをお送りします。ご確認ください。\n\n山田 太郎\n"
)


def _prices(name: str) -> File:
    goods = ("作業台", "棚板", "照明", "工具箱")
    lines = [("品名", "数量", "単価", "金額")]
    lines += [(good, str(n), "1,500", f"{n * 1500:,}") for n, good in enumerate(goods, 3)]
    return File(name=name, content_type=XLSX, octets=workbook("見積", lines))

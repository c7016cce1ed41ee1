"""Invented people, companies and address habits for the simulator. No data of anybody real."""

from dataclasses import dataclass, field
from random import Random

from guard.names.readings import GIVEN, SURNAMES


def words(text: str) -> list[str]:
    """Give the words of a text."""
    return text.split()


GIVEN_LATIN = words(
    """
    james mary john linda robert susan michael karen william nancy david lisa richard betty
    joseph helen thomas sandra charles donna daniel carol matthew ruth anthony sharon mark
    michelle donald laura steven sarah andrew kimberly paul jessica joshua amy kenneth angela
    kevin anna brian emma george rebecca timothy kathleen ronald martha jason debra edward
    amanda jeffrey stephanie ryan carolyn jacob christine gary janet nicholas catherine eric
    frances jonathan ann stephen joyce larry diane justin alice scott julie brandon heather
    benjamin teresa samuel doris gregory gloria alexander evelyn patrick jean frank cheryl
    raymond katherine jack joan hans ulrike stefan anja juergen petra wolfgang heike uwe
    sabine matthias katrin pierre claire antoine camille jean luc sophie giulia marco paolo
    chiara andrzej piotr katarzyna agnieszka ivan olga dmitry sergey natalia wei li ming
    xiaoyu jun hui yan lin chen jing raj priya anil sunita vikram deepa arjun kavita minh
    thanh huong tuan joel eddie milton adriana brad gunnar ravi emily oskar lars ingrid bjorn
    astrid sven freya pedro ana luis carmen diego lucia pablo elena ahmed fatima omar leila
    """
)

SURNAMES_LATIN = words(
    """
    smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez
    gonzalez wilson anderson thomas taylor moore jackson martin lee perez thompson white
    harris sanchez clark ramirez lewis robinson walker young allen king wright scott torres
    nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts
    gomez phillips evans turner diaz parker cruz edwards collins reyes stewart morris morales
    murphy cook rogers gutierrez ortiz morgan cooper peterson bailey reed kelly howard ramos
    kim cox ward richardson watson brooks mueller schmidt schneider fischer weber meyer wagner
    becker schulz hoffmann koch bauer richter klein wolf schroeder dubois laurent lefevre
    moreau girard rossi ferrari esposito bianchi romano kowalski nowak wisniewski ivanov
    petrov smirnov wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo lin he
    gao singh kumar sharma patel gupta reddy rao iyer tran pham hoang olsen hansen larsen
    nilsson lindgren silva santos costa pereira haddad nasser
    """
)

RARE_LATIN = (
    words("b br c d dr f g gr h j k kr l m n p pr r s sch st t tr v w z"),
    words("a e i o u ai ei au ee"),
    words("ck l ll m n nd nt r rn rt s ss t tt v x"),
    words("aro ek el en er ett ic ides in ini is le man o off ov sen son ski ton ulis us"),
)
RARE_FIRST = [
    tuple(pair.split(":"))
    for pair in words(
        "大:o 小:ko 上:kami 中:naka 下:shimo 北:kita 南:minami 西:nishi 東:higashi "
        "黒:kuro 白:shira 赤:aka 青:ao 金:kane 石:ishi 岩:iwa 竹:take 松:matsu "
        "杉:sugi 梅:ume 桑:kuwa 柳:yanagi 榎:eno 深:fuka 浅:asa 長:naga 広:hiro "
        "高:taka 平:hira 丸:maru 新:nii 古:furu 荒:ara 今:ima 藤:fuji"
    )
]
RARE_SECOND = [
    tuple(pair.split(":"))
    for pair in words(
        "沢:sawa 瀬:se 崎:saki 塚:zuka 谷:tani 原:hara 田:da 川:kawa 山:yama 木:ki "
        "井:i 本:moto 村:mura 島:shima 野:no 口:guchi 倉:kura 橋:hashi 森:mori 浦:ura "
        "越:koshi 津:tsu 池:ike 岡:oka 根:ne 坂:saka"
    )
]
STEMS = words(
    """
    kita minami higashi nishi asahi aoba midori hikari sakura fuji yamato tokai kanto sanwa
    daiei shinwa nisshin toyo kyowa marui taiyo hoshi umi kawa ishi tetsu north south east
    west bright clear river stone harbor summit cedar maple falcon anchor beacon vertex orbit
    nova delta prime union global pacific atlas titan quantum silver golden iron copper
    crystal ember lunar solar aero hydro terra medi agri bio geo nano inter trans omni
    """
)
TAILS_JA = words(
    """
    shoji sangyo kogyo kensetsu shokuhin denki seisakusho butsuryu unyu insatsu kikai bussan
    shokai
    """
)
TAILS_EN = words(
    """
    tech soft works labs systems trading logistics foods partners group data media consulting
    motors
    """
)
SUFFIXES_JA = ("co.jp", "co.jp", "co.jp", "jp", "com", "or.jp", "ne.jp")
SUFFIXES_EN = ("com", "com", "com", "net", "org", "io", "de", "co.uk", "com.au", "fr", "eu")
FREE = (
    "gmail.com",
    "yahoo.co.jp",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
    "icloud.com",
    "gmx.de",
)
BOXES = (
    "info",
    "sales",
    "support",
    "office",
    "orders",
    "keiri",
    "soumu",
    "dev",
    "announce",
    "team",
)


@dataclass
class Invented:
    """One person, or a shared box."""

    given: str
    surname: str
    written: tuple[str, str] | None
    """Surname and given name in kanji."""

    addresses: list[str] = field(default_factory=list)
    box: bool = False
    style: int = 0

    def name(self, rng: Random) -> str:
        """The display name as some mail program shows it."""
        if self.box:
            return rng.choice(("", "", self.addresses[0].split("@")[0].title()))
        if self.style == 9 or rng.random() < 0.08:
            return ""
        if self.written and self.style < 6:
            return (" ", "", "　")[self.style % 3].join(self.written)
        if self.style == 8:
            return f"{self.surname.title()}, {self.given.title()}"
        return f"{self.given.title()} {self.surname.title()}"

    def greeting(self, rng: Random) -> str:
        """A line that greets this person."""
        if self.written:
            return rng.choice(
                (
                    f"{self.written[0]}様",
                    f"{self.written[0]}さん",
                    f"{self.written[0]} {self.written[1]} 様",
                )
            )
        first = self.given.title()
        return rng.choice(
            (
                f"Hi {first},",
                f"Dear {first},",
                f"{first},",
                f"Hello {first},",
                f"Dear Mr {self.surname.title()},",
            )
        )


def long_vowels(reading: str, rng: Random) -> str:
    """Write a reading as its owner does: Ono, Ohno, Oono; Shoji, Syoji."""
    if rng.random() < 0.15:
        reading = reading.replace("sho", "syo").replace("shi", "si")
    if rng.random() < 0.15 and reading.startswith("o"):
        reading = (
            rng.choice(("oh", "oo")) + reading[1:] if reading[1:2] not in "aiueoh" else reading
        )
    return (
        reading.replace("ro", "rou") if rng.random() < 0.08 and reading.endswith("ro") else reading
    )


def person(rng: Random, *, japanese: bool) -> Invented:
    """Invent a person; common names come more often, as they do, and rare ones make up the half."""
    if japanese:
        last, read = _surname(rng)
        given = list(GIVEN)
        first = given[min(int(rng.expovariate(1 / 80)), len(given) - 1)]
        return Invented(
            long_vowels(rng.choice(GIVEN[first]), rng),
            long_vowels(read, rng),
            (last, first),
            style=rng.choice((0, 0, 0, 1, 2, 7, 7, 8, 9)),
        )
    first = GIVEN_LATIN[min(int(rng.expovariate(1 / 80)), len(GIVEN_LATIN) - 1)]
    last = rng.choice(SURNAMES_LATIN)
    if rng.random() < 0.6:
        last = "".join(rng.choice(part) for part in RARE_LATIN)
    return Invented(first, last, None, style=rng.choice((7, 7, 7, 7, 8, 9)))


def _surname(rng: Random) -> tuple[str, str]:
    if rng.random() < 0.5:
        surnames = list(SURNAMES)
        last = surnames[min(int(rng.expovariate(1 / 60)), len(surnames) - 1)]
        return last, rng.choice(SURNAMES[last])
    (first, read), (second, more) = rng.choice(RARE_FIRST), rng.choice(RARE_SECOND)
    return first + second, read + more


def company(rng: Random, *, japanese: bool) -> str:
    """Invent a domain."""
    tail = rng.choice(TAILS_JA if japanese else TAILS_EN)
    stem = rng.choice(STEMS)
    label = rng.choice((f"{stem}-{tail}", f"{stem}{tail}", stem, f"{stem}{rng.choice(STEMS)}"))
    suffix = rng.choice(SUFFIXES_JA if japanese else SUFFIXES_EN)
    host = rng.choice(("mail.", "linux.", "tokyo.", "us.")) if rng.random() < 0.08 else ""
    return f"{host}{label}.{suffix}"


def local_part(who: Invented, rng: Random, habit: int) -> str:
    """Make a local part by the company's habit."""
    given, surname = who.given, who.surname
    return (
        f"{given}.{surname}",
        f"{given[0]}.{surname}",
        f"{given[0]}{surname}",
        f"{surname}",
        f"{given}",
        f"{surname}-{given[0]}",
        f"{given}_{surname}",
        f"{surname}{given[0]}",
        f"{given}{surname}",
        f"{surname}.{given}",
        f"{given[:1]}{surname[:6]}{rng.randrange(1, 99)}",
    )[habit % 11]

"""Archives by the programs that people pack with."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.corpus.planted import Case, Plant
from tests.corpus.sheet_libraries import HEAD

_LIST: Final = "顧客一覧.csv"
_ENV: Final = {**os.environ, "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "1767225600"}


def contents(folder: Path, plant: Plant) -> list[str]:
    """What is packed: a list in cp932, a workbook in a folder, with a hidden sheet."""
    import openpyxl

    people = plant.rows("member", 10, place=_LIST)
    (folder / _LIST).write_bytes(
        "\r\n".join(",".join(each.cells) for each in people).encode("cp932")
    )
    (folder / "data").mkdir()
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    hidden = book.create_sheet("控え")
    hidden.sheet_state = "hidden"
    for each in plant.rows(
        "hidden sheet of a member", 6, place="book.xlsx, hidden sheet “控え”", first_row=1
    ):
        hidden.append(each.cells)
    book.save(folder / "data" / "book.xlsx")
    return [_LIST, "data"]


def single(folder: Path, plant: Plant) -> list[str]:
    """One list, for what packs no more than a file."""
    people = plant.rows("member", 20)
    (folder / "list.csv").write_bytes(
        "\r\n".join(",".join(each.cells) for each in people).encode("cp932")
    )
    return ["list.csv"]


def ascii_single(folder: Path, plant: Plant) -> list[str]:
    """The same, with its name for a place: for archives that are too old for other names."""
    people = plant.rows("member", 20, place="list.csv")
    (folder / "list.csv").write_bytes(
        "\r\n".join(",".join(each.cells) for each in people).encode("cp932")
    )
    return ["list.csv"]


def nested(folder: Path, plant: Plant) -> list[str]:
    """An archive in an archive in an archive."""
    names = contents(folder, plant)
    for number, program in enumerate(("zip -q -r", "tar -czf", "zip -q -r")):
        name = f"inner{number}{'.tgz' if 'tar' in program else '.zip'}"
        run([*program.split(), name, *names], folder)
        names = [name]
    plant.planted[:] = [
        type(each)(
            kind=f"{each.kind}, three deep",
            rows=each.rows,
            place=each.place,
            first_row=each.first_row,
        )
        for each in plant.planted
    ]
    return names


def run(command: list[str], folder: Path) -> None:
    """Run a packer quietly."""
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=_ENV)


def pack(
    path: Path, plant: Plant, command: str, *, fill: Callable[[Path, Plant], list[str]] = contents
) -> None:
    """Fill a folder, pack it: ``OUT`` stands for the archive, ``IN`` for what is packed."""
    path.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        names = fill(folder, plant)
        words: list[str] = []
        for word in command.split():
            words += names if word == "IN" else [word.replace("OUT", str(path))]
        run(words, folder)


def to_stdout(path: Path, plant: Plant, command: str) -> None:
    """Pack one file with a program that writes to its standard output."""
    with tempfile.TemporaryDirectory() as made:
        (name,) = single(Path(made), plant)
        done = subprocess.run(
            [*command.split(), name], cwd=made, check=True, capture_output=True, env=_ENV
        )
        path.write_bytes(done.stdout)


def behind_a_picture(path: Path, plant: Plant) -> None:
    """A picture and a ZIP archive in one file, each whole for its own programs."""
    pack(path, plant, "zip -q -r OUT.zip IN")
    packed = path.with_name(f"{path.name}.zip")
    picture = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
        "0000000a49444154789c63600000000200014827 9d400000000049454e44ae426082".replace(" ", "")
    )
    path.write_bytes(picture + packed.read_bytes())
    packed.unlink()


_PACKED: Final[tuple[tuple[str, str, str, str], ...]] = (
    *(
        (
            f"7zip/{method.lower()}.zip",
            f"zip ({method})",
            "7-Zip",
            f"7zz a -tzip -mm={method} OUT IN",
        )
        for method in ("Copy", "Deflate", "Deflate64", "BZip2", "LZMA", "PPMd", "xz")
    ),
    ("7zip/cp932-names.zip", "zip (Deflate)", "7-Zip", "7zz a -tzip -mcp=932 OUT IN"),
    ("7zip/lzma2.7z", "7z", "7-Zip", "7zz a -m0=LZMA2 OUT IN"),
    ("7zip/ppmd.7z", "7z", "7-Zip", "7zz a -m0=PPMd OUT IN"),
    ("7zip/bzip2.7z", "7z", "7-Zip", "7zz a -m0=BZip2 -mhc=off OUT IN"),
    ("7zip/copy.7z", "7z", "7-Zip", "7zz a -m0=Copy OUT IN"),
    ("7zip/book.wim", "wim", "7-Zip", "7zz a -twim OUT IN"),
    ("7zip/book.tar", "tar", "7-Zip", "7zz a -ttar OUT IN"),
    ("info-zip/deflate.zip", "zip (Deflate)", "Info-ZIP", "zip -q -r OUT IN"),
    ("info-zip/bzip2.zip", "zip (BZip2)", "Info-ZIP", "zip -q -r -Z bzip2 OUT IN"),
    ("tar/gnu.tar", "tar", "GNU tar", "tar --format=gnu -cf OUT IN"),
    ("tar/pax.tar", "tar", "GNU tar", "tar --format=pax -cf OUT IN"),
    ("tar/v7.tar", "tar", "GNU tar", "tar --format=v7 -cf OUT IN"),
    ("tar/book.tar.gz", "tar.gz", "GNU tar", "tar -czf OUT IN"),
    ("tar/book.tar.bz2", "tar.bz2", "GNU tar", "tar -cjf OUT IN"),
    ("tar/book.tar.xz", "tar.xz", "GNU tar", "tar -cJf OUT IN"),
    ("tar/book.tar.zst", "tar.zst", "GNU tar", "tar --zstd -cf OUT IN"),
    ("bsdtar/newc.cpio", "cpio", "bsdtar", "bsdtar --format=newc -cf OUT IN"),
    ("bsdtar/odc.cpio", "cpio", "bsdtar", "bsdtar --format=cpio -cf OUT IN"),
    ("bsdtar/ustar.tar", "tar", "bsdtar", "bsdtar --format=ustar -cf OUT IN"),
    ("bsdtar/book.7z", "7z", "bsdtar", "bsdtar --format=7zip -cf OUT IN"),
    ("bsdtar/book.zip", "zip (Deflate)", "bsdtar", "bsdtar --format=zip -cf OUT IN"),
    ("bsdtar/book.iso", "iso 9660", "bsdtar", "bsdtar --format=iso9660 -cf OUT IN"),
    ("bsdtar/book.xar", "xar", "bsdtar", "bsdtar --format=xar -cf OUT IN"),
)
_SINGLE: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("jlha/lh5.lzh", "lzh", "jlha", "jlha -ao5 OUT IN"),
    ("jlha/lh7.lzh", "lzh", "jlha", "jlha -ao7 OUT IN"),
    ("jlha/lh0.lzh", "lzh", "jlha", "jlha -az OUT IN"),
    ("gcab/mszip.cab", "cab", "gcab", "gcab -c -z OUT IN"),
    ("gcab/stored.cab", "cab", "gcab", "gcab -c OUT IN"),
    ("arj/list.arj", "arj", "arj", "arj a OUT IN"),
)
_STREAMS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("7zip/list.csv.gz", "gz", "7-Zip", "7zz a -tgzip -so x"),
    ("7zip/list.csv.xz", "xz", "7-Zip", "7zz a -txz -so x"),
    ("7zip/list.csv.bz2", "bz2", "7-Zip", "7zz a -tbzip2 -so x"),
    ("zstd/list.csv.zst", "zst", "zstd", "zstd -q -c"),
    ("ncompress/list.csv.Z", "Z", "ncompress", "compress -c"),
)
_LOCKED: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("7zip/aes256.zip", "zip (AES)", "7-Zip", "7zz a -tzip -mem=AES256 -ppassword OUT IN"),
    (
        "7zip/zipcrypto.zip",
        "zip (ZipCrypto)",
        "7-Zip",
        "7zz a -tzip -mem=ZipCrypto -ppassword OUT IN",
    ),
    ("7zip/password.7z", "7z", "7-Zip", "7zz a -ppassword OUT IN"),
    ("7zip/password-names.7z", "7z", "7-Zip", "7zz a -ppassword -mhe=on OUT IN"),
    ("info-zip/password.zip", "zip (ZipCrypto)", "Info-ZIP", "zip -q -r -P password OUT IN"),
    ("arj/password.arj", "arj", "arj", "arj a -gpassword OUT IN"),
)


def cases() -> Iterator[Case]:
    """What this module makes."""

    def case(file: str, kind: str, producer: str, **more) -> Case:
        return Case(file=file, format=kind, producer=producer, proof=False, **more)

    for file, kind, producer, command in _PACKED:
        yield case(
            file, kind, producer,
            build=lambda path, plant, command=command: pack(path, plant, command),
            twin=not file.endswith(".iso"),  # mostly padding
        )  # fmt: skip
    for file, kind, producer, command in _SINGLE:
        yield case(
            file, kind, producer,
            build=lambda path, plant, command=command: pack(path, plant, command, fill=ascii_single),
        )  # fmt: skip
    for file, kind, producer, command in _STREAMS:
        yield case(
            file, kind, producer,
            build=lambda path, plant, command=command: to_stdout(path, plant, command),
        )  # fmt: skip
    for file, kind, producer, command in _LOCKED:
        fill = ascii_single if producer == "arj" else contents
        yield case(
            file, kind, producer, twin=False, state="unreadable", reasons=("unknown_binary" if kind == "arj" else "encrypted",),
            build=lambda path, plant, command=command, fill=fill: pack(path, plant, command, fill=fill),
        )  # fmt: skip
    yield case(
        "info-zip/nested.zip", "zip (nested)", "Info-ZIP",
        build=lambda path, plant: pack(path, plant, "zip -q -r OUT IN", fill=nested),
    )  # fmt: skip
    yield case(
        "info-zip/picture.png", "png with zip", "Info-ZIP", build=behind_a_picture, twin=False
    )
    yield case(
        "sharutils/list.uue", "uuencode", "sharutils",
        build=lambda path, plant: to_stdout(path, plant, "uuencode -m list.csv"),
    )  # fmt: skip

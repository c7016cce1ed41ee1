"""The dictionary of names, and what is left without it."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from guard.names.dictionary import Dictionary, dictionary


def known() -> Dictionary:
    found = dictionary()
    assert found is not None
    return found


def test_names() -> None:
    """Every reading of a word is found, and whether it is a surname or a given name."""
    names = known().names("東")

    assert {(name.kana, name.surname) for name in names} == {
        ("アズマ", True),
        ("ヒガシ", True),
        ("ヒガシ", False),
    }


@pytest.mark.parametrize("word", ["", "山田太郎", "xyz", "\ud800", "\0", "あ" * 200])
def test_no_name(word: str) -> None:
    """What is no name is not found, whatever it is."""
    assert known().names(word) == []


def test_every_name() -> None:
    """All names are given, each as it is found by itself."""
    names = list(known().every_name())

    assert len(names) > 30_000
    for name in names[::2_000]:
        assert name in known().names(name.written)


@pytest.mark.parametrize("content", [b"", b"no dictionary", bytes(200)])
def test_other_file(tmp_path: Path, content: bytes) -> None:
    """A file that is no dictionary is refused, not read as one."""
    path = tmp_path / "sys.dic"
    path.write_bytes(content)

    with pytest.raises((ValueError, struct.error)):
        Dictionary(path)


_ASK = """
import json, sys
sys.modules["ipadic"] = None
from guard.names.compare import alike
from guard.names.dictionary import dictionary
assert dictionary() is None
print(json.dumps([alike(a, b).alike.value for a, b in json.loads(sys.argv[1])]))
"""


def test_without_dictionary() -> None:
    """Without it, names in our own tables are read all the same, and others as they are written."""
    pairs = {
        ("山田太郎", "Taro Yamada"): "same",
        ("髙橋 健一", "高橋健一"): "same",
        ("佐藤 裕子", "佐藤 祐子"): "confusable",
        ("佐藤 健一", "佐藤 花子"): "confusable",
        ("榎倉 翔馬", "榎倉翔馬"): "same",
        ("鈴木 花子", "田中 一郎"): "unrelated",
        ("Bob Miller", "Robert Miller"): "same",
    }
    done = subprocess.run(
        [sys.executable, "-c", _ASK, json.dumps(list(pairs))],
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == list(pairs.values())


def test_opened_late() -> None:
    """To import the engine opens no dictionary; nor does an English name."""
    ask = (
        "import sys\n"
        "from guard.names.compare import alike\n"
        "alike('John Smith', 'Smith, John')\n"
        "print('ipadic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"

"""Both languages are whole."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from guard.compose import language
from guard.compose.language import CATALOGUES, LANGUAGES, speak

ROOT = Path(__file__).resolve().parents[3]
PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)[sd]")


@pytest.fixture(scope="module")
def build() -> ModuleType:
    """The build hook, which also reads and writes catalogues."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("code", LANGUAGES)
def test_catalogue_is_complete(build: ModuleType, code: str) -> None:
    """Every message of the source is translated, none is fuzzy, and none is left over."""
    wanted = {message.id for message in build.extract() if message.id}
    catalogue = build.read(code, build.catalogues()[code])
    messages = {message.id: message for message in catalogue if message.id}

    assert set(messages) == wanted, "run `python hatch_build.py --update`"
    for message in messages.values():
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(texts), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("code", LANGUAGES)
def test_placeholders_survive(build: ModuleType, code: str) -> None:
    """A translation has the placeholders of its message, no more and no fewer."""
    for message in build.read(code, build.catalogues()[code]):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id:
            assert {frozenset(PLACEHOLDER.findall(text)) for text in texts} == {
                frozenset(PLACEHOLDER.findall(each)) for each in ids
            }, message.id


@pytest.mark.parametrize("code", LANGUAGES)
def test_compiled_catalogue_is_the_written_one(build: ModuleType, code: str) -> None:
    """What runs was compiled from what stands in the source: else run `python hatch_build.py`."""
    compiled = speak(code)
    for message in build.read(code, build.catalogues()[code]):
        if isinstance(message.id, str) and message.id:
            assert compiled.gettext(message.id) == message.string


def test_japanese_sentences_are_short(build: ModuleType) -> None:
    """No sentence is longer than 50 characters."""
    for message in build.read("ja", build.catalogues()["ja"]):
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in texts if message.id else ():
            assert all(len(sentence) <= 50 for sentence in text.split("。")), text


def test_a_missing_catalogue_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is spoken to in English because a file is missing."""
    monkeypatch.setattr(language, "CATALOGUES", tmp_path)
    speak.cache_clear()
    try:
        with pytest.raises(FileNotFoundError, match="hatch_build"):
            speak("ja")
    finally:
        monkeypatch.undo()
        speak.cache_clear()
    assert CATALOGUES.is_dir()


def test_compiling_refuses_what_is_not_translated(build: ModuleType, tmp_path: Path) -> None:
    """An install with a hole in a catalogue fails, naming the message."""
    folder = tmp_path / "guard" / "locale" / "ja" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "guard.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Hello"\nmsgstr ""\n', "utf-8")

    with pytest.raises(ValueError, match="Hello"):
        build.compile_catalogues(tmp_path)

    assert not list(folder.glob("*.mo"))

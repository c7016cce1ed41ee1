"""The kinds of likeness in words: what it is that somebody may have confused."""

from guard.compose.difference import difference
from guard.compose.language import speak
from guard.model.address import Address
from guard.names.domains import domain
from guard.names.likeness import SLIPS


def kind_words(kind: str, written: Address, meant: Address, language: str) -> str:
    """
    Say in a line how *written* is like *meant*: ``same surname, other company``.

    Where letters of the address itself were confused, these are named: ``"sy" instead of "sh"``.
    """
    if kind in SLIPS:
        return difference(written, meant).words(language)
    _ = speak(language).gettext
    words = {
        "same_name": _("same name, other address"),
        "kanji_variant": _("same name but for a kanji"),
        "same_reading": _("sounds the same, other characters"),
        "nickname": _("short form of the same name"),
        "initials": _("same initial or short form"),
        "near_name": _("name a letter or two off"),
        "same_surname": _("same surname"),
        "same_given": _("same given name"),
        "shared_word": _("part of the name is the same"),
        "same_local": _("same before the @"),
        "shared_box": _("same box"),
        "similar": _("looks similar"),
        "unlike": _("does not fit this conversation"),
    }.get(kind, kind)
    home, other = domain(written.domain), domain(meant.domain)
    if home.free and other.free:
        return words  # a mail provider is nobody's company
    if home.registrable == other.registrable:
        return _("{kind}, same company").format(kind=words)
    return _("{kind}, other company").format(kind=words)

"""The slides of a presentation, in the order in which they are shown (ECMA-376 §19.2.1)."""

from collections.abc import Mapping

from guard.extract.elements import Handler, attribute, walk
from guard.extract.relations import relations
from guard.extract.zipped import Archive


class _Order(Handler):
    """Ids of the relations to the slides."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "sldId":
            # Its own id, which is a number, has no namespace.
            found = (value for key, value in attributes.items() if key.endswith(" id"))
            self.found.append(next(found, ""))


class _Shown(Handler):
    """Whether a slide is shown."""

    def __init__(self) -> None:
        self.hidden = False

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "sld":
            self.hidden = attribute(attributes, "show") in {"0", "false"}


def slides(opened: Archive) -> dict[str, str]:
    """
    Give the place of each slide by the name of its part: ``hidden slide 3``.

    Raises:
        UnreadError: The presentation or a slide cannot be parsed.
        BadZipFile, OSError, EOFError: One of them is damaged.
    """
    presentation = opened.find("ppt/presentation.xml")
    if presentation is None:
        return {}
    order = _Order()
    walk(opened.unpack(presentation), order)
    parts = {identity: target for identity, _, target in relations(opened, presentation.filename)}
    places = {}
    for number, identity in enumerate(order.found, start=1):
        part = parts.get(identity, "")
        if info := opened.find(part):
            shown = _Shown()
            walk(opened.unpack(info), shown)
            places[part] = f"{'hidden ' if shown.hidden else ''}slide {number}"
    return places

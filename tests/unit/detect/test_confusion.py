"""Facts about two side by side."""

import pytest
from factories import box

from guard.contacts.acquaintance import Acquaintance, Acquainted, Candidate, Standing
from guard.detect.confusion import crowds, is_one_person, of_likeness, of_pair
from guard.detect.evidence import sign_of
from guard.model.contact import Contact, Relation
from guard.names.likeness import Face, Likeness, likeness

WORK = "佐藤 健 <sato@kita.example>"
SECOND = "佐藤 健 <ken.sato@minami.example>"
PRIVATE = "佐藤 健 <ken.sato@gmail.com>"
USED, ONCE, WRITES = (2, False), (1, False), (0, True)


def acquainted(written: str, *meant: str, used: tuple[int, bool] = USED) -> Acquainted:
    """A recipient and those it is like, all of them used as often, and writing or not."""
    count, writes = used
    relation, standing = Relation(by_organisation=count), Standing(writes=writes)
    known = box(written)
    face = Face(known.address.local, known.address.domain, known.name)
    candidates = []
    for other in map(box, meant):
        alike = likeness(face, Face(other.address.local, other.address.domain, other.name))
        assert isinstance(alike, Likeness)
        contact = Contact(address=other.address, name=other.name)
        candidates.append(Candidate(contact, relation, standing, alike))
    return Acquainted(
        address=known.address,
        name=known.name,
        relation=relation,
        standing=standing,
        candidates=tuple(candidates),
    )


def facts(known: Acquainted) -> set[str]:
    """The facts about the recipient and the first candidate."""
    acquaintance = Acquaintance(recipients=(known,))
    return set(of_pair(known, known.candidates[0], acquaintance, crowds(known)))


@pytest.mark.parametrize(
    ("written", "meant", "used", "one_person"),
    [
        pytest.param(SECOND, WORK, USED, True, id="both are written to"),
        pytest.param(SECOND, WORK, WRITES, True, id="both write"),
        pytest.param(SECOND, WORK, ONCE, False, id="one mail may be a slip"),
        pytest.param(
            "佐藤 <sato@minami.example>", "佐藤 <sato@kita.example>", USED, False, id="bare"
        ),
        pytest.param(
            "K. Sato <k@minami.example>", "K. Sato <ks@kita.example>", USED, False, id="initial"
        ),
        pytest.param("佐藤 健二 <sato@minami.example>", WORK, USED, False, id="another"),
        pytest.param(PRIVATE, WORK, USED, False, id="private for work"),
        pytest.param(WORK, PRIVATE, USED, True, id="work for private"),
    ],
)
def test_one_person(written: str, meant: str, used: tuple[int, bool], *, one_person: bool) -> None:
    """Addresses of one full name, each in use, are one person's; but work does not go private."""
    assert ("pair.one_person" in facts(acquainted(written, meant, used=used))) is one_person


def test_evidence_for_each() -> None:
    """That one of two addresses is in use says nothing about the other."""
    known = acquainted(SECOND, WORK)
    (candidate,) = known.candidates

    assert is_one_person(known, candidate)
    assert not is_one_person(known, candidate._replace(relation=Relation(by_organisation=1)))


def test_namesakes() -> None:
    """Of how many candidates the kind of likeness is, is a fact of each of them."""
    others = [f"佐藤 {name} <{n}@kita.example>" for n, name in enumerate(("誠", "薫", "学"))]
    few, many = (
        acquainted("佐藤 健 <k@minami.example>", *others[:1]),
        acquainted("佐藤 健 <k@minami.example>", *others),
    )

    assert "namesakes>1/same_surname" not in facts(few)
    assert "namesakes>1/same_surname" in facts(many)


@pytest.mark.parametrize(("thread", "said"), [(0, True), (1, False)])
def test_a_common_surname(thread: int, *, said: bool) -> None:
    """That a name is common speaks for another bearer, but not for one instead of who is asked."""
    alike = Likeness("same_surname", 94, "near", common=2)

    assert ("common>1/same_surname" in of_likeness(alike, "new", thread)) is said


def test_none_of_them_makes_suspicious() -> None:
    """Each of these facts may only speak for the recipient."""
    for fact in ("pair.one_person", "namesakes>3/same_given", "common>0/same_surname"):
        assert sign_of(fact) == -1

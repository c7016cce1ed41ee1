"""Who gets a held mail, and how that is labelled."""

from factories import COLLEAGUE, MEANT, TYPED, address, envelope, hold

from guard.compose.recipients import Part, parted


def test_parts() -> None:
    """To, Cc and Bcc are told apart by the header fields; doubtful ones are marked."""
    held = hold(recipients=(TYPED, COLLEAGUE, "hidden@example.net"), to=(TYPED,), cc=(COLLEAGUE,))

    assert [(each.text, each.part, each.doubtful) for each in parted(held)] == [
        (TYPED, Part.TO, True),
        (COLLEAGUE, Part.CC, False),
        ("hidden@example.net", Part.BCC, False),
    ]


def test_who_does_not_get_it() -> None:
    """Dropped recipients, and names that only stand in the header, come last."""
    held = hold(
        recipients=(COLLEAGUE,),
        envelope=envelope(recipients=(TYPED, COLLEAGUE)),
        to=(TYPED, "typed@example.org"),
        cc=(COLLEAGUE,),
    )

    assert [(each.text, each.part) for each in parted(held)] == [
        (COLLEAGUE, Part.CC),
        (TYPED, Part.NONE),
        ("typed@example.org", Part.NONE),
    ]


def test_a_replaced_recipient_is_a_hidden_one() -> None:
    """The contact who gets it instead stands in no header field."""
    held = hold(recipients=(MEANT,), envelope=envelope(recipients=(TYPED,)), to=(TYPED,), cc=())

    assert [(each.text, each.part) for each in parted(held)] == [
        (MEANT, Part.BCC),
        (TYPED, Part.NONE),
    ]


def test_the_same_person_in_other_letters_is_one() -> None:
    """Case does not make two recipients of one."""
    held = hold(recipients=("Sato@Kita-Syoji.example",), to=(address(TYPED).key,), cc=())

    assert [(each.text, each.part) for each in parted(held)] == [
        ("Sato@Kita-Syoji.example", Part.TO)
    ]

"""What a password of the sender's once showed; the password itself is nowhere."""

from dataclasses import dataclass

from guard.model.extract import ReadState, Reason
from guard.model.finding import CustomerRows, DetectorFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocked:
    """An encrypted attachment that was opened for judging, as later judgments know it."""

    file: str
    """Attachment name, as findings give it. It may be another once the mail is changed."""

    sha256: str
    """Of its octets, hexadecimal: by this it is known again, whatever it is called."""

    policy: str
    """Hash of the policy that it was judged by (`Verdict.policy`): another may look for more."""

    state: ReadState
    """How far it could be read once it was open."""

    reasons: tuple[Reason, ...] = ()
    findings: tuple[CustomerRows | DetectorFailed, ...] = ()
    """What was found in it, or could not be looked for. None of its text."""

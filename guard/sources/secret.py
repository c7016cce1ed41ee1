"""Passwords for sources: only ever in files of their own."""

from pathlib import Path

from guard.model.errors import SourceError


def password_in(file: Path) -> str:
    """
    Give the password that stands alone in *file*.

    Raises:
        SourceError: It cannot be read, or is empty: a bind without a password would succeed.
    """
    try:
        password = file.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise SourceError(f"password_file {file}: cannot be read ({reason})") from None
    if not password:
        raise SourceError(f"password_file {file}: is empty; write the password into it, alone")
    return password

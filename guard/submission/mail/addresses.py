"""The argument of MAIL and RCPT: a path, and the parameters behind it (RFC 5321 §4.1.2)."""

import re

from guard.model.address import Address, AddressError

# A quoted local part may hold spaces and brackets. Whatever else stands between the brackets is
# judged by `Address.parse`, so a source route (``<@a,@b:c@d>``), obsolete and never needed by
# submission, is refused with all the other things that are no mailbox.
_PATH = re.compile(r'<((?:"(?:[^"\\]|\\.)*"@)?[^<>" ]*)>(?: +(.*))?')
_PARAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(?:=[!-<>-~]+)?")


class ParamError(ValueError):
    """What stands behind the path is no list of parameters."""


def parse_path(argument: str) -> tuple[Address | None, tuple[str, ...]]:
    """
    Read what stands after ``FROM:`` or ``TO:``; `None` is the null path ``<>``.

    Parameters are given as they stand, case kept. A space before the path is forgiven, missing
    brackets are not.

    Raises:
        AddressError: There is no path, or it is no mailbox.
        ParamError: Parameters are malformed, or one is given twice.
    """
    match = _PATH.fullmatch(argument.strip(" "))
    if match is None:
        raise AddressError("no path in angle brackets")
    mailbox, rest = match.groups()
    params = tuple(param for param in (rest or "").split(" ") if param)
    if not all(_PARAM.fullmatch(param) for param in params):
        raise ParamError("malformed parameter")
    if len({keyword(param) for param in params}) < len(params):
        raise ParamError("parameter given twice")
    return (Address.parse(mailbox) if mailbox else None), params


def keyword(param: str) -> str:
    """Give the name of a parameter, in upper case."""
    return param.partition("=")[0].upper()


def value(param: str) -> str:
    """Give what stands behind the equals sign; empty where there is none."""
    return param.partition("=")[2]

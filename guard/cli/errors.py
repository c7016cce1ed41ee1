"""How a command ends when something is wrong: words on stderr and the exit code that fits."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import click

from guard.model.errors import (
    GuardError,
    KeyFileError,
    SchemaError,
    SettingsError,
    SourceError,
)
from guard.problems import count, render

FOUND_PROBLEMS: Final = 1
WRONG_USAGE: Final = 2
AWAY: Final = 69
TEMPORARY: Final = 75
"""Trying again later may help."""

MISCONFIGURED: Final = 78
INTERRUPTED: Final = 130
"""As shells have it: 128 and the number of SIGINT."""

# Errors that only writing can end in.
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def told() -> Iterator[None]:
    """
    Tell of Guard's own errors in words, and end with their exit code.

    So does output that cannot be written, while a reader who went away (``| head``) is told
    nothing. Any other error is a bug and keeps its traceback.
    """
    try:
        yield
        _flush()
    except SystemExit:
        _flush()
        raise
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(INTERRUPTED)
    except OSError as error:
        if error.filename is not None or error.errno not in _NO_ROOM:
            raise
        _unwritten(error)
    except SettingsError as error:
        click.echo(render(error.problems, error.sources), err=True)
        click.echo(f"\n{count(error.problems)}", err=True)
        sys.exit(MISCONFIGURED)
    except (KeyFileError, SchemaError) as error:
        fail(str(error), MISCONFIGURED)
    except SourceError as error:
        fail(str(error), FOUND_PROBLEMS)
    except GuardError as error:
        fail(str(error) or error.reply.text, AWAY)


def _flush() -> None:
    """Write what waits for stdout now: when Python does it at the end, nobody can be told."""
    try:
        if sys.stdout is not None:  # closed by who started us
            sys.stdout.flush()
    except OSError as error:
        _unwritten(error)


def _unwritten(error: OSError) -> NoReturn:
    """End because stdout takes no more."""
    # Or Python tries once more at the end, and says so.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        sys.exit(FOUND_PROBLEMS)
    fail(f"the output cannot be written ({error.strerror})", AWAY)


def fail(message: str, code: int) -> NoReturn:
    """Say *message* on stderr and exit with *code*."""
    click.echo(f"guard: {message}", err=True)
    sys.exit(code)

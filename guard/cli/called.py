"""How this program was called, to print commands that can be copied."""

import shlex
import shutil
import sys
from pathlib import Path


def called() -> str:
    """
    Give what to type for ``guard`` here: the bare name where the shell would find this program.

    Otherwise its path, relative where it lies below the current folder; quoted for a shell.
    """
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return "python -m guard"
    if not program.is_file():
        return "guard"  # embedded, as in `python -c`: nothing to type stands in the arguments
    # Absolute, but not resolved: a link in a folder of commands is what people call.
    path = program.absolute()
    if shutil.which(program.name) == str(path):
        return program.name
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else program))

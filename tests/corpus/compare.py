"""
The corpus read by ready-made extractors, beside Guard, in one run.

They stand in an environment of their own, whose interpreter is given: kreuzberg and markitdown.
What they raise counts as an error; what they leave out without one is lost silently.
"""

import argparse
import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from guard.model.extract import Extract, Passage, ReadState, Reason
from tests.corpus.measured import Result, judge, measure
from tests.corpus.planted import HERE, Made, load

OTHERS = {
    "kreuzberg": (
        "from kreuzberg import extract_file_sync as e; import kreuzberg as m\n"
        "def read(path): return e(path).content\n"
    ),
    "markitdown": (
        "import markitdown as m; e = m.MarkItDown()\n"
        "def read(path): return e.convert(path).text_content\n"
    ),
}

LOOP = """
import json, sys, time
print(json.dumps(getattr(m, "__version__", "")), flush=True)
for path in sys.stdin.read().splitlines():
    began = time.perf_counter()
    try:
        text, error = read(path), ""
    except BaseException as raised:
        text, error = "", type(raised).__name__
    print(json.dumps([text, error, time.perf_counter() - began]), flush=True)
"""

ENOUGH_S = 900
"""Seconds for all files; who needs longer is stopped, and the rest counts as errors."""


def other(name: str, python: str, corpus: Sequence[Made]) -> tuple[str, list[Result], float]:
    """Read the corpus by another extractor: its version, what it found, and seconds."""
    paths = "\n".join(str(made.path) for made in corpus)
    done = subprocess.run(
        ["timeout", str(ENOUGH_S), python, "-c", OTHERS[name] + LOOP],
        input=paths,
        capture_output=True,
        text=True,
        check=False,
    )
    version, *answers = [json.loads(line) for line in done.stdout.splitlines() if line[:1] in '["']
    answers += [["", "stopped", 0.0]] * (len(corpus) - len(answers))
    results = [
        judge(made, _extract(made, text, error))
        for made, (text, error, _) in zip(corpus, answers, strict=True)
    ]
    return version, results, sum(seconds for *_, seconds in answers)


def _extract(made: Made, text: str, error: str) -> Extract:
    return Extract(
        file=made.file,
        state=ReadState.PARTIAL if error else ReadState.READ,
        reasons=(Reason.CRASH,) if error else (),
        passages=(Passage(place="", text=text),),
    )


def told(name: str, results: Sequence[Result], seconds: float) -> dict[str, Any]:
    """Give a row of the table."""
    return {
        "name": name,
        "rows": sum(place.rows for each in results for place in each.places),
        "found": sum(place.found for each in results for place in each.places),
        "files": len(results),
        "whole": sum(all(p.found == p.rows for p in each.places) for each in results),
        "silent": sum(each.silent for each in results),
        "errors": sum(each.extract.state is not ReadState.READ for each in results),
        "seconds": round(seconds, 1),
    }


def main() -> int:
    """Run all, and write the table for docs/formats.md."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.corpus.compare")
    parser.add_argument("--python", required=True, help="interpreter that has the others")
    parser.add_argument("--json", type=Path, default=HERE / "compared.json")
    options = parser.parse_args()
    corpus = [made for made in load() if not made.clean and made.state == "read"]
    began = time.perf_counter()
    ours = measure(corpus)
    rows = [told("Guard, in its sandbox, two at a time", ours, time.perf_counter() - began)]
    for name in OTHERS:
        version, results, seconds = other(name, options.python, corpus)
        rows.append(told(f"{name} {version}".strip(), results, seconds))
        print(rows[-1], file=sys.stderr)
    today = dt.datetime.now(dt.UTC).date().isoformat()
    options.json.write_text(json.dumps({"date": today, "extractors": rows}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

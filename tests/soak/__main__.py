"""
A guard under load, with a fault every minute.

    python -m tests.soak                              an hour
    python -m tests.soak --minutes 5 --fault-every 15

The report goes to stdout, talk to stderr. Exit code 1 says that a promise was broken.
"""

import argparse
import sys
from pathlib import Path

from tests.soak.run import Plan, main


def arguments() -> argparse.Namespace:
    """Read the command line."""
    plan = Plan()
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=plan.minutes)
    parser.add_argument("--rate", type=float, default=plan.rate, help="mails a second")
    parser.add_argument("--fault-every", type=float, default=plan.fault_every_s, metavar="SECONDS")
    parser.add_argument("--fault-lasts", type=float, default=plan.fault_lasts_s, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=plan.seed)
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write the report there")
    return parser.parse_args()


if __name__ == "__main__":
    given = arguments()
    sys.exit(
        main(
            Plan(
                minutes=given.minutes,
                rate=given.rate,
                fault_every_s=given.fault_every,
                fault_lasts_s=given.fault_lasts,
                seed=given.seed,
            ),
            given.out,
        )
    )

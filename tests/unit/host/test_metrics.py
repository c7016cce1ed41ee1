"""Several processes count as one."""

import json
import os
import subprocess
import sys

SCRIPT = """
import os, sys
from guard.host import metrics

with metrics.counted_together():
    from prometheus_client import Counter, Gauge, Histogram, generate_latest
    mails = Counter("t_mails", "Mails.", ["kind"])
    here = Gauge("t_here", "Clients.", multiprocess_mode="livesum")
    well = Gauge("t_well", "1, if so.", multiprocess_mode="livemin")
    took = Histogram("t_took_seconds", "Seconds.", buckets=(1, 2))

    def worker(seat, count):
        pid = os.fork()
        if not pid:
            metrics.sit(seat)
            mails.labels("clean").inc(count)
            here.inc(count)
            well.set(1)
            took.observe(1.5)
            os._exit(0)
        os.waitpid(pid, 0)

    worker(0, 1)
    worker(1, 10)
    print(generate_latest(metrics.registry()).decode())
    print("---")
    metrics.rise(0)
    worker(0, 100)
    print(generate_latest(metrics.registry()).decode())
    folder = os.environ["PROMETHEUS_MULTIPROC_DIR"]
    print("---", len(os.listdir(folder)), oct(os.stat(folder).st_mode & 0o777))
print(os.path.exists(folder), metrics.registry() is __import__("prometheus_client").REGISTRY)
"""


def test_the_sum_of_all_seats() -> None:
    """
    What was counted stays when a worker dies, and who follows counts on; its clients are gone.

    The folder is private, does not grow with each death, and is gone in the end.
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if "PROMETHEUS" not in name},
    )
    before, after, end = done.stdout.split("---")

    assert 't_mails_total{kind="clean"} 11.0' in before
    assert "t_here 11.0" in before
    assert "t_well 1.0" in before  # who only supervises has no say
    assert 't_took_seconds_bucket{le="2.0"} 2.0' in before
    assert 't_mails_total{kind="clean"} 111.0' in after
    assert "t_here 110.0" in after
    assert 't_took_seconds_bucket{le="2.0"} 3.0' in after
    files, mode, exists, alone = end.split()
    assert (int(files) <= 12, mode, exists, json.loads(alone.lower())) == (
        True,
        "0o700",
        "False",
        True,
    )

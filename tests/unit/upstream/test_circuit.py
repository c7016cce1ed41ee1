"""R-E4: an upstream that does not answer is asked seldom."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.model.errors import UpstreamError
from guard.upstream.circuit import FAILURES, LONGEST_PAUSE_S, OPEN, PAUSE_S, Circuit


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def circuit(watch: Watch) -> Iterator[Circuit]:
    circuit = Circuit(watch)
    yield circuit
    circuit.close()
    assert gauge() == 0


def gauge() -> float:
    return OPEN._value.get()


def attempt(circuit: Circuit, *, works: bool = False) -> bool:
    """Try a connection; false if it was not even tried."""
    tried = False
    try:
        with circuit.attempt():
            tried = True
            if not works:
                raise UpstreamError("no connection")
    except UpstreamError:
        assert not works or not tried
    return tried


def open_up(circuit: Circuit) -> None:
    assert [attempt(circuit) for _ in range(FAILURES)] == [True] * FAILURES


def test_repeated_failures_open_it(circuit: Circuit) -> None:
    """R-E4: after some failures in a row nobody waits any more; the gauge says so."""
    open_up(circuit)

    assert circuit.is_open
    assert gauge() == 1
    assert not attempt(circuit, works=True)


def test_only_failures_in_a_row_count(circuit: Circuit) -> None:
    """A server that answers now and then is asked as before."""
    for _ in range(FAILURES):
        attempt(circuit)
        attempt(circuit, works=True)
    assert not circuit.is_open


def test_pauses_grow(circuit: Circuit, watch: Watch) -> None:
    """R-E4: one probe after each pause, from 1 to 30 s; a success ends it all."""
    open_up(circuit)
    pauses = []
    for _ in range(8):
        pause = 0.0
        while not attempt(circuit):
            watch.seconds += 0.5
            pause += 0.5
        pauses.append(pause)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]

    watch.seconds += LONGEST_PAUSE_S
    assert attempt(circuit, works=True)
    assert not circuit.is_open
    assert gauge() == 0
    open_up(circuit)
    watch.seconds += PAUSE_S  # begins anew
    assert attempt(circuit, works=True)


def test_one_probe_at_a_time(circuit: Circuit, watch: Watch) -> None:
    """While one finds out, the others are answered at once."""
    open_up(circuit)
    watch.seconds += PAUSE_S
    with circuit.attempt():
        assert not attempt(circuit)
    assert attempt(circuit, works=True)


def test_a_probe_that_is_given_up(circuit: Circuit, watch: Watch) -> None:
    """Its client went away: nothing is known, and the next may probe."""
    open_up(circuit)
    watch.seconds += PAUSE_S
    with pytest.raises(KeyboardInterrupt), circuit.attempt():
        raise KeyboardInterrupt
    assert attempt(circuit, works=True)


def test_failures_at_the_same_time(circuit: Circuit, watch: Watch) -> None:
    """A hundred connections that fail together make no longer pause than three."""
    attempts = [circuit.attempt() for _ in range(100)]
    for each in attempts:
        each.__enter__()
    for each in attempts:
        error = UpstreamError("no connection")
        assert not each.__exit__(UpstreamError, error, None)
    watch.seconds += PAUSE_S
    assert attempt(circuit, works=True)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 40))))
def test_no_way_into_silence(steps: list[tuple[bool, float]]) -> None:
    """Whatever happened, after the longest pause the upstream is asked again."""
    watch = Watch()
    circuit = Circuit(watch)
    for works, seconds in steps:
        attempt(circuit, works=works)
        watch.seconds += seconds
    watch.seconds += LONGEST_PAUSE_S

    assert attempt(circuit, works=True)
    assert not circuit.is_open

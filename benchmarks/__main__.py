"""``python -m benchmarks``: measure and print; with ``--write`` the table goes into the README."""

import argparse
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from benchmarks import (
    decision,
    drain,
    ledger,
    load,
    machine,
    reading,
    seeding,
    servers,
    serving,
    tick,
    transition,
)
from benchmarks.result import HEADS, Result, table
from benchmarks.servers import PostgreSQL, Server, SQLite

README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->"


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int
    issues: int
    """Issues that one round files, and walks from the desk to the publicity."""
    background: int
    decisions: int
    reads: int
    listed: int
    crowd: int
    small: int
    due: int
    flood: int
    messages: int
    drained: int
    visits: int


FULL = Size(
    rounds=7,
    issues=25,
    background=2_000,
    decisions=5_000,
    reads=50,
    listed=100_000,
    crowd=1_000_000,
    small=10_000,
    due=1_000,
    flood=100_000,
    messages=40,
    drained=40_000,
    visits=400,
)
QUICK = Size(
    rounds=5,
    issues=10,
    background=200,
    decisions=1_000,
    reads=20,
    listed=20_000,
    crowd=100_000,
    small=10_000,
    due=500,
    flood=10_000,
    messages=20,
    drained=10_000,
    visits=200,
)


def _transition(server: Server, size: Size) -> list[Result]:
    return transition.run(
        server, rounds=size.rounds, issues=size.issues, background=size.background
    )


def _tick(server: Server, size: Size) -> list[Result]:
    return tick.run(
        server,
        rounds=size.rounds,
        size=size.crowd,
        due=size.due,
        small=size.small,
        flood=size.flood,
    )


def _reading(server: Server, size: Size) -> list[Result]:
    return reading.run(server, rounds=size.rounds, size=size.listed, reads=size.reads)


def _drain(server: Server, size: Size) -> list[Result]:
    # A file has one server, so no workers beside it.
    if isinstance(server, SQLite):
        return []
    return drain.run(server, rounds=min(size.rounds, 3), messages=size.drained)


def _load(server: Server, size: Size) -> list[Result]:
    # Several web processes are several servers, of which a file has one.
    if isinstance(server, SQLite):
        return []
    return load.run(server, rounds=min(size.rounds, 5), size=size.listed, asked=size.visits)


def _decision(server: Server, size: Size) -> list[Result]:
    return decision.run(server, rounds=size.rounds, decisions=size.decisions)


def _seeding(_server: Server, size: Size) -> list[Result]:
    return seeding.run(rounds=min(size.rounds, 3))


def _serving(_server: Server, size: Size) -> list[Result]:
    return serving.run(rounds=min(size.rounds, 5), messages=size.messages)


def _ledger(_server: Server, size: Size) -> list[Result]:
    return ledger.run(rounds=min(size.rounds, 3), size=size.small)


Measure = Callable[[Server, Size], list[Result]]
ON_BOTH: dict[str, Measure] = {
    "transition": _transition,
    "tick": _tick,
    "reading": _reading,
    "drain": _drain,
    "load": _load,
}
ONCE: dict[str, Measure] = {
    "decision": _decision,
    "seeding": _seeding,
    "serving": _serving,
    "ledger": _ledger,
}


def main() -> int:
    """Measure; 1 if a floor does not hold."""
    asked = _asked()
    gc.freeze()  # as every process of the product does when it starts
    size = QUICK if asked.quick else FULL
    names = asked.subjects or [*ON_BOTH, *ONCE]
    folder = servers.folder()
    if machine.is_busy():
        print("Others use this machine; the figures will be worse than they are.", file=sys.stderr)
    results: list[Result] = []
    with ExitStack() as stack:
        lite, heavy = SQLite(folder), _postgresql(stack, folder, asked.on)
        kind = machine.described(folder, _version(heavy))
        print(f"{kind}\n\n{table(())}")
        for result in _measured(names, asked.on, lite, heavy, size):
            results.append(result)
            print(f"| {' | '.join(result.cells())} |", flush=True)
    missed = [result for result in results if not result.holds]
    print(f"\n{len(results)} figures, {len(missed)} below their floor.")
    if asked.write:
        _write(results, kind)
    return 1 if missed else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    every = [*ON_BOTH, *ONCE]
    parser.add_argument("subjects", nargs="*", help=f"all, or some of {', '.join(every)}")
    parser.add_argument("--quick", action="store_true", help="smaller crowds, fewer rounds")
    parser.add_argument("--on", choices=("sqlite", "postgresql"), help="one database only")
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    asked = parser.parse_args()
    if unknown := set(asked.subjects) - set(every):
        parser.error(f"no subject {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    return asked


def _postgresql(stack: ExitStack, folder: Path, only: str | None) -> PostgreSQL | None:
    return None if only == "sqlite" else stack.enter_context(servers.postgresql(folder))


def _measured(
    names: list[str], only: str | None, lite: SQLite, heavy: PostgreSQL | None, size: Size
) -> Iterator[Result]:
    for name in names:
        if name in ONCE:
            yield from ONCE[name](lite, size)
            continue
        if only != "postgresql":
            yield from ON_BOTH[name](lite, size)
        if heavy is not None:
            yield from ON_BOTH[name](heavy, size)


def _version(server: PostgreSQL | None) -> str:
    if server is None:
        return ""
    url = server.url("postgres").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        number = connection.info.server_version
    return f", PostgreSQL {number // 10_000}.{number % 10_000} (loopback, synchronous_commit=on)"


def _write(results: list[Result], kind: str) -> None:
    day = datetime.now(UTC).date().isoformat()
    text = README.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    figures = f"Measured on {day}: {kind}.\n\n{table(results)}\n\n"
    README.write_text(f"{head}{BEGIN}{figures}{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    assert len(HEADS) == len(Result("", "", "", 0, 0).cells())
    sys.exit(main())

"""The queue in memory, the embedded worker and hints; the same worker on a real Valkey."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest
from celery import Celery

from config.settings import Settings, load_settings
from tasks.app import make_app
from tasks.embedded import EmbeddedWorker
from tasks.hints import PATIENCE, Hints
from tasks.inproc import BELL, Bell
from tasks.watchdog import Watchdog

PING = "test.ping"


class Bench:
    """An application with a few tasks, and a worker."""

    def __init__(self, settings: Settings) -> None:
        self.app: Celery = make_app(settings)
        self.settings = settings
        self.pings: list[float] = []
        self.pinged = threading.Semaphore(0)
        self.go = threading.Event()
        self.worker = EmbeddedWorker(self.app)
        self.hints = Hints(self.app, embedded=settings.embedded)

        @self.app.task(name=PING, shared=False)
        def ping() -> None:
            self.hints.taken(PING)
            self.pings.append(time.perf_counter())
            self.pinged.release()

        @self.app.task(name="test.exits", shared=False)
        def exits() -> None:
            raise SystemExit(1)

        @self.app.task(name="test.fails", shared=False)
        def fails() -> None:
            raise ValueError("a bug")

        @self.app.task(name="test.holds", shared=False)
        def holds() -> None:
            self.go.wait(10)

    def arrived(self, seconds: float = 5.0) -> bool:
        return self.pinged.acquire(timeout=seconds)


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Running, in memory; `indirect` names a broker's fixture."""
    broker = getattr(request, "param", None)
    url = request.getfixturevalue(broker) if broker else "inproc://"
    bench = Bench(load_settings(env_file=None, broker_url=url))
    bench.worker.start()
    bench.hints.start()
    yield bench
    bench.go.set()
    bench.hints.stop()
    assert bench.worker.stop()
    bench.app.close()


both = pytest.mark.parametrize(
    "bench", [None, "redis_url"], indirect=True, ids=["inproc", "valkey"]
)


@both
def test_a_hint_becomes_a_task(bench: Bench) -> None:
    bench.hints.give(PING)
    assert bench.arrived()


@both
def test_a_task_that_exits_or_fails_stops_nothing(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL):
        for _ in range(3 * bench.worker.threads):
            bench.app.send_task("test.exits")
            bench.app.send_task("test.fails")
        bench.hints.give(PING)
        assert bench.arrived()
    assert bench.worker.is_well


@both
def test_it_stops_in_time_and_starts_again(bench: Bench) -> None:
    began = time.monotonic()
    assert bench.worker.stop()
    assert time.monotonic() - began < 2.5
    assert not bench.worker.is_well
    bench.hints.give(PING)
    bench.worker.start()
    assert bench.arrived()


def test_an_idle_worker_hears_a_hint_at_once(bench: Bench) -> None:
    waits = []
    for _ in range(30):
        began = time.perf_counter()
        bench.app.send_task(PING)
        assert bench.arrived()
        waits.append(bench.pings[-1] - began)
    assert median(waits) < 0.02


def test_a_burst_is_not_held_back(bench: Bench) -> None:
    began = time.monotonic()
    for _ in range(300):
        bench.app.send_task(PING)
    for _ in range(300):
        assert bench.arrived()
    assert time.monotonic() - began < 5


def test_a_task_that_will_not_end_is_left_behind(bench: Bench) -> None:
    bench.app.send_task("test.holds")
    bench.hints.give(PING)
    assert bench.arrived()
    began = time.monotonic()
    assert not bench.worker.stop(grace=0.3)
    assert time.monotonic() - began < 2
    bench.go.set()


def test_a_hint_that_still_waits_is_not_repeated(bench: Bench) -> None:
    for _ in range(bench.worker.threads):
        bench.app.send_task("test.holds")
    for _ in range(20):
        bench.hints.give(PING)
        time.sleep(0.005)
    bench.go.set()
    assert bench.arrived()
    assert not bench.arrived(0.1)
    bench.hints.give(PING)
    assert bench.arrived()


def test_a_hint_that_was_lost_is_given_again_after_a_while(bench: Bench) -> None:
    assert bench.worker.stop()
    bench.hints.give(PING)
    while not bench.hints._given:
        time.sleep(0.001)
    assert not bench.hints._is_needed(PING)
    bench.hints._given[PING] -= PATIENCE
    assert bench.hints._is_needed(PING)


def test_without_a_broker_nobody_waits_and_the_log_is_not_flooded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench(load_settings(env_file=None, broker_url="redis://127.0.0.1:1/0"))
    bench.hints.start()
    began = time.monotonic()
    bench.hints.give(PING)
    assert time.monotonic() - began < 0.5
    while not bench.hints._silent_until:
        time.sleep(0.01)
    assert time.monotonic() - began < 3
    for _ in range(10):
        bench.hints.give(PING)
        time.sleep(0.005)
    bench.hints.stop()
    assert caplog.text.count("broker is away") == 1
    bench.app.close()


def test_the_watchdog_starts_a_dead_worker_anew(bench: Bench) -> None:
    watchdog = Watchdog([bench.worker], every=0.05)
    assert bench.worker.stop()
    watchdog.start()
    try:
        bench.hints.give(PING)
        assert bench.arrived()
    finally:
        watchdog.stop()


def test_the_watchdog_outlives_what_it_cannot_revive(caplog: pytest.LogCaptureFixture) -> None:
    class Hopeless:
        is_well = False
        tries = threading.Semaphore(0)

        def revive(self) -> None:
            self.tries.release()
            raise OSError("no")

    patient = Hopeless()
    watchdog = Watchdog([patient], every=0.01)
    watchdog.start()
    assert patient.tries.acquire(timeout=5)
    assert patient.tries.acquire(timeout=5)
    watchdog.stop()
    assert "could not be started anew" in caplog.text


def test_a_ring_between_looking_and_listening_is_heard() -> None:
    bell = Bell()
    heard = bell.rings
    bell.ring()
    assert bell.listen(heard, 10)
    assert not bell.listen(bell.rings, 0.01)


def test_every_listener_hears_the_bell() -> None:
    bell = Bell()
    listen: Callable[[], bool] = lambda: bell.listen(0, 10)  # noqa: E731
    with ThreadPoolExecutor(3) as pool:
        heard = [pool.submit(listen) for _ in range(3)]
        bell.ring()
        assert [one.result() for one in heard] == [True] * 3


def test_two_installations_in_one_process_do_not_share_a_queue() -> None:
    one, two = (Bench(load_settings(env_file=None)) for _ in range(2))
    assert one.app.conf.task_default_queue != two.app.conf.task_default_queue
    assert BELL.rings >= 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task_acks_late", True),
        ("task_reject_on_worker_lost", True),
        ("task_ignore_result", True),
        ("worker_prefetch_multiplier", 1),
        ("worker_hijack_root_logger", False),
    ],
)
def test_what_the_broker_must_be_told(name: str, value: object) -> None:
    app = make_app(load_settings(env_file=None, broker_url="redis://127.0.0.1:1/0"))
    assert app.conf[name] == value
    options = app.conf.broker_transport_options
    assert options["visibility_timeout"] > app.conf.task_time_limit
    assert options["unacked_restore_throttle"] == 1

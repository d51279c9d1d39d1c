"""Fixtures for all tests. What is missing on the machine is named loudly in the summary.

Drivers are loaded by the first test that needs them, so that a unit test starts at once.
"""

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests import servers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.databases import Filling, PostgreSQL, SQLite
    from tests.mail import Sink

NOT_PROVED = "NOT PROVED on this machine: "
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
KEPT = ("BIHUAN_TEST_", "BIHUAN_CHROMIUM")
# A busy machine is no fault of the code: examples are not timed.
settings.register_profile(
    "bihuan", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("steady", settings.get_profile("bihuan"), derandomize=True)
LONG_FIRST = ("chaos", "operations", "property", "web", "api", "tasks")
"""Folders whose files take longest: begun last, one of them would keep everybody waiting."""
HERE = Path(__file__).parent
KEEPER = pytest.StashKey[servers.Servers]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the keeper once per run; the settings of whoever runs the tests stay outside.

    Of the same code every run of `make test` says the same: new examples are tried by the long one.
    """
    settings.load_profile("steady" if "not long" in config.option.markexpr else "bihuan")
    for name in [name for name in os.environ if name.startswith("BIHUAN_")]:
        if not name.startswith(KEPT):
            del os.environ[name]
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        config.stash[KEEPER] = servers.Servers()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that all workers end at about the same time."""
    items.sort(key=lambda item: item.path.relative_to(HERE).parts[0] not in LONG_FIRST)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that a test runs sets up logs, to a stream that ends with it."""
    root = logging.getLogger()
    handlers, level = set(root.handlers), root.level
    yield
    for handler in set(root.handlers) - handlers:
        root.removeHandler(handler)
    root.setLevel(level)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started."""
    if keeper := config.stash.get(KEEPER, None):
        keeper.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what the machine could not prove, and how many tests that touches."""
    missing: dict[str, int] = {}
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        if NOT_PROVED in reason:
            missing[reason] = missing.get(reason, 0) + 1
    for reason, count in missing.items():
        terminalreporter.write_line(f"{reason} ({count} tests)", red=True, bold=True)


def _url(name: str) -> str:
    try:
        return servers.server_url(name)
    except servers.Missing as error:
        pytest.skip(f"{NOT_PROVED}no {name}: {error}")


@contextmanager
def own_server(start: Callable[[], tuple[str, Callable[[], None]]]) -> Iterator[str]:
    """The address of a server of the test's own."""
    try:
        url, stop = start()
    except servers.Missing as error:
        pytest.skip(f"{NOT_PROVED}{error}")
    try:
        yield url
    finally:
        stop()


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this process among those of the run: gw0, gw1 …, or main."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> "SQLite":
    """The maker of SQLite files."""
    databases = import_module("tests.databases")
    maker: SQLite = databases.SQLite(tmp_path_factory.mktemp("sqlite"))
    return maker


@pytest.fixture(scope="session")
def postgresql(worker: str) -> Iterator["PostgreSQL"]:
    """The maker of PostgreSQL databases, on a real server."""
    databases = import_module("tests.databases")
    maker = databases.PostgreSQL(_url("postgres"), databases.prefix(worker))
    yield maker
    maker.close()


@pytest.fixture
def filling(request: pytest.FixtureRequest) -> "Filling":
    """What a fresh database holds: the small city if the test lives in it, else no rows."""
    in_city = "world" in request.fixturenames
    found: Filling = (
        import_module("tests.world").fill
        if in_city
        else import_module("tests.databases").create_schema
    )
    return found


@pytest.fixture
def sqlite_url(sqlite: "SQLite", tmp_path: Path, filling: "Filling") -> Iterator[str]:
    """A fresh SQLite database with all tables."""
    with sqlite.fresh(tmp_path, filling=filling) as url:
        yield url


@pytest.fixture
def postgres_url(postgresql: "PostgreSQL", filling: "Filling") -> Iterator[str]:
    """A fresh PostgreSQL database with all tables."""
    with postgresql.fresh(filling=filling) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with all tables; the test runs once on each kind."""
    name = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    return str(request.getfixturevalue(name))


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database without tables, for migrations; the test runs once on each kind."""
    maker = request.getfixturevalue(request.param)
    where = {"folder": tmp_path} if request.param == "sqlite" else {}
    with maker.fresh(schema=False, **where) as url:
        yield url


@pytest.fixture
def redis_url(worker: str) -> str:
    """An empty database of a real Valkey, this worker's own."""
    number = int(worker.removeprefix("gw")) if worker.startswith("gw") else 0
    url = f"{_url('redis').rstrip('/')}/{number}"
    with import_module("redis").Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def mail_sink() -> Iterator["Sink"]:
    """A real SMTP server that keeps what it is given."""
    with import_module("tests.mail").Sink() as sink:
        yield sink


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium on this machine."""
    found = os.environ.get("BIHUAN_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), "")
    if not found:
        pytest.skip(f"{NOT_PROVED}no browser: install chromium or set BIHUAN_CHROMIUM")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator["Browser"]:
    """One headless Chromium for all tests of this worker."""
    with import_module("playwright.sync_api").sync_playwright() as play:
        # Chromium refuses its sandbox to root.
        sandbox = os.geteuid() != 0
        launched = play.chromium.launch(executable_path=chromium, chromium_sandbox=sandbox)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page without history or cookies; a script error on it fails the test."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors, errors

"""The health page, /readyz and /metrics: what people and machines are told, and who."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from config.settings import Settings, load_settings
from tasks.times import Times
from tests.flows.issues.walks import rectifying
from tests.web.conftest import Visitor, WorldRuntime
from tests.world import START, World, entered
from web.app import create_app
from workflow import migrate
from workflow.operations import actions, leases, queries
from workflow.operations.findings import CLOCK_LEASE, Finding, ProcessRow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The city in a database that says that it has been migrated, with every part at work."""
    with entered(database_url) as world:
        with world.database.transaction() as tx:
            tx.exec_driver_sql("create table alembic_version (version_num varchar(32) not null)")
            tx.exec_driver_sql(f"insert into alembic_version values ('{migrate.head()}')")
        live(world)
        yield world


def live(world: World) -> None:
    """A clock that leads and a worker that works, at this moment."""
    now = world.now
    with world.database.transaction() as tx:
        length = timedelta(seconds=15)
        token = leases.take(tx, CLOCK_LEASE, holder="c", now=now, length=length)
        assert token is not None
        actions.put_canary(tx, holder="c", token=token, now=now)
        actions.finish_canaries(tx, now=now)
        for id_, part in (("c", "clock"), ("w", "worker")):
            actions.beat(tx, ProcessRow(id_, part, f"{part}-host", 7, "0.1", START, now, 0))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(env_file=None, demo=True, data_dir=tmp_path)


@pytest.fixture
def client(world: World, settings: Settings) -> Iterator[TestClient]:
    app = create_app(WorldRuntime(world, settings))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def admin(client: TestClient, world: World) -> Visitor:
    return Visitor(client, world).enter("root")


def freeze(world: World) -> None:
    with world.database.transaction() as tx:
        finding = Finding("clock_jump", "red", world.now, params={"seconds": 259_200})
        actions.raise_one(tx, finding, now=world.now, audience=actions.Audience())


def test_ready_says_each_check(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    said = answer.json()
    assert said["status"] == "ok"
    assert said["alarms"] == []
    assert {name: check["state"] for name, check in said["checks"].items()} == dict.fromkeys(
        (
            "database",
            "schema",
            "quarantine",
            "clock",
            "worker",
            "sweep",
            "delivery",
            "time",
            "broker",
            "record",
            "parts",
        ),
        "ok",
    )
    assert said["checks"]["schema"]["revision"] == migrate.head()


def test_not_ready_while_something_is_not_done(client: TestClient, world: World) -> None:
    rectifying(world)
    world.after(days=30)
    live(world)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert checks["sweep"]["state"] == "red"
    assert checks["sweep"]["kinds"] == ["rung_late"]
    assert checks["sweep"]["lag_seconds"] > 86_400
    assert checks["clock"] == {"state": "ok"}


def test_a_silent_process_alone_is_no_reason_to_be_not_ready(
    client: TestClient, world: World
) -> None:
    with world.database.transaction() as tx:
        actions.beat(tx, ProcessRow("x", "worker", "h", 8, "0.1", START, START, 0))
    world.after(minutes=5)
    live(world)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "attention"


def test_not_ready_while_the_time_is_in_doubt(client: TestClient, world: World) -> None:
    freeze(world)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["time"]["state"] == "red"
    assert answer.json()["alarms"][0]["number"] == "A1"


def test_not_ready_with_another_schema(client: TestClient, world: World) -> None:
    with world.database.transaction() as tx:
        tx.exec_driver_sql("update alembic_version set version_num = '9999'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["schema"] == {
        "state": "red",
        "revision": "9999",
        "wanted": migrate.head(),
    }


# -- figures ---------------------------------------------------------------------------------------


def figures(client: TestClient, **headers: str) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_prometheus_reads_the_installation(client: TestClient, world: World) -> None:
    freeze(world)
    world.after(seconds=20)
    found = figures(client)
    assert found[("bihuan_ready",)] == 0
    assert found[("bihuan_check", "time")] == 0
    assert found[("bihuan_check", "worker")] == 1
    assert found[("bihuan_alarms", "clock_jump")] == 1
    assert found[("bihuan_alarms", "rung_late")] == 0
    assert found[("bihuan_clock_lease_seconds",)] == -5
    assert found[("bihuan_processes", "worker")] == 1
    assert found[("bihuan_sweep_lag_seconds",)] == 0


def test_figures_are_for_this_machine_or_for_whoever_has_the_token(
    world: World, settings: Settings
) -> None:
    def ask(client_host: str, token: str | None, **headers: str) -> int:
        chosen = settings.model_copy(update={"metrics_token": token and _secret(token)})
        app = create_app(WorldRuntime(world, chosen))
        with TestClient(
            app, base_url="http://127.0.0.1:8000", client=(client_host, 50_000)
        ) as client:
            return int(client.get("/metrics", headers=headers).status_code)

    assert ask("127.0.0.1", None) == 200
    assert ask("10.0.0.7", None) == 403
    assert ask("10.0.0.7", "t" * 20) == 403
    assert ask("127.0.0.1", "t" * 20) == 403
    assert ask("10.0.0.7", "t" * 20, authorization=f"Bearer {'t' * 19}") == 403
    assert ask("10.0.0.7", "t" * 20, authorization=f"Bearer {'t' * 20}") == 200


def _secret(text: str) -> object:
    return load_settings(env_file=None, metrics_token=text).metrics_token


def test_without_a_database_both_say_that(
    client: TestClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _away() -> None:
        raise OperationalError("select 1", {}, OSError("no way to the server"))

    monkeypatch.setattr(world.database, "reading", _away)
    assert figures(client)[("bihuan_ready",)] == 0
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": {"state": "red", "error": "OperationalError"}}


# -- the page --------------------------------------------------------------------------------------


def test_the_page_says_that_all_is_well_and_who_leads(admin: Visitor) -> None:
    text = admin.page("/health").text
    for said in ("没有告警", "clock-host", "worker-host", "在走"):
        assert said in text


def test_the_page_says_what_is_wrong_and_what_to_do_in_both_languages(
    admin: Visitor, world: World
) -> None:
    rectifying(world)
    world.after(days=30)
    with world.database.transaction() as tx:
        finding = Finding("rung_late", "red", world.now)
        actions.raise_one(tx, finding, now=world.now, audience=actions.Audience())
    admin.enter("root")
    chinese = admin.page("/health").text
    assert "到期事项没有办" in chinese
    assert "clock.failed" in chinese
    english = admin.page("/health?lang=en").text
    assert "Due matters are not taken" in english
    assert "silent for 30 days" in english


@pytest.mark.parametrize("login", ["gj.dispatcher", "sj.auditor", "city.leader"])
def test_others_neither_see_nor_steer_it(client: TestClient, world: World, login: str) -> None:
    freeze(world)
    visitor = Visitor(client, world).enter(login)
    assert "/health" not in visitor.page("/").links
    visitor.get("/health", 403)
    visitor.post("/health/time", 403)
    with world.database.reading() as tx:
        assert queries.is_frozen(tx)


def test_an_administrator_confirms_the_time_and_it_is_on_record(
    admin: Visitor, world: World
) -> None:
    freeze(world)
    assert "/health" in admin.page("/").links
    assert "/health/time" in admin.page("/health").forms
    admin.post("/health/time")
    page = admin.page("/health")
    assert "/health/time" not in page.forms
    assert "系统管理员" in page.text
    with world.database.reading() as tx:
        assert not queries.is_frozen(tx)
        (past,) = queries.past_alarms(tx)
    assert past.cleared_by_id == world.actor("root").person_id


def test_nobody_confirms_before_the_machine_is_right(admin: Visitor, world: World) -> None:
    freeze(world)
    with world.database.transaction() as tx:
        # The page asks the database for the time, where it has one.
        now = Times(now=lambda: world.now).shared(tx)
        row = ProcessRow("w", "worker", "worker-host", 7, "0.1", START, now, 7200)
        actions.beat(tx, row)
    answer = admin.post("/health/time", 422)
    assert "worker@worker-host:7" in answer.text
    assert "7200 秒" in answer.text

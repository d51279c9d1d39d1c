"""The demo city as a file: complete, invented, and refused with file and key where it is wrong."""

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from cli.demo.city import City, load_city
from workflow.errors import ConfigError, WorkflowError
from workflow.labels import Labels
from workflow.loops.vocabulary import POSTS

DEMO = Path(__file__).resolve().parents[3] / "config" / "demo"
REAL_PLACES = ("荥阳", "郑州", "洛阳", "河南", "开封", "黄河", "南水北调", "环翠峪", "枯河")
KINDS = {
    "industry": "市生态环境局",
    "infrastructure": "市住建局",
    "water_limits": "市水利局",
    "high_energy": "市发展改革委",
    "mine": "市资源规划局",
    "heritage": "市文物中心",
}
CORE = ("gongjian", "shengtai", "zhujian", "shuili", "fagai", "zigui", "wenwu", "nongwei")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The demo's folder, free to be spoiled."""
    return Path(shutil.copytree(DEMO, tmp_path / "demo"))


@pytest.fixture
def spoil(copied: Path, labels: Labels) -> Callable[[str, str, str], WorkflowError]:
    """Replace a piece of one file and return what the loader says."""

    def do(name: str, old: str, new: str) -> WorkflowError:
        path = copied / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(WorkflowError) as caught:
            load_city(labels, copied, from_on=date(2024, 1, 1))
        return caught.value

    return do


def test_every_post_is_held_and_the_departments_have_their_own(city: City) -> None:
    posts = {login.partition(".")[2] for login in city.logins}
    assert posts == set(POSTS)
    for unit in CORE:
        assert {f"{unit}.{post}" for post in ("handler", "acceptor", "deputy", "principal")} <= (
            city.logins.keys()
        )
    for post in ("handler", "deputy", "principal", "party_principal"):
        assert f"qingshan.{post}" in city.logins


def test_the_plan_has_its_actions_tasks_and_the_six_kinds_in_order(city: City) -> None:
    tasks = list(city.plan.tasks())
    assert len(city.plan.actions) == 10
    assert [task.no for task in tasks] == list(range(1, 26))
    assert dict(zip(tasks[21].kinds, tasks[21].lead, strict=True)) == KINDS


def test_each_of_the_six_kinds_is_accepted_by_its_lead_unit(city: City) -> None:
    routes = {
        route.category: (route.issuer, route.acceptance, route.supervising)
        for route in city.batch.routes
        if route.source is None and route.place is None
    }
    for kind, unit in KINDS.items():
        assert routes[kind] == ("市环委会攻坚办", unit, "工业商贸科")


def test_departments_are_found_under_their_other_names(city: City) -> None:
    for name in ("市发改委", "市发展和改革委员会", "桐泽市生态环境局", "市自然资源和规划局"):
        assert city.has_unit(name)


def test_no_real_place_is_named() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in DEMO.rglob("*.yaml"))
    assert [name for name in REAL_PLACES if name in text] == []
    assert not re.search(r"1[3-9]\d{9}", text), "a telephone number that might be somebody's"


def test_demo_mail_reaches_nobody(city: City) -> None:
    assert all((person.email or "").endswith(".example") for person in city.batch.people)


def test_faults_name_file_and_key(spoil: Callable[[str, str, str], WorkflowError]) -> None:
    error = spoil("plan.yaml", "lead: [市水利局, 市生态环境局]", "lead: [市水力局, 市生态环境局]")
    assert isinstance(error, ConfigError)
    assert error.file == "plan.yaml"
    assert error.key == "actions.5.tasks.0"
    assert "市水力局" in error.text()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("city.yaml", "under: zhengfu", "under: zhengfoo", "zhengfoo"),
        ("city.yaml", "issuer: 市环委会攻坚办", "issuer: 市环委会攻坚所", "市环委会攻坚所"),
        ("city.yaml", "categories: [mine]", "categories: [mines]", "mines"),
        ("city.yaml", "posts: [inspector]", "posts: [inspektor]", "inspektor"),
        ("plan.yaml", "kinds: [industry", "kinds: [industri", "industri"),
        ("plan.yaml", "no: 7", "no: 8", "编号"),
        ("plan.yaml", 'comparator: "<="', 'comparator: "≤"', "comparator"),
        ("plan.yaml", "organiser:", "organizer:", "organi"),
        ("plan.yaml", "actions:", "actions: &a", "锚点"),
        ("city.yaml", "units:", "units: [", "YAML"),
    ],
)
def test_what_does_not_fit_is_refused(
    spoil: Callable[[str, str, str], WorkflowError], name: str, old: str, new: str, said: str
) -> None:
    error = spoil(name, old, new)
    assert said in f"{error} {error.text()}"

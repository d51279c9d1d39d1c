"""Issues on every part of their way, and a document that names them, for tests that need many."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.api.conftest import Program, jpeg

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


@dataclass
class City:
    """What there is to find."""

    program: Program
    numbers: dict[str, str] = field(default_factory=dict)
    """Where an issue stands, by a word for it, and its number."""
    photo: str = ""
    paper: str = ""

    def step(self, word: str, *steps: tuple[str, str, dict[str, object]], **data: object) -> None:
        """File an issue, walk it some steps and call it by a word."""
        number = self.program.world.report(**data)
        for action, login, form in steps:
            self.program.world.act(number, action, login, **form)
        self.numbers[word] = number


def build(program: Program) -> City:
    """Seven issues: reported, assigned, being rectified, split, to be checked, asked for, ended."""
    city, day = City(program), program.world.day
    city.photo = program.upload("现场.jpg", jpeg(), "qs.handler").json()["sha256"]
    city.paper = program.upload("方案.pdf", PDF, "qs.handler").json()["sha256"]
    to_qingshan = {"responsible": "青山镇", "acceptance": "市生态环境局", "due": day(40)}
    assigned = (("take_up", "gj.dispatcher", {}), ("assign", "gj.dispatcher", to_qingshan))
    fixing = (
        *assigned,
        ("accept", "qs.handler", {}),
        ("find_founded", "qs.handler", {"finding": "现场核查属实。"}),
        ("plan", "qs.handler", {"plan": "建设全封闭料棚。", "evidence": [city.paper]}),
        ("approve_plan", "db.supervisor", {}),
    )
    done = {"result": "料棚已建成。", "evidence": [city.photo]}
    city.step("reported")
    city.step("assigned", *assigned, title="河道边堆放垃圾")
    city.step("fixing", *fixing)
    asked = {"reason": "汛期无法施工。", "until": day(50)}
    city.step("asked", *fixing, ("request_extension", "qs.handler", asked))
    city.step("checking", *fixing, ("submit", "qs.handler", done))
    parts = [
        {"responsible": "青山镇柳湾村", "title": "柳湾段", "due": day(15)},
        {"responsible": "河口镇", "title": "河口段", "due": day(15)},
    ]
    city.step("split", *fixing, ("split", "qs.handler", {"parts": parts}))
    city.step("dismissed", ("dismiss", "gj.dispatcher", {"reason": "重复登记。"}), title="重复")
    return city


@contextmanager
def unchanged(city: City) -> Iterator[None]:
    """Nothing inside may change any issue."""
    before = versions(city)
    yield
    assert versions(city) == before


def versions(city: City) -> dict[str, tuple[int, str]]:
    """Version and head of every issue."""
    world = city.program.world
    cases = (world.case(number) for number in city.numbers.values())
    return {case.number: (case.version, case.head) for case in cases}

"""Programs work through the API alone, on both databases."""

import pytest

from tests.api.city import PDF
from tests.api.conftest import BOTH, Program, jpeg
from tests.world import World

REPORT = {
    "title": "砂石厂物料露天堆放",
    "description": "厂区物料露天堆放，未苫盖。",
    "category": "dust",
    "place": "青山镇东沟",
    "place_unit": "青山镇",
    "lat": 34.5,
    "lon": 113.5,
}


def reported(program: Program, **more: object) -> str:
    """An issue that was filed by a program."""
    response = program.post("/issues", "hb.inspector", REPORT | more, 201)
    number = str(response.json()["number"])
    assert response.headers["location"] == f"/api/v1/issues/{number}"
    return number


@BOTH
def test_an_issue_walks_from_report_to_archive(program: Program, world: World) -> None:
    photo = program.upload("现场 1.jpg", jpeg(), "hb.inspector").json()
    assert photo["is_photo"]
    named = [{"sha256": photo["sha256"], "name": "现场 1.jpg"}]
    number = reported(program, evidence=[photo["sha256"]], file_names=named)
    program.act(number, "take_up", "gj.dispatcher")
    program.act(
        number,
        "assign",
        "gj.dispatcher",
        responsible="青山镇",
        acceptance="huanbao",
        due=world.day(40),
    )
    [move] = program.get("/me/work", "qs.handler")["moves"]
    assert (move["number"], move["owner"]["unit"]["code"]) == (number, "qingshan")
    program.act(number, "accept", "qs.handler")
    program.act(number, "find_founded", "qs.handler", finding="现场核查属实。")
    program.act(number, "plan", "qs.handler", plan="建设全封闭料棚。")
    program.act(number, "approve_plan", "db.supervisor")
    paper = program.upload("竣工.pdf", PDF, "qs.handler").json()
    program.act(number, "submit", "qs.handler", result="料棚已建成。", evidence=[paper["sha256"]])
    program.act(number, "verify", "hb.acceptor", opinion="符合要求。")
    program.act(number, "publish", "hb.acceptor", text="整改情况公示", phone="0371-60000000")
    world.after(days=9)
    world.end_periods()
    program.act(number, "close", "gj.supervisor")
    world.after(days=95)
    world.end_periods()
    program.tokens.clear()
    program.act(number, "look_back", "db.supervisor", finding="现场未见反弹。")
    done = program.act(number, "archive", "gj.dispatcher")

    assert done["state"] == "archived"
    shown = program.get(f"/issues/{number}", "gj.dispatcher")
    assert (shown["version"], shown["is_open"]) == (done["version"], False)
    assert (shown["lat"], shown["counts_as"]) == (34.5, "archived")
    assert shown["evidence"][0]["name"] == "现场 1.jpg"
    events = program.get(f"/issues/{number}/events", "gj.dispatcher")["events"]
    assert [each["seq"] for each in events] == list(range(done["version"], 0, -1))
    assert {each["door"] for each in events} == {"api", "clock"}
    assert world.chain_is_whole(number)


def test_what_is_offered_has_a_form_or_a_reason(program: Program, world: World) -> None:
    number = reported(program)
    offers = {
        o["action"]: o for o in program.get(f"/issues/{number}/actions", "hb.inspector")["actions"]
    }
    assert offers["withdraw"]["allowed"]
    assert offers["withdraw"]["form"]["required"] == ["reason"]
    assert offers["withdraw"]["form"]["properties"]["reason"]["title"] == "理由"
    taken = offers["take_up"]
    assert (taken["allowed"], taken["code"]) == (False, "not_allowed")
    assert "攻坚办交办员" in taken["why"]
    refused = program.act(number, "take_up", "hb.inspector", 403)
    assert refused["why"] == taken["why"]


@BOTH
def test_a_stale_version_changes_nothing(program: Program, world: World) -> None:
    number = reported(program)
    program.act(number, "take_up", "gj.dispatcher")
    body = {"version": 1, "data": {"reason": "误报"}}
    told = program.post(f"/issues/{number}/actions/dismiss", "gj.dispatcher", body, 409).json()
    assert told["code"] == "conflict"
    assert world.case(number).version == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"version": "1", "data": {}}, "version"),
        ({"version": 1.0, "data": {}}, "version"),
        ({"version": True, "data": {}}, "version"),
        ({"data": {}}, "version"),
        ({"version": 1, "data": []}, "data"),
        ({"version": 1, "data": {}, "note": "x"}, "note"),
        ({"version": 1, "data": {"reason": "x" * 1001}}, "reason"),
        ({"version": 1, "data": {"reason": "x\0"}}, "data"),
        ({"version": 1, "data": {"reason": "好", "other": 1}}, "other"),
        ({"version": 1, "file_names": [{"sha256": "x", "name": "y"}]}, "file_names"),
        ({"version": 2**31, "data": {}}, "version"),
        ({"version": 10**400, "data": {}}, "version"),
    ],
)
def test_content_must_fit(
    program: Program, world: World, body: dict[str, object], field: str
) -> None:
    number = reported(program)
    told = program.post(f"/issues/{number}/actions/dismiss", "gj.dispatcher", body, 422).json()
    assert list(told["fields"]) == [field]
    assert world.case(number).version == 1


@BOTH
def test_lists_filter_and_go_on(program: Program, world: World) -> None:
    numbers = [reported(program, title=f"第{n}件") for n in range(5)]
    program.act(numbers[0], "take_up", "gj.dispatcher")
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = program.get("/issues", "gj.dispatcher", limit=2, **cursor)
        found += [line["number"] for line in page["issues"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
        reported(program, title="其间新登记")  # newer ones do not shift the pages
    assert found == numbers[::-1]

    def numbers_of(**query: str) -> list[str]:
        return [i["number"] for i in program.get("/issues", "gj.dispatcher", **query)["issues"]]

    assert numbers_of(state="triaged") == [numbers[0]]
    assert numbers_of(q="第3件") == [numbers[3]]
    assert numbers_of(unit="青山镇") == []
    assert len(numbers_of(open="true")) == len(numbers_of()) == 7
    assert numbers_of(open="false") == numbers_of(lamp="red") == numbers_of(overdue="true") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("sate=triaged", "sate"),
        ("state=triagged", "state"),
        ("unit=青岗镇", "unit"),
        ("lamp=green", "lamp"),
        ("loop=nothing", "loop"),
        ("category=nothing", "category"),
        ("open=1", "open"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=5.0", "limit"),
        ("limit=５", "limit"),
        ("q=%00", "q"),
        ("q=", "q"),
        ("cursor=abc", "cursor"),
        ("cursor=dW5pdHMgMg", "cursor"),  # of another list
        ("q=a&q=b", "q"),
    ],
)
def test_queries_must_fit(program: Program, query: str, field: str) -> None:
    response = program.client.get(
        f"/api/v1/issues?{query}", headers=program.headers("gj.dispatcher")
    )
    assert response.status_code == 422, response.text
    assert list(response.json()["fields"]) == [field]


@BOTH
def test_units_work_and_stats(program: Program) -> None:
    number = reported(program)
    units: list[str] = []
    cursor: dict[str, str] = {}
    while not units or cursor:
        page = program.get("/units", "lw.handler", limit=5, **cursor)
        units += [unit["code"] for unit in page["units"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
    assert len(units) == len(set(units)) == 11
    work = program.get("/me/work", "gj.dispatcher")
    assert (work["total"], work["moves"][0]["number"]) == (1, number)
    assert program.get("/me/work", "qs.handler")["total"] == 0
    stats = program.get("/stats", "gj.dispatcher")
    assert (stats["total"], stats["categories"]["dust"]["open"]) == (1, 1)
    assert program.get("/stats", "qs.handler")["total"] == 0


@BOTH
def test_files_are_those_of_visible_issues(program: Program, world: World) -> None:
    content = jpeg((1, 2, 3))
    photo = program.upload("a.jpg", content, "hb.inspector").json()["sha256"]
    path = f"/evidence/{photo}"
    assert program.get(path, "hb.inspector", 404)["code"] == "not_found"  # no issue has it yet
    reported(program, evidence=[photo])
    response = program.client.get(f"/api/v1{path}", headers=program.headers("hb.inspector"))
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/jpeg"
    assert response.content != content  # a copy; the original stays sealed
    assert "sandbox" in response.headers["content-security-policy"]
    program.get(path, "hk.handler", 404)
    program.get("/evidence/" + "0" * 64, "hb.inspector", 404)
    program.get("/evidence/nothing", "hb.inspector", 404)
    assert "evidence" in program.upload("a.exe", b"MZ", "hb.inspector", 422).json()["fields"]

"""What keeps strangers, forged forms, rough input and other sites out."""

import logging
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from config.settings import load_settings
from tests.web.conftest import SAME, Visitor, WorldRuntime, outline
from tests.web.test_pages import jpeg, to_assigned
from tests.world import World
from web.app import create_app
from web.deps import local_path
from workflow.units import actions as units
from workflow.units import sessions


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
def test_forms_from_elsewhere_change_nothing(
    visitor: Visitor, world: World, headers: dict[str, str]
) -> None:
    number = to_assigned(world)
    visitor.enter("qs.handler")
    response = visitor.client.post(
        f"/issues/{number}/actions/accept", data={"version": "3"}, headers=headers
    )
    assert response.status_code == 403
    assert "不是从本系统的页面发出" in response.text or "did not come from" in response.text
    assert world.case(number).version == 3


def test_an_old_browser_is_known_by_its_origin(visitor: Visitor, world: World) -> None:
    number = to_assigned(world)
    visitor.enter("qs.handler")
    response = visitor.client.post(
        f"/issues/{number}/actions/accept",
        data={"version": "3"},
        headers={"origin": "http://127.0.0.1:8000"},
        follow_redirects=False,
    )
    assert response.status_code == 303


def test_every_answer_carries_the_policy(visitor: Visitor) -> None:
    for path in ("/login", "/nothing", "/healthz", "/static/nothing"):
        headers = visitor.client.get(path, headers=SAME).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_static_files_are_kept_for_ever_under_their_hash(visitor: Visitor) -> None:
    html = visitor.get("/login").text
    names = [part.split('"')[0] for part in html.split('"/static/')[1:]]
    assert {name.split(".")[0] for name in names} == {"app", "lamps", "icon"}
    for name in names:
        response = visitor.client.get(f"/static/{name}")
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]


def test_the_demo_answers_its_own_machine_only(client: TestClient) -> None:
    assert client.get("/login", headers={"host": "evil.example"}).status_code == 400


def test_sessions_end(visitor: Visitor, world: World) -> None:
    visitor.enter("qs.handler")
    cookie = visitor.client.cookies["bihuan"]
    visitor.post("/logout")
    visitor.client.cookies.set("bihuan", cookie)
    assert visitor.client.get("/", follow_redirects=False).status_code == 303
    visitor.client.cookies.clear()
    visitor.enter("qs.handler")
    world.now += sessions.LASTS
    assert visitor.client.get("/", follow_redirects=False).status_code == 303


def test_the_cookie_is_for_the_browser_alone(visitor: Visitor, world: World) -> None:
    person = world.actor("qs.handler").person_id
    response = visitor.post("/login/as", person=str(person))
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/issues?q=1", "/issues?q=1"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nset-cookie: x", "/"),
        ("", "/"),
    ],
)
def test_a_log_in_leads_nowhere_else(wanted: str, led: str) -> None:
    assert local_path(wanted) == led


def test_passwords(world: World, tmp_path: Path) -> None:
    settings = load_settings(env_file=None, data_dir=tmp_path)
    person = world.actor("qs.handler").person_id
    assert person is not None
    with world.database.transaction() as tx:
        units.set_password(tx, person_id=person, password="correct horse", now=world.now, door="t")
    app = create_app(WorldRuntime(world, settings))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        visitor = Visitor(client, world)
        page = visitor.page("/login")
        assert "账号" in page.text
        assert "演示" not in page.text
        assert client.post("/login/as", data={"person": "1"}, headers=SAME).status_code == 404
        for login, password in (("qs.handler", "wrong"), ("nobody", "wrong")):
            shown = outline(visitor.post("/login", 422, login=login, password=password))
            assert "账号或密码不对" in shown.text
            assert shown.forms["/login"]["login"] == login
        response = visitor.post(
            "/login", login="qs.handler", password="correct horse", next="/inbox"
        )
        assert response.headers["location"] == "/inbox"
        assert "收件箱" in visitor.page("/inbox").text
        client.cookies.clear()
        for _ in range(5):
            visitor.post("/login", 422, login="hb.handler", password="x")
        assert "15 分钟后再试" in visitor.post("/login", 429, login="hb.handler", password="x").text


# -- rough input -----------------------------------------------------------------------------------


def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(
    visitor: Visitor, world: World
) -> None:
    number = world.report()
    world.act(number, "take_up", "gj.dispatcher")
    visitor.enter("gj.dispatcher")
    path = f"/issues/{number}/actions/assign"
    response = visitor.act(
        number, "assign", 422, responsible="青山城", acceptance="青山镇", due=world.day(-1)
    )
    shown = outline(response)
    assert "没有名为“青山城”的单位。是否指：青山镇人民政府" in shown.text
    assert shown.forms[path]["responsible"] == "青山城"
    assert shown.forms[path]["due"] == world.day(-1)
    assert "assign-responsible-fault" in shown.ids
    assert world.case(number).version == 2
    english = visitor.client.post(f"{path}?lang=en", data={"version": "2"}, headers=SAME)
    assert english.status_code == 422


def test_a_stale_form_shows_what_happened_meanwhile_and_keeps_what_was_typed(
    visitor: Visitor, world: World
) -> None:
    number = to_assigned(world)
    visitor.enter("qs.handler").act(number, "accept")
    form = visitor.page(f"/issues/{number}").forms[f"/issues/{number}/actions/progress"]
    visitor.act(number, "investigate", note="到现场查看")
    shown = outline(
        visitor.post(f"/issues/{number}/actions/progress", 409, **(form | {"note": "写了很久的话"}))
    )
    assert "您打开页面之后又发生了" in shown.text
    assert "核查" in shown.text
    assert "写了很久的话" in shown.text
    again = shown.forms[f"/issues/{number}/actions/progress"]
    assert again["version"] == "5"
    visitor.post(f"/issues/{number}/actions/progress", **(again | {"note": "写了很久的话"}))


def test_a_form_sent_twice_acts_once(visitor: Visitor, world: World) -> None:
    number = to_assigned(world)
    visitor.enter("qs.handler")
    visitor.act(number, "accept")
    shown = outline(visitor.post(f"/issues/{number}/actions/accept", 409, version="3", note="收到"))
    assert "您刚才填写的内容" in shown.text
    assert world.case(number).version == 4


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        ({}, 422, "缺少版本号"),
        ({"version": "x"}, 422, "缺少版本号"),
        ({"version": "99"}, 422, "版本号有误"),
        ({"version": "3", "colour": "red"}, 422, "没有这一项"),
        ({"version": "3", "note": "字" * 1001}, 422, "1000"),
    ],
)
def test_rough_forms_get_a_sentence(
    visitor: Visitor, world: World, data: dict[str, str], status: int, sentence: str
) -> None:
    number = to_assigned(world)
    visitor.enter("qs.handler")
    assert sentence in visitor.post(f"/issues/{number}/actions/accept", status, **data).text
    assert world.case(number).version == 3


def test_unknown_and_foreign_things_are_not_found(visitor: Visitor, world: World) -> None:
    number = to_assigned(world)
    visitor.enter("hk.handler")
    foreign = visitor.get(f"/issues/{number}", 404).text
    unknown = visitor.get("/issues/WT-2024-99999", 404).text
    assert foreign.replace(number, "N") == unknown.replace("WT-2024-99999", "N")
    for path in ("/papers/1", "/papers/x", "/evidence/1", "/evidence/9999999999999999999", "/x"):
        assert "没有" in visitor.get(path, 404).text
    visitor.post(f"/issues/{number}/actions/accept", 404, version="3")
    visitor.post(f"/issues/{number}/actions/nothing", 404, version="3")
    visitor.enter("qs.handler")
    assert (
        "没有“nothing”" in visitor.post(f"/issues/{number}/actions/nothing", 422, version="3").text
    )
    assert (
        "这一环节没有此项操作"
        in visitor.post(f"/issues/{number}/actions/close", 409, version="3").text
    )
    for path in ("/issues?after=x", "/?after=x_1", "/inbox?after=-1", "/?after=2024-01-01T00:00_1"):
        assert "从第一页重新查看" in visitor.get(path, 422).text
    assert visitor.client.get("/report/x", headers=SAME).status_code == 404
    assert visitor.client.put("/report", headers=SAME).status_code == 405


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("现场.jpg", b"GIF89a not a photo", "“现场.jpg”这种图片暂不支持"),
        ("a.jpg", jpeg()[:60], "打不开"),
        ("a.jpg", b"", "空文件"),
        ("run.exe", b"MZ\x90\x00", "不是能识别"),
        ("a.svg", b"<svg onload=alert(1)>", "不是能识别"),
        ("a.pdf", b"<html>", "不是能识别"),
    ],
)
def test_a_photograph_that_is_none_is_refused_beside_its_field(
    visitor: Visitor, name: str, content: bytes, sentence: str
) -> None:
    visitor.enter("hb.inspector")
    response = visitor.post(
        "/report",
        422,
        files=[("evidence", (name, content)), ("evidence", ("好.jpg", jpeg()))],
        title="标题还在",
        description="描述也在",
        category="dust",
        source="patrol",
    )
    shown = outline(response)
    assert sentence in shown.text
    assert "evidence-fault" in shown.ids
    assert shown.forms["/report"]["title"] == "标题还在"
    kept = shown.forms["/report"]["kept"]
    assert kept.endswith(" 好.jpg")
    done = visitor.post(
        "/report", kept=kept, title="标题还在", description="描述", category="dust", source="patrol"
    )
    assert any(
        link.startswith("/evidence/") for link in visitor.page(done.headers["location"]).links
    )


def test_too_much_is_refused_with_the_limit(visitor: Visitor) -> None:
    visitor.enter("hb.inspector")
    big = {"evidence": ("big.jpg", b"\xff" * (4 * 1024 * 1024))}
    assert "2 MB" in visitor.post("/report", 413, files=big, title="x").text
    long = "字" * 100_000
    assert visitor.post("/report", 400, description=long).status_code == 400
    assert visitor.client.post("/report", content=b"\xff", headers=SAME).status_code in (400, 422)


def test_script_in_texts_stays_text(visitor: Visitor, world: World) -> None:
    evil = '"><script>alert(1)</script>'
    number = world.report(title=evil, description=evil, place=evil)
    visitor.enter("hb.inspector")
    for path in (f"/issues/{number}", "/issues", f"/issues?q={evil}", f"/login?next={evil}"):
        assert "<script>alert" not in visitor.get(path).text


def test_a_surprise_is_a_page_and_a_line_in_the_log(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(
        WorldRuntime(world, load_settings(env_file=None, demo=True, data_dir=tmp_path))
    )
    client = TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    engine, world.database.engine = world.database.engine, None  # type: ignore[assignment]
    try:
        with caplog.at_level(logging.ERROR):
            response = client.get("/login", headers=SAME)
        ready = client.get("/readyz").status_code
    finally:
        world.database.engine = engine
    assert response.status_code == 500
    assert "系统出现意外" in response.text
    assert "web.failed" in caplog.text
    assert ready == 503
    assert client.get("/healthz").json() == {"status": "ok"}


# -- cost ------------------------------------------------------------------------------------------


def test_pages_cost_a_constant_number_of_statements(
    visitor: Visitor, world: World, statements: list[str]
) -> None:
    counted: list[dict[str, int]] = []
    for many in (1, 12):
        for _ in range(many):
            number = to_assigned(world)
        visitor.enter("qs.handler")
        found: dict[str, int] = {}
        for path in ("/", "/issues", "/issues?q=砂石", "/overview", "/inbox", f"/issues/{number}"):
            visitor.get(path)
            del statements[:]
            visitor.get(path)
            found[path.replace(number, "")] = len([s for s in statements if s != "BEGIN"])
        counted.append(found)
    assert counted[0] == counted[1]
    assert max(counted[1].values()) <= 18, counted[1]


def test_a_list_is_quick(visitor: Visitor, world: World) -> None:
    for _ in range(40):
        world.report()
    visitor.enter("hb.inspector")
    visitor.get("/issues")
    best = min(_timed(visitor) for _ in range(5))
    assert best < 0.25


def _timed(visitor: Visitor) -> float:
    began = time.perf_counter()
    visitor.get("/issues")
    return time.perf_counter() - began

"""A document is handed in: files that are none, and how far a long reading is."""

import re
from datetime import timedelta
from time import sleep

import pytest

from config.settings import Settings
from tests.web.conftest import SAME, Visitor
from tests.web.plan_desk import PLAN, read
from tests.web.test_pages import CHINESE
from tests.world import World
from web.pages import plans_reading
from web.readings import Reading, Readings

FILES = {
    "empty": (b"", "a.txt"),
    "damaged": (b"%PDF-1.7 nothing", "a.pdf"),
    "old": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.doc"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(60), "a.png"),
    "noise": (bytes(range(128, 256)) * 9, "a.txt"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_file_that_cannot_be_read(visitor: Visitor, name: str, lang: str) -> None:
    content, file = FILES[name]
    visitor.enter("gj.dispatcher")
    response = visitor.post(f"/plans?lang={lang}", 422, files={"file": (file, content)})
    fault = re.search(r'id="file-fault">([^<]+)<', response.text)
    assert fault
    assert bool(CHINESE.search(fault[1])) == (lang == "zh")


def reading_ends(visitor: Visitor, address: str) -> str:
    """Look at a reading until it is over; where it leads, or the page that says what failed."""
    for _ in range(600):
        response = visitor.client.get(address, headers=SAME, follow_redirects=False)
        if response.status_code == 303:
            return str(response.headers["location"])
        assert response.status_code == 200
        if "data-watch" not in response.text:
            return response.text
        sleep(0.05)
    raise AssertionError(response.text)


def test_a_long_document_says_how_far_it_is(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans_reading, "_SHORT_TEXT", 100)
    address = read(visitor)
    assert address.startswith("/plans/reading/")
    assert reading_ends(visitor, address).endswith("/review?done=read")
    assert reading_ends(visitor, read(visitor)).endswith("/review?done=again")
    review = reading_ends(visitor, address).partition("?")[0]
    assert "推进河道整治" in visitor.page(review).text
    visitor.enter("qs.handler")
    visitor.page(address, 404)
    visitor.post("/plans", 403, files={"file": ("方案.txt", PLAN.encode())})


@pytest.mark.long
def test_a_long_document_that_cannot_be_read_says_why(visitor: Visitor) -> None:
    visitor.enter("gj.dispatcher")
    files = {"file": ("a.pdf", b"%PDF-1.7 nothing" + bytes(30_000))}
    address = str(visitor.post("/plans", files=files).headers["location"])
    assert "文件已损坏或不完整" in reading_ends(visitor, address)
    page = visitor.page(address)
    assert "file" in page.forms["/plans"]
    assert not CHINESE.search(
        re.findall(r'role="alert">.*?<p>(.*?)</p>', visitor.get(f"{address}?lang=en").text)[0]
    )
    visitor.get("/plans?lang=zh")


@pytest.mark.long
def test_a_reading_is_looked_at_again_whoever_carries_it_out(
    visitor: Visitor, world: World, settings: Settings
) -> None:
    visitor.enter("gj.dispatcher")
    readings = Readings(settings.data_dir)
    who = world.actor("gj.dispatcher").person_id
    assert who is not None
    far = Reading("a" * 24, who, "方案.pdf", None, world.now, "pages", 30, 120)
    readings.write(far)
    page = visitor.get(f"/plans/reading/{far.id}").text
    assert "第 30 页，共 120 页" in page
    assert '<progress max="100" value="20"' in page
    assert f"/plans/reading/{far.id}" in visitor.page("/plans").links
    world.now += timedelta(minutes=10)
    assert "读取中断了" in visitor.page(f"/plans/reading/{far.id}").text
    assert f"/plans/reading/{far.id}" not in visitor.page("/plans").links
    for key in ("b" * 24, "x", "../etc"):
        visitor.page(f"/plans/reading/{key.replace('/', '')}", 404)
    world.now += timedelta(days=2)
    readings.sweep(world.now)
    assert not list(readings.folder.glob("*.json"))

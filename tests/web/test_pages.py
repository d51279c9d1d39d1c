"""Pages as people meet them: entering, working, looking, in both languages."""

from tests.web.conftest import Visitor
from tests.world import World


def test_whoever_is_not_logged_in_is_sent_to_the_door_and_back(visitor: Visitor) -> None:
    response = visitor.client.get("/issues?q=散煤", follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"].startswith("/login?next=%2Fissues%3Fq%3D")
    assert "选一个岗位进入" in visitor.page("/login").text


def test_every_page_opens(visitor: Visitor, world: World) -> None:
    number = world.report()
    visitor.enter("hb.inspector")
    for path in ("/", "/report", "/issues", "/overview", "/inbox", f"/issues/{number}"):
        for lang in ("zh", "en"):
            visitor.page(f"{path}?lang={lang}")

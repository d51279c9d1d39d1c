"""Every message can be read, in both languages, with everything known and with almost nothing."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config import settings
from tasks.render import FOLDER, SUBJECT_LENGTH, Renderer, Text, moment_text
from workflow.labels import load_labels
from workflow.outbox.messages import MESSAGES, Overdue, PaperReceived, RequestDecided

ZONE = ZoneInfo("Asia/Shanghai")
BARE = {"number": "2025-17", "title": "散煤复燃"}
KINDS = [kind for kind in MESSAGES if kind != "digest"]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(ZONE, load_labels(Path(settings.__file__).parent / "labels"))


def test_a_folder_for_each_message_and_none_besides() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(MESSAGES)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_least_and_the_most_can_be_said(renderer: Renderer, kind: str, lang: str) -> None:
    message = MESSAGES[kind]
    for payload in (BARE, {**{name: f"«{name}»" for name in message.names}, **BARE}):
        text = renderer.text(kind, payload, lang)
        assert "散煤复燃" in text.subject + text.body
        assert "2025-17" in text.body
        assert "None" not in text.subject + text.body
        assert not text.body.endswith((":", "："))
    for name in set(message.names) - {"link", "level", "copy", "number", "title", "unit"}:
        assert f"«{name}»" in text.subject + text.body, name


def test_words_and_moments_are_written_out(renderer: Renderer) -> None:
    overdue = Overdue(
        **BARE,
        clock={"zh": "整改", "en": "Rectify"},
        owner="青山镇",
        due="2025-10-15T09:30:00+00:00",
    )
    chinese = renderer.text("overdue", overdue.payload(), "zh")
    assert chinese.subject == "逾期：散煤复燃，应于2025年10月15日 17:30前办结"
    assert "时限：整改\n逾期单位：青山镇\n应办结：2025年10月15日 17:30" in chinese.body
    assert chinese.link == "/issues/2025-17"
    english = renderer.text("overdue", overdue.payload(), "en")
    assert english.subject == "Overdue: 散煤复燃, was due 15 Oct 2025 17:30"
    assert "Limit: Rectify\n" in english.body


def test_a_copy_says_so(renderer: Renderer) -> None:
    paper = PaperReceived(**BARE, paper_title="督办函", copy=True)
    assert renderer.text("paper_received", paper.payload(), "zh").subject == "抄送：督办函"


def test_keys_are_said_with_the_labels_of_the_office(renderer: Renderer) -> None:
    decided = RequestDecided(**BARE, request="extension", outcome="granted")
    assert "延期" in renderer.text("request_decided", decided.payload(), "zh").subject


def test_nobody_can_smuggle_a_header_or_a_line(renderer: Renderer) -> None:
    payload = {
        "number": "1",
        "title": "题\r\nBcc: everybody@example.org\u2028\x00尾",
        "reason": "一\n办理时限：2030年1月1日",
    }
    text = renderer.text("rejected", payload, "zh")
    assert "\n" not in text.subject
    assert "\r" not in text.subject + text.body
    assert "\x00" not in text.subject + text.body
    assert not any(line.startswith(("Bcc", "办理时限：2030")) for line in text.body.splitlines())


def test_a_subject_has_a_limit(renderer: Renderer) -> None:
    text = renderer.text("rejected", {"number": "1", "title": "长" * 500}, "zh")
    assert len(text.subject) == SUBJECT_LENGTH
    assert text.subject.endswith("…")


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2025-10-15", "2025年10月15日"),
        ("2025-10-15T17:30:00+08:00", "2025年10月15日 17:30"),
        ("2025-10-15T17:30:00", "2025年10月15日 17:30"),
        ("2025-10-15T16:00:00+00:00", "2025年10月15日"),
        ("立行立改", "立行立改"),
        ("十月底", "十月底"),
    ],
)
def test_moments(moment: str, shown: str) -> None:
    assert moment_text(moment, "zh", ZONE) == shown


def test_a_digest_lists_what_it_holds(renderer: Renderer) -> None:
    texts = [Text("甲", "…", "/issues/1"), Text("乙", "…")]
    digest = renderer.digest(texts, "zh", "https://bihuan.example.gov.cn")
    assert digest.subject == "汇总：2 条消息"
    assert "1. 甲\n   https://bihuan.example.gov.cn/issues/1\n2. 乙" in digest.body


def test_an_unknown_language_is_answered_in_chinese(renderer: Renderer) -> None:
    assert renderer.text("reminder", BARE, "fr") == renderer.text("reminder", BARE, "zh")


def test_an_unknown_message_is_an_error(renderer: Renderer) -> None:
    with pytest.raises(KeyError):
        renderer.text("nonsense", BARE, "zh")

"""What an office may type into a calendar file, and what it is told when that is wrong."""

from pathlib import Path

import pytest

from tests.unit.deadlines.moments import day
from workflow.deadlines.calendars import load_calendar
from workflow.errors import ConfigError

GOOD = """\
year: 2027
status: published
notices:
  - {number: 国办发明电〔2026〕1号, issued_on: 2026-11-01}
holidays:
  - {name: 元旦, rest: 2026-12-31..2027-01-02, work: [2026-12-27]}
  - name: 国庆节
    en: National Day
    rest: [2027-10-01..2027-10-06, 2027-10-07]
    work:
      - 2027-10-09
"""


def written(folder: Path, text: str | bytes, name: str = "2027.yaml") -> Path:
    data = text.encode() if isinstance(text, str) else text
    (folder / name).write_bytes(data)
    return folder


def test_a_year_is_added_by_one_file(tmp_path: Path):
    calendar = load_calendar(written(tmp_path, GOOD))
    assert calendar.known(2027)
    assert calendar.kind(day("2026-12-27")) == ("makeup", "元旦", "元旦")
    assert calendar.kind(day("2027-10-07")) == ("holiday", "国庆节", "National Day")
    assert calendar.is_working(day("2027-10-09"))
    assert not calendar.is_working(day("2027-10-10"))


def test_a_byte_order_mark_is_no_fault(tmp_path: Path):
    assert load_calendar(written(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())).known(2027)


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("2026-12-31..", "2026-13-31..", 6, "不是日期"),
        ("2026-12-31..2027-01-02", "2027-01-02..2026-12-31", 6, "起止颠倒"),
        ("[2026-12-27]", "[2025-12-27]", 6, "不在 2027 年"),
        ("      - 2027-10-09", "      - 2027-10-08", 11, "本来就是周一至周五"),
        ("work: [2026-12-27]", "wrok: [2026-12-27]", 6, "不认识“wrok”"),
        ("      - 2027-10-09", "      - 2027-10-09\n      - 2027-10-09", 11, "重复"),
        ("status: published", "status: maybe", 2, "provisional"),
        ("year: 2027", "year: 27", 1, "四位年份"),
        ("rest: 2026-12-31..2027-01-02, ", "", 6, "没有写放假日期"),
        ("name: 元旦, ", "", 6, "name"),
        ("    rest: [2027-10-01..2027-10-06, 2027-10-07]", "    rest: {a: b}", 9, "列表"),
        ("year: 2027\n", "year: 2027\nyear: 2028\n", 2, "写了两次"),
        ("status: published", "status: published: yes", 2, "YAML"),
        ("    en: National Day", "    en: &a National Day\n    x: *a", 9, "引用"),
        ("status: published", f"status: {'[' * 400}{']' * 400}", 2, "嵌套超过"),
    ],
)
def test_a_fault_names_file_line_and_what_to_do(
    tmp_path: Path, old: str, new: str, line: int, sentence: str
):
    assert old in GOOD
    with pytest.raises(ConfigError, match=sentence) as caught:
        load_calendar(written(tmp_path, GOOD.replace(old, new)))
    assert (caught.value.file, caught.value.line) == ("2027.yaml", line)


def test_a_published_year_names_its_notice(tmp_path: Path):
    text = GOOD.replace("  - {number: 国办发明电〔2026〕1号, issued_on: 2026-11-01}\n", "")
    with pytest.raises(ConfigError, match="通知文号"):
        load_calendar(written(tmp_path, text))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "空的"),
        (b"# nothing\n", "空的"),
        (b"- a\n", "名称: 值"),
        ("年".encode("gbk") * 20, "UTF-8"),
        (b"year: \x01", "控制字符"),
        (b"# " + b"x" * 70_000, "64 KB"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused(tmp_path: Path, data: bytes, sentence: str):
    with pytest.raises(ConfigError, match=sentence):
        load_calendar(written(tmp_path, data))


def test_two_files_for_one_year_are_refused(tmp_path: Path):
    written(tmp_path, GOOD)
    with pytest.raises(ConfigError, match="两次"):
        load_calendar(written(tmp_path, GOOD, "2027-copy.yaml"))


def test_a_folder_that_is_not_there_is_refused_and_an_empty_one_is_not(tmp_path: Path):
    with pytest.raises(ConfigError, match="没有这个目录"):
        load_calendar(tmp_path / "none")
    assert load_calendar(tmp_path).years == ()

"""Ledgers of the small city: rows for every way."""

from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from tests.unit.ledger.workbooks import saved, sheet_of

HEADS = [
    "序号", "问题来源", "问题类型", "具体问题", "点位", "整改措施", "整改时限", "责任单位", "牵头单位", "是否完成", "是否销号",
    "进展情况",
]  # fmt: skip
NEXT_YEAR, LAST_YEAR = "2025年6月底前", "2023年6月底前"
RUN = [1, "日常巡查", "扬尘", "料堆未苫盖", "东沟", "苫盖", NEXT_YEAR, "青山镇", "", "否", "否", ""]
ASK = [2, "省级督察", "散煤", "散煤复燃", "西沟", "", LAST_YEAR, "河口镇", "", "否", "", ""]
CHECK = [3, "日常巡查", "噪声", "夜间施工", "", "", LAST_YEAR, "石岭镇", "", "是", "", "已完成整改"]
CLOSED = [4, "日常巡查", "水", "排口直排", "", "", LAST_YEAR, "石岭镇", "", "是", "是", ""]
NOBODY = [5, "信访举报", "恶臭", "夜间异味", "", "", NEXT_YEAR, "某某公司", "", "", "", ""]
UNDATED = [6, "上级交办", "畜禽", "粪污直排", "", "", "长期坚持", "青山镇", "", "", "", ""]
SEVERAL = [7, "", "", "沿河垃圾", "", "", NEXT_YEAR, "青山镇、河口镇", "市水利局", "", "", ""]
AT_ONCE = [8, "", "", "车辆带泥", "", "", "立行立改", "青山镇", "", "", "", ""]
ALL = (RUN, ASK, CHECK, CLOSED, NOBODY, UNDATED, SEVERAL, AT_ONCE)


def workbook(rows: Sequence[Sequence[Any]] = ALL, title: str = "2024年整改台账") -> bytes:
    """A ledger with these rows."""
    book = Workbook()
    sheet = sheet_of(book)
    sheet.append([title])
    sheet.append(HEADS)
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def many(count: int) -> bytes:
    """A ledger of so many problems that run."""
    towns = ("青山镇", "河口镇", "石岭镇")
    return workbook(
        [
            [n, "日常巡查", "扬尘", f"第{n}处料堆未苫盖", f"{n}号", "", NEXT_YEAR, towns[n % 3], "", "", "", ""]
            for n in range(1, count + 1)
        ]
    )  # fmt: skip

"""Words of the pages of ledgers."""

from collections.abc import Mapping

from workflow.errors import N_

STATES: Mapping[str, str] = {
    "staging": N_("正在读取"),
    "staged": N_("待确认"),
    "activating": N_("正在导入"),
    "active": N_("已导入"),
    "discarded": N_("已放弃"),
}
WAYS: Mapping[str, str] = {
    "run": N_("责任单位整改"),
    "ask": N_("问是否已完成"),
    "check": N_("送验收"),
    "closed": N_("归档"),
    "triage": N_("交办员研判"),
}
FIELD_NAMES: Mapping[str, str] = {
    "number": N_("序号"),
    "own_number": N_("来文（来件）编号"),
    "title": N_("标题"),
    "description": N_("问题内容"),
    "source": N_("问题来源"),
    "category": N_("问题类别"),
    "place": N_("地点"),
    "district": N_("所在地区"),
    "responsible": N_("责任单位"),
    "lead": N_("牵头单位"),
    "cooperating": N_("配合单位"),
    "acceptance": N_("验收单位"),
    "supervising": N_("督导单位"),
    "person": N_("责任人"),
    "due": N_("整改时限"),
    "found_on": N_("发现时间"),
    "measures": N_("整改措施"),
    "target": N_("整改目标"),
    "progress": N_("进展情况"),
    "done": N_("是否完成"),
    "closed": N_("是否销号"),
    "closed_on": N_("销号时间"),
    "percent": N_("完成率"),
    "speed": N_("整改类型"),
    "remark": N_("备注"),
}
CHOICES: Mapping[str, str] = {
    "check": N_("送验收单位核验"),
    "archive": N_("按台账归档，不再核验"),
}
DONE: Mapping[str, str] = {
    "read": N_("已读取。请核对列的对应关系和下面各行，确认之后才生效。"),
    "again": N_("这个文件以前导入过，下面是原来的结果，没有重复登记。"),
    "corrected": N_("已按所选的列重新读取。"),
    "units": N_("单位已保存。"),
    "confirmed": N_("已确认，正在登记。"),
    "discarded": N_("已放弃，没有登记任何问题。"),
}

"""The words of plans that pages show: states, verdicts, decisions, differences, records."""

from collections.abc import Mapping

from workflow.errors import N_

STATES: Mapping[str, str] = {
    "draft": N_("待核对"),
    "running": N_("运行中"),
    "replaced": N_("已被修订取代"),
    "discarded": N_("已作废"),
}
VERDICTS: Mapping[str, str] = {
    "met": N_("已达到"),
    "short": N_("尚未达到"),
    "missed": N_("到期未达到"),
    "none": N_("待评定"),
}
DECISIONS: Mapping[str, str] = {
    "open": N_("未定"),
    "matched": N_("名称相符"),
    "chosen": N_("已选定"),
    "create": N_("导入时新建"),
    "created": N_("已新建"),
    "name_only": N_("只记名称"),
}
CHANGES: Mapping[str, str] = {
    "added": N_("新增"),
    "removed": N_("删去"),
    "changed": N_("改动"),
    "task": N_("任务"),
    "milestone": N_("节点"),
    "target": N_("指标"),
    "unit": N_("单位"),
    "title": N_("名称"),
    "content": N_("内容"),
    "due": N_("日期"),
    "value": N_("数值"),
}
"""How, what, and which field; roles are named by the office's list."""
RECORDS: Mapping[str, str] = {
    "stage": N_("读入文件"),
    "correct": N_("更正"),
    "add_milestone": N_("补充节点"),
    "add_target": N_("补充指标"),
    "set_duty": N_("更正单位"),
    "decide_unit": N_("对应单位名称"),
    "resolve": N_("处理存疑"),
    "reopen": N_("重新存疑"),
    "confirm": N_("确认"),
    "confirm_clear": N_("确认没有存疑的任务"),
    "activate": N_("导入"),
    "discard": N_("作废草稿"),
    "replaced": N_("被修订取代"),
    "taken_over": N_("沿用原计划的更正"),
    "observe": N_("记录实际值"),
    "withdraw_observation": N_("作废一条记录"),
}
RHYTHMS: Mapping[str, str] = {
    "month": N_("每月"),
    "quarter": N_("每季度"),
    "half year": N_("每半年"),
    "year": N_("每年"),
}
"""How often something standing is reported; each period ends with its last day."""

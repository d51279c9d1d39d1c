"""What is said about each fault of a definition, in Chinese and in English.

A key ``code/variant`` is one sentence of a code.
"""

from collections.abc import Mapping
from types import MappingProxyType

_TABLE: dict[str, tuple[str, str]] = {}


def _say(key: str, zh: str, en: str) -> None:
    _TABLE[key] = (zh, en)


# The form of the definition.
_say(
    "bad_format",
    "{detail}",
    "{detail_en}",
)
_say(
    "bad_format/reserved",
    "“{name}”有专门含义（from: {name} 表示所有尚未了结的环节），不能用作环节名。",
    "“{name}” has a meaning of its own (from: {name} is every open state); call the state "
    "something else.",
)
_say(
    "unknown_outcome",
    "counts_as 没有“{name}”这一类{near}。",
    "There is no outcome “{name}”{near_en}.",
)
_say(
    "unknown_key",
    "没有“{name}”这一项{near}。",
    "There is no key “{name}”{near_en}.",
)
_say(
    "unknown_kind",
    "没有“{name}”这种操作{near}。可用的操作见 docs/loops.md。",
    "There is no kind of action “{name}”{near_en}. docs/loops.md lists them.",
)
_say(
    "unknown_state",
    "没有定义“{name}”这个环节{near}。",
    "No state “{name}” is defined{near_en}.",
)
_say(
    "unknown_role",
    "看不懂角色“{name}”{near}。请写成“岗位@关系”，例如 handler@responsible。",
    "“{name}” is no role{near_en}. Write post@relation, such as handler@responsible.",
)
_say(
    "unknown_field",
    "“{action}”的表单没有“{name}”这一项{near}。",
    "The form of “{action}” has no field “{name}”{near_en}.",
)
_say(
    "unknown_field/limit",
    "时钟“{clock}”的期限取自表单项“{name}”，但“{action}”不要求填写它。请写明缺省期限（"
    "{name}|5wd），或把它列入该操作的 needs。",
    "The limit of “{clock}” comes from the field “{name}”, which “{action}” does not ask "
    "for. Give a default ({name}|5wd) or put the field into the action's needs.",
)
_say(
    "unknown_guard",
    "没有“{name}”这个条件{near}。可用的条件见 docs/loops.md。",
    "There is no guard “{name}”{near_en}. docs/loops.md lists them.",
)
_say(
    "unknown_clock",
    "没有定义“{name}”这个时钟{near}。",
    "No clock “{name}” is defined{near_en}.",
)
_say(
    "unknown_action",
    "没有定义“{name}”这个操作{near}。",
    "No action “{name}” is defined{near_en}.",
)
_say(
    "unknown_option",
    "“{action}”须写明 {name}，可选：{choices}。",
    "“{action}” has to say {name}: one of {choices}.",
)
_say(
    "unknown_option/foreign",
    "{kind} 类操作没有 {name} 这一项，请删除。",
    "Actions of the kind {kind} say no {name}; delete it.",
)
_say(
    "unknown_request",
    "操作“{action}”用到了“{name}”，但 requests 里没有规定它由谁、在多长时间内审批。",
    "“{action}” is about the request “{name}”, which has no rule under requests.",
)
_say(
    "unknown_request/unused",
    "requests 里有“{name}”，但没有提出它或审批它的操作。",
    "There is a rule for the request “{name}” and no action to ask for it or to decide it.",
)
_say(
    "bad_limit",
    "看不懂期限“{text}”。可以写 30s、30min、4h、3wd、7nd、2mo（秒、分钟、小时、工作日、"
    "自然日、月）、due（问题自身的时限），或“表单项|缺省期限”，例如 resubmit|5wd。",
    "“{text}” is no limit. Write 30s, 30min, 4h, 3wd, 7nd, 2mo (seconds, minutes, hours, "
    "working days, days, months), due (the issue's own date) or field|default, "
    "such as resubmit|5wd.",
)
_say(
    "bad_period",
    "时钟“{clock}”写了 then，但不是 period（期间）。只有期间届满才会开放或自动执行操作。",
    "“{clock}” has a then and is no period. Only the end of a period opens or takes actions.",
)
_say(
    "bad_period/needs",
    "期间“{clock}”届满时系统自动执行“{action}”，因此该操作不能有必填项（{fields}）。",
    "The system takes “{action}” when “{clock}” is over, so it cannot ask for {fields}.",
)
_say(
    "bad_period/guard",
    "期间“{clock}”届满时系统自动执行“{action}”，因此该操作不能带 when 条件。",
    "The system takes “{action}” when “{clock}” is over, so it cannot have a when.",
)
_say(
    "bad_period/kind",
    "{kind} 类操作须由人办理，不能由系统在期间“{clock}”届满时自动执行。可自动执行的有：{choices}。",
    "Actions of the kind {kind} are taken by people, not by the end of “{clock}”. The "
    "system can take: {choices}.",
)
_say(
    "bad_period/twice",
    "“{action}”只能由一个期间开放，现有“{clock}”和“{other}”两个。",
    "“{action}” can be opened by one period only, not by “{clock}” and “{other}”.",
)
_say(
    "bad_period/over",
    "期间“{clock}”届满时系统会执行“{action}”，请直接写该操作，不要写 {clock}_over。",
    "The end of “{clock}” takes “{action}”: name that action instead of {clock}_over.",
)
_say(
    "bad_move",
    "{kind} 类操作必须写明 to（办理后进入的环节）。",
    "Actions of the kind {kind} have to say to, the state that they lead to.",
)
_say(
    "bad_move/never",
    "{kind} 类操作不改变环节，请删除 to。",
    "Actions of the kind {kind} do not change the state; delete to.",
)
_say(
    "bad_group",
    "“{names}”不是已知的一组互补条件。已知的有：{choices}。",
    "“{names}” is no known group of guards of which one always holds. Known: {choices}.",
)
_say(
    "bad_final",
    "终结环节“{state}”须写明 counts_as（{choices}）。",
    "The final state “{state}” has to say what it counts_as: {choices}.",
)
_say(
    "bad_final/owner",
    "终结环节“{state}”不再有人办理，请删除 owner 和 held_to。",
    "Nobody has to move in the final state “{state}”; delete owner and held_to.",
)
_say(
    "duplicate",
    "环节“{state}”里有两个操作都叫“{action}”，请用 as 给其中一个改名。",
    "Two actions of the state “{state}” are called “{action}”; rename one with as.",
)
_say(
    "duplicate/birth",
    "“{action}”是问题产生时的操作名，时钟会分不清；请用 as 给这个操作另起名称。",
    "“{action}” is how an issue begins, which clocks could not tell apart; rename this "
    "action with as.",
)
_say(
    "mixed_action",
    "同名操作“{action}”的 {what} 不一致。同一操作的种类、表单和名称在各处须相同，否则请用 "
    "as 改名。",
    "The actions called “{action}” differ in {what}. One name has one kind, form and "
    "label; rename one with as.",
)
# Owners and clocks.
_say(
    "no_owner",
    "环节“{state}”没有写明由谁办理（owner）。",
    "The state “{state}” does not say whose move it is (owner).",
)
_say(
    "no_owner/clock",
    "看不出时钟“{clock}”约束谁：{found}。请写明 owner。",
    "It is not clear whom the clock “{clock}” holds: {found_en}. Say its owner.",
)
_say(
    "no_owner/idle",
    "环节“{state}”轮到{owner}办理，但没有一个使它前进的操作允许其办理。",
    "In “{state}” the move is {owner}'s, who may take no action that leads on.",
)
_say(
    "no_owner/decider",
    "“{name}”由{owner}审批，但操作“{action}”不允许其办理。",
    "The request “{name}” is decided by {owner}, who may not take “{action}”.",
)
_say(
    "no_clock",
    "环节“{state}”没有写明办理时限（held_to）。",
    "The state “{state}” names no clock (held_to).",
)
_say(
    "no_clock/stopped",
    "问题可以停在“{state}”而没有一个约束办理人的时钟在走（{clocks}）。",
    "An issue can stand in “{state}” while none of its clocks runs ({clocks}).",
)
_say(
    "no_due",
    "时钟“{clock}”按问题自身的时限计算，但“{action}”时还没有确定时限。请在此前的操作里把 "
    "due 列入 needs。",
    "“{clock}” runs to the issue's due date, which is not set yet at “{action}”. Let an "
    "earlier action need due.",
)
_say(
    "no_due/extension",
    "“{action}”时没有按问题自身时限计算的时钟，无从延期。",
    "At “{action}” no clock runs to the issue's due date, so there is nothing to extend.",
)
_say(
    "unbound_relation",
    "在“{state}”，{role}还没有确定：到这里的路径上没有操作设定“{relation}”。",
    "In “{state}” nobody is {role} yet: no action on the way here sets “{relation}”.",
)
_say(
    "unbound_relation/optional",
    "{role}可能一个也没有，不能只靠其办理。",
    "There may be no {role}, so nothing can depend on them alone.",
)
_say(
    "dead_clock",
    "时钟“{clock}”在“{state}”里走着，此后却没有操作能让它停下（停表的操作：{stops}）。",
    "“{clock}” runs in “{state}” and nothing after that stops it (it is stopped by {stops}).",
)
_say(
    "dead_clock/never",
    "时钟“{clock}”从不启动：没有任何路径经过启动它的操作。",
    "“{clock}” never starts: no path takes an action that starts it.",
)
_say(
    "dead_clock/idle",
    "环节“{state}”写明受时钟“{clock}”约束，但该时钟在这里从不走动。",
    "“{state}” is said to be held to “{clock}”, which never runs there.",
)
_say(
    "period_lost",
    "期间“{clock}”可能在“{state}”届满，而这个环节没有“{action}”，系统无法执行。",
    "“{clock}” can end in “{state}”, where there is no “{action}” for the system to take.",
)
# The way to the end.
_say(
    "unreachable",
    "没有任何路径能到达“{state}”。",
    "No path leads to “{state}”.",
)
_say(
    "dead_action",
    "在“{state}”，“{action}”从不可能办理。",
    "In “{state}”, “{action}” can never be taken.",
)
_say(
    "no_end",
    "走到“{state}”后没有出路：没有能离开它的操作。",
    "There is no way on from “{state}”: no action leaves it.",
)
_say(
    "no_end/circle",
    "从“{state}”起只能在几个环节之间打转，到不了任何终结环节。",
    "From “{state}” on the issue can only go round and never reaches a final state.",
)
_say(
    "no_end/none",
    "没有一个终结环节（final: true）。",
    "There is no final state (final: true).",
)
_say(
    "guarded_stuck",
    "问题可能停在“{state}”：离开它的操作都带条件，而条件可能都不满足（{guards}）。",
    "An issue can get stuck in “{state}”: every way on has a condition, and all may be "
    "unmet ({guards}).",
)
_say(
    "join_stuck",
    "分办件都办完后，问题可能停在“{state}”：没有一个操作适用于这种结果（{guards}）。",
    "With its parts ended, an issue can get stuck in “{state}”: no action fits how they "
    "ended ({guards}).",
)
_say(
    "too_large",
    "可能的情形超过 {most} 种，无法逐一验证。请拆成更小的流程，或减少可并行的申请与条件。",
    "More than {most} positions are possible, too many to prove. Make the loop smaller.",
)
_say(
    "final_left",
    "“{state}”是终结环节，不能再办理“{action}”。只有已销号或已归档的问题可以认定反弹（relapse）。",
    "“{state}” is final and cannot be left by “{action}”. Only a relapse of something "
    "closed or archived may follow.",
)
# Laws of the product.
_say(
    "closed_reopened",
    "已销号的问题只能归档或认定反弹，“{action}”不能把它带到“{target}”。",
    "What is closed can only become archived or relapsed; “{action}” cannot lead to “{target}”.",
)
_say(
    "self_acceptance",
    "“{action}”是对整改的评判，不能由{role}办理。",
    "“{action}” judges the work and cannot be taken by {role}.",
)
_say(
    "self_acceptance/decider",
    "“{name}”不能由{role}审批。",
    "The request “{name}” cannot be decided by {role}.",
)
_say(
    "unreviewed",
    "问题可以不经上一级复审就以“{state}”结案。",
    "An issue can end as “{state}” without a review one level up.",
)
_say(
    "unreviewed/role",
    "“{action}”是对不属实认定的复审，须由上级单位（@above）办理，不能由{role}办理。",
    "“{action}” reviews an unfounded verdict and belongs to the unit above, not to {role}.",
)
_say(
    "unanswered",
    "问题可以在来源尚未答复时以“{state}”结案。请给“{action}”加上 sources_replied 条件，或要"
    "求填写 reply。",
    "An issue can end as “{state}” before its sources have a reply. Guard “{action}” by "
    "sources_replied or let it need a reply.",
)
_say(
    "request_stuck",
    "在“{state}”提出的“{name}”可能无人能够审批。",
    "In “{state}” the request “{name}” can be open with nobody able to decide it.",
)
_say(
    "objection_lost",
    "“{action}”使问题离开“{state}”时，尚未裁定的异议会丢失。请加上 no_objection 条件。",
    "“{action}” leaves “{state}” while an objection is open, which would be lost. Guard it "
    "by no_objection.",
)
_say(
    "bad_end",
    "分办件只能以 {choices} 终结，“{state}”不可以。",
    "A part ends as {choices}; “{state}” cannot be its end.",
)
_say(
    "bad_end/root",
    "只有分办件可以以 settled 终结，“{state}”不可以。",
    "Only a part ends as settled; “{state}” cannot.",
)
_say(
    "no_part_loop",
    "有拆分操作，但没有写明分办件用哪个流程（part_loop）。",
    "There is a split, and no part_loop says which loop the parts run on.",
)
_say(
    "no_part_loop/missing",
    "找不到分办件的流程“{name}”，请把 {name}.yaml 放在同一文件夹里。",
    "The loop of the parts, “{name}”, is not there; put {name}.yaml into the same folder.",
)
_say(
    "no_part_loop/root",
    "“{name}”不能用作分办件的流程：它的 born_by 须为 split。",
    "“{name}” is no loop for parts: its born_by has to be split.",
)
_say(
    "no_part_loop/unused",
    "写明了 part_loop，但没有拆分操作。",
    "There is a part_loop and no action that splits.",
)

SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(_TABLE)
"""Key → (Chinese, English)."""

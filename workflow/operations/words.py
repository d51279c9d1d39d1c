"""What an alarm is called, what it says, and what to do about it, in both languages. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.language import LANGUAGES, catalogue
from workflow.errors import N_


@dataclass(frozen=True, slots=True)
class Words:
    """Three msgids; places in the sentence are filled from the alarm's params."""

    title: str
    sentence: str
    advice: str


WORDS: Mapping[str, Words] = {
    "clock_silent": Words(
        N_("时钟停了"),
        N_("没有一个时钟在走，到期事项无人检查。"),
        N_("启动 bihuan clock（至少一个，宜两个）。恢复后会自动补办，不会遗漏。"),
    ),
    "worker_silent": Words(
        N_("后台任务停了"),
        N_("两分钟以来没有后台任务办理检测任务；时钟正在自行补办。"),
        N_("查看 bihuan worker 是否在运行、任务队列是否连得上，必要时重启。"),
    ),
    "rung_late": Words(
        N_("到期事项没有办"),
        N_("有到期事项超过两个检查周期还没有办。"),
        N_("查看后台任务日志里的 clock.failed；系统会一直重试，改好后自动补办。"),
    ),
    "message_late": Words(
        N_("消息没有发"),
        N_("{channel} 上有 {count} 条消息等候，最早的一条超过两个检查周期还没有发。"),
        N_("查看后台任务是否在运行、是否忙不过来；可再启动一个 bihuan worker。"),
    ),
    "lease_stuck": Words(
        N_("消息被占住没有放"),
        N_("{channel} 上有消息领走以后没有办完，期限过了也没有人接手。"),
        N_("查看后台任务是否在运行；恢复后会自动接手。"),
    ),
    "channel_down": Words(
        N_("发送渠道不通"),
        N_("{channel} 连续发送失败，没有一条成功。"),
        N_("查看该渠道的服务器和设置（bihuan doctor 会逐项检查）；系统会自动重试一天。"),
    ),
    "undelivered": Words(
        N_("有消息没能送达"),
        N_("一天之内有 {count} 条消息重试后放弃。"),
        N_("运行 bihuan doctor 看原因，多为收件人地址有误；改正地址，并另行告知本人。"),
    ),
    "process_silent": Words(
        N_("有进程没有响应"),
        N_("{process} 一分钟以上没有响应。"),
        N_("如已停用，一天后自动移出名单；否则重启该进程，其余进程会先顶上。"),
    ),
    "clock_skew": Words(
        N_("机器时间不一致"),
        N_("{process} 所在机器的时间与数据库相差 {seconds} 秒。"),
        N_("为这台机器校时（NTP）。"),
    ),
    "clock_jump": Words(
        N_("时间跳变，升级已暂停"),
        N_("时间跳了 {seconds} 秒。文书和逐级上报已暂停，提醒照发。"),
        N_("核对各台机器和数据库的时间，校准以后按“时间无误”或运行 bihuan doctor --clock-ok。"),
    ),
    "invariant_broken": Words(
        N_("数据自查不符"),
        N_("数据自查发现 {count} 处不符（{invariants}），涉及：{issues}。"),
        N_("运行 bihuan doctor --invariants 逐行查看；改正一分钟以后再运行一次，告警解除。"),
    ),
    "quarantine": Words(
        N_("隔离中，什么都不发出"),
        N_("系统由备份恢复，尚未核对：除站内消息外什么都不发出，到期事项一律不办。"),
        N_("运行 bihuan quarantine 看有什么待发；核对以后用 bihuan quarantine --lift 解除。"),
    ),
    "broker_away": Words(
        N_("任务队列不通"),
        N_("Redis 连接不上；时钟正在自行补办，网页不受影响。"),
        N_("恢复 Redis 服务，或改正 BIHUAN_BROKER_URL。队列里的任务丢了也不要紧。"),
    ),
    "broker_evicts": Words(
        N_("任务队列会丢任务"),
        N_("Redis 的 maxmemory-policy 是 {policy}，内存不足时会丢任务。"),
        N_("把 maxmemory-policy 设为 noeviction，并把缓存移到另一个 Redis。"),
    ),
}
"""Every kind of alarm."""

_UNKNOWN = Words(N_("未知告警"), N_("本程序不认识这种告警。"), N_("请把各进程升级到同一版本。"))


def of(kind: str) -> Words:
    """The words of a kind; also of one that only a newer program knows."""
    return WORDS.get(kind, _UNKNOWN)


def title(kind: str) -> dict[str, str]:
    """What the alarm is called, by language."""
    return _said(of(kind).title, {})


def sentence(kind: str, params: Mapping[str, Any]) -> dict[str, str]:
    """What the alarm says, by language."""
    return _said(of(kind).sentence, params)


def advice(kind: str) -> dict[str, str]:
    """What to do about it, by language."""
    return _said(of(kind).advice, {})


def _said(msgid: str, params: Mapping[str, Any]) -> dict[str, str]:
    texts = {lang: catalogue(lang).gettext(msgid) for lang in LANGUAGES}
    return {lang: text.format_map(params) for lang, text in texts.items()} if params else texts

"""Every message that the product sends: one frozen dataclass each.

``kind`` is the message's name, the value of ``outbox.message`` and the folder of its text in
``templates/messages/<kind>/``.  A payload is a small JSON object of the fields below and holds
nothing that a page would have to look up again.

A *label* is a text, or ``{"zh": …, "en": …}`` where both are known, as in a loop definition.
A *moment* is an ISO date (a day) or an ISO date and time with zone; the template writes it out in
the reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

Label = str | Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What all messages say: which issue, and where to go."""

    kind: ClassVar[str]
    names: ClassVar[tuple[str, ...]] = ()
    """The fields of a payload; filled below, once for each class."""

    number: str
    """Number of the issue."""
    title: str
    """Title of the issue."""
    link: str | None = None
    """Path of the page to open; none: the page of the issue."""
    unit: str | None = None
    """Name of the responsible unit."""

    def payload(self) -> dict[str, Any]:
        """The JSON object to store; what is unknown is left out."""
        return {name: value for name in self.names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWork(Message):
    """您有新的待办: the next move of this issue is the reader's."""

    kind: ClassVar[str] = "new_work"
    state: Label | None = None
    action: Label | None = None
    """What just happened."""
    opens: Label | None = None
    """What has become possible, where a period has run out."""
    by: str | None = None
    """Unit that did it."""
    due: str | None = None
    """Moment by which the reader has to move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged(Message):
    """进展: something happened to an issue that the reader follows."""

    kind: ClassVar[str] = "state_changed"
    action: Label | None = None
    state: Label | None = None
    by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung(Message):
    """What the messages of a ladder have in common."""

    clock: Label | None = None
    """The limit that runs: 签收, 整改 …"""
    owner: str | None = None
    """Unit whose move it is."""
    due: str | None = None
    lamp: str | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder(Rung):
    """提醒: a limit comes near."""

    kind: ClassVar[str] = "reminder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Urging(Rung):
    """催办: the limit is here, or just gone."""

    kind: ClassVar[str] = "urging"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue(Rung):
    """逾期: the limit is gone; told to the late desk."""

    kind: ClassVar[str] = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Warning_(Rung):  # noqa: N801 - Warning is a builtin
    """预警: told to those above the late desk."""

    kind: ClassVar[str] = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperToSign(Message):
    """待签发: a draft waits for the reader's signature."""

    kind: ClassVar[str] = "paper_to_sign"
    paper: Label | None = None
    """Kind of paper: 督办函, 通报, 约谈通知 …"""
    paper_title: str | None = None
    addressee: str | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperReceived(Message):
    """送达: a signed paper is addressed, or copied, to the reader."""

    kind: ClassVar[str] = "paper_received"
    paper: Label | None = None
    paper_title: str | None = None
    by: str | None = None
    """Unit that issued it."""
    answer_by: str | None = None
    """Moment by which an answer is expected."""
    copy: bool | None = None
    """True for 抄送."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestToDecide(Message):
    """待审批: somebody asks for an extension, a suspension …"""

    kind: ClassVar[str] = "request_to_decide"
    request: Label | None = None
    by: str | None = None
    reason: str | None = None
    until: str | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDecided(Message):
    """审批结果: what became of the request."""

    kind: ClassVar[str] = "request_decided"
    request: Label | None = None
    outcome: Label | None = None
    by: str | None = None
    reason: str | None = None
    due: str | None = None
    """The limit that holds from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(Message):
    """退回: the unit says that the issue is not its own."""

    kind: ClassVar[str] = "returned"
    by: str | None = None
    reason: str | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(Message):
    """退回整改: the acceptance did not pass."""

    kind: ClassVar[str] = "rejected"
    by: str | None = None
    reason: str | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicityObjection(Message):
    """公示异议: somebody objects while the result is public."""

    kind: ClassVar[str] = "publicity_objection"
    reason: str | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyDue(Message):
    """待答复: a source that left a contact has no reply yet."""

    kind: ClassVar[str] = "reply_due"
    source: Label | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relapse(Message):
    """反弹: a closed problem is back; ``number`` is the new issue."""

    kind: ClassVar[str] = "relapse"
    recurs_of: str | None = None
    """Number of the closed issue."""
    finding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Message):
    """告警: the installation itself needs somebody, or no longer does.

    ``number`` is the alarm's own, ``title`` the address of the installation that speaks.
    """

    kind: ClassVar[str] = "alarm"
    alarm: Label | None = None
    """What the alarm is called."""
    what: Label | None = None
    advice: Label | None = None
    since: str | None = None
    over: str | None = None
    """Moment at which it was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerImported(Message):
    """台账导入: what a ledger brings to the reader's unit, all rows in one message.

    ``number`` is the import's own, ``title`` the name of the file, ``by`` the unit whose ledger it
    is; the counts say what waits.
    """

    kind: ClassVar[str] = "ledger_imported"
    by: str | None = None
    total: int | None = None
    fix: int | None = None
    """To be rectified."""
    ask: int | None = None
    """Past their date: done already?"""
    check: int | None = None
    """Said to be done, to be verified."""
    triage: int | None = None
    due: str | None = None
    """The earliest moment by which one of them has to be moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest(Message):
    """汇总: several messages to one person in one; made by the relay, never put."""

    kind: ClassVar[str] = "digest"
    items: tuple[Mapping[str, str], ...] = ()
    """``{"subject", "link"}`` of each message."""


MESSAGES: Mapping[str, type[Message]] = {
    message.kind: message
    for message in (
        NewWork,
        StateChanged,
        Reminder,
        Urging,
        Overdue,
        Warning_,
        PaperToSign,
        PaperReceived,
        RequestToDecide,
        RequestDecided,
        Returned,
        Rejected,
        PublicityObjection,
        ReplyDue,
        Relapse,
        Alarm,
        LedgerImported,
        Digest,
    )
}
"""Every message by its kind."""

for _message in MESSAGES.values():
    _message.names = tuple(field.name for field in fields(_message))

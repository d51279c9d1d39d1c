"""Which headings are tasks, which are actions, and what the rest is for. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from workflow.plans.characters import fold
from workflow.plans.content import Content
from workflow.plans.outline import ANNEX, Node, title_of
from workflow.plans.paragraphs import Paragraph
from workflow.plans.words import Words

LONGEST_PURPOSE = 12
"""A heading longer than this is a task even if it has the words of a goal or a safeguard."""

FEWEST_TASKS = 3
"""Tasks that show where their texts end."""
_GENERIC = (
    "重点任务", "主要任务", "工作任务", "任务措施", "主要措施", "工作措施", "重点工作", "重点举措", "主要举措", "工作内容", "具体任务", "工作重点",
    "重点措施", "主要工作", "任务分工", "任务清单", "具体措施", "重点行动", "主要行动", "行动任务", "整治任务", "整改任务", "工作举措", "重点内容",
)  # fmt: skip


@dataclass
class Choice:
    """Headings by what they are; `tasks` in the order of print."""

    tasks: list[Node] = field(default_factory=list)
    sections: list[tuple[str, Node]] = field(default_factory=list)
    inherited: list[tuple[Node, Node]] = field(default_factory=list)
    lifted: list[tuple[Node, Node]] = field(default_factory=list)


def purpose_of(node: Node, words: Words) -> str | None:
    """preamble, goals or safeguards by the words of its title; None for anything else."""
    if len(node.title) > LONGEST_PURPOSE:
        return None
    for purpose in ("goals", "safeguards", "preamble"):
        if any(word in node.title for word in words.sections.get(purpose, ())):
            return purpose
    return None


def is_generic(node: Node) -> bool:
    """三、重点任务 and the like: a heading over the actions, none itself."""
    return any(word in node.title for word in _GENERIC) and len(node.title) <= LONGEST_PURPOSE


def choose(root: Node, contents: Mapping[int, Content], words: Words) -> Choice:
    """Tasks are the headings at the level where units are named; without any unit, the leaves."""
    nodes = list(root.walk())[1:]
    owners = {id(node) for node in nodes if contents[id(node)].duties}
    purposes = _purposes(nodes, owners, words)
    choice = Choice()
    choice.lifted = _lift(nodes, owners, contents)
    for child, parent in choice.lifted:
        owners.discard(id(child))
        owners.add(id(parent))
    form = _level(nodes, owners, purposes)
    chosen: set[int] = set()
    for node in nodes:
        if _is_task(node, form, owners, purposes) and not any(
            id(a) in chosen for a in node.above()
        ):
            chosen.add(id(node))
    _with_lone_leaves(nodes, chosen, purposes)
    _without_heads(nodes, owners, chosen, choice)
    choice.tasks = [node for node in nodes if id(node) in chosen]
    choice.sections = _sections(nodes, chosen, purposes)
    return choice


def _purposes(nodes: list[Node], owners: set[int], words: Words) -> dict[int, str]:
    found: dict[int, str] = {}
    for node in nodes:
        own = purpose_of(node, words)
        if own is None and id(node) not in owners and _states_goals(node):
            own = "goals"
        above = found.get(id(node.parent)) if node.parent else None
        if own or above:
            found[id(node)] = own or above or ""
    return found


def _states_goals(node: Node) -> bool:
    """一、年度任务 with a paragraph and nothing numbered below it, in front of others."""
    siblings = node.parent.children if node.parent else []
    return (
        node.title
        in ("年度任务", "总体任务", "任务指标", "目标", "指标任务", "主要指标", "年度指标")
        and not node.children
        and bool(siblings)
        and node is not siblings[-1]
    )


def _level(nodes: list[Node], owners: set[int], purposes: Mapping[int, str]) -> str:
    """The form of number that most headings with units have, the higher one if two are equal."""
    counted = Counter(node.form for node in nodes if id(node) in owners)
    if not counted:
        counted = Counter(
            node.form
            for node in nodes
            if not node.children and id(node) not in purposes and node.form != ANNEX
        )
    return counted.most_common(1)[0][0] if counted else ""


def _is_task(node: Node, form: str, owners: set[int], purposes: Mapping[int, str]) -> bool:
    if id(node) in owners:
        if node.form == form:
            return True
        below = [child for child in node.walk() if child is not node and child.form == form]
        return not below
    return node.form == form and id(node) not in purposes


def _with_lone_leaves(nodes: list[Node], chosen: set[int], purposes: Mapping[int, str]) -> None:
    """A heading without units beside actions that hold tasks is a task as well."""
    holding = {id(above) for node in nodes if id(node) in chosen for above in node.above()}
    for node in nodes:
        siblings = node.parent.children if node.parent else []
        if (
            not node.children
            and node.form != ANNEX
            and id(node) not in chosen
            and id(node) not in purposes
            and node.parent is not None
            and node.parent.parent is not None
            and not any(id(above) in chosen for above in node.above())
            and any(id(sibling) in holding or id(sibling) in chosen for sibling in siblings)
        ):
            chosen.add(id(node))


def _without_heads(nodes: list[Node], owners: set[int], chosen: set[int], choice: Choice) -> None:
    """Units in the heading of an action hold for each of its tasks that names none itself."""
    for node in nodes:
        if id(node) in owners and id(node) not in chosen:
            below = [child for child in node.walk() if id(child) in chosen]
            choice.inherited += [(child, node) for child in below]


def _lift(
    nodes: list[Node], owners: set[int], contents: Mapping[int, Content]
) -> list[tuple[Node, Node]]:
    """Labels below the last of several items belong to their heading, if it is so throughout."""
    found: list[tuple[Node, Node]] = []
    parents = 0
    for node in nodes:
        if len(node.children) < 2:
            continue
        holding = [child for child in node.children if id(child) in owners]
        if not holding:
            continue
        parents += 1
        last = node.children[-1]
        if holding == [last] and contents[id(last)].labelled and not last.children:
            found.append((last, node))
    return found if len(found) >= 2 and len(found) * 10 >= parents * 6 else []


def set_closing_aside(choice: Choice, contents: dict[int, Content]) -> None:
    """各地要于5月15日前…below the units of the last task speaks of all, if no other task goes on so."""
    tasks = [node for node in choice.tasks if contents[id(node)].clauses]
    if len(tasks) < FEWEST_TASKS or choice.tasks[-1] is not tasks[-1]:
        return
    last = contents[id(tasks[-1])]
    if not last.behind or tasks[-1].children or any(contents[id(n)].behind for n in tasks[:-1]):
        return
    body = [Paragraph(text, tasks[-1].place) for text in last.behind]
    begin, _ = title_of(fold(last.behind[0]))
    node = Node(last.behind[0][:begin].strip("。；：，"), tasks[-1].place, body=body)
    contents[id(node)] = Content(node, texts=last.behind)
    del last.texts[last.closed :]
    choice.sections.append(("safeguards", node))


def _sections(
    nodes: list[Node], chosen: set[int], purposes: Mapping[int, str]
) -> list[tuple[str, Node]]:
    """Headings that are neither task nor part of one, each with what it is for."""
    found: list[tuple[str, Node]] = []
    for node in nodes:
        if id(node) in chosen or any(id(above) in chosen for above in node.above()):
            continue
        if not node.body and any(id(child) not in chosen for child in node.children):
            continue
        if node.body or not node.children:
            introduces = any(id(child) in chosen for child in node.walk())
            usual = "preamble" if introduces else ANNEX if node.form == ANNEX else "other"
            found.append((purposes.get(id(node), usual), node))
    return found

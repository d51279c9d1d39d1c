"""A ledger becomes running issues: inert before, all of it after, once, and told once."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.flows.ledger.conftest import OUTBOX, Clerk
from tests.flows.ledger.ledgers import (
    ALL,
    ASK,
    CLOSED,
    NEXT_YEAR,
    NOBODY,
    RUN,
    many,
    workbook,
)
from tests.world import CLOCK, EVENT
from workflow.errors import Conflict, Invalid, NotAllowed, NotFound
from workflow.escalation.actions import tick
from workflow.issues import search
from workflow.issues.create import NewIssue
from workflow.issues.visible import ISSUE
from workflow.ledger import actions, staging, store
from workflow.ledger.rows import LedgerRow
from workflow.ledger.staging import Staged
from workflow.ledger.store import ROW
from workflow.ledger.ways import Sorter, Way


def by_text(clerk: Clerk, import_id: int) -> dict[str, str]:
    """What a row says to the number of its issue."""
    return {row.row.description: row.number for row in clerk.rows(import_id) if row.number}


def test_a_staged_ledger_does_nothing(clerk: Clerk) -> None:
    import_id = clerk.stage(workbook()).import_id

    assert clerk.view(import_id).state == "staged"
    for table in (ISSUE, CLOCK, EVENT, OUTBOX, search.SEARCH):
        assert clerk.count(table) == 0
    assert dict(clerk.preview(import_id).ways) == {
        "run": 3, "ask": 1, "check": 1, "closed": 1, "triage": 2,
    }  # fmt: skip
    assert [unknown.name for unknown in clerk.preview(import_id).unknown] == ["某某公司"]


def test_each_row_takes_its_way(clerk: Clerk) -> None:
    import_id = clerk.bring_in(workbook())

    numbers = by_text(clerk, import_id)
    states = {text: clerk.world.case(number).state for text, number in numbers.items()}
    assert states == {
        "料堆未苫盖": "rectifying",
        "散煤复燃": "asked",
        "夜间施工": "checking",
        "排口直排": "archived",
        "夜间异味": "reported",
        "粪污直排": "reported",
        "沿河垃圾": "rectifying",
        "车辆带泥": "rectifying",
    }
    assert all(clerk.world.chain_is_whole(number) for number in numbers.values())
    view = clerk.view(import_id)
    assert (view.state, view.made, view.rows) == ("active", len(ALL), len(ALL))


def test_what_an_issue_keeps_of_its_row(clerk: Clerk) -> None:
    import_id = clerk.bring_in(workbook())

    case = clerk.world.case(by_text(clerk, import_id)["料堆未苫盖"])
    assert case.facts["ledger"]["cell"] == "台账!D3"
    assert case.facts["ledger"]["file"] == clerk.view(import_id).sha256
    assert str(case.due_on) == "2025-06-30"
    assert (case.category, case.source, case.place) == ("dust", "patrol", "东沟")
    assert case.facts["assigned"]["requirement"] == "苫盖"
    assert case.units["responsible"] == [clerk.world.unit("qingshan")]
    assert case.units["acceptance"] == [clerk.world.unit("huanbao")]
    assert {clock.kind for clock in case.clocks} == {"rectify"}


def test_several_units_have_one_responsible(clerk: Clerk) -> None:
    case = clerk.world.case(by_text(clerk, clerk.bring_in(workbook()))["沿河垃圾"])

    world = clerk.world
    assert case.units["responsible"] == case.units["lead"] == [world.unit("shuili")]
    assert case.units["cooperating"] == [world.unit("qingshan"), world.unit("hekou")]


def test_at_once_counts_from_the_import(clerk: Clerk) -> None:
    case = clerk.world.case(by_text(clerk, clerk.bring_in(workbook()))["车辆带泥"])

    assert case.speed == "at_once"
    assert str(case.due_on) == clerk.world.day(7)


def test_born_overdue_is_asked_before_any_lamp(clerk: Clerk) -> None:
    number = by_text(clerk, clerk.bring_in(workbook([ASK])))["散煤复燃"]

    case = clerk.world.case(number)
    assert (case.state, case.lamp, case.due_on, str(case.original_due_on)) == (
        "asked", "none", None, "2023-06-30",
    )  # fmt: skip
    assert [clock.kind for clock in case.clocks] == ["confirm"]
    tick(clerk.world.database, clerk.world.office, clerk.world.after(days=1))
    assert clerk.world.case(number).lamp == "none"
    clerk.world.act(number, "not_done", by="hk.handler")
    clerk.world.act(
        number, "set_due", by="gj.dispatcher",
        responsible="河口镇", acceptance="市生态环境局", due=clerk.world.day(30),
    )  # fmt: skip
    case = clerk.world.case(number)
    assert (case.state, str(case.due_on)) == ("rectifying", clerk.world.day(30))
    assert str(case.original_due_on) == "2023-06-30"


def test_a_claim_is_verified_by_another_unit(clerk: Clerk) -> None:
    number = by_text(clerk, clerk.bring_in(workbook([ASK])))["散煤复燃"]

    clerk.world.act(number, "claim_done", by="hk.handler", result="早已清理。")
    assert clerk.world.case(number).state == "checking"
    clerk.world.act(number, "verify_claim", by="hb.acceptor", opinion="属实。")
    assert clerk.world.case(number).facts["verified"]["on_time"] is False


def test_what_is_said_to_be_done_may_be_filed(clerk: Clerk) -> None:
    import_id = clerk.bring_in(workbook(), claimed="archive")

    assert clerk.world.case(by_text(clerk, import_id)["夜间施工"]).state == "archived"


def test_each_unit_is_told_once(clerk: Clerk) -> None:
    import_id = clerk.bring_in(many(90))

    messages = clerk.messages()
    assert [message.message for message in messages] == ["ledger_imported"] * 3
    assert [message.payload["fix"] for message in messages] == [30, 30, 30]
    people = {message.person_id for message in messages}
    assert people == {
        clerk.world.actor(login).person_id for login in ("qs.handler", "hk.handler", "sh.handler")
    }
    clerk.activate(import_id)
    assert len(clerk.messages()) == 3


@pytest.mark.parametrize("cut", [0, 41])
def test_killed_in_the_middle_it_goes_on(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    """Cut off before, in and behind a batch; somebody else takes it up, and nothing is double."""
    import_id = clerk.stage(many(90)).import_id
    clerk.confirm(import_id)
    made = itertools.count()

    def dying(tx: object, pairs: list[tuple[int, int]]) -> None:
        if next(made) * actions.BATCH >= cut:
            raise KeyboardInterrupt
        store.mark_made(tx, pairs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(
            actions, "store", type("S", (), {**vars(store), "mark_made": staticmethod(dying)})
        )
        with pytest.raises(KeyboardInterrupt):
            clerk.activate(import_id)
    done = clerk.count(ISSUE)
    assert done % actions.BATCH == 0
    assert clerk.messages() == []
    assert actions.unfinished(clerk.world.database) == [import_id]

    while actions.go_on(clerk.world.database, clerk.tools, now=clerk.world.now, most=1):
        pass

    assert clerk.count(ISSUE) == 90
    assert len(clerk.messages()) == 3
    with clerk.world.database.reading() as tx:
        issues = list(tx.execute(select(ROW.c.issue_id)).scalars())
    assert len(set(issues)) == 90


def test_a_broken_off_staging_begins_anew(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    data = many(450)

    def dying(done: int, _of: int) -> None:
        if done > 300:
            raise KeyboardInterrupt

    whole = staging.stage
    with monkeypatch.context() as patch:
        patch.setattr(staging, "stage", lambda *a, **k: whole(*a, **k, progress=dying))
        with pytest.raises(KeyboardInterrupt):
            clerk.stage(data)
    with pytest.raises(Conflict):
        clerk.confirm(1)

    staged = clerk.stage(data)

    assert staged.rows == clerk.count(ROW) == 450
    assert clerk.view(staged.import_id).state == "staged"


def test_two_workers_make_nothing_twice(clerk: Clerk) -> None:
    import_id = clerk.stage(many(90)).import_id
    clerk.confirm(import_id)

    with ThreadPoolExecutor(2) as workers:
        made = [workers.submit(clerk.activate, import_id) for _ in range(2)]

    assert sum(each.result() for each in made) == 90
    assert clerk.count(ISSUE) == 90
    assert len(clerk.messages()) == 3


def test_the_same_file_uploaded_again_while_it_is_read(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later reading wins; the earlier one ends with a sentence, and no row is double."""
    data = many(160)
    whole = staging.stage
    later: list[Staged] = []

    def again(_done: int, _of: int) -> None:
        if not later:
            later.append(Staged(0, 0))
            clerk.world.after(seconds=1)
            later[0] = clerk.stage(data)

    with monkeypatch.context() as patch:
        patch.setattr(staging, "stage", lambda *a, **k: whole(*a, **({"progress": again} | k)))
        with pytest.raises(Conflict, match="又上传了一次"):
            clerk.stage(data)

    assert later[0].rows == clerk.count(ROW) == 160
    assert clerk.view(later[0].import_id).state == "staged"


def test_others_write_while_rows_are_sorted(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker takes the very batch between reading and writing: it is made once."""
    import_id = clerk.stage(many(20)).import_id
    clerk.confirm(import_id)
    database, now = clerk.world.database, clerk.world.now
    sort = Sorter.sort
    others: list[actions.Batch] = []

    def interrupted(sorter: Sorter, row: LedgerRow) -> tuple[Way, NewIssue]:
        if not others:
            others.append(actions.Batch(0, False))
            others[0] = actions.step(database, clerk.tools, import_id, now=now, size=5)
        return sort(sorter, row)

    monkeypatch.setattr(Sorter, "sort", interrupted)
    own = actions.step(database, clerk.tools, import_id, now=now, size=5)

    assert (others[0].made, own) == (5, actions.Batch(0, False))
    assert clerk.activate(import_id) == 15
    assert clerk.count(ISSUE) == 20


def test_the_same_file_again_is_the_same_import(clerk: Clerk) -> None:
    data = workbook()
    import_id = clerk.bring_in(data)

    again = clerk.stage(data)

    assert again.again
    assert again.import_id == import_id
    assert clerk.count(ISSUE) == len(ALL)


def test_rows_of_an_earlier_ledger_are_no_new_issues(clerk: Clerk) -> None:
    first = clerk.bring_in(workbook([RUN, ASK]))
    renumbered = [9, *RUN[1:6], "2025年12月底前", *RUN[7:]]
    new = [10, *CLOSED[1:3], "新的问题", *CLOSED[4:]]

    second = clerk.bring_in(workbook([renumbered, new, RUN], "2025年整改台账"))

    rows = clerk.rows(second)
    assert [row.state for row in rows] == ["double", "active", "active"]
    assert rows[0].number == by_text(clerk, first)["料堆未苫盖"]
    assert clerk.count(ISSUE) == 4


def test_a_discarded_import_leaves_nothing(clerk: Clerk) -> None:
    import_id = clerk.stage(workbook()).import_id
    with clerk.world.database.transaction() as tx:
        staging.discard(tx, import_id)

    assert clerk.count(ROW) == 0
    with pytest.raises(NotFound):
        clerk.view(import_id)
    with pytest.raises(Conflict):
        clerk.confirm(import_id)
    assert clerk.stage(workbook()).import_id != import_id


def test_what_counts_cannot_be_discarded(clerk: Clerk) -> None:
    import_id = clerk.bring_in(workbook())
    with pytest.raises(Conflict), clerk.world.database.transaction() as tx:
        staging.discard(tx, import_id)
    with pytest.raises(Conflict):
        clerk.confirm(import_id)


def test_an_unknown_unit_is_chosen_or_made(clerk: Clerk) -> None:
    import_id = clerk.stage(workbook([NOBODY])).import_id
    assert clerk.preview(import_id).unknown[0].rows == 1
    with clerk.world.database.transaction() as tx:
        actions.choose_units(tx, import_id, {"某某公司": "青山镇"})

    clerk.confirm(import_id)
    clerk.activate(import_id)

    case = clerk.world.case(by_text(clerk, import_id)["夜间异味"])
    assert case.units["responsible"] == [clerk.world.unit("qingshan")]
    # The office's next ledger knows the name.
    other = [1, "", "", "另一件", "", "", NEXT_YEAR, "某某公司", "", "", "", ""]
    assert clerk.preview(clerk.stage(workbook([other])).import_id).unknown == ()


def test_a_unit_that_is_made_waits_for_its_people(clerk: Clerk) -> None:
    import_id = clerk.stage(workbook([NOBODY])).import_id
    with clerk.world.database.transaction() as tx:
        actions.choose_units(tx, import_id, {"某某公司": "+"})
    clerk.confirm(import_id)
    clerk.activate(import_id)

    case = clerk.world.case(by_text(clerk, import_id)["夜间异味"])
    assert case.state == "reported"
    assert case.facts["suggested"]["responsible"] == [clerk.world.unit("某某公司")]


def test_a_choice_that_is_no_unit_is_refused(clerk: Clerk) -> None:
    import_id = clerk.stage(workbook([NOBODY])).import_id
    with pytest.raises(Invalid), clerk.world.database.transaction() as tx:
        actions.choose_units(tx, import_id, {"某某公司": "天上的单位"})


@pytest.mark.parametrize("login", ["qs.handler", "hb.inspector", "sj.auditor", "root"])
def test_who_gives_out_no_work_brings_no_ledger(clerk: Clerk, login: str) -> None:
    with pytest.raises(NotAllowed):
        replace(clerk, login=login).stage(workbook())


def test_another_office_does_not_see_it(clerk: Clerk) -> None:
    import_id = clerk.stage(workbook()).import_id
    with pytest.raises(NotFound):
        replace(clerk, login="hk.handler").view(import_id)


def test_a_mapping_is_corrected_before_it_counts(clerk: Clerk) -> None:
    import_id = clerk.stage(workbook([RUN])).import_id
    content = dict(clerk.view(import_id).mapping)
    content["headings"] = {"整改措施": "description", "具体问题": "measures"}

    staging.read_again(
        clerk.world.database, clerk.tools, import_id,
        data=workbook([RUN]), given={"headings": content["headings"]}, now=clerk.world.now,
    )  # fmt: skip

    assert [row.row.description for row in clerk.rows(import_id)] == ["苫盖"]

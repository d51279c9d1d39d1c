"""A restored installation keeps silent until an operator has looked: real relay, mail and files."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.databases import SQLite
from tests.flows.escalation.papers import drafts, fates, rectify_clock
from tests.flows.issues.walks import assigned, rectifying
from tests.mail import Sink
from tests.operations import plants
from tests.operations.backups import back_up_of, restore
from tests.operations.plants import CHANNELS, ORIGIN, REASON, Plant, plant_of, waiting_for_mail
from workflow.db import Database
from workflow.errors import Conflict, Invalid, NotAllowed
from workflow.evidence.storage import Storage
from workflow.operations import actions, quarantine
from workflow.operations.findings import Finding
from workflow.operations.invariants import check
from workflow.operations.quarantine import Outcome
from workflow.outbox import actions as outbox

plant, lite = plants.plant, plants.lite


# -- nothing leaves --------------------------------------------------------------------------------


def test_nothing_leaves_and_the_inbox_goes_on(plant: Plant) -> None:
    waiting_for_mail(plant)
    mails, files = plant.mails(), plant.files()
    plant.restored()
    assigned(plant.world)
    for _ in range(3):
        plant.run(600)
    assert (plant.mails(), plant.files()) == (mails, files)
    assert set(plant.states("inbox")) == {"sent"}


def test_urgent_messages_wait_too(lite: Plant) -> None:
    lite.restored()
    with lite.world.database.transaction() as tx:
        audience = actions.Audience((1,), CHANNELS)
        found = Finding("channel_down", "red", lite.world.now, "sms", {"channel": "sms"})
        actions.raise_one(tx, found, now=lite.world.now, audience=audience)
    lite.run()
    assert (lite.mails(), lite.files()) == ([], [])


def test_no_rung_is_taken_and_no_period_ends(plant: Plant) -> None:
    number = rectifying(plant.world)
    plant.restored()
    before = rectify_clock(plant.world, number)
    plant.run(43 * 86_400)
    plant.sweeper.daily()
    assert fates(plant.world, number) == []
    assert drafts(plant.world) == []
    assert rectify_clock(plant.world, number) == before
    assert plant.ask("select count(*) from checkpoint") == [(0,)]


def test_claims_of_the_old_installation_end_and_are_told_apart(plant: Plant) -> None:
    assigned(plant.world)
    plant.world.after(minutes=2)
    with plant.world.database.transaction() as tx:
        claimed = outbox.claim(
            tx, channel="mail", limit=1, now=plant.world.now, lease=timedelta(hours=9)
        )
    assert len(claimed) == 1
    held = plant.restored()
    waiting = plant.states("mail").count("waiting")
    assert held.pending["mail"] == [waiting, 1]
    assert plant.states("mail").count("leased") == 0
    with plant.world.database.transaction() as tx:
        assert outbox.renew(tx, claimed, now=plant.world.now, lease=timedelta(hours=1)) == []


# -- lifting ---------------------------------------------------------------------------------------


def test_released_messages_leave_once_and_what_was_sent_before_never_again(plant: Plant) -> None:
    number = waiting_for_mail(plant)
    mails, files = plant.mails(), plant.files()
    plant.restored()
    plant.run(43 * 86_400)
    done = plant.lift("released")
    assert done.messages["mail"] == done.messages["file"] > 0
    for _ in range(3):
        plant.run()
    assert plant.mails()[: len(mails)] == mails
    assert len(plant.mails()) > len(mails)
    assert len(set(plant.mails())) == len(plant.mails())
    assert plant.files()[: len(files)] == files
    assert len(set(plant.files())) == len(plant.files())
    assert not {"waiting", "void"} & set(plant.states("file"))
    assert "taken" in [outcome for _, _, outcome in fates(plant.world, number)]


def test_discarded_messages_never_leave_and_what_fell_due_is_told_in_app_only(
    plant: Plant,
) -> None:
    number = waiting_for_mail(plant)
    mails, files = plant.mails(), plant.files()
    held = plant.restored()
    fresh = assigned(plant.world, title="恢复以后登记的问题")
    fell_due = plant.world.after(seconds=1)
    plant.run(43 * 86_400)
    done = plant.lift("discarded")
    assert done.messages["mail"] > 0
    assert done.taken > 0
    for _ in range(3):
        plant.run()
    # Only what was put after the restore has left, and each of it once.
    left = [key for key in plant.files() if key not in files]
    known = plant.ask("select key from outbox where id > :id", id=held.last_outbox_id)
    assert left
    assert {*left} <= {row[0] for row in known}
    assert len(set(plant.files())) == len(plant.files())
    assert len(plant.mails()) > len(mails)
    told = plant.ask("select distinct channel from outbox where created_at > :at", at=fell_due)
    assert told == [("inbox",)]
    assert "taken" in [outcome for _, _, outcome in fates(plant.world, number)]
    voided = plant.ask("select distinct channel, last_error from outbox where state = 'void'")
    assert set(voided) == {("mail", REASON), ("file", REASON)}
    assert plant.world.chain_is_whole(number)
    assert plant.world.chain_is_whole(fresh)


def test_after_lifting_everything_is_as_usual(lite: Plant) -> None:
    number = rectifying(lite.world)
    lite.restored()
    lite.lift("discarded")
    lite.run()
    count = len(lite.mails())
    lite.run(43 * 86_400)
    lite.run()
    assert len(lite.mails()) > count
    assert drafts(lite.world)
    assert lite.world.chain_is_whole(number)
    lite.sweeper.daily()
    assert lite.ask("select count(*) from checkpoint") == [(1,)]


def test_who_lifted_it_why_and_what_became_of_the_messages_is_on_record(lite: Plant) -> None:
    assigned(lite.world)
    lite.restored()
    lite.world.after(hours=1)
    lite.lift("discarded", reason=f" {REASON} ")
    with lite.world.database.reading() as tx:
        assert quarantine.current(tx) is None
    ((by, reason, outcome, origin),) = lite.ask(
        "select lifted_by_id, reason, outcome, origin from quarantine"
    )
    assert by == lite.world.actor("root").person_id
    assert (reason, outcome, origin) == (REASON, "discarded", ORIGIN)


@pytest.mark.parametrize(
    ("login", "reason", "fault"),
    [("gj.dispatcher", REASON, NotAllowed), ("root", " ", Invalid), ("root", "由" * 501, Invalid)],
    ids=["no administrator", "no reason", "too long a reason"],
)
def test_only_an_administrator_lifts_it_and_says_why(
    lite: Plant, login: str, reason: str, fault: type[Exception]
) -> None:
    rectifying(lite.world)
    lite.restored()
    lite.world.after(days=43)
    for outcome in ("released", "discarded"):
        with pytest.raises(fault):
            lite.lift(outcome, login, reason)
    lite.run()
    assert lite.files() == []
    assert lite.ask("select count(*) from rung_taken") == [(0,)]


def test_without_a_quarantine_there_is_nothing_to_lift(lite: Plant) -> None:
    with pytest.raises(Invalid, match="不在隔离中"):
        lite.lift("released")


def test_time_has_to_be_right_before_what_fell_due_is_put_on_record(lite: Plant) -> None:
    lite.restored()
    with lite.world.database.transaction() as tx:
        jump = Finding("clock_jump", "red", lite.world.now, params={"seconds": 900})
        actions.raise_one(tx, jump, now=lite.world.now, audience=actions.Audience())
    with pytest.raises(Conflict, match="clock-ok"):
        lite.lift("discarded")


# -- a real backup, a real restore, the same mail server -------------------------------------------


@pytest.mark.parametrize("outcome", ["released", "discarded"])
def test_nothing_that_was_sent_before_a_backup_is_sent_again_after_its_restore(
    plant: Plant, outcome: Outcome, mail_sink: Sink, sqlite: SQLite, tmp_path: Path
) -> None:
    waiting_for_mail(plant)
    storage = Storage(tmp_path / "evidence")
    file = tmp_path / "city.bihuan"
    back_up_of(plant.world.database, storage, file, plant.world.now)
    sent, waiting = plant.mails(), plant.states("mail").count("waiting")
    if outcome == "discarded":  # the old installation goes on for a while
        plant.run()
    known = plant.mails()
    with sqlite.fresh(tmp_path, schema=False) as url:
        database = Database(url, pool_size=5)
        try:
            restore(file, database, tmp_path / "new", plant.world.now)
            again = plant_of(database, mail_sink, tmp_path / "new", plant.world.now)
            for _ in range(3):
                again.run()
            assert again.mails() == known
            again.lift(outcome)
            for _ in range(3):
                again.run()
            after = again.mails()
            assert again.states("mail").count("void") == (waiting if outcome == "discarded" else 0)
            assert "waiting" not in again.states("mail")
            with database.reading() as tx:
                assert check(tx, again.world.now) == ()
        finally:
            database.close()
    assert len(set(after)) == len(after)
    assert after[: len(known)] == known
    if outcome == "discarded":
        assert after == known
        assert len(known) > len(sent)
    else:
        assert len(after) > len(sent)
    assert again.files() == [] if outcome == "discarded" else again.files()

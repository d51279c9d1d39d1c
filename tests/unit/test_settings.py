"""Settings: where they come from, who wins, what is refused and in which words."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import time
from pathlib import Path

import pytest

from config.mail import MailServer
from config.settings import Settings, SettingsError, load_settings, secret_key

KEY = "k" * 32


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults() -> None:
    settings = load_settings()
    assert settings.database_url == "sqlite:///data/bihuan.db"
    assert settings.embedded
    assert settings.quiet_hours == (time(21), time(7, 30))
    assert settings.mail is None
    assert (settings.config_dir / "settings.py").exists()
    assert settings.zone.key == "Asia/Shanghai"


def test_the_demo_lives_apart_and_is_never_quiet() -> None:
    settings = load_settings(demo=True)
    assert settings.database_url == "sqlite:///data/demo/bihuan.db"
    assert settings.quiet_hours is None
    assert settings.tick_seconds == 1
    assert load_settings(demo=True, tick_seconds=3.0).tick_seconds == 3


def test_flag_beats_environment_beats_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("BIHUAN_DAILY_BUDGET=1\nBIHUAN_LANG=en\nBIHUAN_TICK_SECONDS=5\n")
    monkeypatch.setenv("BIHUAN_DAILY_BUDGET", "2")
    monkeypatch.setenv("BIHUAN_TICK_SECONDS", "6")
    settings = load_settings(daily_budget=3, tick_seconds=None)
    assert (settings.daily_budget, settings.tick_seconds, settings.lang) == (3, 6, "en")


def test_empty_counts_as_not_set_but_turns_quiet_hours_off(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DAILY_BUDGET", "MAIL_URL", "FILE_CHANNEL", "QUIET_HOURS", "SECRET_KEY"):
        monkeypatch.setenv(f"BIHUAN_{name}", "")
    settings = load_settings()
    assert settings.daily_budget == 20
    assert settings.file_channel is None
    assert settings.quiet_hours is None


@pytest.mark.parametrize("name", ["secret_key", "database_url", "broker_url", "mail_url"])
@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_secret_may_be_a_file(name: str, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    value = {
        "secret_key": KEY,
        "database_url": "postgresql+psycopg://u:p@h/d",
        "broker_url": "redis://h:6379/0",
        "mail_url": "smtp://h:25/?from=a@b.cn",
    }[name]
    Path("secret").write_text(f"{value}\n")
    variable = f"BIHUAN_{name.upper()}_FILE"
    if where == "environment":
        monkeypatch.setenv(variable, "secret")
    else:
        Path(".env").write_text(f"{variable}=secret\n")
    found = getattr(load_settings(), name)
    assert (found.get_secret_value() if name == "secret_key" else found) == value


def test_a_secret_given_twice_or_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_SECRET_KEY_FILE", "missing")
    with pytest.raises(SettingsError, match="读不出文件 missing"):
        load_settings()
    monkeypatch.setenv("BIHUAN_SECRET_KEY", KEY)
    with pytest.raises(SettingsError, match="只能设一个"):
        load_settings()


def test_secrets_are_not_shown() -> None:
    shown = repr(
        load_settings(
            secret_key=KEY, database_url="postgresql://u:hush@h/d", broker_url="redis://:hush@h"
        )
    )
    assert "hush" not in shown
    assert KEY not in shown
    assert "hush" not in repr(MailServer.parse("smtp://u:hush@h/?from=a@b.cn"))


def test_an_unknown_name_is_told_with_what_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_DATABASEURL", "x")
    monkeypatch.setenv("BIHUAN_CHROMIUM", "x")
    assert load_settings().unknown_names == (
        "BIHUAN_DATABASEURL（是否想写 BIHUAN_DATABASE_URL？）",
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEMO", "ja", "写 true 或 false"),
        ("SECRET_KEY", "short", "至少 32 个字符"),
        ("DATABASE_URL", "mysql://x", "只支持 sqlite"),
        ("DATABASE_URL", "bihuan.db", "只支持 sqlite"),
        ("BROKER_URL", "amqp://x", "只支持 inproc"),
        ("BASE_URL", "bihuan.example", "写完整网址"),
        ("TIMEZONE", "Beijing", "没有这个时区"),
        ("LANG", "fr", "只能是 'zh'、'en' 之一"),
        ("MAIL_URL", "http://x", "写成 smtp://"),
        ("MAIL_URL", "smtp://host", "缺少发件地址"),
        ("MAIL_URL", "smtp://host:99999/?from=a@b.cn", "端口"),
        ("DAY_RUNG_AT", "25:00", "写成 09:00 的形式"),
        ("QUIET_HOURS", "21:00", "写成“21:00-07:30”的形式"),
        ("DAILY_BUDGET", "0", "不能小于 1"),
        ("TICK_SECONDS", "90", "不能大于 60"),
        ("TICK_SECONDS", "soon", "写一个数"),
        ("MAX_UPLOAD_MB", "1.5", "写一个整数"),
    ],
)
def test_what_is_wrong_is_said(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"BIHUAN_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert list(caught.value.problems) == [f"BIHUAN_{name}"]
    assert sentence in caught.value.problems[f"BIHUAN_{name}"]


def test_every_fault_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_LANG", "fr")
    monkeypatch.setenv("BIHUAN_DAILY_BUDGET", "x")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert set(caught.value.problems) == {"BIHUAN_LANG", "BIHUAN_DAILY_BUDGET"}


def test_the_usual_spelling_of_postgresql_is_taken() -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        settings = load_settings(database_url=f"{scheme}://u:p@h/d")
        assert settings.database_url == "postgresql+psycopg://u:p@h/d"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://h/?from=a@b.cn", MailServer("h", 25, "a@b.cn")),
        ("smtps://h/?from=a@b.cn", MailServer("h", 465, "a@b.cn", "tls")),
        (
            "smtp+starttls://a%40b.cn:p%3Aw@h:2587",
            MailServer("h", 2587, "a@b.cn", "starttls", "a@b.cn", "p:w"),
        ),
        ("smtp://h/?from=a+x@b.cn", MailServer("h", 25, "a+x@b.cn")),
    ],
)
def test_mail_url(url: str, server: MailServer) -> None:
    assert load_settings(mail_url=url).mail == server


def test_a_key_of_its_own_only_where_nobody_else_is_served(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data")
    with pytest.raises(SettingsError, match="BIHUAN_SECRET_KEY"):
        secret_key(settings, loopback=False)
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: secret_key(settings, loopback=True), range(32)))
    assert len(keys) == 1
    (path,) = settings.data_dir.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_key(settings, loopback=False) in keys
    given = load_settings(data_dir=tmp_path / "data", secret_key=KEY)
    assert secret_key(given, loopback=False) == KEY


def test_the_example_names_every_setting_and_nothing_else() -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
    named = {
        line[1:].partition("=")[0] for line in example.splitlines() if line.startswith("#BIHUAN_")
    }
    assert named == {f"BIHUAN_{name.upper()}" for name in Settings.model_fields} - {"BIHUAN_DEMO"}


def test_the_example_loads(tmp_path: Path) -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
    lines = [line[1:] if line.startswith("#BIHUAN_") else line for line in example.splitlines()]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    settings = load_settings()
    assert settings.unknown_names == ()
    defaults = load_settings(env_file=None)
    for name in ("quiet_hours", "daily_budget", "day_rung_at", "tick_seconds", "max_upload_mb"):
        assert getattr(settings, name) == getattr(defaults, name)

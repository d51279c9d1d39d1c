"""The settings of one installation.

Read from flags, then the environment, then `.env` in the working directory, then the defaults,
first come first served. Each name has the prefix `BIHUAN_`. A name in `SECRETS` may instead be
given as `BIHUAN_<NAME>_FILE`, the path of a file that holds the value.
"""

import contextlib
import difflib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.mail import MailServer

PREFIX = "BIHUAN_"
SECRETS = ("secret_key", "database_url", "broker_url", "mail_url", "metrics_token")
# Read by the tests and by this file, not fields of the settings.
FOREIGN = ("BIHUAN_TEST_", "BIHUAN_CHROMIUM")
KEY_LENGTH = 32


class SettingsError(Exception):
    """The installation cannot start like this. `problems` maps each variable to a sentence."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("\n".join(f"{name}：{text}" for name, text in problems.items()))
        self.problems = dict(problems)


def _quiet(value: object) -> object:
    """`21:00-07:30` as two times, an empty string as none."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    start, dash, end = value.partition("-")
    if not dash:
        raise ValueError("写成“21:00-07:30”的形式；不设静默时段则留空")
    return (start.strip(), end.strip())


def _items(value: object) -> object:
    """`a, b` as two items."""
    if not isinstance(value, str):
        return value
    return tuple(item.strip() for item in value.split(",") if item.strip())


def _zone_name(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("没有这个时区；例如 Asia/Shanghai")
    return value


def _database(value: str) -> str:
    scheme, colon, rest = value.partition("://")
    if scheme in ("postgres", "postgresql"):
        scheme = "postgresql+psycopg"
    if not colon or scheme not in ("sqlite", "postgresql+psycopg"):
        raise ValueError("只支持 sqlite:///文件 和 postgresql://用户:密码@主机/库")
    return f"{scheme}://{rest}"


def _broker(value: str) -> str:
    known = ("inproc", "redis", "rediss", "redis+socket")
    if urlsplit(value).scheme not in known:
        raise ValueError("只支持 inproc://（单进程）和 redis://主机:端口/库号")
    return value


def _mail(value: str | None) -> str | None:
    if value is not None:
        MailServer.parse(value)
    return value


def _key(value: SecretStr | None) -> SecretStr | None:
    if value is not None and len(value.get_secret_value()) < KEY_LENGTH:
        raise ValueError(f"至少 {KEY_LENGTH} 个字符；可用 openssl rand -hex 32 生成")
    return value


def _outside(value: str | None) -> str | None:
    if value is not None:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("写完整网址，例如 https://watch.example.gov.cn/ping/1234")
    return value


def _default_data_dir(values: dict[str, Any]) -> Path:
    return Path("data/demo") if values.get("demo") else Path("data")


def _default_database(values: dict[str, Any]) -> str:
    return f"sqlite:///{values.get('data_dir', 'data')}/bihuan.db"


def _default_quiet(values: dict[str, Any]) -> tuple[time, time] | None:
    return None if values.get("demo") else (time(21), time(7, 30))


def _default_tick(values: dict[str, Any]) -> float:
    return 1.0 if values.get("demo") else 10.0


class SecretFiles(PydanticBaseSettingsSource):
    """`BIHUAN_<NAME>_FILE`: the value of a secret is what the named file holds."""

    def __init__(self, settings_cls: type[BaseSettings], names: Mapping[str, str | None]) -> None:
        super().__init__(settings_cls)
        self.names = {name.upper(): value for name, value in names.items()}

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        variable = f"{PREFIX}{field_name.upper()}_FILE"
        path = self.names.get(variable)
        if field_name not in SECRETS or not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError({variable: f"读不出文件 {path}（{error}）"}) from error

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            value, key, _ = self.get_field_value(field, name)
            if value is not None:
                found[key] = value
        return found


class Settings(BaseSettings):
    """Everything that differs between two installations. Made by `load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    demo: bool = False
    # One folder to back up: database, attachments, key, papers.
    data_dir: Path = Field(default_factory=_default_data_dir)
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=_default_database, repr=False
    )
    # inproc:// keeps queue and worker inside the serving process.
    broker_url: Annotated[str, AfterValidator(_broker)] = Field("inproc://", repr=False)
    # None: `secret_key()` makes one on a machine that only serves itself.
    secret_key: Annotated[SecretStr | None, AfterValidator(_key)] = None
    base_url: str = "http://127.0.0.1:8000"
    allowed_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_items)] = (
        "127.0.0.1",
        "localhost",
        "[::1]",
    )
    timezone: Annotated[str, AfterValidator(_zone_name)] = "Asia/Shanghai"
    lang: Literal["zh", "en"] = "zh"
    log_format: Literal["auto", "text", "json"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    # smtp://user:password@host:port/?from=address; smtps:// and smtp+starttls:// encrypt.
    mail_url: Annotated[str | None, AfterValidator(_mail)] = Field(None, repr=False)
    # Messages are also written into this folder, one file each.
    file_channel: Path | None = None
    # When rungs that fall on a day go out, local time.
    day_rung_at: time = time(9)
    quiet_hours: Annotated[tuple[time, time] | None, NoDecode, BeforeValidator(_quiet)] = Field(
        default_factory=_default_quiet
    )
    # Messages per person and day; those marked red do not count.
    daily_budget: int = Field(20, ge=1)
    tick_seconds: float = Field(default_factory=_default_tick, ge=0.1, le=60)
    # How long the lead of a clock lasts that no longer renews it.
    lease_seconds: float = Field(15, ge=1, le=300)
    # A task that takes longer is killed; one that takes longer than the other is handed out again.
    task_limit_seconds: int = Field(120, ge=10, le=3600)
    visibility_seconds: int = Field(300, ge=10, le=86400)
    # Asked for once a minute while all is well, so that somebody outside notices when it stops.
    heartbeat_url: Annotated[str | None, AfterValidator(_outside)] = Field(None, repr=False)
    # Who reads /metrics from another machine has to bring it along.
    metrics_token: SecretStr | None = None
    # Touched as long as the process lives, for a container's health check.
    alive_file: Path | None = None
    # Loops, ladders, calendars, labels.
    config_dir: Path = Path(__file__).parent
    max_upload_mb: int = Field(20, ge=1, le=1024)

    _unknown: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, values: dict[str, Any]) -> dict[str, Any]:
        # Compose files pass `BIHUAN_X=` on for what they leave to the default.
        return {
            name: value for name, value in values.items() if value != "" or name == "quiet_hours"
        }

    @field_validator("base_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("写完整网址，例如 https://bihuan.example.gov.cn")
        return value.rstrip("/")

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days begin and end."""
        return ZoneInfo(self.timezone)

    @property
    def mail(self) -> MailServer | None:
        """The mail server, None where mail is off."""
        return MailServer.parse(self.mail_url) if self.mail_url else None

    @property
    def embedded(self) -> bool:
        """Queue, worker and clock live inside the serving process."""
        return self.broker_url.startswith("inproc:")

    @property
    def unknown_names(self) -> tuple[str, ...]:
        """`BIHUAN_*` names that were set and mean nothing, each with what may have been meant."""
        return self._unknown

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del (
            file_secret_settings
        )  # a whole folder of secrets; each secret has a file of its own here
        dotenv = _dotenv(getattr(dotenv_settings, "env_file", None))
        return (
            init_settings,
            env_settings,
            SecretFiles(settings_cls, os.environ),
            dotenv_settings,
            SecretFiles(settings_cls, dotenv),
        )


def load_settings(*, env_file: Path | None = Path(".env"), **overrides: Any) -> Settings:
    """Read the settings. An override of None counts as not given, as with a flag left out.

    Raises SettingsError with one sentence per variable at fault.
    """
    sources = (os.environ, _dotenv(env_file))
    doubled = {
        variable: f"与 {variable}_FILE 只能设一个"
        for variable in (f"{PREFIX}{name.upper()}" for name in SECRETS)
        if any(source.get(variable) and source.get(f"{variable}_FILE") for source in sources)
    }
    if doubled:
        raise SettingsError(doubled)
    given = {name: value for name, value in overrides.items() if value is not None}
    if strangers := given.keys() - Settings.model_fields.keys():
        raise TypeError(f"no such setting: {', '.join(sorted(strangers))}")
    try:
        settings = Settings(_env_file=env_file, **given)
    except ValidationError as error:
        raise SettingsError(dict(_sentences(error))) from error
    settings._unknown = tuple(_unknown(name for source in sources for name in source))
    return settings


def secret_key(settings: Settings, *, loopback: bool) -> str:
    """The key that signs sessions and event chains.

    Where none is set, a server that only its own machine can reach makes one in the data folder,
    readable by its owner; any other refuses to start, since each process would make its own.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.data_dir / "secret.key"
    if not loopback and not path.exists():
        raise SettingsError(
            {
                f"{PREFIX}SECRET_KEY": "对外提供服务必须先设置密钥（至少 32 个字符，"
                "可用 openssl rand -hex 32 生成），"
                f"或用 {PREFIX}SECRET_KEY_FILE 指明存放密钥的文件"
            }
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_LENGTH))
        # Of two processes that start together, the second finds the first one's key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _dotenv(path: Any) -> dict[str, str | None]:
    return dotenv_values(path) if path else {}


def _unknown(names: Iterable[str]) -> Iterator[str]:
    fields = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known = fields | {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    for name in sorted({name.upper() for name in names} - known):
        if name.startswith(PREFIX) and not name.startswith(FOREIGN):
            close = difflib.get_close_matches(name, known, n=1)
            yield f"{name}（是否想写 {close[0]}？）" if close else name


SENTENCES = {
    "bool_parsing": "写 true 或 false",
    "int_parsing": "写一个整数",
    "float_parsing": "写一个数",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "literal_error": "只能是 {expected} 之一",
    "time_parsing": "写成 09:00 的形式",
    "value_error": "{error}",
}


def _sentences(error: ValidationError) -> Iterator[tuple[str, str]]:
    for fault in error.errors(include_url=False, include_input=False):
        if fault["type"] == "default_factory_not_called":
            continue  # the field that it rests on is at fault and has its own sentence
        context = {
            key: str(value).replace(" or ", "、") for key, value in fault.get("ctx", {}).items()
        }
        sentence = SENTENCES.get(fault["type"])
        name = f"{PREFIX}{str(fault['loc'][0]).upper()}" if fault["loc"] else PREFIX
        yield name, sentence.format_map(context) if sentence else fault["msg"]

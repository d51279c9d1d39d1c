"""The demo's YAML files become checked models; a fault names file, line and key."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from workflow.errors import N_, ConfigError
from workflow.loops.load import load


class Entry(BaseModel):
    """An entry of a demo file: nothing unknown, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=Entry)

SENTENCES = {
    "missing": N_("缺少这一项。"),
    "extra_forbidden": N_("没有这一项，请检查拼写。"),
}


def read(path: Path, model: type[Model]) -> Model:
    """Read one file as `model`. Raises ConfigError with file, line and key."""
    document = load(path)
    try:
        return model.model_validate(document.content)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        mark = document.mark(fault["loc"])
        raise ConfigError(
            SENTENCES.get(fault["type"], N_("写法不对：{problem}")),
            file=path.name,
            line=mark.line,
            column=mark.column,
            key=".".join(map(str, fault["loc"])),
            params={"problem": fault["msg"].removeprefix("Value error, ")},
        ) from None

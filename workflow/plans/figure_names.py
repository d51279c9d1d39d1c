"""What figures are of, where several share one name. Pure."""

import re
from collections.abc import Sequence

from workflow.plans.characters import pieces
from workflow.plans.quantities import Quantity


def last_part(left: str) -> str:
    """The text behind the last date: what stands before it is of another figure."""
    parts = left.rsplit("＿", 1)
    return parts[-1] if len(parts) > 1 and len(parts[-1]) > 1 else left


def shared_object(right: str, clause: str, following: Sequence[Quantity] | None) -> str:
    """2条省级和5条市级示范段: the first are 省级示范段."""
    if following is None or not re.fullmatch("[省市县乡国]、?[省市县乡]?级[和及、]", right):
        return right
    _, _, shared = clause[following[-1].end :].partition("级")
    return right[:-1] + shared


def names_apart(name: str, count: int) -> list[str] | None:
    """细颗粒物、可吸入颗粒物平均浓度 → one name for each of two values."""
    parts = [name[start:end] for start, end in pieces(name, "、")]
    if len(parts) == count - 1:
        parts = [*parts[:-1], *re.split("和|与|及", parts[-1], maxsplit=1)]
    if len(parts) != count or not all(parts):
        return None
    tail = re.search(
        "(?:年均|平均|年平均|总|排放|年)*(?:浓度|比例|比率|总量|排放量|率|面积|数量|占比|强度)(?:[较比].{0,12})?(?:累计|总体|平均)?(?:下降|降低|减少|削减|提高|增长)?$",
        parts[-1],
    )
    if tail is None:
        # 清水河、白沙河最小下泄流量: what stands behind the second river is said of both.
        first, at = parts[0], parts[-1].find(parts[0][-1:], 1)
        shared = parts[-1][at + 1 :] if at > 0 else ""
        return (
            [p + shared for p in parts[:-1]] + parts[-1:]
            if len(shared) > 1 and len(first) > 1
            else parts
        )
    return [part if part.endswith(tail[0]) else part + tail[0] for part in parts]

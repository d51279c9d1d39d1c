"""What a document says of itself: title, 文号, who issued it and when. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from workflow.plans.characters import fold, joined, number
from workflow.plans.found import Head
from workflow.plans.numbering import mark_of
from workflow.plans.paragraphs import Paragraph

_NUMBER = re.compile(
    r"(?P<code>[\u4e00-\u9fff]{2,14})（(?P<year>20\d\d|19\d\d)）第?(?P<no>\d{1,5})号"
)
_NUMBER_LABEL = re.compile("^(?:发文字号|发文文号|文号|发文号|文件编号|公文字号|文件字号)：?")
_INNER = re.compile("《(?P<title>[^《》]{4,80}(?:〈[^〈〉]{2,60}〉[^《》]{0,40})?)》")
_ISSUED = re.compile("[印转下发已业经予《、，和及（]")
"""What stands behind the title of a paper that is issued; 《规划》责任分解 issues another."""
_NOTICE = re.compile("(?:关于)?(?:印发|下发|发布|转发)(?P<title>.{4,90}?)的?通知$")
_PLAN = re.compile(
    "(?:方案|计划|规划|意见|措施|清单|办法|要点|细则|分解表|行动|安排|工作|任务|台账|责任书|目标|纲要)(?:（[^（）]{2,24}）)?$"
)
_DAY = re.compile(
    r"(?P<y>20\d\d|二[〇零][〇零一二三四五六七八九]{2})年(?P<m>\d{1,2}|十[一二]?|[一二三四五六七八九])月"
    r"(?P<d>\d{1,2}|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])日"
)
_DAY_LABEL = re.compile(
    "^(?:成文日期|成文时间|发文日期|印发日期|印发时间|发文时间|制发日期|生成日期|签发日期|公布日期|发布日期|发布时间|公开日期)：?"
)
_ISO = re.compile(r"(?P<y>20\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})")
_ORGAN = re.compile(
    "[\u4e00-\u9fff（）]{3,40}(?:人民政府办公[室厅]|人民政府|委员会办公室|委员会|指挥部办公室|指挥部|领导小组办公室|领导小组|办公[室厅]|局|厅|委|部|中心|办事处|管委会|管理委员会)"
)
_ORGAN_LABEL = re.compile(
    "^(?:发布机构|发文机关|发文单位|制发机关|发布单位|印发机关|公开主体|发文机构|制定机关)：?"
)
_TITLE_LABEL = re.compile("^(?:标题|名称|文件名称|信息名称|公文名称)：?")
_BY = re.compile(
    "(?P<what>主办|承办|督办)：(?P<who>[^，。；：]{2,30}?)(?=主办：|承办：|督办：|[，。；]|$)"
)
HEAD_PARAGRAPHS = 60
"""A document's own data stand in its first paragraphs, or in its last."""
TAIL_PARAGRAPHS = 14


def read_head(paragraphs: Sequence[Paragraph]) -> Head:
    """The head of a document; every part that is not found is None."""
    first = list(_before_text(paragraphs))
    tail = list(paragraphs[-TAIL_PARAGRAPHS:])
    notice = _notice(first)
    by = dict(_by(tail))
    return Head(
        title=_title(first, notice),
        number=_number(first, tail),
        issuer=_issuer(first, tail, notice),
        issued_on=_issued_on(first, tail),
        organiser=by.get("主办") or by.get("承办"),
        supervisor=by.get("督办"),
    )


def _before_text(paragraphs: Sequence[Paragraph]) -> Iterator[Paragraph]:
    for paragraph in paragraphs[:HEAD_PARAGRAPHS]:
        mark = mark_of(paragraph.folded)
        if mark is not None and mark.form in ("cn", "chapter章", "cn_in_brackets", "digit"):
            return
        yield paragraph


def _plain(paragraph: Paragraph) -> str:
    return joined(paragraph.folded)


def _number(first: Sequence[Paragraph], tail: Sequence[Paragraph]) -> str | None:
    best: tuple[int, str] | None = None
    for paragraph in (*first, *tail):
        text = _plain(paragraph)
        label = _NUMBER_LABEL.match(text)
        body = text[label.end() :] if label else text
        for match in _NUMBER.finditer(body[:200]):
            if match.start() and body[match.start() - 1] in "（《〈":
                continue
            score = 3 if label else 3 if match.span() == (0, len(body)) else 1
            if score == 1 and (len(body) > 60 or "《" in body):
                continue
            if best is None or score > best[0]:
                code = re.split("编号|文号|字号", match["code"])[-1]
                best = score, f"{code}〔{match['year']}〕{int(match['no'])}号"
    return best[1] if best else None


def _notice(first: Sequence[Paragraph]) -> str | None:
    """The title of the covering notice, however many lines it was broken into."""
    texts = [_plain(paragraph) for paragraph in first]
    for n, text in enumerate(texts):
        if "通知" not in text[-8:]:
            continue
        for back in range(4):
            start = n - back
            if start < 0 or len(texts[start]) > 90:
                break
            whole = "".join(texts[start : n + 1])
            if re.search("关于印发|关于下发|关于转发|关于发布|印发《", whole):
                if (
                    start
                    and back < 4
                    and whole.startswith("关于")
                    and _ORGAN.fullmatch(texts[start - 1])
                ):
                    whole = texts[start - 1] + whole
                return whole
    return None


def _title(first: Sequence[Paragraph], notice: str | None) -> str | None:
    printed = {_plain(paragraph): paragraph for paragraph in first}
    for text in printed:
        issued = re.search("(?:现将|已经|业经|经.{2,30}(?:同意|审议|研究))", text)
        match = _INNER.search(text)
        if (
            match is not None
            and issued is not None
            and "印发" in text
            and _ISSUED.match(text, match.end())
        ):
            return match["title"]
    if notice is not None:
        match = _NOTICE.search(notice)
        if match is not None:
            inner = _INNER.search(match["title"])
            return inner["title"] if inner else _tidy(match["title"])
    for text in printed:
        if label := _TITLE_LABEL.match(text):
            return _tidy(text[label.end() :])
    return _standing_title([_plain(paragraph) for paragraph in first])


def _standing_title(texts: Sequence[str]) -> str | None:
    """The lines that end in 方案, 计划 …, with those above that belong to them."""
    for n, text in enumerate(texts):
        whole = text
        if n + 1 < len(texts) and re.fullmatch("（.{2,24}）", texts[n + 1]):
            whole += texts[n + 1]
        if len(whole) > 80 or not _PLAN.search(whole) or re.search("[。；：，]", whole):
            continue
        start = n
        while (
            start > 0
            and len(texts[start - 1]) <= 40
            and not _is_other(texts[start - 1])
            and n - start < 3
        ):
            start -= 1
            whole = texts[start] + whole
        if len(whole) >= 6:
            return _tidy(whole)
    return next(
        (
            _tidy(text)
            for text in texts
            if 8 <= len(text) <= 60 and not re.search("[。；：]", text) and not _is_other(text)
        ),
        None,
    )


def _is_other(text: str) -> bool:
    """A line of the head that is no part of a title."""
    return (
        re.search("[。；：]|通知|文件$|附件|印发|^（.*）$", text) is not None
        or _NUMBER.search(text) is not None
        or _DAY.search(text) is not None
        or _ORGAN.fullmatch(text) is not None
    )


def _tidy(title: str) -> str:
    title = title.strip("《》 ：:。")
    return re.sub(
        "^关于(?=.*(?<!的)(?<!的实施)(?<!的工作)(?<!的行动)(?:方案|计划|规划)$)", "", title
    )


def _issuer(
    first: Sequence[Paragraph], tail: Sequence[Paragraph], notice: str | None
) -> str | None:
    texts = [_plain(paragraph) for paragraph in first]
    for text in texts:
        if label := _ORGAN_LABEL.match(text):
            return text[label.end() :] or None
    if notice is not None:
        organ = re.match("(?!印发|转发|批转|关于)(.{3,60}?)(?:关于|印发|转发|批转)", notice)
        if organ is not None:
            return organ[1].removesuffix("文件")
    for text in (*texts, *(_plain(paragraph) for paragraph in tail)):
        name = text.removesuffix("文件")
        if _ORGAN.fullmatch(name):
            return name
    return None


def _issued_on(first: Sequence[Paragraph], tail: Sequence[Paragraph]) -> date | None:
    best: tuple[int, date] | None = None
    for n, paragraph in enumerate((*first, *tail)):
        for score, found in _days(_plain(paragraph), in_tail=n >= len(first)):
            if best is None or score > best[0]:
                best = score, found
    return best[1] if best else None


def _days(text: str, *, in_tail: bool) -> Iterator[tuple[int, date]]:
    label = _DAY_LABEL.match(text)
    match = _DAY.search(text[:60]) or _ISO.search(text[:60])
    if match is None:
        return
    found = _civil(match)
    if found is None:
        return
    if label is not None:
        yield (2 if label[0].startswith(("发布", "公开", "公布")) else 6), found
    elif match.span() == (0, len(text.rstrip("）"))) or text.strip("（）") == match[0]:
        yield (4 if in_tail else 5), found
    elif text.endswith("印发") and len(text) < 60:
        yield 3, found


def _civil(match: re.Match[str]) -> date | None:
    year, month, day = (number(match[name]) for name in "ymd")
    try:
        return date(year or 0, month or 0, day or 0)
    except ValueError:
        return None


def _by(tail: Sequence[Paragraph]) -> Iterator[tuple[str, str]]:
    for paragraph in tail:
        text = _plain(paragraph)
        if _BY.match(text):
            # 主办：…　督办：… may share a line.
            for match in _BY.finditer(text):
                yield match["what"], match["who"].strip()


def number_form(text: str) -> str:
    """A 文号 in its proper form: 〔〕, no 第, no leading zero; anything else unchanged."""
    match = _NUMBER.fullmatch(joined(fold(text)))
    return f"{match['code']}〔{match['year']}〕{int(match['no'])}号" if match else text

"""A megabyte of text made to be slow is read or refused in less than two seconds."""

import time

import pytest

from workflow.errors import Invalid
from workflow.plans.parse import parse
from workflow.plans.readers.reading import read_lines
from workflow.plans.words import Words

SIZE = 1_000_000
LONGEST = 2.0  # seconds of processor time
BAD = {
    "open brackets": "（",
    "pairs": "（）",
    "titles": "《",
    "enumeration": "市水利局、",
    "years": "2025年",
    "dates": "2025年底前完成1%，",
    "lines of dates": "2025年底前完成1%，达到5个。\n",
    "rhythms": "每月",
    "within": "30日内",
    "respectively": "分别达到5%、6%、",
    "attributes": "的达到5%",
    "states": "全部使用，",
    "rules": "以下均需各县落实，不再列出。",
    "nested headings": "一、推进\n（一）甲\n1.乙\n（1）丙\n①丁\n",
    "labels": "牵头单位：市水利局\n",
    "labels in one line": "牵头单位：市水利局；",
    "annexes": "附件1\n",
    "numbers of papers": "甲政办〔2024〕1号\n",
    "bars": "|a|b|c|\n",
    "tasks in bars": "|序号|任务|牵头单位|\n|1|甲|市水利局|\n",
    "blank lines": "\n",
    "one letter": "a",
    "look-alikes": "⼀",
    "tasks": "1.推进治水。2025年底前完成30%以上（市水利局、财政局牵头，各县区政府落实）。\n",
    "unclosed clauses": "1.推进。（市水利局、财政局牵头，各县区政府负责落实\n",
}
PAGES = {
    "open tags": "<",
    "comments": "<!--",
    "cells": "<td>x",
    "tables": "<table><tr><td>",
    "spans": "<td rowspan=999 colspan=999>x",
    "scripts": "<script>",
}


def judge(data: bytes, words: Words) -> float:
    sentence = "。"
    start = time.process_time()
    try:
        parse(read_lines(data), words)
    except Invalid as refused:
        sentence = str(refused)
    taken = time.process_time() - start
    assert sentence.endswith("。")
    return taken


@pytest.mark.parametrize("name", BAD)
def test_text(name: str, words: Words) -> None:
    piece = BAD[name].encode()
    assert judge(piece * (SIZE // len(piece)), words) < LONGEST


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, words: Words) -> None:
    piece = PAGES[name].encode()
    assert judge(b"<html>" + piece * (SIZE // len(piece)), words) < LONGEST


@pytest.mark.parametrize("size", [20_000, 40_000])
def test_time_grows_with_the_text(size: int, words: Words) -> None:
    """Ten times the sentence, no more than about ten times the time."""
    piece = "2025年底前，全市（含县区）完成《某方案》（甲〔2023〕1号）的80%、90%，由市水利局牵头；"
    small = judge((piece * (size // 10 // len(piece))).encode(), words)
    large = judge((piece * (size // len(piece))).encode(), words)
    assert large < max(small, 0.02) * 25

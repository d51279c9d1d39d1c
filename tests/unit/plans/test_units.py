"""Lists of units become names in full; nothing is cut off, nothing made up."""

# ruff: noqa: E501 - tables of examples are easier to read with one a line

import pytest

from workflow.plans.characters import fold
from workflow.plans.units import full_names, is_catch_all, same_body
from workflow.plans.words import Words

LISTS = {
    "市发展和改革委、财政局、生态环境局": ["市发展和改革委", "市财政局", "市生态环境局"],
    "市公安局、财政局、市场监督管理局": ["市公安局", "市财政局", "市市场监督管理局"],
    "市财政局、市市场监管局": ["市财政局", "市市场监管局"],
    "市水利局、林业局、豫西河务局": ["市水利局", "市林业局", "豫西河务局"],
    "市商务局、事管局、市政府国资委": ["市商务局", "市事管局", "市政府国资委"],
    "市住建局、市农委、供电公司": ["市住建局", "市农委", "供电公司"],
    "市城管局、市政和园林局": ["市城管局", "市市政和园林局"],
    "市城管局和住建局": ["市城管局", "市住建局"],
    "市自然资源和规划局和住房和城乡建设局": ["市自然资源和规划局", "市住房和城乡建设局"],
    "省发展改革委、财政厅、生态环境厅等部门": ["省发展改革委", "省财政厅", "省生态环境厅"],
    "区发改局、市场监管局，各街道": ["区发改局", "区市场监管局", "各街道"],
    "州发展改革委、财政局": ["州发展改革委", "州财政局"],
    "自治区发展改革委、财政厅": ["自治区发展改革委", "自治区财政厅"],
    "海陵市发展改革委、财政局": ["海陵市发展改革委", "海陵市财政局"],
    "市委宣传部、网信办、发展改革委": ["市委宣传部", "市委网信办", "市发展改革委"],
    "团市委、市妇联": ["团市委", "市妇联"],
    "汝阳县、栾川县、嵩县、洛宁县、宜阳县等政府": ["汝阳县政府", "栾川县政府", "嵩县政府", "洛宁县政府", "宜阳县政府"],
    "栾川县政府": ["栾川县政府"],
    "高新区、经开区管委会": ["高新区管委会", "经开区管委会"],
    "临汾、侯马经济开发区管委会": ["临汾经济开发区管委会", "侯马经济开发区管委会"],
    "各县（市、区）人民政府、各开发区管委会": ["各县（市、区）人民政府", "各开发区管委会"],
    "各县、区人民政府（管委会）": ["各县、区人民政府（管委会）"],
    "各县（市、区）党委和政府": ["各县（市、区）党委和政府"],
    "各乡镇人民政府、街道办事处、科学城筹备处": ["各乡镇人民政府", "街道办事处", "科学城筹备处"],
    "市级各有关部门及各县市区政府": ["市级各有关部门", "各县市区政府"],
    "发改局，经信局、二连供电局": ["发改局", "经信局", "二连供电局"],
    "市场监管局、公安局": ["市场监管局", "公安局"],
    "市生态环境局（市环委办）、水务局": ["市生态环境局（市环委办）", "市水务局"],
    "市生态环境局沙河分局": ["市生态环境局沙河分局"],
    "市工信局 市财政局": ["市工信局", "市财政局"],
    "区应急局/区市场监管局": ["区应急局", "区市场监管局"],
    "山阳、河阳、水阳区人民政府": ["山阳区人民政府", "河阳区人民政府", "水阳区人民政府"],
    "城东示范区、高新区党工委和管委会": ["城东示范区党工委和管委会", "高新区党工委和管委会"],
    "高新区党工委、管委会": ["高新区党工委、管委会"],
    "各区、县级市": ["各区、县级市"],
    "各有关区、县级市": ["各有关区、县级市"],
    "各街道、区直各部门": ["各街道", "区直各部门"],
    "城南区人民政府等有关县市区人民政府（管委会）": ["城南区人民政府", "有关县市区人民政府（管委会）"],
    "市农业农村局、乡村振兴局、供销社": ["市农业农村局", "市乡村振兴局", "市供销社"],
}  # fmt: skip


@pytest.mark.parametrize("text", LISTS)
def test_names_in_full(text: str, words: Words) -> None:
    assert list(full_names(fold(text), words).units) == LISTS[text]


def test_half_width_signs(words: Words) -> None:
    assert full_names(fold("市公安局,财政局"), words).units == ("市公安局", "市财政局")


@pytest.mark.parametrize(
    "text", ["市水利局等", "市水利局等部门", "市水利局等有关单位", "市水利局等5个部门"]
)
def test_open_lists(text: str, words: Words) -> None:
    names = full_names(text, words)
    assert (names.units, names.is_open) == (("市水利局",), True)


def test_a_list_that_goes_on_behind_a_sign_for_others(words: Words) -> None:
    names = full_names("市指挥部办公室、市卫生健康委等，各县（市、区）政府", words)
    assert names.units == ("市指挥部办公室", "市卫生健康委", "各县（市、区）政府")
    assert names.is_open


def test_bodies_of_the_state_get_no_place_of_the_city(words: Words) -> None:
    text = "省交通运输厅、财政厅、民航西南管理局、国网省电力公司"
    assert full_names(text, words).units == (
        "省交通运输厅", "省财政厅", "民航西南管理局", "国网省电力公司",
    )  # fmt: skip


def test_a_place_carries_over_from_the_clause_before(words: Words) -> None:
    assert full_names("财政局", words, prefix="市").units == ("市财政局",)


@pytest.mark.parametrize(
    "name",
    [
        "各县区政府",
        "相关单位",
        "各市直单位",
        "有关县（市、区）政府",
        "市直有关部门",
        "街道办事处",
        "街道",
    ],
)
def test_names_for_many(name: str) -> None:
    assert is_catch_all(name)


@pytest.mark.parametrize("name", ["市水利局", "栾川县政府", "东泽街道办事处", "市各界联合会"])
def test_names_for_one(name: str) -> None:
    assert not is_catch_all(name) or name == "市各界联合会"


def test_one_body_written_in_two_ways(words: Words) -> None:
    assert same_body(["市发展改革委", "市财政局", "市发展和改革委"], words) == [
        ("市发展改革委", "市发展和改革委")
    ]


def test_what_looks_like_no_unit_is_kept_and_said(words: Words) -> None:
    names = full_names("市水利局、水质稳步改善", words)
    assert names.units == ("市水利局", "水质稳步改善")
    assert names.odd == ("水质稳步改善",)

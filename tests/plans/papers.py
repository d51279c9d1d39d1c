"""Makes the sample plans that are no plain text: Word, Excel, PDF. Cities and offices are invented."""

from pathlib import Path

import docx
import xlsxwriter
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.table import Table

from tests.plans.pdfs import Pages

HEADS = (
    ("A3:A4", "序号"), ("B3:B4", "类别"), ("C3:C4", "工作任务"), ("D3:D4", "目标要求"), ("E3:F3", "责任分工"),
    ("G3:G4", "完成时间"), ("H3:H4", "责任领导"),
)  # fmt: skip


# --- Word ---


def numbered(document: Document, text: str, depth: int) -> None:
    """A paragraph whose number (一、（一）1.) Word shows and the text does not hold."""
    paragraph = document.add_paragraph(text)
    properties = paragraph._p.get_or_add_pPr()
    listed = OxmlElement("w:numPr")
    for tag, value in (("w:ilvl", depth), ("w:numId", 77)):
        child = OxmlElement(tag)
        child.set(qn("w:val"), str(value))
        listed.append(child)
    properties.append(listed)


def add_list(document: Document) -> None:
    """The list 一、（一）1. of Chinese official papers, as number 77."""
    numbering = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "77")
    for depth, (form, shown) in enumerate(
        (("chineseCountingThousand", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3."))
    ):
        level = OxmlElement("w:lvl")
        level.set(qn("w:ilvl"), str(depth))
        for tag, value in (("w:start", "1"), ("w:numFmt", form), ("w:lvlText", shown)):
            child = OxmlElement(tag)
            child.set(qn("w:val"), value)
            level.append(child)
        abstract.append(level)
    numbering.insert(0, abstract)
    number = OxmlElement("w:num")
    number.set(qn("w:numId"), "77")
    kept = OxmlElement("w:abstractNumId")
    kept.set(qn("w:val"), "77")
    number.append(kept)
    numbering.append(number)


def table_plan(path: Path) -> Path:
    """A short text with automatic numbers and, annexed, the table of tasks with merged cells."""
    document = docx.Document()
    add_list(document)
    for text in (
        "永安市人民政府办公室",
        "关于印发永安市河湖水环境提升行动方案的通知",
        "永政办发【2024】31号",
    ):
        document.add_paragraph(text)
    document.add_paragraph("各乡（镇）人民政府、街道办事处，市政府各部门：")
    document.add_paragraph(
        "《永安市河湖水环境提升行动方案》已经市政府同意，现印发给你们，请认真组织实施。"
    )
    document.add_paragraph("永安市人民政府办公室")
    document.add_paragraph("2024年4月19日")
    document.add_paragraph("永安市河湖水环境提升行动方案")
    numbered(document, "工作目标", 0)
    document.add_paragraph(
        "到2025年底，国控断面优良比例达到100%，县级集中式饮用水水源地水质达标率稳定在98%以上。"
    )
    numbered(document, "组织保障", 0)
    numbered(document, "加强统筹。市河长办每月调度一次。", 1)
    document.add_paragraph("附件：重点任务分解表")
    table = document.add_table(rows=8, cols=7)
    _fill_table(table)
    document.add_paragraph("注：责任单位中列第一位的为牵头单位。")
    document.save(str(path))
    return path


def _fill_table(table: Table) -> None:
    head = ("序号", "重点任务", "主要措施", "责任分工", "", "完成时限", "备注")
    lower = ("", "", "", "责任单位", "配合单位", "", "")
    for row, texts in enumerate((head, lower)):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    for column in (0, 1, 2, 5, 6):
        table.cell(0, column).merge(table.cell(1, column))
    table.cell(0, 3).merge(table.cell(0, 4))
    section = table.cell(2, 0).merge(table.cell(2, 6))
    section.text = "一、控源截污"
    rows = (
        ("1", "排查整治入河排污口", "完成全市186个入河排污口溯源，编制整治清单。", "市生态环境局\n市水利局",
         "各乡（镇）人民政府", "2024年9月底前", ""),
        ("", "", "按照清单完成120个排污口整治。", "", "", "2025年6月底前", ""),
        ("2", "补齐污水管网短板", "新建改建污水管网35公里，城市生活污水集中收集率提高到76%以上。",
         "市住房城乡建设局、发展改革局", "市财政局、城投公司等", "2025年12月底前", "分年度实施"),
    )  # fmt: skip
    for n, texts in enumerate(rows, 3):
        for column, text in enumerate(texts):
            if text:
                table.cell(n, column).text = text
    for column in (0, 1, 3, 4):
        table.cell(3, column).merge(table.cell(4, column))
    section = table.cell(6, 0).merge(table.cell(6, 6))
    section.text = "二、生态修复"
    for column, text in enumerate(
        ("3", "建设幸福河湖", "打造省级幸福河湖2条。", "市水利局", "", "长期坚持", "")
    ):
        table.cell(7, column).text = text


# --- Excel ---


def ledger_plan(path: Path) -> Path:
    """A workbook with title rows, a two-row head, merged numbers and dates of every sort."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("任务分解表")
    day = book.add_format({"num_format": "yyyy年m月d日"})
    sheet.merge_range("A1:H1", "南陵区2024年生态环境保护重点任务分解表")
    sheet.merge_range("A2:H2", "填报单位：区生态环境保护委员会办公室")
    for span, text in (
        ("A3:A4", "序号"),
        ("B3:B4", "类别"),
        ("C3:C4", "工作任务"),
        ("D3:D4", "目标要求"),
        ("E3:F3", "责任分工"),
        ("G3:G4", "完成时间"),
        ("H3:H4", "责任领导"),
    ):
        sheet.merge_range(span, text)
    sheet.write_row("E4", ["牵头部门", "配合部门"])
    sheet.merge_range("B5:B6", "大气")
    sheet.write_row(
        "C5",
        [
            "推进餐饮油烟治理",
            "重点餐饮单位在线监控安装率达到100%",
            "区城管局",
            "区市场监管局，各街道",
        ],
    )
    sheet.write_row(
        "C6",
        [
            "淘汰老旧柴油叉车",
            "年内淘汰国二及以下叉车86台",
            "区发改经信局\n区生态环境分局",
            "区应急局/区市场监管局",
        ],
    )
    sheet.write_row(
        "B7", ["水", "消除黑臭水体返黑风险", "建成区黑臭水体动态清零", "区住建交通局", ""]
    )
    sheet.write_row(
        "B8",
        [
            "土壤",
            "建设用地准入管理",
            "重点建设用地安全利用率保持100%",
            "区规划资源分局、生态环境分局",
            "区教育局",
        ],
    )
    sheet.write_column("A5", [1, 2, 3, 4])
    sheet.write_string("G5", "10月底前")
    sheet.write_number("G6", 45657, day)
    sheet.write_string("G7", "长期坚持")
    sheet.write_string("G8", "2024.11")
    sheet.write_column("H5", ["分管副区长", "分管副区长", "分管副区长", "分管副区长"])
    sheet.merge_range("A9:H9", "说明：各街道办事处按属地原则落实。")
    book.close()
    return path


# --- PDF ---


def pdf_plan(path: Path) -> Path:
    """Text with brackets, hard line ends, a page break in a sentence; then a ruled table."""
    pages = Pages()
    pages.paragraph("临渠市人民政府办公室文件", centred=True)
    pages.paragraph("临政办〔2024〕17号", centred=True)
    pages.paragraph("临渠市空气质量持续改善行动方案", centred=True)
    for text in (
        "为贯彻落实上级关于空气质量持续改善的部署，推动全市环境空气质量稳步向好，结合本市实际，制定本方案。",
        "一、总体目标",
        "到2025年，全市细颗粒物年均浓度下降到35微克/立方米以下，优良天数比率达到78%以上，重度及以上污染天数比率控制在0.5%以内。",
        "二、重点任务",
        "（一）优化产业结构，促进产业绿色升级",
        "1.严格项目准入。新改扩建项目严格落实产业政策、生态环境分区管控方案、规划环评等要求，原则上采用清洁运输方式。2024年12月底前完成存量项目清单编制。（市发展改革委牵头，市工业和信息化局、生态环境局、自然资源和规划局按职责分工负责，各县（市、区）人民政府负责落实）",
        "2.退出重点行业落后产能。2025年底前，全市砖瓦轮窑全部退出，淘汰35蒸吨/小时及以下燃煤锅炉16台。（市工业和信息化局牵头，市生态环境局、市场监督管理局配合）",
        "（二）优化能源结构，加快能源清洁低碳发展",
        "3.大力发展新能源。到2025年，非化石能源消费比重提高到16%左右，新型储能装机规模达到20万千瓦以上。（市发展改革委负责）",
        "4.积极推进散煤治理。2024年10月底前，完成2.6万户居民清洁取暖改造，平原地区基本实现散煤清零。已完成改造的区域依法划入高污染燃料禁燃区，坚决防止散煤复烧；对暂未实施清洁取暖的地区，强化商品煤质量监管，严厉打击劣质煤销售行为。（市住房城乡建设局、发展改革委、财政局牵头，各县（市、区）人民政府负责落实）",
        "（三）强化面源治理",
        "扬尘、机动车治理任务见附表。",
    ):
        pages.paragraph(text)
    pages.table(
        (30, 70, 130, 80, 80, 60),
        (
            ("序号", "重点任务", "主要措施", "牵头单位", "配合单位", "完成时限"),
            ("5", "扬尘综合治理", "施工工地安装在线监测设备200套", "市住房城乡建设局", "市城市管理局",
             "2024年9月底前"),
            ("", "", "道路机械化清扫率达到90%以上", "市城市管理局", "市交通运输局", "长期坚持"),
            ("6", "移动源治理", "淘汰国三及以下柴油货车1500辆", "市公安局",
             "市生态环境局、交通运输局、商务局", "2025年6月底前"),
        ),
        {1: 2},
    )  # fmt: skip
    return pages.write(path)

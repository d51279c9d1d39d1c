"""Six messy workbooks as offices keep them, made anew for each test."""

import io
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

THIN = Side(style="thin")


def saved(book: Workbook) -> bytes:
    """The workbook as a file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet_of(book: Workbook, title: str = "台账") -> Worksheet:
    """The first sheet, named."""
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    return sheet


def county() -> bytes:
    """The usual form of a county: a title, a date, two-row heads, merged numbers, a signature."""
    book = Workbook()
    sheet = sheet_of(book)
    sheet["A1"] = "青山县2024年生态环境问题整改台账"
    sheet.merge_cells("A1:L1")
    sheet["A1"].font = Font(name="黑体", size=18, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet["A2"] = "填报单位：县环委会办公室"
    sheet["I2"] = "填报日期：2024年9月20日"
    heads = ["序号", "问题来源", "问题类型", "具体问题", "点位/经纬度", "整改措施", "整改时限"]
    for column, text in enumerate(heads, 1):
        sheet.cell(3, column, text)
        sheet.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
    sheet["H3"] = "责任分工"
    sheet.merge_cells("H3:J3")
    for column, text in enumerate(("牵头单位", "责任单位", "责任人"), 8):
        sheet.cell(4, column, text)
    for column, text in ((11, "是否完成"), (12, "备注")):
        sheet.cell(3, column, text)
        sheet.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
    for cell in (*sheet[3], *sheet[4]):
        cell.fill = PatternFill("solid", fgColor="DDDDDD")
        cell.border = Border(top=THIN, bottom=THIN, left=THIN, right=THIN)
    rows: list[list[Any]] = [
        ["一、大气污染防治方面"],
        ["１", "省级督察", "扬尘", "砂石厂物料露天堆放，未苫盖", "青山镇东沟", "全部苫盖", "2024年10月底前",
         "市生态环境局、水利局", "青山镇人民政府", "张某", "否", ""],
        [None, None, None, None, None, "安装喷淋", "2024年11月底前", "", "河口镇人民政府", "李某", "否", ""],
        ["２", "日常巡查", "散煤", "=\"散煤\"&\"复燃\"", "河口镇", "收缴", "立行立改", "", "河口镇人民政府\n石岭镇人民政府",
         "", "是", "已销号"],
        ["二、水污染防治方面"],
        ["３", "信访举报", "水污染", "1.沿河垃圾未清运；2.排口未封堵；3.未立标牌", "", "", date(2024, 12, 31), "", "石岭镇人民政府", "",
         "", ""],
        ["４", "", "", "", "", "", 45657, "", "青山镇人民政府", "", "", ""],
        ["５", "上级交办", "畜禽", "养殖场粪污直排", "柳湾村", "", "长期坚持", "", "青山镇柳湾村", "", "整改中", ""],
        ["合计", "", "", "5件", "", "", "", "", "", "", "", ""],
        ["注：本台账每月25日前更新。"],
        ["填表人：王某", "", "", "审核人：赵某"],
    ]  # fmt: skip
    for offset, values in enumerate(rows):
        for column, value in enumerate(values, 1):
            if value not in (None, ""):
                sheet.cell(5 + offset, column, value)
    for section in (5, 9):
        sheet.merge_cells(start_row=section, end_row=section, start_column=1, end_column=12)
    for letter in "ABCDE":
        sheet.merge_cells(f"{letter}6:{letter}7")
    sheet.column_dimensions["D"].width = 40
    return saved(book)


def side_by_side() -> bytes:
    """Two blocks beside one another, dates as serials and in half a dozen ways of writing."""
    book = Workbook()
    sheet = sheet_of(book, "左右两栏")
    sheet["A1"] = "2024年隐患排查整改台账"
    heads = ["序号", "隐患描述", "整改责任单位", "整改期限", "整改情况"]
    for left in (1, 7):
        for column, text in enumerate(heads):
            sheet.cell(2, left + column, text)
    left_rows = [
        [1, "厂区未设围挡", "市城管局", 45600, "已完成"],
        [2, "渣土车未密闭", "市城管局/市公安局", "2024.11.15", "正在整改"],
        [3, "油烟直排", "市城管局", "20241231", ""],
    ]
    right_rows = [
        [4, "喷淋设施停用", "市住建局", "12月底前", "未整改"],
        [5, "雨污混接", "市住建局；市水利局", "2024/12/5", "已整改到位"],
    ]
    for row, values in enumerate(left_rows, 3):
        for column, value in enumerate(values, 1):
            sheet.cell(row, column, value)
    for row, values in enumerate(right_rows, 3):
        for column, value in enumerate(values, 7):
            sheet.cell(row, column, value)
    return saved(book)


def petitions() -> bytes:
    """A published table of petitions (V1) on two sheets, one of them statistics, one hidden."""
    book = Workbook()
    sheet = sheet_of(book, "第3批")
    sheet.append(["第三批群众信访举报件办理情况公开表"])
    sheet.append(["（截至2024年9月20日）"])
    sheet.append(["序号", "受理编号", "交办问题基本情况", "行政区域", "污染类型", "调查核实情况", None,
                  "是否属实", "处理和整改情况", "是否办结", "责任人被处理情况", "责任单位"])  # fmt: skip
    sheet.append([None] * 5 + ["（一）企业基本情况", "（二）现场核查情况"])
    for column in (1, 2, 3, 4, 5, 8, 9, 10, 11, 12):
        sheet.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
    sheet.merge_cells("F3:G3")
    sheet.append([1, "X2HA202409050022", "某饭店油烟扰民。", "青山镇", "油烟", "成立于2010年", "属实", "属实",
                  "已责令安装净化设施，完成整改。", "已办结", "无", "青山镇人民政府"])  # fmt: skip
    sheet.append([2, "X2HA202409050023", "河边有异味。", "河口镇", "恶臭", "", "基本属实", "部分属实",
                  "正在清淤。", "阶段性办结", "", "河口镇人民政府"])  # fmt: skip
    counts = book.create_sheet("统计")
    for values in (
        ["乡镇", "移交件数", "水", "大气", "合计"],
        ["青山镇", 1, 0, 1, 1],
        ["合计", 2, 0, 1, 2],
    ):
        counts.append(values)
    hidden = book.create_sheet("草稿")
    hidden.append(["序号", "问题描述"])
    hidden.append([1, "不应读取"])
    hidden.sheet_state = "hidden"
    return saved(book)


def form() -> bytes:
    """Slips instead of a table: labels with what they say beside them (V14), two on one sheet."""
    book = Workbook()
    sheet = sheet_of(book, "交办单")
    for row in (
        ["督查交办单"],
        ["交办单编号", "邓督〔2024〕3号", "时限要求", "2024年10月15日前"],
        ["工作事项", "城东垃圾中转站外溢"],
        ["工作要求", "三日内清运"],
        ["责任单位", "市城管局", "责任人", "孙某"],
        [],
        ["督查交办单"],
        ["交办单编号", "邓督〔2024〕4号", "时限要求", "立行立改"],
        ["工作事项", "河道内有弃土"],
        ["责任单位", "市水利局", "责任人", "钱某"],
    ):
        sheet.append(row)
    return saved(book)


def formulas() -> bytes:
    """Numbers and dates by formulas that were never worked out; errors; a head on each page."""
    book = Workbook()
    sheet = sheet_of(book, "公式")
    heads = ["编号", "发现日期", "存在的问题", "责任部门", "完成时限", "销号时间"]
    sheet.append(heads)
    sheet.append(["=ROW()-1", date(2024, 9, 1), "排口未封堵", "市水利局", "=B2+30", None])
    sheet.append(
        ["=A2+1", date(2024, 9, 2), "堆场未硬化", "市住建局", "=DATE(2024,12,31)", "2024.9.10"]
    )
    sheet.append(heads)
    sheet.append(["=A3+1", date(2024, 9, 3), "=VLOOKUP(A1,Z:Z,1,0)", "市住建局", "#N/A", None])
    sheet.append(["=A5+1", date(2024, 9, 3), "标牌损坏", "市住建局", "=B9/0", None])
    sheet.append(["@SUM(1)", None, '=HYPERLINK("http://x","点我")+1', "", "", ""])
    sheet.append(["+1", None, "-监测数据造假", "市生态环境局", "2024年2月30日", ""])
    sheet["F5"].data_type = "e"
    return saved(book)


def wide() -> bytes:
    """A head far down and to the right, unknown headings among known ones, notes in between."""
    book = Workbook()
    sheet = sheet_of(book, "2024年责任清单")
    sheet["C4"] = "问题、任务、措施、责任“四张清单”"
    heads = [
        "顺序号",
        "问题清单",
        "任务清单",
        "措施清单",
        "责任清单",
        "主抓人",
        "时限清单",
        "完成率",
    ]
    rows: list[list[Any]] = [
        ["问题1", "黑臭水体返黑", "完成清淤", "截污", "牵头单位：市水利局；配合单位：市财政局、市住建局", "周某", "6月底前", "100%"],
        ["问题2", "扬尘管控不力", "六个百分百", "巡查", "市住建局牵头，市城管局配合", "吴某", "年底前", 0.6],
        ["问题3", "秸秆焚烧", "零火点", "", "各乡镇政府、相关部门", "", "每年10月底前", ""],
    ]  # fmt: skip
    for column, text in enumerate(heads, 3):
        sheet.cell(6, column, text)
    for row, values in enumerate(rows, 7):
        for column, value in enumerate(values, 3):
            sheet.cell(row, column, value)
    return saved(book)


WORKBOOKS: Mapping[str, Callable[[], bytes]] = {
    make.__name__: make for make in (county, side_by_side, petitions, form, formulas, wide)
}

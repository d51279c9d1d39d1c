"""A small county for tests: an office, departments, a township with two villages."""

from datetime import date

from workflow.units.directory import Directory, PersonInfo, PostInfo, RouteInfo, UnitInfo

ON = date(2026, 3, 2)
GOV, OFFICE, ECO, REFORM, QINGSHAN, HEWANG, SHITAN, OLD = range(1, 9)

UNITS = (
    UnitInfo(GOV, "gov", "青川市人民政府", ("市政府",), "government", "county"),
    UnitInfo(OFFICE, "office", "市环委会攻坚办", (), "office", "county", GOV),
    UnitInfo(ECO, "eco", "市生态环境局", ("生态环境局",), "department", "county", GOV),
    UnitInfo(REFORM, "reform", "市发展和改革委员会", ("市发改委",), "department", "county", GOV),
    UnitInfo(QINGSHAN, "qs", "青山镇人民政府", ("青山镇",), "township", "township", GOV),
    UnitInfo(HEWANG, "hw", "河王村", (), "village", "village", QINGSHAN),
    UnitInfo(SHITAN, "st", "石滩村", (), "village", "village", QINGSHAN),
    UnitInfo(OLD, "old", "市环保局", (), "department", "county", GOV, ECO, date(2019, 1, 1)),
)
PLACES: tuple[tuple[str, int, str], ...] = (
    ("office.dispatcher", OFFICE, "dispatcher"),
    ("office.principal", OFFICE, "principal"),
    ("eco.acceptor", ECO, "acceptor"),
    ("eco.deputy", ECO, "deputy"),
    ("qs.handler", QINGSHAN, "handler"),
    ("qs.section_head", QINGSHAN, "section_head"),
    ("qs.principal", QINGSHAN, "principal"),
    ("hw.handler", HEWANG, "handler"),
    ("gov.leader", GOV, "leader"),
    ("gov.supervisor", GOV, "supervisor"),
    ("gov.deputy", GOV, "deputy"),
    ("admin", GOV, "admin"),
    ("old.handler", OLD, "handler"),
)
ID = {login: number for number, (login, _, _) in enumerate(PLACES, start=1)}
ISSUE = {
    "reporting": (ECO,),
    "issuer": (OFFICE,),
    "responsible": (QINGSHAN,),
    "acceptance": (ECO,),
    "supervising": (GOV,),
}


def town(
    without: tuple[str, ...] = (),
    more: tuple[PostInfo, ...] = (),
    routes: tuple[RouteInfo, ...] = (),
    inactive: tuple[str, ...] = (),
) -> Directory:
    """The county, some posts vacant or added."""
    people = [PersonInfo(ID[login], login, login, active=login not in inactive) for login in ID]
    posts = [
        PostInfo(ID[login], unit, post, date(2020, 1, 1))
        for login, unit, post in PLACES
        if login not in without
    ]
    return Directory(1, UNITS, people, (*posts, *more), routes)

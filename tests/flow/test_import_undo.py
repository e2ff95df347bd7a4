#!/usr/bin/python3
"""qinghe import undo: a whole import taken back, figures and people with it, and what stands in its way."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from city import City, citizen
from tap import T, done, equal, run, sql, test

HEAD = "活动名称,服务日期,姓名,身份证号,电话,时长\n"


def line(title, serial, hours, phone=""):
    return f"{title},2025-03-05,王{chr(0x4E00 + serial)},{citizen('20000101', serial)},{phone},{hours}\n"


def city(name="city"):
    c = City(name)
    c.add("programme", name="净滩行动", kind="drive")
    for t in ("海滩一", "海滩二"):
        c.add("volunteer_event", title=t, held_on="2025-03-05", drive="净滩行动", hours="8", state="completed")
    return c


def bring(c, register, text, *more, code=0):
    return run("--db", c.db, "--lang", "zh", "--json", "--now", "2026-01-10T09:00:00+08:00", "import", register, "-", "--org",
               "X1", *more, stdin=text.encode(), code=code).json


def undo(c, number, code=0):
    r = c.q("--json", "import", "undo", number, code=code)
    return r.json if code == 0 else r.err


def size(c, register):
    return len(c.q("--json", "list", register, "--limit", 1000).json)


def figures(c):
    return {f["id"]: (f["value"], f.get("instead")) for f in c.q("--json", "figures", "--year", "2025").json}


def log(c):
    return c.q("check").out


@test
def an_import_taken_back_leaves_rows_people_and_figures_as_before():
    c = city()
    c.person()
    before, people = figures(c), size(c, "person")
    text = HEAD + line("海滩一", 11, 2) + line("海滩一", 13, 3) + line("海滩二", 11, 1)
    r = bring(c, "service_record", text)
    equal((r["inserted"], c.value("vol.attend")), (3, 3))
    equal(size(c, "person"), people + 2)
    equal(undo(c, r["import"]), {"import": r["import"], "register": "service_record", "removed": 3, "restored": 0, "people": 2})
    equal(size(c, "person"), people)
    equal(figures(c), before)
    log(c)
    c.q("verify", "audit")
    again = bring(c, "service_record", text)
    equal((again["inserted"], again["unchanged"], c.value("vol.attend")), (3, 0, 3), "the same file comes in anew")
    assert "已经撤销" in undo(c, r["import"], code=2)
    assert "没有第" in undo(c, 99, code=2)


@test
def what_an_import_changed_is_as_before_and_the_earlier_one_can_go_then():
    c = city()
    first = bring(c, "service_record", HEAD + line("海滩一", 11, 2) + line("海滩一", 13, 3))
    hours = c.value("vol.attend.hours")
    second = bring(c, "service_record", HEAD + line("海滩一", 11, 4, phone="13800000001") + line("海滩二", 15, 1))
    equal((second["updated"], second["inserted"]), (1, 1))
    told = undo(c, first["import"], code=2)
    assert f"第{second['import']}次导入" in told, told
    got = undo(c, second["import"])
    equal((got["removed"], got["restored"], got["people"]), (1, 2, 1), "the row, and the phone of its person")
    equal(c.value("vol.attend.hours"), hours)
    assert "13800000001" not in c.q("--json", "list", "person", "--limit", 100).out
    r = bring(c, "service_record", HEAD + line("海滩一", 11, 2) + line("海滩一", 13, 3))
    equal((r["unchanged"], r["inserted"], r["updated"]), (2, 0, 0), "what the first import left is known again")
    got = undo(c, first["import"])
    equal((got["removed"], got["people"], size(c, "service_record")), (2, 2, 0))
    log(c)


@test
def later_changes_keep_an_import_and_are_named():
    c = city()
    r = bring(c, "service_record", HEAD + line("海滩一", 11, 2) + line("海滩一", 13, 3))
    row = c.q("--json", "list", "service_record").json[0]["id"]
    c.q("set", "service_record", row, "hours=1")
    told = undo(c, r["import"], code=2)
    assert f"#{row}" in told and "又改过" in told, told
    equal(size(c, "service_record"), 2, "nothing went")
    e = bring(c, "volunteer_event", "活动名称,系列行动,活动日期\n海滩三,净滩行动,2025-04-01\n")
    c.add("service_record", event="海滩三", volunteer=c.person(), served_on="2025-04-01", hours="1")
    told = undo(c, e["import"], code=2)
    assert "service_record #" in told, told
    log(c)


@test
def units_of_an_import_go_too_unless_something_stands_in_them():
    c = city()
    text = "组织编码,名称,类别,上级组织,成立日期\nN1,南镇团委,乡镇（街道）团委,X1,2010-01-01\nN2,南镇一村团支部,团支部,N1,2010-01-01\n"
    before = figures(c)
    r = bring(c, "org", text)
    equal(r["inserted"], 2, r["errors"])
    c.add("programme", at="N2", name="村里的事", kind="other")
    told = undo(c, r["import"], code=2)
    assert "programme #" in told, told
    equal(size(c, "org"), 4)
    other = city("other")
    r = bring(other, "org", text)
    equal(undo(other, r["import"])["removed"], 2)
    equal((size(other, "org"), figures(other)), (2, before))
    log(other)
    equal(bring(other, "org", text)["inserted"], 2)


@test
def people_are_found_again_once_their_indexes_are_rebuilt():
    c = city()
    bring(c, "service_record", HEAD + line("海滩一", 11, 2))
    sql(c.db, "DELETE FROM find")
    more = HEAD + line("海滩二", 11, 1)
    equal(bring(c, "service_record", more, "--dry-run", code=None)["rejected"], 1, "the citizen ID stands, but is not found")
    c.q("rebuild", "find")
    people = size(c, "person")
    equal((bring(c, "service_record", more)["inserted"], size(c, "person")), (1, people))
    log(c)


done()

#!/usr/bin/python3
"""qinghe import: the traps of real sheets, each as a file made here, and what must come of it."""
import atexit
import datetime
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

sys.path.insert(0, os.path.dirname(__file__))
import openpyxl
from tap import SERVER, T, copy_city, done, equal, run, schema, test

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def citizen_id(serial, born="19990101", male=None):
    if male is not None:
        serial = serial // 2 * 2 + (1 if male else 0)
    body = f"370102{born}{serial:03d}"
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS)) % 11]


def q(*args, **kw):
    return run("--db", os.path.join(T.dir, "c.db"), "--lang", "zh", *args, **kw)


def rows(register, *more):
    r = q("--json", "list", register, "--limit", 1000, *more).json
    return r["rows"] if isinstance(r, dict) else r


_base = tempfile.mkdtemp(prefix="qinghe-base-")
atexit.register(shutil.rmtree, _base, True)


def city():
    """A city with two counties and a branch: made once, copied for each test."""
    if not os.listdir(_base):
        new_city()
        copy_city(path("c.db"), os.path.join(_base, "c.db"))
    else:
        copy_city(os.path.join(_base, "c.db"), path("c.db"))


def new_city():
    q("init", "--city", "临澜市", "--region", "3799")
    for code, name, kind in (("C1", "东县团委", "county"), ("C2", "西县团委", "county")):
        q("add", "org", f"code={code}", f"name={name}", f"kind={kind}", "founded=2010-01-01")
    q("add", "org", "code=B1", "name=一中团支部", "kind=branch", "parent=C1", "founded=2010-01-01")


def events(*titles, day="2025-03-05", hours="8"):
    if not rows("programme"):
        q("add", "programme", "name=净滩行动", "kind=drive")
    for t in titles:
        q("add", "volunteer_event", f"title={t}", f"held_on={day}", "drive=净滩行动", f"hours={hours}", "state=completed")


def path(name):
    return os.path.join(T.dir, name)


def book(name, *sheets, merges=()):
    """Sheets as (title, rows) -- cells as Python gives them."""
    wb = openpyxl.Workbook()
    wb.remove(wb.active)
    for title, lines in sheets:
        ws = wb.create_sheet(title)
        for line in lines:
            ws.append(list(line))
        for m in merges:
            ws.merge_cells(m)
    wb.save(path(name))
    return path(name)


def sheet(name, *lines, merges=()):
    return book(name, ("表一", lines), merges=merges)


def imported(register, file, *more, code=0):
    return q("--json", "import", register, file, *more, code=code).json


def counts(r):
    return [r[k] for k in ("rows", "inserted", "updated", "unchanged", "rejected")]


def messages(r):
    return "\n".join(f"{e['row']} {e['column']} {e['value']}: {e['message']}" for e in r["errors"])


def opened(person):
    return q("--json", "show", "person", person).json


def file_digest():
    if SERVER:
        p = subprocess.run(["pg_dump", "--data-only", "--schema", schema(path("c.db")), "-d", SERVER], capture_output=True, check=True)
        return hashlib.sha256(b"".join(l for l in p.stdout.splitlines(True) if b"restrict " not in l)).hexdigest()
    h = hashlib.sha256()
    for name in sorted(os.listdir(T.dir)):
        if name.startswith("c.db") and not name.endswith("-shm"):
            h.update(open(path(name), "rb").read())
    return h.hexdigest()


PROGRAMMES = ("名称", "类别")


@test
def header_anywhere_in_any_order_with_notes_sums_and_signatures():
    city()
    f = sheet("a.xlsx", ["2025年志愿服务品牌统计表"], ["填报单位：东县团委", None, "填报日期：2025-06-01"], [None],
              ["序号", "类别", "名称*", "联系方式"], [1, "志愿服务系列行动", "学雷锋", "x"], [2, "文化", "读书月", "y"],
              [None, None, None], ["合计", None, 2], ["注：1.名称不得重复"], ["填表人：张三", None, "审核人：李四"])
    r = imported("programme", f)
    equal(counts(r), [2, 2, 0, 0, 0], messages(r))
    got = rows("programme")
    equal(sorted(p["name"] for p in got), ["学雷锋", "读书月"])
    orgs = {o["code"]: o["id"] for o in rows("org")}
    equal({p["org"] for p in got}, {orgs["C1"]}, "the unit's line owns the rows")
    assert "联系方式" in r["ignored"], r


@test
def two_row_merged_header_joins_its_levels():
    city()
    events("海滩一")
    f = sheet("a.xlsx", ["活动情况", None, "志愿者信息", None], ["活动名称", "服务日期", "姓名", "时长"],
              ["海滩一", "2025-03-05", "王小明", 2], merges=("A1:B1", "C1:D1"))
    r = imported("service_record", f)
    equal(counts(r), [1, 1, 0, 0, 0], messages(r))
    equal(rows("service_record")[0]["hours"], 120)
    f = sheet("b.xlsx", ["活动名称", "服务日期", "志愿者", None], [None, None, "姓名", "时长"],
              ["海滩一", "2025-03-05", "王小红", 3], merges=("A1:A2", "B1:B2", "C1:D1"))
    equal(counts(imported("service_record", f)), [1, 1, 0, 0, 0])


@test
def merged_cells_hold_for_their_range():
    city()
    events("海滩一", "海滩二")
    f = sheet("a.xlsx", ["活动名称", "服务日期", "姓名", "时长"], ["海滩一", "2025-03-05", "甲一", 1], [None, None, "甲二", 2],
              [None, None, "甲三", 3], ["海滩二", "2025-03-05", "甲四", 4], merges=("A2:A4", "B2:B4"))
    r = imported("service_record", f)
    equal(counts(r), [4, 4, 0, 0, 0], messages(r))
    by = [x["event"] for x in sorted(rows("service_record"), key=lambda x: x["hours"])]
    equal(by[0] == by[1] == by[2] != by[3], True)


@test
def dates_in_all_spellings():
    city()
    spellings = ["2026.3.5", "2026/3/5", "2026-03-05", "2026年3月5日", "２０２６－０３－０５", "20260305", "2026/3/5 上午",
                 "2026年3月5号", datetime.date(2026, 3, 5), datetime.datetime(2026, 3, 5, 9, 30), 46086, "46086", " 2026-3-5 ",
                 "'2026-3-5"]
    f = sheet("a.xlsx", ["名称", "类别", "启动日期"], *[[f"p{i}", "其他", d] for i, d in enumerate(spellings)])
    r = imported("programme", f)
    equal(counts(r), [len(spellings), len(spellings), 0, 0, 0], messages(r))
    equal({p["name"]: p["started_on"] for p in rows("programme")}, {f"p{i}": "2026-03-05" for i in range(len(spellings))})
    bad = ["3月5日", "2026年3月", "2026-02-30", "去年", "26.3.5", "2026-3-5-1"]
    r = imported("programme", sheet("b.xlsx", ["名称", "类别", "启动日期"], *[[f"q{i}", "其他", d] for i, d in enumerate(bad)]),
                 code=1)
    equal(counts(r), [6, 0, 0, 0, 6])
    equal([(e["row"], e["column"], e["field"], e["value"]) for e in r["errors"]],
          [(i + 2, "启动日期", "started_on", d) for i, d in enumerate(bad)])
    assert "年" in r["errors"][0]["message"], r["errors"][0]


@test
def serials_of_1904_count_from_1904():
    city()
    wb = openpyxl.Workbook()
    wb.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    ws = wb.active
    ws.append(["名称", "类别", "启动日期"])
    ws.append(["a", "其他", datetime.date(2026, 3, 5)])
    ws.append(["b", "其他", 46086 - 1462])
    wb.save(path("a.xlsx"))
    r = imported("programme", path("a.xlsx"))
    equal(counts(r), [2, 2, 0, 0, 0], messages(r))
    equal({p["started_on"] for p in rows("programme")}, {"2026-03-05"})


@test
def ids_in_number_cells_are_refused_and_masked():
    city()
    events("海滩一")
    good = citizen_id(13)
    f = sheet("a.xlsx", ["活动名称", "服务日期", "姓名", "身份证号", "时长"],
              ["海滩一", "2025-03-05", "赵数字", int(citizen_id(12)[:17] + "0"), 1],
              ["海滩一", "2025-03-05", "赵文字", good, 1],
              ["海滩一", "2025-03-05", "赵全角", "".join(chr(0xFEE0 + ord(c)) for c in citizen_id(14)), 1],
              ["海滩一", "2025-03-05", "赵科学", "3.70102E+17", 1],
              ["海滩一", "2025-03-05", "赵错位", good[:-1] + ("1" if good[-1] != "1" else "2"), 1])
    r = imported("service_record", f, code=1)
    equal(counts(r), [5, 2, 0, 0, 3], messages(r))
    equal(sorted({e["row"] for e in r["errors"]}), [2, 5, 6])
    assert all(e["column"] == "身份证号" and e["value"] in ("***", "") for e in r["errors"]), r["errors"]
    assert "文本" in r["errors"][0]["message"], r["errors"][0]
    text = q("import", "service_record", f, code=1)
    for secret in (good[:14], "3.70102E+17", "37010219990101"):
        assert secret not in text.out + text.err, text.err


@test
def full_width_digits_blanks_apostrophes_and_names():
    city()
    events("海滩一")
    f = sheet("a.xlsx", ["活动名称", "服务日期", "姓　名", "联系电话", "服务时长"],
              ["海滩一", "２０２５.３.５", "欧阳\n小明", "１３９０００００００１", "１．５"],
              ["海滩一 ", "2025-03-05", "张 伟", "'139 0000 0002", "1:30"],
              ["海滩一", "2025-03-05", "买买提·艾力", "139-0000-0003", "90分钟"])
    r = imported("service_record", f)
    equal(counts(r), [3, 3, 0, 0, 0], messages(r))
    got = {opened(x["volunteer"])["name"]: x["hours"] for x in rows("service_record")}
    equal(got, {"欧阳小明": 90, "张伟": 90, "买买提·艾力": 90})
    equal(sorted(opened(x["volunteer"])["phone"] for x in rows("service_record")), ["13900000001", "13900000002", "13900000003"])


@test
def gb18030_csv_with_four_byte_characters():
    city()
    name = "王䶮𠮷"
    lines = f"名称,类别,启动日期\r\n{name},其他,2026-03-05\r\n\"逗,号\",文化,2026.3.6\r\n"
    for i, enc in enumerate(("gb18030", "utf-8", "utf-8-sig")):
        with open(path("a.csv"), "wb") as f:
            f.write(lines.encode(enc))
        r = imported("programme", path("a.csv"))
        equal(counts(r), [2, 2, 0, 0, 0] if i == 0 else [2, 0, 0, 2, 0], messages(r))
    equal({p["name"] for p in rows("programme")}, {name, "逗,号"})


@test
def a_list_out_of_a_chat_group_becomes_rows():
    city()
    events("海滩3号")
    text = ("#接龙\n周六净滩，请接龙\n填报单位：东县团委\n活动：海滩3号\n日期：2025-03-05\n例 某某 几小时\n\n"
            "1. 张三 13800000000 2小时\n2、李四（13800000001）1小时30分\n3) 王五13900000002 90分钟 会晚到\n4. 赵六 半天\n5. 九小时 25小时\n")
    r = q("--json", "import", "service_record", "-", stdin=text.encode(), code=1).json
    equal(counts(r), [5, 4, 0, 0, 1], messages(r))
    equal((r["errors"][0]["row"], r["errors"][0]["column"], r["ignored"]), (12, "时长", "余下的字"))
    got = {opened(x["volunteer"])["name"]: (x["hours"], x["served_on"], x["state"]) for x in rows("service_record")}
    equal(got, {"张三": (120, "2025-03-05", "valid"), "李四": (90, "2025-03-05", "valid"), "王五": (90, "2025-03-05", "valid"),
                "赵六": (None, "2025-03-05", "pending")})
    org = {o["code"]: o["id"] for o in rows("org")}
    equal({x["org"] for x in rows("service_record")}, {org["C1"]})
    again = q("--json", "import", "service_record", "-", stdin=text.encode("gb18030"), code=1).json
    equal(counts(again), [5, 0, 0, 4, 1], messages(again))
    assert "表头" in q("import", "service_record", "-", stdin="大家好\n明天见\n".encode(), code=2).err


@test
def rows_of_csv_are_records_header_first():
    city()
    r = q("--json", "import", "programme", "-", stdin="名称,类别\n甲,\"其\n他\"\n乙,外星\n".encode(), code=1).json
    equal([(e["row"], e["column"]) for e in r["errors"]], [(3, "类别")], messages(r))
    equal(r["file"], "-")
    assert "志愿服务系列行动" in r["errors"][0]["message"], r["errors"]


@test
def hidden_rows_are_read_and_told_hidden_sheets_not():
    city()
    wb = openpyxl.Workbook()
    ws = wb.active
    for line in (PROGRAMMES, ["甲", "其他"], ["乙", "其他"], ["丙", "其他"]):
        ws.append(line)
    ws.row_dimensions[3].hidden = True
    other = wb.create_sheet("旧表")
    for line in (PROGRAMMES, ["丁", "其他"]):
        other.append(line)
    other.sheet_state = "hidden"
    wb.save(path("a.xlsx"))
    r = imported("programme", path("a.xlsx"))
    equal((counts(r), r["hidden_rows"]), ([3, 3, 0, 0, 0], 1))
    equal(counts(imported("programme", path("a.xlsx"), "--sheet", "旧表")), [1, 1, 0, 0, 0])


@test
def two_fitting_sheets_are_refused_by_name_until_one_is_chosen():
    city()
    f = book("a.xlsx", ("春", [PROGRAMMES, ["甲", "其他"]]), ("秋", [PROGRAMMES, ["乙", "其他"]]), ("说明", [["怎样填写"]]))
    r = q("import", "programme", f, code=2)
    assert "春" in r.err and "秋" in r.err and "--sheet" in r.err, r.err
    equal(rows("programme"), [])
    equal(counts(imported("programme", f, "--sheet", "秋")), [1, 1, 0, 0, 0])
    r = q("import", "programme", f, "--sheet", "冬", code=2)
    assert "冬" in r.err, r.err
    r = q("import", "programme", sheet("b.xlsx", ["苹果", "香蕉"], [1, 2]), code=2)
    assert "--map" in r.err, r.err


@test
def columns_are_mapped_by_hand():
    city()
    f = sheet("a.xlsx", ["大名", "哪一类"], ["甲", "其他"])
    q("import", "programme", f, code=2)
    r = imported("programme", f, "--map", "大名=name", "--map", "哪一类=类别")
    equal(counts(r), [1, 1, 0, 0, 0], messages(r))
    r = q("import", "programme", f, "--map", "大名=nmae", "--map", "哪一类=类别", code=2)
    assert "nmae" in r.err, r.err


@test
def a_column_is_dropped_by_hand():
    city()
    f = sheet("a.xlsx", ["名称", "类别", "启动日期"], ["甲", "其他", "春天"])
    q("import", "programme", f, code=1)
    r = imported("programme", f, "--map", "启动日期=")
    equal((counts(r), r["ignored"], rows("programme")[0]["started_on"]), ([1, 1, 0, 0, 0], "启动日期", None))


@test
def what_was_exported_comes_back_as_nothing_new_void_rows_too():
    city()
    for name in ("甲", "=乙", "丙"):
        q("add", "programme", f"name={name}", "kind=other")
    q("do", "void", "programme", 3, "reason=错")
    for end in ("csv", "xlsx"):
        q("export", "programme", "-o", path(f"out.{end}"))
        r = imported("programme", path(f"out.{end}"))
        equal((r["inserted"], r["updated"], r["rejected"], r["unchanged"]), (0, 0, 0, 3), messages(r))
    equal(len(rows("programme")), 3)


@test
def the_owner_comes_from_column_option_line_marker_or_actor():
    city()
    org = {o["code"]: o["id"] for o in rows("org")}
    imported("programme", sheet("a.xlsx", PROGRAMMES, ["甲", "其他"]))
    imported("programme", sheet("b.xlsx", PROGRAMMES, ["乙", "其他"]), "--org", "C2")
    imported("programme", sheet("c.xlsx", ["填报单位", "西县团委"], PROGRAMMES, ["丙", "其他"]))
    imported("programme", sheet("d.xlsx", ["单位", *PROGRAMMES], ["一中团支部", "丁", "其他"], ["C1", "戊", "其他"]), "--org", "C2")
    own = {p["name"]: p["org"] for p in rows("programme")}
    equal(own, {"甲": min(org.values()), "乙": org["C2"], "丙": org["C2"], "丁": org["B1"],
                "戊": org["C1"]})
    r = imported("programme", sheet("e.xlsx", ["单位", *PROGRAMMES], ["无此单位", "己", "其他"]), code=1)
    assert "无此单位" in r["errors"][0]["message"] and r["errors"][0]["column"] == "单位", r
    q("import", "programme", sheet("f.xlsx", PROGRAMMES, ["庚", "其他"]), "--org", "无", code=2)


@test
def a_filled_template_knows_its_sender():
    city()
    os.mkdir(path("forms"))
    q("template", "programme", "--each-org", "-o", path("forms"))
    names = sorted(os.listdir(path("forms")))
    equal(len(names), 2, "one a unit below")
    code = {}
    for name in names:
        wb = openpyxl.load_workbook(os.path.join(path("forms"), name))
        marker = next(ws["A1"].value for ws in wb if ws.sheet_state != "visible")
        ws = next(ws for ws in wb if ws.sheet_state == "visible")
        assert marker.startswith("qinghe:register=programme"), marker
        code[marker.split("org=")[1].split(";")[0]] = name
        head = next(r for r in ws.iter_rows() if any(str(c.value or "").startswith("名称") for c in r))
        at = {str(c.value).rstrip("*").strip(): c.column for c in head if c.value}
        ws.cell(head[0].row + 1, at["名称"], f"来自{name}")
        ws.cell(head[0].row + 1, at["类别"], "其他")
        wb.save(os.path.join(path("forms"), name))
    assert "C2" in code, code
    f = os.path.join(path("forms"), code["C2"])
    r = imported("programme", f)
    equal(counts(r), [1, 1, 0, 0, 0], messages(r))
    org = {o["code"]: o["id"] for o in rows("org")}
    equal((rows("programme")[0]["org"], r["org"]), (org["C2"], org["C2"]))


@test
def several_files_and_a_zip_name_the_units_still_missing():
    city()
    a = sheet("东.xlsx", ["填报单位：东县团委"], PROGRAMMES, ["甲", "其他"])
    b = sheet("别.xlsx", ["填报单位：一中团支部"], PROGRAMMES, ["乙", "外星"])
    r = q("--json", "import", "programme", a, b, code=1).json
    equal([f["inserted"] for f in r["files"]], [1, 0])
    equal(len(r["missing"]), 1)
    assert "西县" in str(r["missing"]), r["missing"]
    with zipfile.ZipFile(path("all.zip"), "w") as z:
        z.write(a, "东.xlsx")
        z.writestr("西.csv", "填报单位：西县团委,\n名称,类别\n丙,其他\n".encode("gb18030"))
        z.writestr("说明.txt", "不是表")
    r = q("--json", "import", "programme", path("all.zip")).json
    equal([(f["file"].split(":")[-1], f["inserted"], f["unchanged"]) for f in r["files"]], [("东.xlsx", 0, 1), ("西.csv", 1, 0)])
    equal(r["missing"], [])
    text = q("import", "programme", a, b, code=1).out
    assert "西县团委" in text, "missing units are told to people too: " + text


@test
def a_broken_file_among_several_does_not_stop_the_others():
    city()
    good = sheet("a.xlsx", PROGRAMMES, ["甲", "其他"])
    with open(path("b.xlsx"), "wb") as f:
        f.write(b"PK\x03\x04 nothing")
    r = q("--json", "import", "programme", path("b.xlsx"), good, code=1)
    equal([p["name"] for p in rows("programme")], ["甲"])
    assert "b.xlsx" in r.err + r.out, r.err
    q("import", "programme", path("b.xlsx"), code=2)


@test
def a_state_column_sets_the_state():
    city()
    q("add", "programme", "name=净滩行动", "kind=drive")
    f = sheet("a.xlsx", ["活动名称", "系列行动", "活动日期", "状态"], ["甲", "净滩行动", "2025-03-05", "已取消"],
              ["乙", "净滩行动", "2025-03-05", "筹备中"], ["丙", "净滩行动", "2025-03-05", None], ["丁", "净滩行动", "2025-03-05", "不知"])
    r = imported("volunteer_event", f, code=1)
    equal(counts(r), [4, 3, 0, 0, 1], messages(r))
    equal(r["errors"][-1]["column"], "状态")
    equal({e["title"]: e["state"] for e in rows("volunteer_event")}, {"甲": "cancelled", "乙": "planned", "丙": "completed"})
    f = sheet("b.xlsx", ["活动名称", "系列行动", "活动日期", "状态"], ["甲", "净滩行动", "2025-03-05", "已完成"],
              ["乙", "净滩行动", "2025-03-05", "已完成"])
    r = imported("volunteer_event", f, code=1)
    equal(counts(r), [2, 0, 1, 0, 1], messages(r))
    equal({e["title"]: e["state"] for e in rows("volunteer_event")}, {"甲": "cancelled", "乙": "completed", "丙": "completed"})


@test
def a_service_without_its_end_waits_for_confirmation():
    city()
    events("海滩一")
    f = sheet("a.xlsx", ["活动名称", "服务日期", "姓名", "时长", "签到", "签退"],
              ["海滩一", "2025-03-05", "甲一", 2, "2025-03-05 09:00", "2025-03-05 11:00"],
              ["海滩一", "2025-03-05", "甲二", 2, "2025-03-05 09:00", None], ["海滩一", "2025-03-05", "甲三", None, None, None])
    r = imported("service_record", f)
    equal(counts(r), [3, 3, 0, 0, 0], messages(r))
    equal([x["state"] for x in sorted(rows("service_record"), key=lambda x: x["id"])], ["valid", "pending", "pending"])


@test
def ditto_is_taken_only_where_declared():
    city()
    f = sheet("a.xlsx", ["单位", *PROGRAMMES], ["东县团委", "甲", "其他"], ["同上", "乙", "其他"], ["〃", "丙", "同上"])
    r = imported("programme", f, code=1)
    equal(counts(r), [3, 2, 0, 0, 1], messages(r))
    equal((r["errors"][0]["row"], r["errors"][0]["column"]), (4, "类别"))
    org = {o["code"]: o["id"] for o in rows("org")}
    equal({p["org"] for p in rows("programme")}, {org["C1"]})
    f = sheet("b.xlsx", ["单位", *PROGRAMMES], ["C2", "丁", "其他"], ["同上", "戊", "外星"], ["同上", "己", "其他"])
    r = imported("programme", f, code=1)
    equal({p["name"]: p["org"] for p in rows("programme") if p["name"] in "丁己"}, {"丁": org["C2"], "己": org["C2"]}, messages(r))


@test
def lists_of_units_split_on_all_signs():
    city()
    q("add", "programme", "name=净滩行动", "kind=drive")
    org = {o["code"]: o["id"] for o in rows("org")}
    want = "," + ",".join(str(i) for i in sorted((org["C1"], org["C2"], org["B1"]))) + ","
    f = sheet("a.xlsx", ["活动名称", "系列行动", "活动日期", "联办单位"],
              *[[f"e{i}", "净滩行动", "2025-03-05", s.join(("东县团委", "C2", "一中团支部"))]
                for i, s in enumerate(("、", "，", ",", ";", "；", "、 "))])
    r = imported("volunteer_event", f)
    equal(counts(r), [6, 6, 0, 0, 0], messages(r))
    equal({str(e["cohosts"]) for e in rows("volunteer_event")}, {want})


@test
def the_first_row_of_a_key_stands():
    city()
    f = sheet("a.xlsx", [*PROGRAMMES, "宗旨"], ["甲", "其他", "一"], ["甲", "其他", "一"], ["甲", "其他", "二"], ["乙", "其他", None])
    r = imported("programme", f, code=1)
    equal(counts(r), [4, 2, 0, 1, 1], messages(r))
    equal(r["errors"][0]["row"], 4)
    assert "2" in r["errors"][0]["message"], r["errors"]
    equal({p["name"]: p["purpose_text"] for p in rows("programme")}, {"甲": "一", "乙": None})


@test
def a_key_with_the_unit_in_it_is_one_row_a_unit():
    city()
    q("add", "programme", "name=净滩行动", "kind=drive")
    f = sheet("a.xlsx", ["单位", "活动名称", "系列行动", "活动日期"], ["C1", "义务植树", "净滩行动", "2025-03-12"],
              ["C2", "义务植树", "净滩行动", "2025-03-12"])
    equal(counts(imported("volunteer_event", f)), [2, 2, 0, 0, 0])
    equal(counts(imported("volunteer_event", f)), [2, 0, 0, 2, 0])
    g = sheet("b.xlsx", ["单位", "活动名称", "系列行动", "活动日期", "地点"], ["C2", "义务植树", "净滩行动", "2025-03-12", "南山"])
    equal(counts(imported("volunteer_event", g)), [1, 0, 1, 0, 0])
    org = {o["code"]: o["id"] for o in rows("org")}
    equal({e["org"]: e["place"] for e in rows("volunteer_event")}, {org["C1"]: None, org["C2"]: "南山"})


@test
def importing_again_changes_nothing_and_edits_on_one_side_win():
    city()
    f = sheet("a.xlsx", [*PROGRAMMES, "宗旨"], ["甲", "其他", "一"], ["乙", "其他", "一"], ["丙", "其他", "一"])
    equal(counts(imported("programme", f)), [3, 3, 0, 0, 0])
    equal(counts(imported("programme", f)), [3, 0, 0, 3, 0])
    ids = {p["name"]: p["id"] for p in rows("programme")}
    q("set", "programme", ids["甲"], "purpose_text=这里改")
    equal(counts(imported("programme", f)), [3, 0, 0, 3, 0], "same digest, edited here: unchanged")
    equal({p["name"]: p["purpose_text"] for p in rows("programme")}["甲"], "这里改")
    g = sheet("b.xlsx", [*PROGRAMMES, "宗旨"], ["甲", "其他", "二"], ["乙", "其他", "二"], ["丙", "其他", "一"])
    r = imported("programme", g, code=1)
    equal(counts(r), [3, 0, 1, 1, 1], messages(r))
    m = r["errors"][0]["message"]
    assert "这里改" in m and "二" in m and "--overwrite" in m, m
    equal({p["name"]: p["purpose_text"] for p in rows("programme")}, {"甲": "这里改", "乙": "二", "丙": "一"})
    equal(counts(imported("programme", g, "--overwrite")), [3, 0, 1, 2, 0])
    equal({p["name"]: p["purpose_text"] for p in rows("programme")}["甲"], "二")


@test
def missing_columns_and_empty_cells_keep_values():
    city()
    imported("programme", sheet("a.xlsx", [*PROGRAMMES, "宗旨", "启动日期"], ["甲", "文化", "一", "2020-01-01"]))
    r = imported("programme", sheet("b.xlsx", ["名称", "类别", "宗旨"], ["甲", "其他", None]))
    equal(counts(r), [1, 0, 1, 0, 0], messages(r))
    p = rows("programme")[0]
    equal((p["kind"], p["purpose_text"], p["started_on"]), ("other", "一", "2020-01-01"))
    equal(counts(imported("programme", sheet("c.xlsx", ["名称", "启动日期"], ["甲", "2021-01-01"]))), [1, 0, 1, 0, 0])


@test
def a_voided_row_stays_void():
    city()
    events("海滩一")
    head = ["活动名称", "服务日期", "姓名", "时长"]
    f = sheet("a.xlsx", head, ["海滩一", "2025-03-05", "甲一", 2])
    imported("service_record", f)
    row = rows("service_record")[0]["id"]
    q("do", "void", "service_record", row, "reason=错登")
    equal(counts(imported("service_record", f)), [1, 0, 0, 1, 0])
    g = sheet("b.xlsx", head, ["海滩一", "2025-03-05", "甲一", 3])
    equal(counts(imported("service_record", g)), [1, 1, 0, 0, 0])
    equal(sorted((x["state"], x["hours"]) for x in rows("service_record")), [("valid", 180), ("void", 120)])


@test
def people_are_matched_by_the_rules():
    city()
    events("海滩一", "海滩二", "海滩三", "海滩四", "海滩五", "海滩六", "海滩七")
    head = ["活动名称", "服务日期", "姓名", "身份证号", "电话", "出生年月", "时长"]
    n = [0]

    def serve(event, name, cid=None, phone=None, born=None, unit="C1", code=0):
        n[0] += 1
        f = sheet(f"{n[0]}.xlsx", head, [event, "2025-03-05", name, cid, phone, born, 1])
        r = imported("service_record", f, "--org", unit, code=code)
        if code:
            return r
        equal(counts(r), [1, 1, 0, 0, 0], messages(r))
        return max(rows("service_record"), key=lambda x: x["id"])["volunteer"]

    a = serve("海滩一", "钱一", citizen_id(21), "13900000021")
    equal(serve("海滩二", "钱一", citizen_id(21), unit="C2"), a, "by ID, in another unit")
    equal(serve("海滩三", "钱一", None, "13900000021", unit="C2"), a, "by name and phone")
    equal(serve("海滩四", "钱一", None, None, "1999-01"), a, "by name and birth month in the unit")
    equal(serve("海滩五", "钱一"), a, "by a name unique in the unit")
    b = serve("海滩六", "钱一", unit="C2")
    assert b != a, "the name alone, in another unit, is another person"
    c = serve("海滩七", "钱一", citizen_id(22))
    assert c not in (a, b), "another ID is another person"
    d = serve("海滩六", "钱一")
    assert d not in (a, b, c), "a name that two bear in the unit decides nothing"
    r = serve("海滩一", "孙二", citizen_id(21), code=1)
    equal(counts(r), [1, 0, 0, 0, 1])
    equal(r["errors"][0]["column"], "身份证号")
    assert "钱" not in messages(r) and citizen_id(21) not in messages(r), messages(r)
    equal(opened(a)["identified"], True)
    equal(opened(b)["identified"], False)


@test
def a_new_phone_alone_is_an_update():
    city()
    events("海滩一")
    head = ["活动名称", "服务日期", "姓名", "身份证号", "电话", "时长"]
    f = sheet("a.xlsx", head, ["海滩一", "2025-03-05", "李电话", citizen_id(31), "13900000031", 1])
    g = sheet("b.xlsx", head, ["海滩一", "2025-03-05", "李电话", citizen_id(31), "13900000032", 1])
    equal(counts(imported("service_record", f)), [1, 1, 0, 0, 0])
    equal(counts(imported("service_record", g)), [1, 0, 1, 0, 0])
    equal(opened(rows("service_record")[0]["volunteer"])["phone"], "13900000032")
    equal(counts(imported("service_record", g)), [1, 0, 0, 1, 0])
    equal(counts(imported("service_record", f)), [1, 0, 1, 0, 0])
    both = sheet("c.xlsx", head, ["海滩一", "2025-03-05", "李电话", citizen_id(31), "13900000033", 1],
                 ["海滩一", "2025-03-05", "李电话", citizen_id(31), "13900000031", 1])
    imported("service_record", both)
    equal(opened(rows("service_record")[0]["volunteer"])["phone"], "13900000031", "the last row's phone")


@test
def a_sex_against_the_id_warns():
    city()
    events("海滩一")
    f = sheet("a.xlsx", ["活动名称", "服务日期", "姓名", "性别", "身份证号", "时长"],
              ["海滩一", "2025-03-05", "周性别", "男", citizen_id(40, male=False), 1],
              ["海滩一", "2025-03-05", "周无误", "女", citizen_id(42, male=False), 1])
    r = imported("service_record", f)
    equal(counts(r), [2, 2, 0, 0, 0], messages(r))
    equal([(e["row"], e["column"], e.get("warning")) for e in r["errors"]], [(2, "性别", True)])
    f = sheet("b.xlsx", ["姓名", "性别", "身份证号"], ["吴名册", "男", citizen_id(44, male=False)])
    r = imported("person", f)
    equal([(e["row"], e.get("warning")) for e in r["errors"]], [(2, True)])


@test
def a_second_live_membership_is_refused():
    city()
    head = ["单位", "姓名", "身份证号", "入团日期", "离开日期"]
    f = sheet("a.xlsx", head, ["C1", "郑团员", citizen_id(51), "2018-05-04", None])
    equal(counts(imported("membership", f)), [1, 1, 0, 0, 0])
    g = sheet("b.xlsx", head, ["C2", "郑团员", citizen_id(51), "2020-05-04", None],
              ["C2", "郑又一", citizen_id(52), "2016-05-04", "2019-01-01"], ["C1", "郑又一", citizen_id(52), "2019-01-01", None],
              ["C1", "郑第三", citizen_id(53), "2016-05-04", None], ["C2", "郑第三", citizen_id(53), "2017-05-04", None])
    r = imported("membership", g, code=1)
    equal(counts(r), [5, 3, 0, 0, 2], messages(r))
    equal(sorted({e["row"] for e in r["errors"] if not e.get("warning")}), [2, 6])


@test
def a_roster_meets_people_who_stand_already():
    city()
    events("海滩一")
    imported("service_record", sheet("a.xlsx", ["活动名称", "服务日期", "姓名", "电话", "时长"],
                                     ["海滩一", "2025-03-05", "冯名册", "13900000061", 1]), "--org", "C1")
    before = len(rows("person"))
    f = sheet("b.xlsx", ["姓名", "身份证号", "电话"], ["冯名册", citizen_id(61), "13900000061"], ["陈新人", citizen_id(62), None],
              ["张伟", None, "13900000063"], ["张伟", None, "13900000064"], ["卫无名", None, None], ["卫无名", None, None])
    r = imported("person", f, "--org", "C1")
    equal(counts(r), [6, 5, 1, 0, 0], messages(r))
    equal(len(rows("person")), before + 5)
    equal(opened(rows("service_record")[0]["volunteer"])["citizen_id"], citizen_id(61))
    equal(counts(imported("person", f, "--org", "C1")), [6, 0, 0, 6, 0])
    g = sheet("c.xlsx", ["姓名", "身份证号"], ["别人", citizen_id(61)])
    r = imported("person", g, "--org", "C1", code=1)
    equal(counts(r), [1, 0, 0, 0, 1])


@test
def a_refused_row_leaves_nobody_behind():
    city()
    events("海滩一", hours="2")
    before = len(rows("person"))
    f = sheet("a.xlsx", ["活动名称", "服务日期", "姓名", "身份证号", "时长"],
              ["无此活动", "2025-03-05", "甲一", citizen_id(71), 1], ["海滩一", "2025-03-05", "甲二", citizen_id(72), 9],
              ["海滩一", None, "甲三", citizen_id(73), 1], ["海滩一", "2025-03-05", "甲四", "123", 1],
              ["海滩一", "2025-03-05", "甲五", citizen_id(75), 1])
    r = imported("service_record", f, code=1)
    equal(counts(r), [5, 1, 0, 0, 4], messages(r))
    equal(len(rows("person")), before + 1)
    q("check")


@test
def a_dry_run_changes_nothing():
    city()
    events("海滩一")
    head = ["活动名称", "服务日期", "姓名", "身份证号", "时长"]
    f = sheet("a.xlsx", head, ["海滩一", "2025-03-05", "甲一", citizen_id(81), 1], ["海滩一", "2025-03-05", "甲二", "1", 1])
    q("list", "person")
    before = file_digest()
    audit = q("--json", "check").json["audit"]["looked_at"]
    r = imported("service_record", f, "--dry-run", code=1)
    equal(counts(r), [2, 1, 0, 0, 1], messages(r))
    equal(q("--json", "check").json["audit"]["looked_at"], audit)
    equal(rows("service_record"), [])
    equal(file_digest(), before)
    equal(counts(imported("service_record", f, code=1)), [2, 1, 0, 0, 1])
    orgs = sheet("o.xlsx", ["单位代码", "名称", "类别", "统计归口"], ["X1", "甲县团委", "county", None], ["X2", "乙镇团委", "乡镇团委", "X1"])
    before = file_digest()
    equal(counts(imported("org", orgs, "--dry-run")), [2, 2, 0, 0, 0])
    equal(file_digest(), before)


@test
def rejected_rows_come_back_as_a_sheet_to_correct():
    city()
    events("海滩一")
    head = ["活动名称", "服务日期", "姓名", "身份证号", "时长"]
    f = sheet("a.xlsx", ["填报单位：东县团委"], head, ["海滩一", "2025-03-05", "甲一", citizen_id(91), 1],
              ["海滩一", "三月五日", "甲二", citizen_id(92), 99], ["海滩一", "2025-03-05", "甲三", "1", 1])
    r = imported("service_record", f, "--rejects", path("r.xlsx"), code=1)
    equal(counts(r), [3, 1, 0, 0, 2], messages(r))
    wb = openpyxl.load_workbook(path("r.xlsx"))
    ws = wb.active
    got = [[c.value for c in line] for line in ws.iter_rows()]
    equal(got[0][:5], head)
    equal(len(got), 3)
    assert got[1][2] == "甲二" and "服务日期" in got[1][-1] and "时长" in got[1][-1], got[1]
    at = {v: i + 1 for i, v in enumerate(got[0])}
    ws.cell(2, at["服务日期"], "2025-03-05")
    ws.cell(2, at["时长"], 2)
    ws.cell(3, at["身份证号"], citizen_id(93))
    wb.save(path("r.xlsx"))
    r = imported("service_record", path("r.xlsx"))
    equal(counts(r), [2, 2, 0, 0, 0], messages(r))
    org = {o["code"]: o["id"] for o in rows("org")}
    equal({x["org"] for x in rows("service_record")}, {org["C1"]}, "the corrected rows belong to the same unit")
    equal(counts(imported("service_record", f, code=1))[3], 1)


@test
def references_may_stand_further_down_in_the_file():
    city()
    f = sheet("a.xlsx", ["单位代码", "名称", "类别", "统计归口"], ["X3", "丙支部", "支部", "乙镇团委"],
              ["X2", "乙镇团委", "乡镇团委", "X1"], ["X1", "甲县团委", "团县委", None], ["X4", "丁支部", "支部", "无此"])
    r = imported("org", f, code=1)
    equal(counts(r), [4, 3, 0, 0, 1], messages(r))
    equal((r["errors"][0]["row"], r["errors"][0]["column"]), (5, "统计归口"))
    org = {o["code"]: o for o in rows("org")}
    equal((org["X3"]["parent"], org["X2"]["parent"]), (org["X2"]["id"], org["X1"]["id"]))
    g = sheet("b.xlsx", ["单位代码", "名称", "类别", "统计归口"], ["X3", "丙支部", "支部", "X1"])
    r = imported("org", g, code=1)
    equal(counts(r), [1, 0, 0, 0, 1], messages(r))
    assert "--from" in r["errors"][0]["message"], r
    q("check")


@test
def doubtful_numbers_formulas_and_error_cells_are_refused():
    city()
    events("海滩一")
    wb = openpyxl.Workbook()
    ws = wb.active
    for line in (["活动名称", "服务日期", "人数"], ["海滩一", "2025-03-05", "约50"], ["海滩一", "2025-03-05", "50余"],
                 ["海滩一", "2025-03-05", "=1+1"], ["海滩一", "2025-03-05", "1,200"], ["海滩一", "2025-03-05", "30人"]):
        ws.append(line)
    wb.save(path("a.xlsx"))
    r = imported("service_record", path("a.xlsx"), code=1)
    equal(sorted({e["row"] for e in r["errors"] if not e.get("warning")}), [2, 3, 4], messages(r))
    equal(sorted(x["n"] for x in rows("service_record")), [30, 1200])


@test
def the_unit_in_the_header_scales_the_column():
    city()
    events("海滩一")
    f = sheet("a.xlsx", ["活动名称", "服务日期", "姓名", "时长（分钟）"], ["海滩一", "2025-03-05", "甲一", 90])
    r = imported("service_record", f)
    equal(counts(r), [1, 1, 0, 0, 0], messages(r))
    equal(rows("service_record")[0]["hours"], 90)
    q("add", "recipient_body", "name=临澜市青基会", "credit_code=91350100M000100Y43", "kind=foundation", "registered_on=2010-01-01")
    f = sheet("b.xlsx", ["捐赠人", "受赠主体", "捐赠类型", "捐赠日期", "物资名称", "金额（万元）"],
              ["某公司", "临澜市青基会", "实物", "2025-03-05", "校服", "1.5"])
    r = imported("donation", f)
    equal([d["amount"] for d in rows("donation")], [1500000], messages(r))


@test
def sheets_of_sums_become_declared_totals():
    city()
    head = ["单位", "公益服务参与人次", "捐赠物资价值（万元）", "网上主题团课期数", "累计参学人次（万人次）", "备注"]
    f = sheet("a.xlsx", ["2024年重点工作汇总表"], head, ["东县团委", 1200, 1.5, None, 3.25, "x"], ["C2", "800人次", "/", None, "约2", None],
              ["合计", 2000, 1.5, None, 5, None])
    r = imported("declared_total", f, code=1)
    equal(counts(r), [5, 4, 0, 0, 1], messages(r))
    assert "约2" in messages(r) and "累计参学人次" in messages(r), messages(r)
    org = {o["code"]: o["id"] for o in rows("org")}
    got = {(x["org"], x["figure_id"]): (x["value"], x["period_from"], x["period_to"], x["state"]) for x in rows("declared_total")}
    year = ("2024-01-01", "2024-12-31", "accepted")
    equal(got, {(org["C1"], "vol.attend"): (1200, *year), (org["C1"], "aid.goods"): (1500000, *year),
                (org["C1"], "study.attend"): (32500, *year), (org["C2"], "vol.attend"): (800, *year)})
    equal(q("--json", "figures", "--year", 2024, "vol.attend").json[0]["value"], 2000)
    equal(counts(imported("declared_total", f, code=1)), [5, 0, 0, 4, 1])
    g = sheet("b.xlsx", head, ["东县团委", 10, None, None, None, None])
    q("import", "declared_total", g, code=2)
    equal(counts(imported("declared_total", g, "--period", "2023Q1")), [1, 1, 0, 0, 0])
    q("check")


@test
def a_city_checks_clean_after_all_kinds_of_import():
    city()
    events("海滩一", "海滩二")
    head = ["活动名称", "服务日期", "姓名", "身份证号", "时长"]
    lines = [["海滩一" if i % 2 else "海滩二", "2025-03-05", f"人{i // 2}", citizen_id(100 + i // 2), 1 + i % 3] for i in range(40)]
    imported("service_record", sheet("a.xlsx", head, *lines))
    before = {f["id"]: f["value"] for f in q("--json", "figures", "--year", 2025, "vol.attend").json}
    equal(before["vol.attend"], 40)
    imported("service_record", sheet("b.xlsx", head, *[[*x[:4], 3] for x in lines[:10]]))
    q("check")
    equal(q("--json", "figures", "--year", 2025, "vol.attend").json[0]["value"], 40)


if __name__ == "__main__":
    done()

#!/usr/bin/python3
"""The office's daily loop from the command line: asked, answered, merged, sent up, corrected. A county cadre asks 200
units, 180 files come back in one archive, the 20 missing are named, one sheet and the sum come of it."""
import os
import sys
import time
import zipfile

import openpyxl

sys.path.insert(0, os.path.dirname(__file__))
from tap import T, done, equal, run, test

NOW = "2025-07-10T09:00:00+08:00"


def path(name):
    return os.path.join(T.dir, name)


class Loop:
    """A county with n branches; its cadre; a collection of volunteer events of the second quarter."""

    def __init__(self, n, city_staff=True):
        self.db = path("city.db")
        self.q("init", "--city", "临澜市", "--region", "330100")
        self.q("add", "org", "--org", "330100", "code=C1", "name=海州县团委", "kind=county")
        self.q("add", "org", "--org", "330100", "code=C2", "name=云台县团委", "kind=county")
        with open(path("orgs.csv"), "w", encoding="utf-8") as f:
            f.write("组织编码,组织名称,组织类型,上级组织\n")
            f.writelines(f"B{i:03},第{i:03}团支部,团支部,C1\n" for i in range(1, n + 1))
        equal(self.q("--json", "import", "org", path("orgs.csv")).json["inserted"], n)
        self.cadre = self.staff("county_staff", "C1", "葛云")
        self.q("add", "programme", "--org", "C1", "name=净滩行动", "kind=drive")
        self.id = self.q("--json", "add", "collection", "--org", "C1", "number=TB-2", "title=二季度志愿服务活动", "issued_on=2025-07-01",
                         "due_on=2025-07-12", "into_register=volunteer_event", "period_from=2025-04-01", "period_to=2025-06-30",
                         who=self.cadre).json["id"]

    def q(self, *args, code=0, who=None, now=NOW):
        return run("--db", self.db, "--lang", "zh", "--now", now, *(("--as", who) if who else ()), *args, code=code)

    def staff(self, role, org, name):
        who = f"#{self.q('--json', 'add', 'person', '--org', org, f'name={name}').json['id']}"
        self.q("account", "grant", role, who, "--org", org)
        return who

    def collect(self, verb, *args, who=None, code=0, now=NOW):
        return self.q("--json", "collect", verb, self.id, *args, who=who or self.cadre, code=code, now=now)

    def row(self, who=None):
        return self.q("--json", "show", "period_return", "1", who=who).json


def fill(source, title, day="2025-05-04", drive="净滩行动"):
    """A person's work on the form that was sent: one row under its header."""
    wb = openpyxl.load_workbook(source)
    ws = next(w for w in wb if w.sheet_state == "visible")
    head = next(r for r in ws.iter_rows() if any(str(c.value or "").startswith("活动名称") for c in r))
    at = {str(c.value).rstrip("*").strip(): c.column for c in head if c.value}
    for name, value in (("活动名称", title), ("系列行动", drive), ("活动日期", day)):
        ws.cell(head[0].row + 1, at[name], value)
    wb.save(source)


@test
def two_hundred_are_asked_and_a_hundred_and_eighty_files_come_back_in_one_drop():
    c = Loop(200)
    c.collect("take", path("orgs.csv"), code=2)
    equal(c.collect("issue").json["open"], 200)
    equal(c.collect("issue").json["units"], 200)  # nobody is asked twice
    c.q("collect", "forms", c.id, "-o", path("forms"), who=c.cadre)
    files = sorted(os.listdir(path("forms")))
    equal(len(files), 200)
    with zipfile.ZipFile(path("back.zip"), "w") as z:
        for name in files[:180]:
            fill(os.path.join(path("forms"), name), "净滩" + name[:7])
            z.write(os.path.join(path("forms"), name), name)
    began = time.monotonic()
    r = c.collect("take", path("back.zip")).json
    wall = time.monotonic() - began
    equal((r["submitted"], r["open"], len(r["files"])), (180, 20, 180))
    equal(r["missing"], [f"第{i:03}团支部" for i in range(181, 201)])
    text = c.q("collect", "text", c.id, "--link", "https://x/collections/1", "--copied", who=c.cadre).out
    assert "二季度志愿服务活动" in text and "2025-07-12" in text and "还剩2天" in text and "https://x/collections/1" in text, text
    assert "（20）" in text and "第200团支部" in text and "第180团支部" not in text, text
    assert "一天" in c.q("collect", "text", c.id, "--copied", who=c.cadre, code=2).err
    # One sheet and one sum.
    r = c.collect("merge", "-o", path("all.xlsx")).json
    equal((r["merged"], r["submitted"]), (180, 0))
    ws = openpyxl.load_workbook(path("all.xlsx")).active
    equal(ws.max_row, 181)
    r = c.collect("send").json
    equal((r["state"], r["return_state"], r["sums"]["vol.events"], r["rows"]), ("closed", "sent", 180, 180))
    up = c.row()
    equal((up["units_n"], up["units_in"], up["rows_n"], up["state"]), (200, 180, 180, "sent"))
    assert "vol.events=180" in up["sums"].splitlines(), up["sums"]
    print(f"# 180 files taken in {wall:.1f} s, all of it in {time.monotonic() - began:.1f} s")
    assert time.monotonic() - began < 300


@test
def a_file_of_nobody_asked_and_a_refused_row_are_no_answer():
    c = Loop(3)
    c.collect("issue")
    c.q("collect", "forms", c.id, "-o", path("forms"), who=c.cadre)
    one, two, three = (os.path.join(path("forms"), n) for n in sorted(os.listdir(path("forms"))))
    fill(one, "甲", drive="无此行动")
    fill(two, "乙")
    c.q("template", "volunteer_event", "--org", "C2", "-o", path("strange.xlsx"))
    fill(path("strange.xlsx"), "丙")
    r = c.collect("take", path("strange.xlsx"), path("forms"), code=1).json
    equal([bool(f.get("fault")) for f in r["files"]], [True, False, False, True])
    assert "没有填" in r["files"][3]["fault"] and "不在" in r["files"][0]["fault"], r["files"]
    equal((r["submitted"], r["missing"], r["files"][1]["rejected"]), (1, ["第001团支部", "第003团支部"], 1))
    equal([x["title"] for x in c.q("--json", "list", "volunteer_event").json], ["乙"])
    # 本期无, and an answer sent back with its reason.
    equal(c.collect("nil", "--org", "B003").json["nil"], 1)
    c.collect("return", "--org", "B002", code=2)
    equal(c.collect("return", "--org", "B002", "--reason", "日期不对").json["returned"], 1)
    fill(two, "乙", day="2025-05-05")
    equal(c.collect("take", two).json["submitted"], 2)
    c.collect("send", code=2)  # not merged yet


@test
def a_branch_sees_only_its_own_and_answers_for_nobody_else():
    c = Loop(3)
    one = c.staff("branch_secretary", "B001", "左一")
    other = c.staff("county_staff", "C2", "右二")
    c.collect("status", who=one, code=2)  # a draft is nobody's business
    c.collect("issue", who=one, code=2)
    c.collect("issue")
    r = c.collect("status", who=one).json
    equal((r["units"], r["missing"]), (1, ["第001团支部"]))
    c.collect("status", who=other, code=2)
    c.collect("close", who=one, code=3)
    c.collect("nil", "--org", "B002", who=one, code=2)
    equal(c.collect("nil", who=one).json["submitted"], 1)
    c.collect("merge", who=one, code=3)
    c.collect("send", who=one, code=3)
    c.collect("close")
    c.collect("nil", "--org", "B002", code=2)
    equal([x["id"] for x in c.q("--json", "collect", who=one).json], [c.id])
    equal(c.q("--json", "collect", who=other).json, [])


@test
def what_was_sent_is_changed_by_a_correction_that_a_second_person_accepts():
    c = Loop(2)
    boss = c.staff("city_staff", "330100", "何静")
    c.collect("issue")
    row = c.q("--json", "add", "volunteer_event", "--org", "B001", "title=甲", "held_on=2025-05-01", "drive=净滩行动", "state=completed").json["id"]
    c.collect("submit", "--org", "B001")
    c.collect("merge")
    c.q("set", "volunteer_event", row, "place=河边", who=c.cadre)
    c.collect("send")
    change = ("set", "volunteer_event", row, "place=湖边")
    assert "更正" in c.q(*change, who=c.cadre, code=2).err
    late = ("add", "volunteer_event", "--org", "B002", "title=乙", "held_on=2025-06-01", "drive=净滩行动")
    assert "退回" in c.q(*late, who=c.cadre, code=2).err
    c.q("add", "volunteer_event", "--org", "B002", "title=丙", "held_on=2025-07-01", "drive=净滩行动", who=c.cadre)  # the next period is open
    ask = c.q("--json", "add", "correction", "--org", "C1", "register_id=volunteer_event", f"row_no={row}", "asked_on=2025-07-10", "why=地点写错",
              "change_text=改为湖边", who=c.cadre).json["id"]
    c.q("do", "submit", "correction", ask, who=c.cadre)
    c.q("do", "accept", "correction", ask, f"agreed_by={c.cadre}", who=c.cadre, code=2)  # not oneself
    c.q("do", "accept", "correction", ask, f"agreed_by={boss}", who=c.cadre)  # in another's name: it opens nothing
    c.q(*change, who=c.cadre, code=2)
    c.q("do", "void", "correction", ask, "reason=冒名", who=boss)
    ask = c.q("--json", "add", "correction", "--org", "C1", "register_id=volunteer_event", f"row_no={row}", "asked_on=2025-07-10", "why=地点写错",
              "change_text=改为湖边", who=c.cadre).json["id"]
    c.q("do", "submit", "correction", ask, who=c.cadre)
    c.q("do", "accept", "correction", ask, f"agreed_by={boss}", who=boss)
    c.q(*change, who=c.cadre, now="2025-07-10T10:00:00+08:00")
    c.q("set", "volunteer_event", row, "place=山上", who=c.cadre, now="2025-07-10T11:00:00+08:00", code=2)  # once
    # Sent back by the superior, the period is open again and the same return goes up anew.
    c.q("do", "return", "period_return", "1", "reason=漏报一场", who=boss)
    c.q(*late, who=c.cadre)
    c.collect("send")
    equal(c.row()["state"], "sent")


done()

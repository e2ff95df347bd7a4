#!/usr/bin/env python3
"""asked.py QINGHE DB N: a county with N branches and a cadre for the browser's story of a collection; prints {"code", "county"}.
asked.py QINGHE DB fill ID BACK: the forms of collection ID fetched and filled in, all but a tenth of them, as BACK/*.xlsx."""
import json
import os
import subprocess
import sys
import tempfile

import openpyxl

qinghe, db, what = sys.argv[1:4]


def run(*args):
    r = subprocess.run([qinghe, "--db", db, "--now", "2026-11-24T10:00:00+08:00", "--lang", "zh", *map(str, args)], capture_output=True, text=True)
    if r.returncode:
        sys.exit(r.stdout + r.stderr)
    return r.stdout


def fill(path, out, i):
    book = openpyxl.load_workbook(path)
    sheet = next(w for w in book if w.sheet_state == "visible")
    heads = [[str(c.value or "").rstrip("*").strip() for c in r] for r in sheet.iter_rows(max_row=12)]
    row = next(i for i, r in enumerate(heads) if "活动名称" in r)
    for name, value in {"活动名称": f"秋季净滩{i}", "活动日期": "2026-10-12", "系列行动": "净滩行动"}.items():
        sheet.cell(row + 2, heads[row].index(name) + 1, value)
    book.save(out)


with tempfile.TemporaryDirectory() as folder:
    if what == "fill":
        id, back = sys.argv[4:6]
        os.mkdir(back)
        run("collect", "forms", id, "-o", folder)
        names = sorted(os.listdir(folder))
        for i, name in enumerate(names[: len(names) * 9 // 10]):
            fill(os.path.join(folder, name), os.path.join(back, name), i)
    else:
        n = int(what)
        orgs = os.path.join(folder, "orgs.csv")
        with open(orgs, "w", encoding="utf-8") as f:
            f.write("组织编码,组织名称,组织类型,上级组织\n" + "".join(f"N{i:03},第{i:03}团支部,团支部,C9\n" for i in range(1, n + 1)))
        run("add", "org", "code=C9", "name=共青团临江县委员会", "kind=county", "parent=330100")
        run("import", "org", orgs)
        who = "#%d" % json.loads(run("--json", "add", "person", "--org", "C9", "name=林江"))["id"]
        run("account", "grant", "county_staff", who, "--org", "C9")
        print(json.dumps({"code": json.loads(run("--json", "account", "code", who))["code"]}))

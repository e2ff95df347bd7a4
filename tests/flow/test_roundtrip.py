#!/usr/bin/python3
"""What goes in comes out: odd texts and numbers through add and import, out by export (.xlsx .csv .json), into a second city."""
import csv
import io
import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
import openpyxl
from tap import T, data, done, equal, run, test


def q(city, *args, **kw):
    return run("--db", os.path.join(T.dir, f"{city}.db"), "--lang", "zh", *args, **kw)


def new(city):
    q(city, "init", "--city", "临澜市", "--region", "3799")


def path(name):
    return os.path.join(T.dir, name)


def listed(city, register):
    q(city, "export", register, "-o", path("out.json"))
    return json.load(open(path("out.json"), encoding="utf-8"))


def rows_of(exported):
    return exported["rows"] if isinstance(exported, dict) else exported


def texts(city):
    return [r["purpose_text"] for r in sorted(rows_of(listed(city, "programme")), key=lambda r: r["name"])]


def carried(names, texts_in):
    """Programmes with these texts, in by .csv, out by each format, into cities of their own."""
    new("a")
    with open(path("in.csv"), "w", encoding="utf-8-sig", newline="") as f:
        w = csv.writer(f)
        w.writerow(["名称", "类别", "宗旨"])
        for n, t in zip(names, texts_in):
            w.writerow([n, "其他", t])
    r = q("a", "--json", "import", "programme", path("in.csv")).json
    equal((r["inserted"], r["rejected"]), (len(names), 0), str(r["errors"])[:500])
    first = texts("a")
    for i, kind in enumerate(("xlsx", "csv")):
        out = path(f"out.{kind}")
        q("a", "export", "programme", "-o", out)
        new(kind)
        r = q(kind, "--json", "import", "programme", out).json
        equal((r["inserted"], r["rejected"]), (len(names), 0), f"{kind}: {str(r['errors'])[:500]}")
        equal(texts(kind), first, kind)
        equal(q("a", "--json", "import", "programme", out).json["inserted"], 0, "into its own city nothing is new")
    return first


def cell(t):
    """What a cell keeps of a text: ends trimmed; nothing else."""
    return t.strip(" \t\r\n\u00a0\u3000\u200b\ufeff")


def usable(t):
    """An import takes texts that are clean UTF-8 without control characters and at most 400 characters."""
    return 0 < len(cell(t)) <= 400 and all(c in "\n\t" or (ord(c) >= 32 and not 0x7F <= ord(c) < 0xA0) for c in t)


@test
def naughty_strings_round_trip():
    strings = [s for s in json.load(open(data("suites/blns.json"), encoding="utf-8"))]
    good = [s for s in strings if usable(s)]
    assert len(good) > 400, len(good)
    names = [f"n{i:04d}" for i in range(len(good))]
    got = carried(names, good)
    wrong = [(w, g) for w, g in zip(good, got) if g is None or cell(w).replace("\r\n", "\n") != g.replace("\r\n", "\n")]
    equal(wrong[:5], [], f"{len(wrong)} of {len(good)} differ")


@test
def csv_spectrum_round_trips():
    folder = data("suites/csv-spectrum")
    found = 0
    for base, _, files in os.walk(folder):
        for name in sorted(files):
            if not name.endswith(".csv"):
                continue
            found += 1
            with open(os.path.join(base, name), "rb") as f:
                raw = f.read().decode("utf-8")
            want = [[c for c in row] for row in csv.reader(io.StringIO(raw))]
            sheet = run("--json", "sheet", os.path.join(base, name)).json["sheets"][0]["cells"]
            for r, row in enumerate(want):
                for c, text in enumerate(row):
                    equal(sheet.get(f"{chr(65 + c)}{r + 1}", ""), text, f"{name} {r} {c}")
    assert found >= 8, found


@test
def formulas_are_only_text():
    evil = ["=1+1", "=cmd|' /C calc'!A0", "+49", "-2+3", "@SUM(A1)", "\t=1", "'=1", "''x", "＝1+1"]
    carried([f"e{i}" for i in range(len(evil))], evil)
    got = {r["name"]: r["purpose_text"] for r in rows_of(listed("a", "programme"))}
    equal([got[f"e{i}"] for i in range(5)], evil[:5], "what begins with = + - @ stays as it was written")
    q("a", "export", "programme", "-o", path("f.csv"))
    for line in csv.reader(open(path("f.csv"), encoding="utf-8-sig")):
        for c in line:
            assert not c or c[0] not in "=+-@\t\r", line
    q("a", "export", "programme", "-o", path("f.xlsx"))
    for row in openpyxl.load_workbook(path("f.xlsx")).active.iter_rows():
        for c in row:
            assert c.data_type != "f", c.value
    head = open(path("f.csv"), "rb").read(3)
    equal(head, b"\xef\xbb\xbf", "a spreadsheet program needs the mark")


@test
def citizen_ids_and_credit_codes_round_trip():
    new("a")
    lines = open(data("identifiers/ric-stdnum.tsv"), encoding="utf-8").read().split()
    lines += open(data("identifiers/uscc-valid.txt"), encoding="utf-8").read().split()
    good = {"citizen_id": set(), "credit_code": set()}
    words = set()
    for w in lines:
        if len(w) == 18 and w.isascii() and w.isalnum():
            words.add(w)
    checked = run("--json", "id", "check", *sorted(words), code=None)
    for v in (checked.json if checked.out.startswith("[") else checked.lines()):
        if v["valid"] and v["kind"] in good:
            good[v["kind"]].add(v["value"].upper())
    ids, codes = sorted(good["citizen_id"])[:60], sorted(good["credit_code"])[:60]
    assert ids and codes, (len(ids), len(codes))
    wb = openpyxl.Workbook()
    wb.active.append(["姓名", "身份证号"])
    for i, w in enumerate(ids):
        wb.active.append([f"人{i}", w])
    wb.save(path("p.xlsx"))
    equal(q("a", "--json", "import", "person", path("p.xlsx")).json["inserted"], len(ids))
    with open(path("b.csv"), "w", encoding="gb18030") as f:
        f.write("名称,统一社会信用代码,类别,登记日期\n" + "".join(f"主体{i},{w},慈善会,2010-01-01\n" for i, w in enumerate(codes)))
    equal(q("a", "--json", "import", "recipient_body", path("b.csv")).json["inserted"], len(codes))
    for kind in ("xlsx", "csv"):
        new(kind)
        for register, field, want in (("person", "citizen_id", ids), ("recipient_body", "credit_code", codes)):
            q("a", "export", register, "-o", path(f"{register}.{kind}"))
            q(kind, "import", register, path(f"{register}.{kind}"), code=None)
            got = sorted(r[field] for r in rows_of(listed(kind, register)) if r[field])
            equal(got, want, f"{register} by .{kind}")


if __name__ == "__main__":
    done()

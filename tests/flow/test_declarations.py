#!/usr/bin/python3
"""The built-in declarations: clean, and enough for other cities' reports (docs/figures-coverage.md)."""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import T, data, done, equal, run, skip, test


def figure_ids():
    """Ids as they stand in the files: a figure at two blanks, its companions at six."""
    ids, figure = set(), None
    for path in glob.glob("model/figures/*.yaml"):
        inside = False
        for line in open(path, encoding="utf-8"):
            if m := re.match(r"  ([a-z][a-z0-9_.]*):$", line):
                figure, inside = m[1], False
                ids.add(figure)
            elif line == "    companions:\n":
                inside = True
            elif inside and (m := re.match(r"      ([a-z][a-z0-9_]*):$", line)):
                ids.add(f"{figure}.{m[1]}")
    return ids


def coverage_rows():
    text = open("docs/figures-coverage.md", encoding="utf-8").read()
    lines = [line for line in text.splitlines() if re.match(r"\| R\d\d \|", line)]
    return [[c.strip() for c in line.strip("| ").split("|")] for line in lines]


@test
def the_declarations_have_no_fault():
    run("model", "check", "model")


@test
def the_glossary_has_every_register():
    text = open("docs/glossary.md", encoding="utf-8").read()
    for path in glob.glob("model/registers/*.yaml"):
        assert f"| `{os.path.basename(path)[:-5]}` |" in text, path


@test
def rules_and_profiles_hold_expressions_that_the_model_understands():
    try:
        import yaml
    except ImportError:
        skip("no python3-yaml here")
    registers = {os.path.basename(p)[:-5] for p in glob.glob("model/registers/*.yaml")}
    found = {}

    def walk(node, register):
        if isinstance(node, dict):
            named = node.get("register") or node.get("of")
            register = named if isinstance(named, str) and named in registers else register
            for key in ("when", "where"):
                if isinstance(node.get(key), str):
                    found.setdefault(register, []).append(node[key])
            for value in node.values():
                walk(value, register)
        elif isinstance(node, list):
            for value in node:
                walk(value, register)

    for path in glob.glob("model/rules/*.yaml") + glob.glob("model/imports/*.yaml"):
        walk(yaml.safe_load(open(path, encoding="utf-8")), None)
    equal(None in found, False)
    over = os.path.join(T.dir, "over", "registers")
    os.makedirs(over)
    for register, expressions in found.items():
        with open(os.path.join(over, f"zz_{register}.yaml"), "w", encoding="utf-8") as f:
            f.write(f"extend: {register}\nchecks:\n")
            for e in expressions:
                f.write(f"  - when: {e}\n    say: {{zh: 规则, en: rule}}\n    level: warn\n")
    assert sum(map(len, found.values())) > 50
    run("model", "check", os.path.dirname(over))


@test
def an_expression_that_names_no_field_would_be_found():
    over = os.path.join(T.dir, "bad", "registers")
    os.makedirs(over)
    with open(os.path.join(over, "zz.yaml"), "w", encoding="utf-8") as f:
        f.write("extend: visit\nchecks:\n  - when: visited_onn > today\n    say: {zh: 规则, en: rule}\n")
    run("model", "check", os.path.dirname(over), code=2)


@test
def every_figure_of_the_coverage_table_is_declared():
    ids = figure_ids()
    assert len(ids) > 200
    for row in coverage_rows():
        for name in re.findall(r"`([a-z_]+\.[a-z_.]+)(?:@prev)?`", " ".join(row[3:])):
            assert name in ids, name


@test
def at_least_95_per_cent_of_other_reports_figures_can_be_told():
    rows = coverage_rows()
    told = [r for r in rows if r[3] != "—"]
    assert len(told) >= 0.95 * len(rows), (len(told), len(rows))


@test
def no_row_of_the_shared_figures_is_left_out():
    table = [line.split("\t") for line in open(data("report-figures/figures-share.tsv"), encoding="utf-8")][1:]
    rows = coverage_rows()
    for report in {t[0] for t in table}:
        subjects = {t[1] for t in table if t[0] == report}
        equal({r[1] for r in rows if r[0] == report}, subjects)
        printed = sum(len(re.split(r"[;；]", t[2])) for t in table if t[0] == report)
        assert sum(r[0] == report for r in rows) >= printed, (report, printed)


@test
def every_import_profile_names_fields_that_are_there():
    try:
        import yaml
    except ImportError:
        skip("no python3-yaml here")
    ids = figure_ids()
    for path in glob.glob("model/imports/*.yaml"):
        profile = yaml.safe_load(open(path, encoding="utf-8"))
        register = yaml.safe_load(open(f"model/registers/{profile['register']}.yaml", encoding="utf-8"))
        assert os.path.exists(profile["fixture"]), profile["fixture"]
        for field in profile["columns"].values():
            if profile.get("shape") == "figures_in_columns":
                assert field in ids, (path, field)
            else:
                assert field.split(".")[0] in register["fields"] or field.split(".")[0] == "org", (path, field)


def read_profile(path):
    """The keys that this test needs, without a yaml reader."""
    text = open(path, encoding="utf-8").read()
    flat = dict(re.findall(r"^(profile|register|fixture): (\S+)$", text, re.M))
    return {**flat, "expect": {"inserted": int(re.search(r"inserted: (\d+)", text)[1])}}


@test
def a_profile_with_a_wrong_name_is_told_by_file_and_line():
    over = os.path.join(T.dir, "bad", "imports")
    os.makedirs(over)
    with open(os.path.join(over, "zz.yaml"), "w", encoding="utf-8") as f:
        f.write("profile: zz\nlabel: {zh: 甲, en: a}\nregister: visit\ncolumns:\n  走访日期: visited_onn\n")
    r = run("--lang", "en", "model", "check", os.path.dirname(over), code=2)
    assert "imports/zz.yaml, line 5" in r.err, r.err


@test
def sheets_of_other_systems_come_in_by_their_own_headers():
    db = ["--db", os.path.join(T.dir, "city.db")]
    run(*db, "init", "--city", "清河市")

    def add(register, *fields):
        run(*db, "add", register, *fields)

    add("org", "code=X1", "name=东山区委", "kind=county", "parent=共青团清河市委员会", "founded=2000-01-01")
    for code, name in (("3399010001", "清河一中团委"), ("3399010002", "清河二中团委")):
        add("org", f"code={code}", f"name={name}", "kind=committee", "parent=X1", "founded=2000-01-01")
    add("org", "code=B1", "name=清河一中高一（1）班团支部", "kind=branch", "parent=3399010001", "founded=2020-01-01")
    for i in (1, 2):
        add("study_issue", f"code=2025年第{i}期", "title=团课", f"published_on=2025-03-0{i}")
    add("volunteer_event", "title=三月净滩", "held_on=2025-03-05", "hours=4", "state=completed")
    add("org", "code=C1", "name=团东山区委", "kind=county", "parent=共青团清河市委员会", "founded=2000-01-01")
    add("org", "code=C2", "name=团西川县委", "kind=county", "parent=共青团清河市委员会", "founded=2000-01-01")
    for profile in map(read_profile, sorted(glob.glob("model/imports/*.yaml"))):
        more = ["--year", "2024"] if profile["register"] == "declared_total" else []
        sheet = profile["fixture"]
        first = run(*db, "--json", "import", profile["register"], sheet, *more).json  # known by its headers
        equal(first.get("profile"), profile["profile"], "recognised")
        equal((first["inserted"], first["rejected"], first["ignored"]), (profile["expect"]["inserted"], 0, ""), profile["profile"])
        again = run(*db, "--json", "import", "--profile", profile["profile"], sheet, *more).json  # named, the register left out
        equal((again["register"], again["inserted"], again["updated"]), (profile["register"], 0, 0), profile["profile"])
    states = {r["state"] for r in run(*db, "--json", "list", "service_record").json}
    equal(states, {"valid", "pending"}, "a row without a sign-out waits")
    grades = run(*db, "--json", "figures", "--year", "2025", "study.attend").json[0]["grades"]
    equal((grades["D"], sum(grades.values())), (2889, 2889), "a platform's numbers are grade D")
    totals = run(*db, "--json", "list", "declared_total").json
    equal(sorted(t["value"] for t in totals if t["figure_id"] == "aid.goods"), [1250050, 5800000], "yuan")
    # A unit's other name, a prefix in the way and a row of averages, under headers that only the profile knows.
    odd = os.path.join(T.dir, "odd.csv")
    with open(odd, "w", encoding="utf-8") as f:
        f.write("排名,课程期次,组织名称,学习人数\n1,青年大学习2025年第2期,团市委机关,17\n平均,,,17\n")
    run(*db, "set", "org", "1", "short_name=团市委")
    r = run(*db, "--json", "import", "study_participation", odd).json
    equal((r["profile"], r["rows"], r["inserted"], r["rejected"]), ("youth_study", 1, 1, 0), "as the platform writes")
    run(*db, "import", "--profile", "no_such", odd, code=2)
    run(*db, "import", "visit", odd, "--profile", "youth_study", code=2)
    figure = run(*db, "--json", "figures", "--year", "2025", "study.attend").json
    figure = figure[0] if isinstance(figure, list) else figure
    equal(figure["value"], 2889 + 17)


@test
def every_register_gives_an_entry_form():
    db = ["--db", os.path.join(T.dir, "city.db")]
    run(*db, "init", "--city", "清河市")
    for path in sorted(glob.glob("model/registers/*.yaml")):
        register = os.path.basename(path)[:-5]
        run(*db, "template", register, "-o", os.path.join(T.dir, f"{register}.xlsx"))


done()

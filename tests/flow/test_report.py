#!/usr/bin/python3
"""The report from the command line: last year's text with its placeholders turned into slots, filled and looked at."""
import hashlib
import io
import os
import re
import shutil
import subprocess
import zipfile

import docx
from tap import DATA, PROGRAM, SERVER, T, data, done, equal, run, skip, sql, test

# The seed's 31 placeholders in their order, each with the slot that domain.md 1.2 gives it.
PLACEHOLDER = re.compile(r"202x|xx00余|x0余|xx万元|x万余|xx万|xx|x(?=支)")
SLOTS = ["year", "year", "study.issues", "study.attend|万", "lecture.sessions", "lecture.people|万余", "name.theme",
         "league_day.branches", "name.city", "contest.entrants", "contest.voters|万", "pioneer.offcampus", "pioneer.bases",
         "vol.events|十余", "vol.attend|百余", "return.matched", "return.teams", "startup.trainings", "startup.incubated",
         "startup.jobs", "aid.students", "aid.goods|万元", "rights.handled", "rights.mediated", "mind.lectures",
         "mind.sessions", "year", "year", "year+1", "year+1", "year+1"]
# Totals of the year that stand in for records: figure, value.
TOTALS = {"study.issues": 38, "study.attend": 1234567, "lecture.sessions": 123, "vol.events": 87, "vol.attend": 4387,
          "startup.trainings": 12, "rights.handled": 46, "mind.lectures": 31, "mind.sessions": 208, "aid.goods": 12600000}


def city():
    """A city with a theme and declared totals; answers its --db."""
    db = os.path.join(T.dir, "city.db")
    run("--db", db, "init", "--city", "清河市")
    run("--db", db, "add", "theme", "name=青春心向党", "slogan=二十大", "opens_on=2025-05-01", "closes_on=2025-05-31")
    totals = os.path.join(T.dir, "totals.csv")
    with open(totals, "w") as f:
        f.write("指标,起始日期,截止日期,数值,来源,外部平台总数\n")
        for figure, value in TOTALS.items():
            f.write(f"{figure},2025-01-01,2025-12-31,{value},平台导出,是\n")
    r = run("--db", db, "import", "declared_total", totals, "--json").json
    equal(r["inserted"], len(TOTALS), "totals imported")
    return db


def seed():
    path = os.path.join(os.path.dirname(os.path.abspath(DATA)), "annual-report.zh.txt")
    if not os.path.exists(path):
        skip("no annual-report.zh.txt here")
    return open(path).read()


def slotted(text):
    slots = iter(SLOTS)
    out = PLACEHOLDER.sub(lambda m: "{{%s}}" % next(slots), text)
    if next(slots, None) is not None:
        raise AssertionError("placeholders left over")
    return out.replace("活动全覆盖", "活动{{full league_day.branches}}")


def as_markdown(text):
    lines = ["# {{name.city}}{{year}}年关心下一代工作情况汇报"]
    for line in text.splitlines():
        head = "## " if re.match("[一二三]、", line) else "### " if re.match(r"\(一|\(二|\(三", line) else ""
        lines += ["", head + line]
    return "\n".join(lines) + "\n"


def write(name, content):
    path = os.path.join(T.dir, name)
    with open(path, "wb" if isinstance(content, bytes) else "w") as f:
        f.write(content)
    return path


def text_of(path):
    d = docx.Document(path)
    xml = zipfile.ZipFile(path).read("word/document.xml").decode()
    # python-docx leaves content controls out of a paragraph's text: read the runs ourselves
    paragraphs = re.findall(r"<w:p[ >].*?</w:p>", xml, re.S)
    equal(len(d.element.body) > 0, True)
    return ["".join(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", p)) for p in paragraphs]


def word_template(text):
    """Last year's report as Word keeps it: every slot cut over four runs, with a spelling mark between."""
    d = docx.Document()
    for line in text.splitlines():
        p = d.add_paragraph()
        for part in re.split(r"(\{\{|\}\})", line):
            if part:
                p.add_run(part).bold = part not in ("{{", "}}")
    b = io.BytesIO()
    d.save(b)
    return b.getvalue()


def no_placeholder_left(text):
    for bad in ("202x", "xx", "x万", "x0", "x支", "{{", "}}"):
        if bad in text:
            raise AssertionError(f"{bad} is left: {text[max(0, text.index(bad) - 20):][:60]}")


def fill(db, template, out, extra=()):
    # contest, league day and some others have no record here: gaps and zeros, hence a draft
    return run("--db", db, "report", "--year", "2025", "--template", template, "--draft", "-o", out, "--json", *extra, code=1)


@test
def the_seed_has_31_placeholders_and_a_slot_for_each():
    equal(len(PLACEHOLDER.findall(seed())), 31)
    equal(len(SLOTS), 31)


@test
def our_layout_is_filled_without_a_placeholder_left():
    db = city()
    template = write("t.md", as_markdown(slotted(seed())))
    out = os.path.join(T.dir, "report.docx")
    r = fill(db, template, out)
    text = "\n".join(text_of(out))
    no_placeholder_left(text)
    for want in ("主题团课38期", "参学123.46万人次", "宣讲党的精神123场", "喜迎二十大", "公益服务80余次", "4300余人次参与",
                 "价值12.6万元", "清河市红领巾讲解员大赛", "将在2026年采取", "三、2026年工作展望", "一、2025年工作"):
        if want not in text:
            raise AssertionError(f"{want} is not in the text")
    printed = {f["slot"]: f for f in r.json["figures"]}
    figures = {f["id"]: f for f in run("--db", db, "figures", "--year", "2025", "--json").json}
    for slot, f in printed.items():
        if slot in figures:
            equal(f["value"], figures[slot]["value"], slot)


@test
def an_offices_own_word_file_is_filled_and_every_figure_is_a_control():
    db = city()
    template = write("t.docx", word_template(slotted(seed())))
    out = os.path.join(T.dir, "report.docx")
    r = fill(db, template, out)
    text = "\n".join(text_of(out))
    no_placeholder_left(text)
    xml = zipfile.ZipFile(out).read("word/document.xml").decode()
    tags = re.findall(r'<w:tag w:val="([^"]*)"/>', xml)
    equal(len(tags), len(r.json["figures"]))
    for slot in ("study.attend|万", "vol.events|十余", "rights.handled"):
        equal(slot in tags, True, slot)


@test
def an_offices_own_workbook_is_filled_in_place_and_its_sums_follow_the_rows():
    import openpyxl
    from openpyxl.styles import Font, PatternFill
    db = city()
    for i in range(3):
        run("--db", db, "add", "org", f"code=K{i}", f"name=第{i}县团委", "kind=county", "parent=清河市")
        for k in range(i + 1):
            run("--db", db, "add", "culture_event", "--org", f"K{i}", f"title=读书{k}", "kind=读书", f"held_on=2025-04-0{k + 1}", "state=completed")
    b = openpyxl.Workbook()
    s = b.active
    s.title = "汇总"
    s["A1"], s["A1"].font = "{{name.city}}{{year}}年数据", Font(bold=True, size=18)
    s.merge_cells("A1:D1")
    s["A2"], s["B2"], s["B2"].number_format = "志愿服务", "{{vol.events}}", "#,##0"
    s["C2"] = "{{vol.attend|百余}}人次"
    s["D2"] = 987
    s["A4"], s["B4"], s["C4"] = "{{#each units}}{{name}}", "{{culture.events}}", "=B4*2"
    s["D4"] = "第{{no}}个{{/each}}"
    for c in ("A4", "B4", "C4"):
        s[c].fill = PatternFill("solid", fgColor="FFEEDD")
    s["A5"], s["B5"], s["C5"] = "合计", "=SUM(B4:B4)", '=IF(B5>0,"A4",B$2)'
    s.merge_cells("C6:D6")
    s["C6"] = "{{#if culture.events}}有{{/if}}活动"
    s.print_area = "A1:D6"
    other = b.create_sheet("附")
    other["A1"] = "=汇总!B5+'汇总'!B2"
    template, out = os.path.join(T.dir, "t.xlsx"), os.path.join(T.dir, "o.xlsx")
    b.save(template)
    args = ("--db", db, "report", "--year", 2025, "--template", template)
    run(*args, "-o", out, code=None)
    first = open(out, "rb").read()
    run(*args, "-o", out, code=None)
    equal(open(out, "rb").read() == first, True, "the same bytes")
    got = openpyxl.load_workbook(out)
    s = got["汇总"]
    equal((s["A1"].value, s["A1"].font.b, s["A1"].font.sz), ("清河市2025年数据", True, 18))
    equal((s["B2"].value, s["B2"].number_format, s["C2"].value, s["D2"].value), (87, "#,##0", "4300余人次", 987))
    equal([[s.cell(r, c).value for c in range(1, 5)] for r in range(4, 7)],
          [["第0县团委", 1, "=B4*2", "第1个"], ["第1县团委", 2, "=B5*2", "第2个"], ["第2县团委", 3, "=B6*2", "第3个"]])
    equal([s.cell(r, 1).fill.fgColor.rgb for r in (4, 5, 6, 7)], ["00FFEEDD"] * 3 + ["00000000"])
    equal((s["A7"].value, s["B7"].value, s["C7"].value), ("合计", "=SUM(B4:B6)", '=IF(B7>0,"A4",B$2)'))
    equal((s["C8"].value, sorted(map(str, s.merged_cells.ranges))), ("有活动", ["A1:D1", "C8:D8"]))
    equal(got["附"]["A1"].value, "=汇总!B7+'汇总'!B2")
    assert "$D$8" in str(s.print_area), s.print_area
    run(*args, "--draft", "-o", out, code=None)
    equal(openpyxl.load_workbook(out)["汇总"].oddHeader.right.text, "草稿")
    r = run("--db", db, "--json", "report", "lint", template, "--year", 2025, code=1).json
    equal([(f["part"], f["paragraph"], f["text"]) for f in r], [("汇总", 2, "987")])
    # What cannot be done is refused with its cell, and nothing is written.
    for cells, words in (({"A1": "{{no.such}}"}, "no.such"), ({"B3": "{{#each units}}", "B4": "{{/each}}"}, "表!B3"), ({"C2": "{{#if vol.events}}"}, "表!C2")):
        b = openpyxl.Workbook()
        b.active.title = "表"
        for k, v in cells.items():
            b.active[k] = v
        b.save(template)
        none = os.path.join(T.dir, "none.xlsx")
        r = run(*args, "-o", none, code=2)
        assert words in r.err and not os.path.exists(none), r.err


@test
def the_same_city_and_template_give_the_same_bytes():
    db = city()
    template = write("t.md", as_markdown(slotted(seed())))
    digests = set()
    for name in ("a.docx", "b.docx"):
        out = os.path.join(T.dir, name)
        fill(db, template, out)
        digests.add(hashlib.sha256(open(out, "rb").read()).hexdigest())
    equal(len(digests), 1)


@test
def without_draft_a_gap_is_an_error_and_nothing_is_written():
    db = city()
    out = os.path.join(T.dir, "r.docx")
    template = write("t.md", "# t\n\n共{{vol.evnts}}次\n")
    r = run("--db", db, "--lang", "en", "report", "--year", "2025", "--template", template, "-o", out, code=2)
    equal("{{vol.evnts}}" in r.err and "paragraph 2" in r.err, True, r.err)
    equal(os.path.exists(out), False)
    template = write("t.md", "# t\n\n{{#if vol.events}}共{{vol.events}}次\n")
    r = run("--db", db, "--lang", "en", "report", "--year", "2025", "--template", template, "-o", out, code=2)
    equal("{{#if vol.events}}" in r.err, True, r.err)
    equal(os.path.exists(out), False)


@test
def lint_finds_what_was_typed_by_hand_and_nothing_in_our_own_text():
    db = city()
    template = write("t.md", "# 汇报\n\n开展公益服务{{vol.events|十余}}次，{{vol.attend|百余}}人次参与。\n")
    out = os.path.join(T.dir, "r.docx")
    run("--db", db, "report", "--year", "2025", "--template", template, "-o", out)
    equal(run("--db", db, "report", "lint", out, "--year", "2025", "--json").json, [])
    edited = write("e.docx", b"")
    with zipfile.ZipFile(out) as z, zipfile.ZipFile(edited, "w") as w:
        for i in z.infolist():
            b = z.read(i)
            if i.filename == "word/document.xml":
                b = b.decode().replace("人次参与。", "人次参与，另有宣讲124场。").replace("80余", "90余").encode()
            w.writestr(i.filename, b)
    found = run("--db", db, "report", "lint", edited, "--year", "2025", "--json", code=1).json
    equal([(f["kind"], f["text"]) for f in found], [("changed", "90余"), ("unbacked", "124")])
    equal(found[0]["prints"], "80余")


@test
def freezing_gives_numbered_revisions_with_what_changed():
    db = city()
    template = write("t.md", "# 汇报\n\n公益服务{{vol.events|十余}}次，讲座{{mind.lectures}}场。\n")
    freeze = ["--db", db, "report", "freeze", "--year", "2025", "--template", template, "--json"]
    first = run(*freeze).json
    equal((first["revision"], first["unchanged"], first["changes"]), (1, False, []))
    again = run(*freeze).json
    equal((again["revision"], again["unchanged"], again["head"]), (1, True, first["head"]))
    totals = write("more.csv", "指标,起始日期,截止日期,数值,来源,外部平台总数\nmind.lectures,2025-01-01,2025-12-31,33,更正,是\n")
    run("--db", db, "import", "declared_total", totals, "--overwrite")
    equal(run(*freeze).json["changes"], [{"slot": "mind.lectures", "before": "31", "after": "33"}])
    equal(run("--db", db, "check", "--json").json["editions"], {"looked_at": 2, "bad": 0, "first": None, "note": None})
    sql(db, "UPDATE edition SET body = replace(body, '31', '32') WHERE id = 1; SELECT 1")
    equal(run("--db", db, "check", "--json", code=1).json["editions"]["bad"], 1)


@test
def a_bundle_verifies_without_the_city_and_tells_when_it_was_changed():
    db = city()
    template = write("t.md", "# 汇报\n\n公益服务{{vol.events|十余}}次，讲座{{mind.lectures}}场，{{vol.attend|百余}}人次。\n")
    bundle, out = os.path.join(T.dir, "b.zip"), os.path.join(T.dir, "r.docx")
    report = ["--db", db, "report", "--year", "2025", "--template", template, "-o", out, "--bundle", bundle]
    run(*report)
    first = open(bundle, "rb").read()
    run(*report)
    equal(open(bundle, "rb").read() == first, True, "same bytes")
    if not SERVER:
        shutil.move(db, db + ".away")
    v = run("verify", "bundle", bundle, "--json").json
    equal((v["valid"], v["figures"], v["rows"]), (True, 3, 3))
    run("verify", bundle, "--key", v["fingerprint"])
    run("verify", bundle, "--key", "00" * 32, code=1)
    z = zipfile.ZipFile(bundle)
    rows = z.read("rows/vol.events.csv").decode().splitlines()
    equal(sum(int(r.split(",")[4]) for r in rows[1:]), TOTALS["vol.events"])
    changed = os.path.join(T.dir, "c.zip")
    open(changed, "wb").write(first.replace(b"declared_total,4,", b"declared_total,5,", 1))
    run("verify", "bundle", changed, code=2)  # the archive's own checksum
    with zipfile.ZipFile(changed, "w") as w:
        for i in z.infolist():
            w.writestr(i.filename, z.read(i).replace(b",87,", b",88,"))
    bad = run("--lang", "en", "verify", "bundle", changed, "--json", code=1).json
    equal("vol.events" in bad["fault"], True, bad["fault"])
    run("verify", "bundle", write("n.zip", b"PK"), code=2)


@test
def the_letterhead_stands_around_the_text_and_changes_nothing_in_it():
    db = city()
    template = write("t.md", "# 汇报\n\n公益服务{{vol.events|十余}}次。\n")
    out = os.path.join(T.dir, "r.docx")
    report = ["--db", db, "report", "--year", "2025", "--template", template, "-o", out, "--to", "市关工委", "--number", "清团〔2026〕8号"]

    def lines(*more):
        run(*report, *more)
        return [p for p in text_of(out) if p.strip()]
    body = ["汇报", "公益服务80余次。"]
    equal(lines(), body, "none is the default, and says nothing of an addressee")
    organ = "共青团清河市委员会"
    equal(lines("--letterhead", "document", "--signer", "何静"),
          [organ + "文件", "　清团〔2026〕8号签发人：何静", "汇报", "市关工委：", "公益服务80余次。", organ, "2025年12月31日",
           f"　{organ}2025年12月31日印发"])
    first = open(out, "rb").read()
    run(*report, "--letterhead", "document", "--signer", "何静")
    equal(open(out, "rb").read() == first, True, "same bytes")
    equal(lines("--letterhead", "letter"), [organ, "清团〔2026〕8号", "汇报", "市关工委：", "公益服务80余次。", organ, "2025年12月31日"])
    equal(lines("--letterhead", "brief"), ["工作简报", "清团〔2026〕8号", f"　{organ}2025年12月31日", "汇报", "市关工委：", "公益服务80余次。",
                                           f"　{organ}2025年12月31日印发"])
    docx.Document(out)
    run(*report, "--letterhead", "red", code=2)


LAST = ["团市委2024年关心下一代工作情况汇报", "一、2024年工作开展情况",
        "开展公益服务80余次，4300余人次参与，足迹遍及20余个乡镇。举办心理健康讲座31场。", "二、2025年工作展望"]


def last_year():
    d = docx.Document()
    for line in LAST:
        d.add_paragraph(line)
    b = io.BytesIO()
    d.save(b)
    return b.getvalue()


def edited_word(path, out, *pairs):
    with zipfile.ZipFile(path) as z, zipfile.ZipFile(out, "w") as w:
        for i in z.infolist():
            b = z.read(i).decode() if i.filename.endswith(".xml") else z.read(i)
            for a, c in pairs if i.filename == "word/document.xml" else ():
                if a not in b:
                    raise AssertionError(f"{a} is not in the document")
                b = b.replace(a, c)
            w.writestr(i.filename, b)
    return out


@test
def last_years_word_file_is_adopted_and_no_number_of_it_is_left():
    db = city()
    old, t = write("last.docx", last_year()), os.path.join(T.dir, "t.docx")
    totals = write("old.csv", "指标,起始日期,截止日期,数值,来源,外部平台总数\nvol.events,2024-01-01,2024-12-31,87,平台,是\n")
    run("--db", db, "import", "declared_total", totals)
    r = run("--db", db, "report", "adopt", old, "--year", "2025", "-o", t, "--json", code=1).json
    slots = [(p["text"], p["kind"], p["slot"]) for p in r["proposals"]]
    equal(slots, [("2024", "text", "year"), ("2024", "text", "year"), ("80余", "figure", "vol.events|十余"),
                  ("4300余", "figure", "vol.attend|百余"), ("20余", "open", "open.1"), ("31", "figure", "mind.lectures"),
                  ("2025", "text", "year+1")])
    equal(r["open"], 1)
    by_value = [p for p in r["proposals"] if p["slot"] == "vol.events|十余"][0]
    equal(by_value["candidates"][0]["agrees"], True)
    text = "\n".join(text_of(t))
    equal(re.findall(r"\d+", re.sub(r"\{\{.*?\}\}", "", text)), [], text)
    refused = run("--db", db, "--lang", "en", "report", "--year", "2025", "--template", t, "-o",
                  os.path.join(T.dir, "r.docx"), code=2)
    equal("open.1" in refused.err, True, refused.err)
    out = os.path.join(T.dir, "r.docx")
    fill(db, t, out)
    equal("公益服务80余次，4300余人次参与，足迹遍及【待补：open.1】个乡镇" in "\n".join(text_of(out)), True)


@test
def a_report_that_others_edited_is_refreshed_and_typed_numbers_are_listed():
    db = city()
    template = write("t.md", "# 2025年汇报\n\n公益服务{{vol.events|十余}}次，讲座{{mind.lectures}}场。\n")
    out, sent = os.path.join(T.dir, "r.docx"), os.path.join(T.dir, "sent.docx")
    run("--db", db, "report", "freeze", "--year", "2025", "--template", template, "-o", out)
    totals = write("more.csv", "指标,起始日期,截止日期,数值,来源,外部平台总数\nmind.lectures,2025-01-01,2025-12-31,33,更正,是\n")
    run("--db", db, "import", "declared_total", totals, "--overwrite")
    edited_word(out, sent, ("80余", "90余"), ("公益服务", "各级团组织开展公益服务"), ("场。", "场，另有义诊12场。"))
    again = os.path.join(T.dir, "again.docx")
    r = run("--db", db, "report", "refresh", sent, "-o", again, "--json", code=1).json  # its year is the title's
    equal([(c["slot"], c["before"], c["after"], c["by_hand"]) for c in r["changed"]],
          [("vol.events|十余", "90余", "80余", True), ("mind.lectures", "31", "33", False)])
    equal([t["text"] for t in r["typed"]], ["12"])
    equal("各级团组织开展公益服务80余次，讲座33场，另有义诊12场。" in text_of(again), True, text_of(again))
    same = os.path.join(T.dir, "same.docx")
    equal(run("--db", db, "report", "refresh", again, "--year", "2025", "-o", same, "--json", code=1).json["changed"], [])
    equal(open(again, "rb").read() == open(same, "rb").read(), True, "same bytes")
    run("--db", db, "report", "refresh", write("n.docx", b"PK"), "--year", "2025", "-o", same, code=2)


def pages(pdf):
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], stdout=subprocess.PIPE, check=True).stdout.decode()
    return [[line for line in page.splitlines() if line.strip()] for page in text.split("\f") if page.strip()]


def em(c):
    """Width of a character in the body's face: the seed's commas are ASCII ones."""
    return 0 if c.isspace() else 0.25 if c in ",.:;()" else 0.5 if c < "\x7f" else 1


@test
def the_layout_has_22_lines_a_page_in_its_four_faces():
    db = city()
    template = write("t.md", as_markdown(slotted(seed())))
    pdf = os.path.join(T.dir, "report.pdf")
    fill(db, template, pdf)
    for page in pages(pdf)[1:-1]:
        lines = [line for line in page if not re.fullmatch(r"\s*(—\s*\d+\s*—|草稿)\s*", line)]
        equal(len(lines), 22, "lines on a page")
        widest = max(sum(em(c) for c in line) for line in lines)
        equal(27 <= widest <= 29, True, f"{widest} characters on a line")
    fonts = subprocess.run(["pdffonts", pdf], stdout=subprocess.PIPE, check=True).stdout.decode()
    beside = os.path.join(os.path.dirname(PROGRAM), "fonts")
    if not os.path.exists(beside) and "Fandol" not in subprocess.run(["fc-list"], stdout=subprocess.PIPE).stdout.decode():
        skip("tools/fonts has not run: stand-ins for the faces are not here")
    for face in ("FandolFang", "FandolKai", "NotoSansCJK", "NotoSerifCJKsc-Bold"):
        equal(face in fonts, True, face + "\n" + fonts)


done()

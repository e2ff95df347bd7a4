#!/usr/bin/python3
"""qinghe sheet: files that other programs wrote, cell by cell; text files; and files made to hurt."""
import io
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from datetime import datetime, timedelta

sys.path.insert(0, os.path.dirname(__file__))
from tap import QINGHE, T, data, done, equal, run, skip, test

# Built-in formats 27-36 and 50-58 are dates in Chinese Excel; openpyxl, whose answers these are, does not know them.
CJK_DATES = {"easyexcel-dataformat.xlsx": {"A8", "A9", "A10", "A23", "A24", "A25"}}
# LibreOffice computes TEXT() anew and has no 1900-02-29, so texts of days before it differ by one.
EARLY_TEXTS = {"sheetjs-1900.xls": {"C1", "C2", "D1", "D2"}}


def serial(value, base):
    day, _, clock = value.partition("T")
    origin = datetime(1904, 1, 1) if base == 1904 else datetime(1899, 12, 30)
    whole = (datetime.fromisoformat(day) - origin).days
    if base == 1900 and whole < 61:
        whole -= 1
    if not clock:
        return whole
    h, m, s = clock.split(":")
    return whole + (int(h) * 3600 + int(m) * 60 + float(s)) / 86400


def same(got, want, base):
    if isinstance(got, dict) and "date" in got:
        if isinstance(want, dict):
            return abs(serial(got["date"], base) - serial(want["date"], base)) < 1e-8
        return not isinstance(want, str) and abs(serial(got["date"], base) - want) < 1e-6
    if isinstance(got, dict):
        return got.get("error") == want
    if isinstance(got, bool) or isinstance(want, bool):
        return got is want
    if isinstance(got, (int, float)) and isinstance(want, (int, float)):
        return got == want
    return got == want and type(got) is type(want)


def compare(name):
    with open(data("spreadsheets/expected.json"), encoding="utf-8") as f:
        want = json.load(f)[name]
    got = run("sheet", data("spreadsheets/files/" + name), "--json").json
    base = got["date_base"]
    equal(base, 1904 if want["date1904"] and name.endswith("x") else base, "date base")
    sheets = {s["name"]: s for s in got["sheets"]}
    equal(sorted(sheets), sorted(want["sheets"]), "sheets")
    cells = 0
    for title, sheet in want["sheets"].items():
        mine = sheets[title]
        equal(mine["hidden"], not sheet["visible"], title)
        if "merged" in sheet:
            equal(sorted(mine["merged"]), sorted(sheet["merged"]), title)
        for at in sorted(set(mine["cells"]) | set(sheet["cells"])):
            a, b = mine["cells"].get(at), sheet["cells"].get(at)
            if at in EARLY_TEXTS.get(name, ()):
                continue
            if at in CJK_DATES.get(name, ()):
                equal(a, {"date": "2020-01-01T01:01:01"}, at)
            elif not same(a, b, base):
                raise AssertionError(f"{name} {title} {at}: got {a!r}, wanted {b!r}")
            cells += 1
    return cells


@test
def every_xlsx_of_other_programs_reads_cell_by_cell():
    folder = data("spreadsheets/files")
    names = [n for n in sorted(os.listdir(folder)) if n.endswith(".xlsx")]
    equal(len(names), 16)
    equal(sum(compare(n) for n in names) > 550, True)


@test
def old_files_are_converted_where_libreoffice_is():
    if not shutil.which("soffice"):
        skip("no LibreOffice")
    for name in sorted(os.listdir(data("spreadsheets/files"))):
        if name.endswith(".xls"):
            compare(name)


@test
def without_libreoffice_an_old_file_is_refused_with_advice():
    path = data("spreadsheets/files/sheetjs-1900.xls")
    r = run("--lang", "zh", "sheet", path, code=2, env={"PATH": "/nowhere"})
    equal("另存为.xlsx" in r.err, True, r.err)


@test
def the_csv_files_of_other_programs_read():
    for name, want in (("no_bom", "姓名"), ("office_bom", "姓名"), ("converterCsv", "大数的布尔(不支持)")):
        got = run("sheet", data(f"spreadsheets/files/easyexcel-{name}.csv"), "--json").json
        equal((got["format"], got["encoding"], got["sheets"][0]["cells"]["A1"]), ("csv", "UTF-8", want))


@test
def a_gb18030_file_reads_with_its_four_byte_characters():
    path = os.path.join(T.dir, "a.csv")
    with open(path, "wb") as f:
        f.write("姓名,学校\r\n欧阳㐂,𠮷祥小学\r\n".encode("gb18030"))
    got = run("sheet", path, "--json").json
    equal(got["encoding"], "GB18030")
    equal(got["sheets"][0]["cells"], {"A1": "姓名", "B1": "学校", "A2": "欧阳㐂", "B2": "𠮷祥小学"})


@test
def naughty_strings_come_through_a_workbook_as_they_went_in():
    import openpyxl
    with open(data("suites/blns.json"), encoding="utf-8") as f:
        texts = [t for t in json.load(f) if t and all(ord(c) >= 32 and not 0xFFFE <= ord(c) <= 0xFFFF for c in t)]
    book = openpyxl.Workbook()
    for i, text in enumerate(texts, 1):
        cell = book.active.cell(i, 1)
        cell.value, cell.data_type = text, "s"
    path = os.path.join(T.dir, "blns.xlsx")
    book.save(path)
    got = run("sheet", path, "--json").json["sheets"][0]["cells"]
    for i, text in enumerate(texts, 1):
        equal(got[f"A{i}"], text, f"A{i}")
    equal(len(texts) > 400, True)


# --- a workbook by hand -------------------------------------------------------------------------------------------

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(sheet, shared=None, extra=(), book=None, name="x.xlsx", packed=True):
    parts = {
        "_rels/.rels": f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                       f'<Relationship Id="r" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": book or f'<workbook {NS} xmlns:r="{REL}"><sheets><sheet name="S" sheetId="1" r:id="a"/>'
                                   f'</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                                      f'<Relationship Id="a" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/>'
                                      f'<Relationship Id="b" Type="{REL}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
                                      f'</Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    if shared is not None:
        parts["xl/sharedStrings.xml"] = shared
    parts.update(extra)
    path = os.path.join(T.dir, name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as z:
        for part, text in parts.items():
            if text is not None:
                z.writestr(part, text)
    return path


def rows(inner, more=""):
    return f"<worksheet {NS}><sheetData>{inner}</sheetData>{more}</worksheet>"


def cells_of(path):
    return run("sheet", path, "--json").json["sheets"][0]


@test
def every_kind_of_cell_is_told_apart():
    s = cells_of(workbook(rows(
        '<row><c><v>1</v></c><c t="s"><v>0</v></c><c t="inlineStr"><is><r><t>青</t></r><rPh><t>qing</t></rPh>'
        '<r><t> 年</t></r></is></c><c t="str"><f>A1</f><v>x</v></c><c t="b"><v>1</v></c><c t="e"><v>#REF!</v></c>'
        '<c t="d"><v>2025-03-05T10:20:00</v></c><c><f>1+1</f></c><c r="AA1"><v> 7 </v></c></row>'
        '<row r="5" hidden="1"><c r="B5"><v>110101201001011234</v></c><c r="C5" t="s"><v>1</v></c></row>',
        '<mergeCells count="2"><mergeCell ref="A1:C1"/><mergeCell ref="A7:B9"/></mergeCells>'),
        f'<sst {NS}><si><r><t>a&amp;</t></r><r><t xml:space="preserve"> b_x000D_</t></r></si><si><t/></si></sst>'))
    equal(s["cells"], {"A1": 1, "B1": "a& b", "C1": "青 年", "D1": "x", "E1": True, "F1": {"error": "#REF!"},
                       "G1": {"date": "2025-03-05T10:20:00"}, "H1": {"error": "formula without a value"}, "AA1": 7,
                       "B5": 110101201001011234, "C5": ""})
    equal(s["merged"], ["A1:C1", "A7:B9"])
    equal(s["hidden_rows"], [5])


@test
def strict_files_other_prefixes_and_missing_parts_read():
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    sheet = (f'<x:worksheet xmlns:x="{strict}"><x:sheetData><x:row><x:c><x:v>1.5</x:v></x:c></x:row></x:sheetData>'
             f'<x:mergeCells><x:mergeCell ref="A1:B2"/></x:mergeCells></x:worksheet>')
    s = cells_of(workbook(sheet))
    equal((s["cells"], s["merged"]), ({"A1": 1.5}, ["A1:B2"]))
    bare = workbook(rows("<row><c><v>2</v></c></row>"), name="bare.xlsx",
                    extra={"_rels/.rels": None, "xl/_rels/workbook.xml.rels": None})
    equal(cells_of(bare)["cells"], {"A1": 2})
    wide = workbook(('<?xml version="1.0" encoding="UTF-16"?>' + rows("<row><c><v>3</v></c></row>",
                    '<mergeCells><mergeCell ref="A1:A2"/></mergeCells>')).encode("utf-16"), name="wide.xlsx")
    s = cells_of(wide)
    equal((s["cells"], s["merged"]), ({"A1": 3}, ["A1:A2"]))


@test
def hidden_sheets_are_told():
    book = (f'<workbook {NS} xmlns:r="{REL}"><sheets><sheet name="S" sheetId="1" r:id="a" state="veryHidden"/>'
            f'</sheets></workbook>')
    equal(cells_of(workbook(rows(""), book=book))["hidden"], True)


# --- files made to hurt -------------------------------------------------------------------------------------------

# A process of its own that starts the program and tells its exit code and peak memory: a child's peak counts from that
# of the one who started it, and this one has grown.
LAUNCH = """
import json, os, sys
pid = os.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
json.dump([os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024], open(os.environ["ANSWER"], "w"))
"""


def refused(path, most_mb=32, seconds=5):
    """Exit 2 with a reason, nothing else said, little time, little memory (the launcher alone has 10 MB)."""
    answer = os.path.join(T.dir, "answer.json")
    start = time.monotonic()
    p = subprocess.run(["/usr/bin/python3", "-SEc", LAUNCH, QINGHE, "--lang", "en", "sheet", path, "--json"],
                       capture_output=True, env={**os.environ, "PATH": "/nowhere", "ANSWER": answer}, check=True)
    took = time.monotonic() - start
    with open(answer, encoding="utf-8") as f:
        code, mb = json.load(f)
    reason = p.stderr.decode()
    equal(code, 2, reason)
    equal(p.stdout, b"", "output")
    equal(len(reason) > 10, True, "a reason")
    if "asan" not in QINGHE:
        equal(mb < most_mb, True, f"{mb} MB: {reason}")
        equal(took < seconds, True, f"{took} s: {reason}")
    return reason


def file(name, content):
    path = os.path.join(T.dir, name)
    with open(path, "wb") as f:
        f.write(content)
    return path


@test
def a_decompression_bomb_is_refused_before_it_unpacks():
    reason = refused(workbook(rows("<row/>" + " " * (100 << 20))), 20, 2)
    equal("bomb" in reason, True, reason)


@test
def a_bomb_of_many_parts_is_refused():
    piece = os.urandom(1 << 16) * 128
    extra = {f"xl/media/{i}": piece for i in range(20)}
    refused(workbook(rows(""), extra=extra))


@test
def overlapping_entries_are_refused():
    path = workbook(rows("<row/>" * 100000), packed=False)
    with open(path, "rb") as f:
        whole = bytearray(f.read())
    start = whole.index(b"PK\1\2")
    directory, end = bytes(whole[start:-22]), bytearray(whole[-22:])
    last = directory.rindex(b"PK\1\2")
    copies = b""
    for i in range(1, 50):
        copy = bytearray(directory[last:])
        copy[46:48] = b"%02d" % i
        copies += bytes(copy)
    size, count = len(directory) + len(copies), int.from_bytes(end[10:12], "little") + 49
    end[8:10] = end[10:12] = count.to_bytes(2, "little")
    end[12:16] = size.to_bytes(4, "little")
    reason = refused(file("o.xlsx", bytes(whole[:start]) + directory + copies + bytes(end)))
    equal("overlap" in reason, True, reason)


@test
def doctypes_and_entities_are_refused_wherever_they_stand():
    lol = '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9)) + "]>"
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels",
                 "_rels/.rels", "xl/styles.xml"):
        path = workbook(rows('<row><c t="s"><v>0</v></c></row>'), extra={part: lol + "<worksheet>&j;</worksheet>"})
        reason = refused(path, 20, 2)
        equal("DOCTYPE" in reason, True, f"{part}: {reason}")
    xxe = '<!DOCTYPE a SYSTEM "file:///etc/passwd">' + rows("")
    equal("DOCTYPE" in refused(workbook(xxe)), True)


@test
def paths_that_leave_the_archive_are_refused():
    for name in ("../../etc/cron.d/x", "/etc/x", "..\\..\\x", "C:\\x"):
        refused(workbook(rows(""), extra={name: "x"}))
        equal(os.path.exists(os.path.join(T.dir, "..", "..", "etc/cron.d/x")), False)


@test
def a_file_cut_anywhere_is_refused():
    with open(workbook(rows("<row><c><v>1</v></c></row>" * 1000)), "rb") as f:
        whole = f.read()
    for n in (4, 30, 100, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        refused(file("cut.xlsx", whole[:n]))


@test
def a_damaged_entry_is_refused():
    path = workbook(rows("<row><c><v>1</v></c></row>" * 1000), packed=False)
    with open(path, "rb") as f:
        whole = f.read()
    refused(file("bent.xlsx", whole.replace(b"<v>1</v>", b"<v>2</v>", 1)))


@test
def columns_and_rows_out_of_bounds_are_refused():
    for cell in ('<row r="1"><c r="ZZZZZ1"><v>1</v></c></row>', '<row r="1"><c r="XFE1"><v>1</v></c></row>',
                 '<row r="1048577"><c><v>1</v></c></row>', '<row r="99999999999"><c><v>1</v></c></row>',
                 '<row r="2"/><row r="1"/>', '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
                 '<row r="1"><c r="A2"><v>1</v></c></row>', '<row r="-1"/>', '<row r="1"><c r="1A"/></row>'):
        refused(workbook(rows(cell)))
    refused(workbook(rows("<row>" + '<c t="b"><v>1</v></c>' * 10_000_000 + "</row>"), packed=False), 20, 5)


@test
def shared_texts_are_counted_not_believed():
    sst = f'<sst {NS} count="4000000000" uniqueCount="4000000000"><si><t>a</t></si></sst>'
    equal(cells_of(workbook(rows('<row><c t="s"><v>0</v></c></row>'), sst))["cells"], {"A1": "a"})
    for index in ("1", "4000000000", "-1", "x"):
        refused(workbook(rows(f'<row><c t="s"><v>{index}</v></c></row>'), sst))


@test
def sparse_rows_that_reach_far_right_cost_little():
    inner = "".join(f'<row r="{i}"><c r="XFD{i}"><v>1</v></c></row>' for i in range(1, 200001))
    start = time.monotonic()
    got = run("sheet", workbook(rows(inner)))
    equal("200000" in got.out, True)
    equal(time.monotonic() - start < 20, True)


@test
def deep_and_wide_xml_is_refused():
    refused(workbook("<a>" * 100000))
    refused(workbook(rows("<row>" + "<x>" * 300)))
    refused(workbook(rows("<row " + " ".join(f'a{i}="1"' for i in range(1000)) + "/>")))
    refused(workbook(rows('<row spans="' + os.urandom(4 << 20).hex() + '"/>')))
    refused(workbook(rows('<row><c t="inlineStr"><is><t>' + os.urandom(2 << 20).hex() + "</t></is></c></row>")))


@test
def what_is_no_spreadsheet_is_refused():
    for content in (b"%PDF-1.7 x", b"\x89PNG\r\n\x1a\n" + bytes(100), b"PK\5\6" + bytes(18), b"a\0b",
                    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"<html><table><tr><td>1</td></tr></table></html>",
                    b"\xff\xff\xfe,a", b"PK\3\4 and no more", bytes(5000)):
        refused(file("thing.xlsx", content))
    with zipfile.ZipFile(os.path.join(T.dir, "doc.xlsx"), "w") as z:
        z.writestr("word/document.xml", "<a/>")
    refused(os.path.join(T.dir, "doc.xlsx"))
    refused(os.path.join(T.dir, "there-is-no-such-file.xlsx"))
    refused(T.dir)


@test
def a_password_is_told():
    reason = refused(file("p.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16le")))
    equal("password" in reason, True, reason)


@test
def a_separated_file_that_hurts_is_refused():
    refused(file("q.csv", b'a,b\n1,"never closed\n' + b"x\n" * 1000))
    refused(file("w.csv", b"a," * 20000))
    refused(file("l.csv", b"a,b\n" + b"x" * (5 << 20)))
    refused(file("big.csv", b"a,b\n" * (17 << 20)))


done()

#!/usr/bin/python3
"""/import: a messy sheet is dropped, looked at, put right, brought in, and its refused rows come back as a sheet."""
import html
import io
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from site_http import Browser, Site
from tap import done, equal, test

folder = tempfile.TemporaryDirectory()
site = Site(folder=folder.name).enter()
SHEET = """临澜市志愿服务活动汇总表,,,,
活动名称,活动日期,活动时长,在哪儿办的,备注2
敬老行动,2026年3月5日,2小时,柳河镇,x
净滩行动,2026-13-02,1小时,海塘,
植树行动,2026.4.12,1:30,云脊乡,
敬老行动,2026年3月5日,2小时,柳河镇,x
合计,,,,
""".encode("gb18030")


def drop(data, name="汇总（最终）.csv", register="volunteer_event", token=None, cookies=True, by=None):
    by = by or site
    edge = "----edge7d1"
    parts = [("csrf", token or by.csrf()), ("register", register)]
    body = b"".join(f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in parts)
    body += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'.encode() + data + f"\r\n--{edge}--\r\n".encode()
    h = {"Content-Type": "multipart/form-data; boundary=" + edge, "Origin": "http://" + site.host}
    return by.ask("POST", "/import", raw=body, headers=h, cookies=cookies)


def tally(page):
    return [int(n) for n in re.findall(r'<li class="m[ABSX]"><b>(\d+)</b>', page)]


def events():
    return site.json("/r/volunteer_event")["rows"]


@test
def nothing_is_written_before_the_page_has_told_what_would_become_of_the_rows():
    r = drop(SHEET)
    equal(r.status, 303)
    page = site.get(r.getheader("Location")).text
    equal(tally(page), [2, 0, 1, 1])
    assert "Bring in 2 new or changed rows" in page and "Nothing has been written yet" in page
    assert re.search(r'name="header_row"[^>]*value="2"', page) and "备注2" in page and '<td role="cell" class="rn">4</td>' in page
    assert "<ins>2026-03-05</ins>" in page, "how a date was read stands beside it"
    equal(events(), [])


@test
def columns_are_put_right_and_remembered_for_the_next_sheet():
    at = drop(SHEET).getheader("Location")
    page = site.get(at).text
    name = re.search(r'<label for="(c\d+)">在哪儿办的', page)[1]
    form = {n: "" for n in re.findall(r'<select id="(c\d+)"', page)}
    for n, body in re.findall(r'<select id="(c\d+)"[^>]*>(.*?)</select>', page):
        form[n] = re.search(r'<option value="([^"]*)" selected', body)[1]
    r = site.ask("POST", at, {"csrf": site.csrf(), "_act": "map", **form, name: "place"})
    equal(r.status, 303)
    assert re.search(rf'<select id="{name}"[^>]*>.*?<option value="place" selected', site.get(at).text)
    again = drop(SHEET, name="下月.csv").getheader("Location")
    assert re.search(rf'<select id="{name}"[^>]*>.*?<option value="place" selected', site.get(again).text), "remembered"
    r = site.ask("POST", again, {"csrf": site.csrf(), "_act": "go"})
    equal((r.status, tally(r.text)), (200, [2, 0, 1, 1]))
    equal(sorted((e["title"], e["held_on"], e["hours"], e["place"]) for e in events()), [("敬老行动", "2026-03-05", 120, "柳河镇"), ("植树行动", "2026-04-12", 90, "云脊乡")])
    equal(tally(site.get(again).text), [0, 0, 3, 1], "the same sheet once more brings nothing")


@test
def what_one_has_put_right_is_known_to_the_next_who_brings_in_a_sheet_of_the_unit():
    who = site.cli("--json", "add", "person", "--org", "330100", "name=接班的人").json["id"]
    site.cli("account", "grant", "city_staff", f"#{who}", "--org", "330100")
    colleague = Browser(site).enter(site.cli("--json", "account", "code", f"#{who}").json["code"], "jieban")
    other = "活动名称,在哪儿办的,活动日期,别的\n拥军行动,云脊乡,2026-05-04,x\n".encode()  # another header, the unit's own word in it
    page = colleague.get(drop(other, by=colleague).getheader("Location")).text
    assert re.search(r'<label for="(c1)">在哪儿办的.*?<select id="c1"[^>]*>.*?<option value="place" selected', page, re.S), page[-3000:]
    equal(tally(page), [1, 0, 0, 0])


@test
def the_refused_rows_come_back_as_a_sheet_that_goes_in_when_it_is_mended():
    import openpyxl
    at = drop(SHEET).getheader("Location")
    r = site.ask("GET", at + "/refused", binary=True)
    book = openpyxl.load_workbook(io.BytesIO(r.body))
    rows = list(book.active.iter_rows(values_only=True))
    equal((len(rows), rows[1][0]), (2, "净滩行动"))
    assert "2026-13-02" in rows[1] and rows[1][-1]
    for cell in book.active[2]:
        if cell.value == "2026-13-02":
            cell.value = "2026-11-02"
    out = io.BytesIO()
    book.save(out)
    at = drop(out.getvalue(), name="改好.xlsx").getheader("Location")
    equal(tally(site.get(at).text), [1, 0, 0, 0])
    equal(tally(site.ask("POST", at, {"csrf": site.csrf(), "_act": "go"}).text), [1, 0, 0, 0])
    equal(len(events()), 3)
    assert not [f for f in os.listdir("/dev/shm") if f.startswith("qinghe-refused")]


@test
def a_refused_cell_is_mended_in_place_and_looked_at_again():
    at = drop(SHEET).getheader("Location")
    page = site.get(at).text
    row, column = re.search(r'name="row" value="(\d+)".*?name="column" value="(\d+)"', page, re.S).groups()
    equal((row, column), ("4", "1"))
    assert 'value="2026-13-02"' in page, "what stood there is in the field to mend it in"
    r = site.ask("POST", at, {"csrf": site.csrf(), "_act": "mend", "row": row, "column": column, "value": "2026-02-13"})
    equal(r.status, 303)
    page = site.get(at).text
    equal(tally(page)[3], 0, "nothing is refused any more")
    assert "1 cell mended here" in page
    before = len(events())
    equal(site.ask("POST", at, {"csrf": site.csrf(), "_act": "go"}).status, 200)
    equal(len(events()), before + 1)
    assert any(e["held_on"] == "2026-02-13" for e in events())
    r = site.ask("POST", at, {"csrf": site.csrf(), "_act": "mend", "row": "x", "column": "1", "value": "y"})
    equal(r.status, 400 if r.status == 400 else 422, "a row that is none")


@test
def an_import_is_taken_back_on_its_page():
    at = drop("活动名称,活动日期,活动时长\n误导入的,2026-07-01,2小时\n".encode()).getheader("Location")
    page = site.ask("POST", at, {"csrf": site.csrf(), "_act": "go"}).text
    number = re.search(r'name="import" value="(\d+)"', page)[1]
    assert any(e["title"] == "误导入的" for e in events())
    equal(site.ask("POST", at, {"csrf": site.csrf(), "_act": "undo", "import": number}).status, 303)
    assert not any(e["title"] == "误导入的" for e in events())
    equal(tally(site.get(at).text), [1, 0, 0, 0], "the sheet can come in anew")
    assert site.ask("POST", at, {"csrf": site.csrf(), "_act": "undo", "import": "0"}).status in (400, 422)


@test
def a_changed_row_shows_old_beside_new():
    at = drop("活动名称,活动日期,活动时长\n敬老行动,2026-03-05,3小时\n".encode()).getheader("Location")
    page = site.get(at).text
    equal(tally(page), [0, 1, 0, 0])
    assert re.search(r"<del>2 h</del> <ins>3 h</ins>", page), re.findall(r"<del>.*?</ins>", page)


@test
def sheet_header_row_and_encoding_are_chosen_by_hand():
    import openpyxl
    book = openpyxl.Workbook()
    for i, name in enumerate(("一月", "二月")):
        sheet = book.active if i == 0 else book.create_sheet()
        sheet.title = name
        sheet.append(["活动名称", "活动日期"])
        sheet.append([name + "植树", "2026-0%d-12" % (i + 1)])
    out = io.BytesIO()
    book.save(out)
    r = drop(out.getvalue(), name="两张.xlsx")
    page = site.get(r.getheader("Location"))
    equal(page.status, 200, "the first that fits is read, the page offers the other")
    assert "一月" in page.text and re.search(r'<option value="二月"', page.text)
    r2 = site.ask("POST", r.getheader("Location"), {"csrf": site.csrf(), "_act": "read", "sheet": "二月", "header_row": "1"})
    equal(r2.status, 303)
    assert "二月植树" in site.get(r.getheader("Location")).text
    gb = drop("活动名称,活动日期\n编码行动,2026-05-06\n".encode("gb18030")).getheader("Location")
    assert "GB18030" in site.get(gb).text
    equal(site.ask("POST", gb, {"csrf": site.csrf(), "_act": "read", "encoding": "utf8", "header_row": "1"}).status, 303)
    equal(site.get(gb).status, 422, "read as what it is not, it says so")


@test
def progress_comes_as_server_sent_events():
    at = drop(SHEET).getheader("Location")
    r = site.ask("GET", at + "/progress")
    equal((r.status, r.getheader("Content-Type")), (200, "text/event-stream"))
    assert r.text.startswith("retry: ") and "event: rest" in r.text


@test
def files_that_are_none_say_so_and_strangers_send_none():
    r = drop(b"%PDF-1.4 nothing of a sheet", name="x.xlsx")
    page = site.get(r.getheader("Location"))
    equal(page.status, 422)
    assert 'id="e-file"' in page.text
    equal(drop(b"", name="").status, 422)
    equal(drop(SHEET, token="forged").status, 403)
    assert drop(b"x" * 100000, cookies=False, token="x").status in (413, 303, 403)
    equal(site.get("/import/0123456789abcdef01234567").status, 404)
    raw = b"".join(open(os.path.join(d, f), "rb").read() for d, _, fs in os.walk(folder.name) for f in fs)
    assert "柳河镇,x".encode("gb18030") not in raw, "the dropped file lies open on the disk"


@test
def the_server_ends_cleanly():
    equal(site.stop(), 0)


done()

#!/usr/bin/python3
"""The pages of collections: the county asks, branches answer on their own page, each sees only what is theirs."""
import html
import io
import json
import os
import re
import sys
import tempfile
import time
import zipfile

import openpyxl

sys.path.insert(0, os.path.dirname(__file__))
from site_http import NOW, Browser, Site
from tap import done, equal, run, test

folder = tempfile.TemporaryDirectory()
site = Site(["org", "code=C1", "name=海州县团委", "kind=county", "parent=330100"], ["org", "code=B1", "name=一中团支部", "kind=branch", "parent=C1"],
            ["org", "code=B2", "name=二中团支部", "kind=branch", "parent=C1"], ["org", "code=B3", "name=三中团支部", "kind=branch", "parent=C1"],
            ["programme", "name=净滩行动", "kind=drive", "--org", "330100"],
            ["collection", "--org", "C1", "number=TB-1", "title=三季度志愿活动", "issued_on=2026-11-10", "due_on=2026-11-26", "person_hours=1.5",
             "into_register=volunteer_event", "period_from=2026-07-01", "period_to=2026-09-30", "note=只报净滩行动"], folder=folder.name)


class Visitor(Browser):
    def __init__(self, role, org, handle):
        Browser.__init__(self, site)
        who = f"#{self.q('--json', 'add', 'person', '--org', org, f'name={handle}').json['id']}"
        self.q("account", "grant", role, who, "--org", org)
        self.enter(self.q("--json", "account", "code", who).json["code"], handle)
        if self.get("/me").status != 200:
            equal(self.sign_in(handle=handle).status, 303)

    def q(self, *args, code=0):
        return run("--db", site.db, "--now", NOW, *args, code=code)

    def page(self, path="/collections/1", lang="en"):
        r = self.get(path, headers={"Accept-Language": lang})
        equal(r.status, 200, path)
        return html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", r.text)))

    def act(self, act, status=303, **form):
        r = self.ask("POST", "/collections/1", {"csrf": self.csrf(), "act": act, **form})
        equal(r.status, status, act)
        return r

    def reply(self, name):
        """The reply's number in the list, where this visitor may do something about it."""
        part = self.get("/collections/1").text.split(f"<b>{name}</b>")[1].split("</li>")[0]
        return re.search(r'name="reply" value="(\d+)"', part)[1]


site_rows = {"notice": run("--db", site.db, "--now", NOW, "--json", "add", "notice", "--org", "C1", "title=暑期安全", "issued_on=2026-11-20",
                           "body=请排查隐患").json["id"]}
county = Visitor("county_staff", "C1", "geyun")
one = Visitor("branch_secretary", "B1", "zuoyi")
two = Visitor("branch_secretary", "B2", "zuoer")
city = Visitor("city_staff", "330100", "hejing")


@test
def a_draft_is_seen_by_those_who_ask_and_issued_to_each_unit_below():
    assert "三季度志愿活动" in county.page("/collections")
    assert "三季度志愿活动" not in one.page("/collections")
    equal(one.get("/collections/1").status, 404)
    one.act("issue", 404)
    county.act("issue")
    page = county.page()
    assert "0 of 3 in, 3 missing" in page and "2 days left" in page and "about 1.5 person-hours" in page, page
    text = county.page(lang="zh-CN")
    assert "还剩2天" in text and "未交（3）：一中团支部、二中团支部、三中团支部" in text and f"http://{site.host}/collections/1" in text, text


@test
def a_branch_sees_its_own_answer_and_no_other():
    page = one.page()
    assert "三季度志愿活动" in page and "只报净滩行动" in page and "一中团支部" in page, page
    assert "二中团支部" not in page and "chat group" not in page and "Merge" not in page, page
    assert "三季度志愿活动" in one.page("/collections")
    mine, other = one.reply("一中团支部"), two.reply("二中团支部")
    one.act("nil", 404, reply=other)
    one.act("merge", 403)
    one.act("close", 403)
    one.act("nothing_known", 400, reply=mine)
    # By form: the page's own link leads to a row of the own unit.
    assert 'href="/r/volunteer_event/new?org=B1"' in one.get("/collections/1").text
    equal(one.get(f"/collections/1/form/{mine}", binary=True).body[:2], b"PK")
    equal(one.get(f"/collections/1/form/{other}").status, 404)
    equal(one.get("/collections/1/sheet").status, 403)
    one.q("--as", "zuoyi", "add", "volunteer_event", "title=净滩一", "held_on=2026-08-02", "drive=净滩行动", "state=completed")
    one.act("submit", reply=mine)
    two.act("nil", reply=other)
    assert "1 nil" in county.page() and "2 of 3 in" in county.page()


@test
def what_is_not_right_goes_back_with_its_reason():
    reply = county.reply("一中团支部")
    one.act("return", 403, reply=reply, reason="自己退回")
    county.act("return", 400, reply=reply)
    county.act("return", reply=reply, reason="缺两场")
    assert "Sent back 1" in one.page() and "To be mended: 缺两场" in one.page(), one.page()
    assert "退回待改（1）：一中团支部" in county.page(lang="zh-CN")
    one.act("submit", reply=one.reply("一中团支部"))


@test
def the_group_is_told_once_a_day():
    assert "I have copied it" in county.page()
    county.act("copied")
    page = county.page()
    assert "I have copied it" not in page and "Last copied" in page
    county.act("copied", 409)
    one.act("copied", 403)


@test
def the_sum_goes_up_and_what_changes_then_is_a_correction_seen_by_both():
    county.act("send", 409)  # two answers are not merged
    county.act("merge")
    page = county.page()
    assert "Merged 2" in page and "1 row in all" in page, page
    one.act("send", 403)
    county.act("send")
    page = county.page()
    assert "Sent up on" in page and "Ask for a correction" in page, page
    assert "Sent" in city.page("/collections") and "Sent up on" in city.page()
    row = county.q("--json", "show", "period_return", "1").json
    equal((row["units_n"], row["units_in"], row["rows_n"], row["state"]), (3, 2, 1, "sent"))
    two.act("nil", 404, reply="3")
    county.act("send", 409)


def upload(who, path, files, status=None, **form):
    """A multipart form: [(name, bytes)] as `file`."""
    mark = "----qinghe-test"
    parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in {"csrf": who.csrf(), **form}.items()]
    for name, data in files:
        parts += [f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode(), data, b"\r\n"]
    r = who.ask("POST", path, raw=b"".join(parts) + f"--{mark}--\r\n".encode(),
                headers={"Content-Type": f"multipart/form-data; boundary={mark}", "Origin": "http://" + site.host})
    if status:
        equal(r.status, status, re.sub("<[^>]+>", " ", r.text)[-500:])
    return r


def filled(data, **cells):
    """A form as it was fetched, with cells of its first line filled in."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = next(w for w in book if w.sheet_state == "visible")
    heads = [[str(c.value or "").rstrip("*").strip() for c in r] for r in sheet.iter_rows(max_row=12)]
    row = next(i for i, r in enumerate(heads) if set(cells) <= set(r))
    for name, value in cells.items():
        sheet.cell(row + 2, heads[row].index(name) + 1, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@test
def what_no_register_holds_is_asked_by_own_columns_and_answered_on_a_page():
    add = ("--json", "add", "collection", "--org", "C1", "title=防汛物资", "issued_on=2026-11-10", "due_on=2026-11-26", "period_from=2026-10-01",
           "period_to=2026-10-31")
    twice = county.q(*add, "number=TB-2", "ask_for=志愿服务活动场次|数字").json["id"]
    figure = json.loads(run("--db", site.db, "--lang", "zh", "--json", "figures", "--year", "2026", "vol.events").out)[0]["label"]
    county.q("set", "collection", twice, f"ask_for={figure}|数字")
    assert "vol.events" in county.q("collect", "issue", twice, code=2).err  # nobody is asked for what is counted already
    id = county.q(*add, "number=TB-3", "ask_for=雨衣件数|数字|必填\n缺口说明\n地点|选项 室内、室外").json["id"]
    path = f"/collections/{id}"
    assert "雨衣件数" in county.page(path) and "number, summed, required" in county.page(path)
    equal(county.ask("POST", path, {"csrf": county.csrf(), "act": "issue"}).status, 303)
    answer = re.search(rf'href="({path}/answer/\d+)"', one.get(path).text)[1]
    form = one.get(answer).text
    assert 'name="c1"' in form and "室外" in form and "may be left out" in form, form
    r = one.ask("POST", answer, {"csrf": one.csrf(), "c1": "很多", "c2": "缺小号"})
    equal(r.status, 422)
    assert "缺小号" in r.text and "雨衣件数" in r.text and 'aria-invalid="true"' in r.text
    equal(two.ask("POST", answer, {"csrf": two.csrf(), "c1": "3"}).status, 404)
    equal(one.ask("POST", answer, {"csrf": one.csrf(), "c1": "１２件", "c2": "缺小号", "c3": "室外"}).status, 303)
    assert "雨衣件数 12 · 缺口说明 缺小号 · 地点 室外" in one.page(path)
    equal(one.get(answer).status, 409)  # it is in
    # The second unit by its own sheet, fetched and uploaded here; another's form is refused.
    mine = re.search(rf"{path}/form/(\d+)", two.get(path).text)[1]
    sheet = filled(two.get(f"{path}/form/{mine}", binary=True).body, 雨衣件数=30)
    upload(two, path + "/sheet", [("b.xlsx", sheet)], 404, reply=re.search(r"\d+$", answer)[0])
    upload(two, path + "/sheet", [("b.xlsx", b"PK nothing")], 200, reply=mine)
    assert "二中团支部" in two.page(path) and "Missing 1" in two.page(path)
    upload(two, path + "/sheet", [("b.xlsx", sheet)], 303, reply=mine)
    page = county.page(path)
    assert "Together 2 answers as a sheet" in page and "雨衣件数 42" in page, page
    book = openpyxl.load_workbook(io.BytesIO(county.get(path + "/sheet", binary=True).body)).active
    equal([c.value for c in book[book.max_row]][:2], ["合计", 42])
    got = county.json(path)
    equal((got["sums"], got["replies"][0]["answers"]["地点"], got["missing"]), ({"雨衣件数": 42}, "室外", 1))
    equal([c["title"] for c in one.json("/collections")["collections"]], ["防汛物资", "三季度志愿活动"])
    for act in ("merge", "send"):
        equal(county.ask("POST", path, {"csrf": county.csrf(), "act": act}).status, 303, act)
    equal(county.q("--json", "show", "period_return", "2").json["sums"], "雨衣件数=42")


@test
def two_hundred_are_asked_and_what_came_back_is_dropped_at_once():
    began = time.monotonic()
    orgs = os.path.join(folder.name, "orgs.csv")
    with open(orgs, "w") as f:
        f.write("组织编码,组织名称,组织类型,上级组织\n" + "".join(f"N{i:03},第{i:03}团支部,团支部,C9\n" for i in range(1, 201)))
    city.q("add", "org", "code=C9", "name=临江县团委", "kind=county", "parent=330100")
    city.q("import", "org", orgs)
    cadre = Visitor("county_staff", "C9", "linjiang")
    id = cadre.q("--json", "add", "collection", "--org", "C9", "number=TB-9", "title=十月志愿活动", "issued_on=2026-11-10", "due_on=2026-11-26",
                 "into_register=volunteer_event", "period_from=2026-10-01", "period_to=2026-10-31").json["id"]
    path = f"/collections/{id}"
    r = cadre.ask("POST", path, {"csrf": cadre.csrf(), "act": "issue"})
    equal(r.status, 303, re.sub("<[^>]+>", " ", r.text)[-400:])
    forms = os.path.join(folder.name, "forms")
    run("--db", site.db, "--lang", "zh", "--now", NOW, "collect", "forms", id, "-o", forms)
    back = io.BytesIO()
    with zipfile.ZipFile(back, "w") as z:
        for i, name in enumerate(sorted(os.listdir(forms))[:180]):
            with open(os.path.join(forms, name), "rb") as f:
                z.writestr(name, filled(f.read(), 活动名称=f"秋季净滩{i}", 活动日期="2026-10-12", 系列行动="净滩行动"))
    dropped = time.monotonic()
    text = upload(cadre, path + "/sheet", [("back.zip", back.getvalue())], 200).text
    assert "180 of 180 files were taken." in text and "Still missing (20)" in text and "第200团支部" in text and "第180团支部" not in text, text[-1500:]
    for act in ("merge", "send"):
        equal(cadre.ask("POST", path, {"csrf": cadre.csrf(), "act": act}).status, 303, act)
    got = cadre.json(path)
    equal((got["merged"], got["missing"], got["rows"], got["sums"]["vol.events"], got["return_state"]), (180, 20, 180, 180, "sent"))
    took = time.monotonic() - dropped
    print(f"# 180 files dropped, merged and sent up in {took:.1f} s; with asking and filling in {time.monotonic() - began:.1f} s")
    assert took < 300


@test
def a_notice_is_read_and_acknowledged_by_each_unit():
    notice = site_rows["notice"]
    assert "暑期安全" not in one.page("/notices")
    equal(one.get(f"/notices/{notice}").status, 404)

    def act(who, status=303, **form):
        equal(who.ask("POST", f"/notices/{notice}", {"csrf": who.csrf(), **form}).status, status, form)

    act(county, act="issue")
    assert "0 of 3 acknowledged, 0 read, 3 not yet" in county.page(f"/notices/{notice}")
    page = one.get(f"/notices/{notice}").text
    assert "请排查隐患" in page and "二中团支部" not in page
    mine = re.search(r'name="receipt" value="(\d+)"', page)[1]
    other = re.search(r'name="receipt" value="(\d+)"', two.get(f"/notices/{notice}").text)[1]
    act(one, 404, act="acknowledge", receipt=other)
    act(one, act="acknowledge", receipt=mine)
    act(two, act="read", receipt=other)
    assert "1 of 3 acknowledged, 1 read, 1 not yet" in county.page(f"/notices/{notice}")
    assert "暑期安全" in one.page("/notices")


@test
def what_a_collection_asks_is_built_by_buttons_and_written_only_when_it_is_saved():
    made = run("--db", site.db, "--now", NOW, "--json", "add", "collection", "--org", "C1", "number=TB-A9", "title=托管班摸底", "issued_on=2026-11-19", "due_on=2026-11-28").json["id"]
    at = f"/r/collection/{made}/asks"
    kept = lambda: run("--db", site.db, "--now", NOW, "--json", "show", "collection", made).json["ask_for"]
    assert at in county.get(f"/collections/{made}").text
    equal(one.get(at).status, 403)
    form = {}

    def rows(page):
        """What the form holds, as a browser would send it."""
        text = page.text
        out = {n: html.unescape(v) for n, v in re.findall(r'name="((?:label|choices)\d+)" type="text"[^>]*value="([^"]*)"', text)}
        out |= {n: re.search(r'value="([^"]*)" selected', b)[1] for n, b in re.findall(r'name="(type\d+)">(.*?)</select>', text, re.S)}
        return out | {n: "1" for n in re.findall(r'name="(required\d+)" value="1" checked', text)} | {"_version": re.search(r'name="_version" value="(\d+)"', text)[1]}

    def press(act, status=200, **more):
        nonlocal form
        r = county.ask("POST", at, {"csrf": county.csrf(), **form, **more, "_act": act})
        equal(r.status, status, re.sub("<[^>]+>", " ", r.text)[-400:])
        form = rows(r) if status != 303 else form
        return r

    form = rows(county.get(at))
    press("add", label1="开班数", type1="数字", required1="1")
    press("add", label2="经费", type2="金额")
    press("up3", label3="方式", type3="选项", choices3="线上，线下")
    equal((form["label2"], form["label3"], form["choices2"]), ("方式", "经费", "线上，线下"))
    press("drop1")
    equal(([form["label1"], form["label2"]], kept()), (["方式", "经费"], None), "nothing is written yet")
    press("save", 422, choices1="线上")
    press("save", 303, choices1="线上、线下", required2="1")
    equal(kept(), "方式 | 选项 线上、线下\n经费 | 金额 | 必填")
    form = rows(county.get(at))
    equal((form["label1"], form["choices1"], form["type2"], form["required2"]), ("方式", "线上、线下", "金额", "1"))
    run("--db", site.db, "--now", NOW, "set", "collection", made, "note=另有人改")
    press("save", 409)
    county.ask("POST", f"/collections/{made}", {"csrf": county.csrf(), "act": "issue"})
    equal(county.get(at).status, 409, "what was issued stays as it is")


@test
def a_stranger_and_a_missing_collection_are_turned_away():
    equal(site.get("/collections", cookies=False).status in (303, 401), True)
    for path in ("/collections/99", "/collections/x"):
        equal(county.get(path).status, 404, path)


try:
    done()
finally:
    site.stop()

#!/usr/bin/python3
"""The pages of collections: the county asks, branches answer on their own page, each sees only what is theirs."""
import html
import os
import re
import sys
import tempfile

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
    equal(one.get(re.search(r'href="(/import[^"]*)"', one.get("/collections/1").text)[1]).status, 200)
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
def a_stranger_and_a_missing_collection_are_turned_away():
    equal(site.get("/collections", cookies=False).status in (303, 401), True)
    for path in ("/collections/99", "/collections/x"):
        equal(county.get(path).status, 404, path)


try:
    done()
finally:
    site.stop()

#!/usr/bin/python3
"""记一笔 over HTTP, by a branch secretary's bound phone and without a script: what was, when, who came, in one press."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
import branch
from branch import secretary
from site_http import Browser, Site, fifty
from tap import done, equal, test


def value(site, figure, org="BR1"):
    return site.cli("--json", "figures", "--year", "2026", "--org", org, figure).json[0]["value"]


def ticks(page):
    return {n: i for i, n in re.findall(r'name="who" value="(\d+)"[^>]*>([^<]+)</label>', page)}


def key(page):
    return re.search(r'name="_key" value="([^"]+)"', page)[1]


def send(b, **form):
    page = b.get("/jot").text
    many = form.pop("who", [])
    body = [("csrf", re.search(r'name="csrf" value="([^"]+)"', page)[1]), ("_key", form.pop("key", key(page))), *form.items(), *[("who", w) for w in many]]
    return b.ask("POST", "/jot", body)


@test
def one_press_writes_event_and_rows_and_the_figures_rise_by_as_many():
    s = Site()
    b, made = secretary(s)
    page = b.get("/jot").text
    like = re.search(r'name="like" value="(volunteer_event:\d+)" checked', page)[1]
    assert like == f"volunteer_event:{made['events'][-1]}", "what is done often, the last of its kind"
    names = ticks(page)
    equal(set(names), {*branch.PEOPLE, "柳青"}, "the unit's own people")
    first = re.findall(r'name="who"[^>]*>([^<]+)</label>', page)[:23]
    equal(set(first), set(branch.PEOPLE[2:25]), "those of last time stand first")
    before = [value(s, f) for f in ("vol.attend", "vol.events", "vol.attend.people", "vol.attend.hours")]
    form = {"like": like, "when": "2026-11-23", "who": [names[n] for n in branch.PEOPLE[:23]], "key": "0123456789abcdef"}
    r = send(b, **form)
    equal(r.status, 303, r.text)
    after = [value(s, f) for f in ("vol.attend", "vol.events", "vol.attend.people", "vol.attend.hours")]
    equal([x - y for x, y in zip(after, before)], [23, 1, 0, 23 * 120], "attendances, events, people, minutes")
    receipt = b.get(r.getheader("Location")).text
    assert "23 people by name" in receipt and "+23" in receipt and ">B<" in receipt, receipt
    equal(send(b, **form).getheader("Location"), r.getheader("Location"), "sent twice, recorded once")
    equal(value(s, "vol.attend"), after[0])
    again = send(b, **{**form, "key": "fedcba9876543210"})
    equal(again.status, 409, "another press for the same day and name")
    assert "recorded already" in again.text and again.text.count(" checked") == 23 + 2, "what was ticked is still ticked"
    event = r.getheader("Location").split("?")[0]
    equal(b.post(event + "/undo", token_from=event).status, 303)
    equal([value(s, f) for f in ("vol.attend", "vol.events", "vol.attend.people", "vol.attend.hours")], before, "all of it taken back")
    equal(send(b, **{**form, "key": "aaaa456789abcdef"}).status, 303, "and recorded anew")
    s.stop()


@test
def names_from_a_chat_and_a_bare_number_and_what_does_not_fit():
    s = Site()
    b, made = secretary(s)
    like = f"volunteer_event:{made['events'][-1]}"
    chat = "#接龙\n净滩到场名单：\n1. 赵明\n2、钱丽然 13900000001\n（3）孙 强然\n4) 下午一起来的人\n5.新来\n6. 赵明\n李敏，周静然；吴 磊"
    r = send(b, like=like, when="2026-11-22", names=chat)
    assert r.status == 422 and "look like names: 下午一起来的人." in r.text, r.text
    chat = chat.replace("4) 下午一起来的人\n", "")
    before = value(s, "vol.attend")
    r = send(b, like=like, when="2026-11-22", names=chat)
    equal(r.status, 303, r.text)
    equal(value(s, "vol.attend") - before, 7, "赵明 once")
    receipt = b.get(r.getheader("Location")).text
    assert "2 of them are not identified" in receipt, receipt
    r = send(b, like=like, when="other", day="11.20", heads="41")
    equal(r.status, 303, r.text)
    equal(value(s, "vol.attend") - before, 48)
    assert ">C<" in b.get(r.getheader("Location")).text
    told = s.cli("--json", "figures", "--year", "2026", "--org", "BR1", "vol.attend.people").json[0]
    equal(told["value"], None, "a number makes 人 untellable: what it costs")
    for form, words in (({"like": like, "when": "2026-11-25", "heads": "3"}, "has not come yet"), ({"like": like, "when": "2026-11-19"}, "Say who came"),
                        ({"like": like, "when": "2026-11-19", "heads": "3", "names": "赵明"}, "Either names or a number"), ({"heads": "3", "when": "2026-11-19"}, "what kind"),
                        ({"kind": "volunteer_event", "when": "2026-11-19", "heads": "3"}, "Give it a name")):
        r = send(b, **form)
        assert r.status == 422 and words in r.text, (form, r.status, r.text)
    r = send(b, kind="volunteer_event", title="植树", when="2026-11-19", heads="3")
    equal(r.status, 303, "something new")
    equal(send(b, like=like, when="2026-11-18", who=["999"]).status, 403, "nobody of another unit")
    equal(b.get("/jot?org=CY1").status, 403)
    s.stop()


@test
def on_site_a_scanned_code_checks_in_once_with_grade_a():
    s = Site()
    b, made = secretary(s)
    like = f"volunteer_event:{made['events'][-1]}"
    r = send(b, like=like, when="2026-11-24", _act="onsite")
    equal(r.status, 303, r.text)
    at = r.getheader("Location")
    assert at.startswith("/onsite/volunteer_event/"), at
    assert at in b.get("/jot").text, "it stands on top of the page"
    here = at.replace("onsite", "here")
    page = b.get(at).text
    code = re.search(r'class="mono">([0-9A-Z]{4}-[0-9A-Z]{4})<', page)[1]
    assert "<svg class=\"q\"" in page and ">0<small>" in page
    # A volunteer with an account: the code is scanned first, then comes the sign-in.
    who = s.cli("--json", "list", "service_record", "--limit", "1").json[0]["volunteer"]
    one = Browser(s)
    equal(one.claim(s.cli("--json", "account", "code", f"#{who}").json["code"], "volunteer1").status, 303)
    equal(one.get(here).status, 200)
    assert 'name="c"' in one.get(here).text and "柳河口" not in one.get(here).text, "without a code the place tells nothing"
    wrong = one.get(here + "?c=AAAA-AAAA")
    assert wrong.status == 403 and "changes every 30 seconds" in wrong.text, wrong.text
    equal(one.ask("POST", here, {"csrf": one.csrf("/me")}).status, 403, "not without having scanned")
    page = one.get(here + "?c=" + code)
    assert page.status == 200 and "柳河口净滩" in page.text and "Check in</button>" in page.text
    came = [r.getheader("Location") for _, r in fifty(s, here, {"csrf": one.csrf(here)}, one.cookies)]
    equal((came.count(here + "?done=1"), came.count(here + "?done=1&again=1")), (1, 49), "fifty at once are one attendance")
    assert "You are checked in" in one.get(here + "?done=1").text
    equal(one.post(here, token_from=here + "?c=" + code).status, 303, "once more")
    stranger = Browser(s)
    page = stranger.get(here + "?c=" + code.replace("-", "").lower()).text
    assert "/sign-in?next=" + here.replace("/", "%2F") in page or "/sign-in?next=" + here in page, page
    # Those without a phone.
    equal(b.post(at, {"name": "cj"}, token_from=at).status, 303, "陈军 by initials")
    equal(b.post(at, {"name": "陈军"}, token_from=at).getheader("Location"), at + "?again=1")
    r = b.post(at, {"name": "杨"}, token_from=at)
    equal(r.status, 303, "the only 杨")
    r = b.post(at, {"name": "外来的人"}, token_from=at)
    assert r.status == 422 and "Nobody of your unit" in r.text
    equal(b.post(at, {"name": "外来的人", "act": "new"}, token_from=at).status, 303)
    page = b.get(at + "?near=1").text
    assert ">4<small>" in page and "scanned" in page and page.count('class="in"') == 4, page
    before = value(s, "vol.attend")
    r = b.post(at, {"act": "close"}, token_from=at)
    equal(r.status, 303, r.text)
    equal(value(s, "vol.attend") - before, 4, "counted when it ends")
    grades = s.cli("--json", "figures", "--year", "2026", "--org", "BR1", "vol.attend").json[0]["grades"]
    equal((grades["A"], grades["C"]), (1, 1))
    assert "is for the day" in one.get(here + "?c=" + code).text, "closed"
    s.later("2026-11-25T10:00:00+08:00")
    old = Browser(s).get(here + "?c=" + code)
    assert old.status == 403 and "one of yesterday is of no use" in old.text
    s.stop()


done()

#!/usr/bin/python3
"""记一笔 over HTTP, by a branch secretary's bound phone and without a script: what was, when, who came, in one press."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
import branch
from site_http import Browser, Site
from tap import T, done, equal, test

PIN = "204857"


def secretary(site):
    made = branch.make(lambda *a: site.cli("--lang", "zh", *a).out, T.dir)
    b = Browser(site)
    equal(b.ask("POST", "/bind", {"code": made["phone"], "name": "柳青", "pin": PIN, "again": PIN}).status, 303)
    branch.authorise(lambda *a: site.cli(*a))
    return b, made


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


done()

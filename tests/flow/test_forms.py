#!/usr/bin/python3
"""Writing at the desk: forms from declarations, moves, undo, drafts, conflicts, and the same writes as JSON."""
import html
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from site_http import Site
from tap import done, equal, test

folder = tempfile.TemporaryDirectory()
site = Site(["org", "code=330102", "name=共青团澜阳区委员会", "kind=county", "parent=330100"],
            ["programme", "name=净滩行动", "kind=志愿服务系列行动", "started_on=2024-03-01"], folder=folder.name).enter()


def fields(page):
    """What a browser would send of the page's form, unchanged."""
    form = re.search(r'<form method="post" action="([^"]+)" class="box pad0 writing".*?</form>', page, re.S)
    out = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        a = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if "name" in a and (a.get("type") != "radio" or " checked" in tag):
            out[a["name"]] = html.unescape(a.get("value", ""))
    for name, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form[0], re.S):
        out[name] = html.unescape(body)
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form[0], re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        out[name] = chosen[1] if chosen else ""
    return html.unescape(form[1]), out


def fill(path, **values):
    r = site.get(path)
    equal(r.status, 200, path)
    action, form = fields(r.text)
    act = values.pop("act", "save")
    form.update({k.rstrip("_").replace("__", "."): v for k, v in values.items()})
    return action, {**form, "_act": act}


def send(path, **values):
    action, form = fill(path, **values)
    return site.ask("POST", action, form)


def rows(register):
    return site.json(f"/r/{register}")["rows"]


def faults(page):
    return {k: html.unescape(re.sub("<[^>]+>", "", v)) for k, v in re.findall(r'<p id="e-([a-z_]+)">(.*?)</p>', page)}


def api(method, path, body, key=None, version=None, token=None):
    h = {"Content-Type": "application/json", "Accept": "application/json", "Origin": "http://" + site.host}
    if key:
        h["Idempotency-Key"] = key
    if version:
        h["If-Match"] = f'"{version}"'
    h["X-CSRF-Token"] = site.csrf() if token is None else token
    r = site.ask("POST" if method == "POST" else method, path, raw=json.dumps(body), headers=h)
    r.json = json.loads(r.text) if r.text else None
    return r


@test
def a_row_is_recorded_by_its_form_dates_in_any_common_way_choices_references_by_name_or_initia():
    r = send("/r/volunteer_event/new", title="柳河净滩", held_on="2026年11月8日", hours="1:30", org="lyq", drive="净滩行动", place="柳河")
    equal(r.status, 422)
    equal(list(faults(r.text)), ["org"], "initials offer a list")
    assert "共青团澜阳区委员会" in r.text and 'name="org.pick"' in r.text
    action, form = fields(r.text)
    r = site.ask("POST", action, {**form, "_act": "save", "org.pick": re.search(r'name="org.pick" value="(\d+)"', r.text)[1]})
    equal(r.status, 303)
    row = rows("volunteer_event")[0]
    equal((row["title"], row["held_on"], row["hours"], row["org"], row["state"]), ("柳河净滩", "2026-11-08", 90, 2, "planned"))
    page = site.get(r.getheader("Location")).text
    assert "Take it back" in page and "Record another" in page


@test
def a_day_is_understood_as_people_write_it():
    for text, iso in (("11.20", "2026-11-20"), ("11月2日", "2026-11-02"), ("昨天", "2026-11-23"), ("２０２６/１１/３", "2026-11-03"), ("20261104", "2026-11-04"),
                      ("12/1", "2026-12-01")):
        equal(send("/r/volunteer_event/new", title="写法" + text, held_on=text, hours="1").status, 303, text)
        equal(rows("volunteer_event")[0]["held_on"], iso, text)


@test
def what_is_wrong_stands_at_its_field_from_two_on_also_on_top_and_what_was_typed_stays():
    before = len(rows("volunteer_event"))
    r = send("/r/volunteer_event/new", title="", held_on="2026-13-02", hours="1:30", place="海塘<b>")
    equal(r.status, 422)
    equal(sorted(faults(r.text)), ["held_on", "title"])
    assert 'href="#f-held_on"' in r.text and 'value="2026-13-02"' in r.text and "海塘&lt;b&gt;" in r.text
    equal(len(rows("volunteer_event")), before)


@test
def a_form_sent_twice_makes_one_row_the_same_key_with_other_words_is_refused():
    action, form = fill("/r/volunteer_event/new", title="只有一行", held_on="2026-11-09", hours="2")
    one, two = site.ask("POST", action, form), site.ask("POST", action, form)
    equal((one.status, two.status), (303, 303))
    equal(one.getheader("Location"), two.getheader("Location"))
    equal(len([r for r in rows("volunteer_event") if r["title"] == "只有一行"]), 1)
    r = site.ask("POST", action, {**form, "title": "别的"})
    equal(r.status, 409)
    assert "别的" in r.text


@test
def a_double_is_noticed_and_leads_to_the_row_that_stands():
    r = send("/r/volunteer_event/new", title="只有一行", held_on="2026-11-09", hours="3")
    equal(r.status, 422)
    assert "stands already" in r.text, faults(r.text)
    assert re.search(r'href="/r/volunteer_event/8"', r.text)


@test
def a_double_is_noticed_while_it_is_typed_by_post_and_only_where_it_may_be_read():
    send("/r/volunteer_event/new", title="打字时就发现", held_on="2026-03-09", hours="2小时")
    action, form = fields(site.get("/r/volunteer_event/new").text)
    page = site.get("/r/volunteer_event/new").text
    assert 'data-twin="/r/volunteer_event/twin"' in page and "held_on" in re.search(r'data-keys="([^"]+)"', page)[1]
    same = site.ask("POST", "/r/volunteer_event/twin", {**form, "title": "打字时就发现", "held_on": "3月9日"})
    equal(same.status, 200)
    assert "This stands already" in same.text and "打字时就发现" in same.text, same.text
    other = site.ask("POST", "/r/volunteer_event/twin", {**form, "title": "打字时就发现", "held_on": "3月8日"})
    equal((other.status, other.text.strip()), (200, ""), "another day is another row")
    equal(site.get("/r/volunteer_event/twin").status, 404 if site.get("/r/volunteer_event/twin").status == 404 else 405, "never by an address")


@test
def an_edit_changes_what_was_changed_another_edit_meanwhile_is_told_field_by_field_and_nothing():
    a_action, a = fill("/r/volunteer_event/8/edit", place="甲处", hours="2.5")
    b_action, b = fill("/r/volunteer_event/8/edit", place="乙处", title="只有这一行")
    equal(site.ask("POST", a_action, a).status, 303)
    r = site.ask("POST", b_action, b)
    equal(r.status, 409)
    assert "甲处" in r.text and "乙处" in r.text and "只有这一行" in r.text and "take:place" in r.text
    row = site.json("/r/volunteer_event/8")["record"]
    equal((row["place"], row["title"], row["hours"], row["version"]), ("甲处", "只有一行", 150, 2))
    action, form = fields(r.text)
    equal((form["place"], form["title"], form["hours"]), ("乙处", "只有这一行", "2.5"))
    equal(site.ask("POST", action, {**form, "_act": "take:place"}).status, 200)
    equal(site.ask("POST", action, {**form, "_act": "save"}).status, 303)
    row = site.json("/r/volunteer_event/8")["record"]
    equal((row["place"], row["title"], row["hours"], row["version"]), ("乙处", "只有这一行", 150, 3))


@test
def ones_own_change_is_taken_back_within_ten_minutes_once_and_only_while_it_stands():
    page = site.get("/r/volunteer_event/8?told=1").text
    undo = {"csrf": site.csrf(), "_version": re.search(r'name="_version" value="(\d+)"', page)[1]}
    equal(site.ask("POST", "/r/volunteer_event/8/undo", undo).status, 303)
    row = site.json("/r/volunteer_event/8")["record"]
    equal((row["place"], row["version"]), ("甲处", 4))
    equal(site.ask("POST", "/r/volunteer_event/8/undo", undo).status, 409, "that version stands no more")
    r = send("/r/volunteer_event/new", title="误记", held_on="2026-11-10", hours="1")
    page = site.get(r.getheader("Location")).text
    undo["_version"] = "1"
    equal(site.ask("POST", r.getheader("Location").split("?")[0] + "/undo", undo).status, 303)
    equal(rows("volunteer_event")[0]["state"], "void")


@test
def a_move_asks_for_its_reason_keeps_it_sealed_in_the_history_and_can_be_taken_back():
    moves = re.findall(r'href="(/r/volunteer_event/8/do/[a-z_]+)"', site.get("/r/volunteer_event/8").text)
    assert "/r/volunteer_event/8/do/cancel" in moves, moves
    r = send("/r/volunteer_event/8/do/cancel")
    equal((r.status, list(faults(r.text))), (422, ["_reason"]))
    equal(send("/r/volunteer_event/8/do/cancel", _reason="台风“海燕”").status, 303)
    page = site.get("/r/volunteer_event/8?told=1").text
    assert "台风“海燕”" in page and "Take it back" in page
    equal(site.json("/r/volunteer_event/8")["record"]["state"], "cancelled")
    raw = b"".join(open(os.path.join(folder.name, f), "rb").read() for f in os.listdir(folder.name))
    assert "海燕".encode() not in raw, "the reason lies open on the disk"
    version = re.search(r'name="_version" value="(\d+)"', page)[1]
    equal(site.ask("POST", "/r/volunteer_event/8/undo", {"csrf": site.csrf(), "_version": version}).status, 303)
    equal(site.json("/r/volunteer_event/8")["record"]["state"], "planned")


@test
def a_draft_is_kept_for_its_writer_sealed_filled_in_again_and_goes_with_the_row():
    equal(send("/r/volunteer_event/new", act="draft", title="还没想好", held_on="不知道").status, 303)
    raw = b"".join(open(os.path.join(folder.name, f), "rb").read() for f in os.listdir(folder.name))
    assert "还没想好".encode() not in raw
    page = site.get("/r/volunteer_event/new").text
    assert "Your draft is filled in" in page and 'value="还没想好"' in page and 'value="不知道"' in page
    equal(send("/r/volunteer_event/new", held_on="2026-11-11", hours="1").status, 303)
    assert "还没想好" not in site.get("/r/volunteer_event/new").text
    equal(rows("volunteer_event")[0]["title"], "还没想好")


@test
def names_that_the_form_does_not_have_are_refused_also_those_of_the_system_and_of_moves():
    action, form = fill("/r/volunteer_event/new", title="多写", held_on="2026-11-12", hours="1")
    for name in ("entered_by", "version", "id", "nothing"):
        equal(site.ask("POST", action, {**form, name: "1"}).status, 422, name)
    equal(api("POST", "/r/service_record", {"event": 1, "served_on": "2026-11-08", "confirmed_on": "2026-11-08"}).status, 422)
    assert not [r for r in rows("volunteer_event") if r["title"] == "多写"]


@test
def json_a_row_is_added_once_for_a_key_faults_come_as_a_map_of_fields():
    body = {"title": "接口一", "held_on": "2026-11-13", "hours": 90, "org": 2}
    r = api("POST", "/r/volunteer_event", body, key="k1")
    equal((r.status, r.json["version"], r.getheader("ETag")), (201, 1, '"1"'))
    again = api("POST", "/r/volunteer_event", body, key="k1")
    equal((again.status, again.json), (200, r.json))
    equal(api("POST", "/r/volunteer_event", {**body, "title": "接口二"}, key="k1").status, 409)
    r = api("POST", "/r/volunteer_event", {"title": 5, "held_on": "2026-11-40", "state": "planned", "id": 7})
    equal((r.status, r.getheader("Content-Type")), (422, "application/problem+json"))
    equal(sorted(r.json["errors"]), ["held_on", "hours", "id", "title"] if "hours" in r.json["errors"] else ["held_on", "id", "title"])
    equal(api("POST", "/r/volunteer_event", ["x"]).status, 400)
    equal(api("POST", "/r/volunteer_event", body, token="").status, 403, "a cookie's JSON carries the form token")


@test
def json_an_edit_says_which_version_it_knows_another_is_412_none_is_428():
    id = [r for r in rows("volunteer_event") if r["title"] == "接口一"][0]["id"]
    path = f"/r/volunteer_event/{id}"
    equal(api("PATCH", path, {"place": "新处"}).status, 428)
    r = api("PATCH", path, {"place": "新处"}, version=1)
    equal((r.status, r.json["version"]), (200, 2))
    r = api("PATCH", path, {"place": "旧处"}, version=1)
    equal((r.status, r.getheader("ETag")), (412, '"2"'))
    r = api("POST", path + "/do/cancel", {"reason": "雨"}, version=2)
    equal((r.status, r.json["version"]), (200, 3))
    equal(api("POST", path + "/do/cancel", {"reason": "雨"}, version=3).status, 409)
    equal(site.json(path)["record"]["place"], "新处")


@test
def suggestions_by_part_of_a_name_and_by_initials_never_by_get():
    token = site.csrf()
    page = site.ask("POST", "/pick/org/org", {"csrf": token, "org": "澜阳"}).text
    assert "共青团澜阳区委员会" in page and 'data-id="2"' in page
    assert "净滩行动" in site.ask("POST", "/pick/programme/drive", {"csrf": token, "drive": "jt"}).text
    assert "has nothing of this name" in site.ask("POST", "/pick/programme/drive", {"csrf": token, "drive": "qqqq"}).text
    equal(site.ask("POST", "/pick/programme/drive", {"csrf": token, "drive": ""}).text.strip().count("has nothing"), 0)
    equal(site.get("/pick/org/org").status, 405)


@test
def form_pages_are_small_and_the_audit_chain_holds():
    for path in ("/r/volunteer_event/new", "/r/lecture_session/new", "/r/person/new"):
        size = len(site.get(path).text.encode())
        assert size < 40000, (path, size)
    site.stop()


done()

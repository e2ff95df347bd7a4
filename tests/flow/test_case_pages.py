"""The people of a case and the notes that only they open, on the pages: keys made, notes opened by an act, another let in
with a key wrapped anew, handed over; and what a stranger, staff without the case and a wrong password get."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from site_http import Browser, Site
from tap import T, done, equal, sql, test

NOTE = "来访者说夜里常醒怕黑"
OWN = {"liu": "夜里听海一二三", "wang": "山里看云四五六"}


def words(name, text):
    with open(os.path.join(T.dir, name), "w") as f:
        f.write(text + "\n")
    return f.name


class Town:
    def __init__(self):
        self.s = s = Site(("org", "--org", "330100", "code=C1", "name=海州县团委", "kind=county"))
        person = lambda name: s.cli("--json", "add", "person", "--org", "C1", "name=" + name).json["id"]
        self.child, self.liu, self.wang, self.staff, self.boss, a, b = map(
            person, ("张小苗", "刘咨询", "王咨询", "县里的人", "市里的人", "甲保管", "乙保管"))
        for who, role, org in ((self.liu, "counsellor", "C1"), (self.wang, "counsellor", "C1"), (self.staff, "county_staff", "C1"), (self.boss, "city_staff", "330100")):
            s.cli("account", "grant", role, f"#{who}", "--org", org)
        for who, name in ((a, "a"), (b, "b")):
            s.cli("custody", "custodian", who, words(name, "保管人的长口令" + name))
        s.cli("authorise", "grant", f"#{self.staff}", "county_staff", "identity", "--by", f"#{self.boss}")

    def browser(self, who, handle):
        return Browser(self.s).enter(self.s.cli("--json", "account", "code", f"#{who}").json["code"], handle)

    def case(self, row=1, register="counselling_session"):
        return f"/r/{register}/{row}/case"


def act(b, path, **form):
    return b.post(path, form, token_from="/me")


@test
def a_note_is_opened_by_an_act_another_is_let_in_and_takes_it_over():
    t = Town()
    s = t.s
    liu, wang = t.browser(t.liu, "liu"), t.browser(t.wang, "wang")
    path = t.case()
    for b, name in ((liu, "liu"), (wang, "wang")):
        equal(act(b, "/me/notes", new=OWN[name], again=OWN[name] + "x").status, 422, "written twice alike")
        equal(act(b, "/me/notes", new=OWN[name], again=OWN[name]).status, 303)
    s.cli("authorise", "case", "person", t.child, "counsellor", "liu")
    s.cli("add", "counselling_session", "--org", "C1", f"client=#{t.child}", f"counsellor=#{t.liu}", "met_on=2026-06-01", "way=in_person", "note=" + NOTE, "state=completed")
    page = liu.get(path)
    equal(page.status, 200)
    assert NOTE not in page.text and 'value="open"' in page.text, page.text[-3000:]
    assert NOTE not in liu.get("/r/counselling_session/1").text and path in liu.get("/r/counselling_session/1").text
    equal(act(liu, path, act="open", field="note", password="夜里听海三二一").status, 422, "another password")
    shown = act(liu, path, act="open", field="note", password=OWN["liu"])
    equal(shown.status, 200)
    assert NOTE in shown.text and "no-store" in shown.getheader("Cache-Control"), shown.getheader("Cache-Control")
    equal(sql(s.db, "SELECT count(*) FROM audit WHERE action = 'note_open' AND subject = 'counselling_session:1' AND result = 'ok'"), "1")
    # Nobody else: not another counsellor, who is not even shown the row, not after he is on the case without a new wrapping.
    equal(wang.get(path).status, 403)
    equal(act(liu, path, act="share", who="wang", password=OWN["liu"]).status, 422, "who is not of the case is let in nowhere")
    s.cli("authorise", "case", "person", t.child, "counsellor", "wang")
    equal(wang.get(path).status, 200)
    equal(act(wang, path, act="open", field="note", password=OWN["wang"]).status, 403, "being on the case wraps no key")
    equal(act(wang, path, act="share", who="wang", password=OWN["wang"]).status, 422)
    equal(act(liu, path, act="share", who="wang", password=OWN["wang"]).status, 422, "with one's own password only")
    equal(act(liu, path, act="share", who="wang", password=OWN["liu"]).status, 303)
    assert NOTE in act(wang, path, act="open", field="note", password=OWN["wang"]).text
    assert NOTE in act(liu, path, act="open", field="note", password=OWN["liu"]).text
    # Handed over: the giver's key opens it no more; both custodians still do.
    equal(act(liu, path, act="share", who="wang", password=OWN["liu"], leave="1").status, 303)
    equal(act(liu, path, act="open", field="note", password=OWN["liu"]).status, 403)
    assert NOTE in act(wang, path, act="open", field="note", password=OWN["wang"]).text
    out = s.cli("custody", "recover", "counselling_session", "1", "note", t.wang + 3, os.path.join(T.dir, "a"), t.wang + 4, os.path.join(T.dir, "b"))
    equal(out.out.strip(), NOTE)
    equal(sql(s.db, "SELECT count(*) FROM audit WHERE action = 'note_share' AND result = 'ok'"), "2")
    # A new password for the same key.
    equal(act(wang, "/me/notes", old="nonsense nonsense", new="山里看云七八九", again="山里看云七八九").status, 422)
    equal(act(wang, "/me/notes", old=OWN["wang"], new="山里看云七八九", again="山里看云七八九").status, 303)
    equal(act(wang, path, act="open", field="note", password=OWN["wang"]).status, 422)
    assert NOTE in act(wang, path, act="open", field="note", password="山里看云七八九").text
    assert "note" in wang.get("/r/counselling_session/1").text.lower()
    equal(s.cli("verify", "audit", "--json").code, 0)
    s.stop()


@test
def guessing_at_a_note_is_slowed():
    t = Town()
    liu = t.browser(t.liu, "liu")
    act(liu, "/me/notes", new=OWN["liu"], again=OWN["liu"])
    t.s.cli("authorise", "case", "person", t.child, "counsellor", "liu")
    t.s.cli("add", "counselling_session", "--org", "C1", f"client=#{t.child}", f"counsellor=#{t.liu}", "met_on=2026-06-01", "way=in_person", "note=" + NOTE, "state=completed")
    seen = [act(liu, t.case(), act="open", field="note", password=f"guess {i} guess").status for i in range(8)]
    assert seen[0] == 422 and 429 in seen, seen
    # Nor with the right one meanwhile: on a slow machine the next guess may be due by then, so more are made.
    for i in range(20):
        if act(liu, t.case(), act="open", field="note", password="a guess").status == 429:
            if act(liu, t.case(), act="open", field="note", password=OWN["liu"]).status == 429:
                break
    else:
        raise AssertionError("the right one was never made to wait")
    t.s.stop()


@test
def staff_of_the_unit_name_the_people_of_its_cases_and_others_do_not():
    t = Town()
    s = t.s
    other = s.cli("--json", "add", "org", "--org", "330100", "code=C2", "name=陵川县团委", "kind=county").json
    stranger = s.cli("--json", "add", "person", "--org", "C2", "name=邻县的人").json["id"]
    s.cli("account", "grant", "county_staff", f"#{stranger}", "--org", "C2")
    assert other
    staff = t.browser(t.staff, "staff")
    liu = t.browser(t.liu, "liu")
    # The unit of the child, told by --as: the same rule as on the page.
    s.cli("--as", f"#{stranger}", "authorise", "case", "person", t.child, "counsellor", "liu", code=3)
    page = f"/r/person/{t.child}/case"
    equal(staff.get(page).status, 200)
    equal(act(staff, page, act="add", anchor=f"person.{t.child}", who="liu", role="counsellor", to="2026-12-31").status, 303)
    assert "刘咨询" in staff.get(page).text
    equal(act(staff, page, act="add", anchor=f"person.{t.child}", who="staff", role="counsellor").status, 403, "nobody puts himself on a case")
    equal(act(staff, page, act="add", anchor=f"person.{t.child}", who="liu", role="leader").status, 422, "no such role on a case")
    equal(act(staff, page, act="add", anchor="person.99999", who="liu", role="counsellor").status, 400)
    equal(act(liu, page, act="end", member="1").status, 403, "a member ends nobody's part")
    s.cli("--as", f"#{stranger}", "authorise", "uncase", "1", code=3)
    equal(act(staff, page, act="end", member="1").status, 303)
    assert "刘咨询" not in staff.get(page).text
    equal(sql(s.db, "SELECT count(*) FROM audit WHERE action IN ('case_add', 'case_end') AND result = 'ok'"), "2")
    s.stop()


done()

#!/usr/bin/python3
"""The model desk: an administrator sees what is declared and where it is used, adds a field to a running city, changes a label,
takes it back; faults are told at their place; what touches data of persons waits for a second administrator."""
import html
import os
import re
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
from site_http import NOW, Browser, Site
from tap import done, equal, holders, laid_down, run, test

folder = tempfile.TemporaryDirectory()
site = Site(["volunteer_event", "title=净滩", "held_on=2026-08-02", "--org", "330100"], folder=folder.name)


class Admin(Browser):
    def __init__(self, role, handle):
        Browser.__init__(self, site)
        who = f"#{run('--db', site.db, '--now', NOW, '--json', 'add', 'person', '--org', '330100', f'name={handle}').json['id']}"
        run("--db", site.db, "--now", NOW, "account", "grant", role, who, "--org", "330100")
        self.enter(run("--db", site.db, "--now", NOW, "--json", "account", "code", who).json["code"], handle)

    def page(self, path, status=200, lang="en"):
        r = self.get(path, headers={"Accept-Language": lang})
        equal(r.status, status, path)
        return html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", r.text)))

    def propose(self, reg, status=303, **form):
        r = self.ask("POST", f"/model/registers/{reg}", {"csrf": self.csrf(), "why": "市里要", **form})
        equal(r.status, status, re.sub("<[^>]+>", " ", r.text)[-600:])
        return r.getheader("Location") if status == 303 else html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", r.text)))

    def send(self, path, status=303, **form):
        r = self.ask("POST", path, {"csrf": self.csrf(), "why": "市里要", **form})
        equal(r.status, status, re.sub("<[^>]+>", " ", r.text)[-600:])
        return r.getheader("Location") if status == 303 else html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", r.text)))

    def file(self, path):
        return html.unescape(re.search(r'<textarea id="body"[^>]*>(.*?)</textarea>', self.get(path).text, re.S)[1])

    def act(self, change, act, status=303, **form):
        r = self.ask("POST", change, {"csrf": self.csrf(), "act": act, **form})
        equal(r.status, status, re.sub("<[^>]+>", " ", r.text)[-600:])
        return r

    def settled(self):
        """The site is opened anew after a change: asks until it answers."""
        for _ in range(100):
            time.sleep(0.1)
            try:
                if self.get("/healthz").status == 200:
                    return
            except OSError:
                pass
        raise AssertionError("the site did not come back")


system, security, clerk = Admin("sysadmin", "xitong"), Admin("secadmin", "anquan"), Admin("city_staff", "hejing")
q = lambda *a, code=0: run("--db", site.db, "--now", NOW, *a, code=code)


@test
def only_administrators_see_the_desk():
    clerk.page("/model", 403)
    clerk.page("/model/registers/visit", 403)
    for admin in (system, security):
        page = admin.page("/model")
        assert "None: the city stands on the program's own declarations." in page and "vol.attend" in page and "rules/rescue.yaml" in page
    page = system.page("/model/registers/volunteer_event")
    assert "Add a field" in page and "What a change of a field would touch" in page
    assert re.search(r"Series drive|Drive", page) and "figure Volunteer" in page, page[:1500]
    assert "Add a field" not in security.page("/model/registers/volunteer_event")
    security.propose("volunteer_event", 403, act="field", id="x", zh="甲", en="A", type="text")
    assert "Where it is used" in system.page("/model/figures/vol.attend")


@test
def what_does_not_hold_is_told_at_its_place_and_nothing_is_kept():
    page = system.propose("volunteer_event", 422, act="field", id="Fare", zh="车费", en="Fare", type="money")
    assert re.search(r"registers/desk_0.yaml:3:3", page), page
    page = system.propose("volunteer_event", 422, act="field", id="select", zh="车费", en="Fare", type="money")
    assert "desk_0.yaml:3:3" in page, page
    page = system.propose("volunteer_event", 422, act="field", id="way", zh="方式", en="Way", type="choice", choices="walk 步行")
    assert "id | 中文 | English" in page and "walk 步行" in page, page
    page = system.propose("volunteer_event", 422, act="field", id="title2", zh="活动名称", en="Title two", type="text")
    assert "stands in this register already (title)" in page, page
    equal(q("--json", "list", "model_change").json, [])


@test
def a_field_is_added_to_a_running_city_and_taken_back_while_nobody_uses_it():
    change = system.propose("volunteer_event", act="field", id="bus_fare", zh="车费", en="Bus fare", type="money")
    page = system.page(change)
    assert "bus_fare" in page and "Figures that are counted anew" in page and "Proposed" in page, page
    clerk.page(change, 403)
    security.act(change, "apply", 403)
    before = q("--json", "figures", "--year", "2026", "vol.events").json
    system.act(change, "apply")
    system.settled()
    assert "Applied" in system.page(change) and "Applied" in system.page("/model")
    assert "Bus fare" in clerk.page("/r/volunteer_event/new")
    row = q("--json", "add", "volunteer_event", "title=净滩二", "held_on=2026-08-03", "--org", "330100", "bus_fare=12.5").json["id"]
    equal(q("--json", "show", "volunteer_event", row).json["bus_fare"], 1250)
    equal(q("--json", "figures", "--year", "2026", "vol.events").json[0]["value"], before[0]["value"])
    assert "data would be lost" in html.unescape(system.act(change, "undo", 409).text)
    system.act(change, "apply", 409)
    # A choice, not used: it goes again, with its column.
    other = system.propose("volunteer_event", act="field", id="way", zh="方式", en="Way", type="choice", choices="walk | 步行 | On foot\nbus | 乘车 | By bus")
    system.act(other, "apply")
    system.settled()
    assert "On foot" in clerk.page("/r/volunteer_event/new")
    system.act(other, "undo")
    system.settled()
    assert "On foot" not in clerk.page("/r/volunteer_event/new") and "Bus fare" in clerk.page("/r/volunteer_event/new")
    assert "Undone" in system.page(other)
    equal(q("check").code, 0)
    equal(site.rows("SELECT count(*) FROM audit WHERE action IN ('model:apply', 'model:undo')"), "3")


@test
def a_label_is_changed_without_touching_a_table():
    change = system.propose("volunteer_event", act="label", id="place", zh="集合地点", en="Meeting point")
    assert "Nothing: words only." in system.page(change)
    system.act(change, "apply")
    system.settled()
    assert "Meeting point" in clerk.page("/r/volunteer_event/new") and "集合地点" in clerk.page("/r/volunteer_event/new", lang="zh-CN")


@test
def a_register_and_a_figure_over_it_are_made_in_a_running_city_and_taken_back():
    clerk.page("/model/new/register", 403)
    system.page("/model/new/rule", 404)
    new = dict(id="reading_corner", zh="图书角", en="Reading corner", text_zh="一个图书角", text_en="one reading corner", group="office", sensitivity="internal")
    page = system.send("/model/new/register", 422, **{**new, "id": "volunteer_event"})
    assert "desk_0.yaml" in page and "register: volunteer_event" in page, page
    page = system.send("/model/new/register", 422, **{**new, "sensitivity": "personal"})
    assert "holds data of persons, but its purpose “office” is one without" in page, page
    system.act(system.send("/model/new/register", **{**new, "id": "corner_reader", "zh": "读者", "en": "Reader", "sensitivity": "personal", "purpose": "volunteer_service"}), "reject", reason="试一试")
    change = system.send("/model/new/register", **new)
    assert "table" in system.page(change), system.page(change)
    system.act(change, "apply")
    system.settled()
    number = dict(id="city.corners", zh="图书角数", en="Reading corners", text_zh="有效的图书角", text_en="valid reading corners", of="reading_corner", grain="row", unit="个")
    page = system.send("/model/new/figure", 422, **{**number, "where": "state = 'valid' and titel is not null"})
    assert "figures/desk_0.yaml:7" in page and "did you mean" in page, page
    figure = system.send("/model/new/figure", **number)
    system.act(figure, "apply")
    system.settled()
    q("add", "reading_corner", "title=一中图书角", "happened_on=2026-03-01", "--org", "330100")
    equal(q("--json", "figures", "--year", "2026", "city.corners").json[0]["value"], 1)
    assert "Reading corner" in clerk.page("/r/reading_corner/new") and "Reading corners" in clerk.page("/figures/city.corners")
    # The register cannot go while a figure counts it, nor while it holds rows.
    assert "reading_corner" in html.unescape(system.act(change, "undo", 400).text)
    system.act(figure, "undo")
    system.settled()
    assert "data would be lost" in html.unescape(system.act(change, "undo", 409).text)
    equal(q("check").code, 0)


@test
def a_rule_is_written_anew_seen_side_by_side_and_agreed_to_by_two():
    at = "/model/files/rules/deadlines.yaml"
    clerk.page(at, 403)
    system.page("/model/files/rules/purposes.yaml", 404)  # the grounds in law are looked at alone
    system.page("/model/files/rules/..%2Fkeys.yaml", 400)
    text = system.file(at)
    assert "deadlines:" in text and system.send(at, 422, body=text).count("nothing was changed in it") == 1
    page = system.send(at, 422, body=text.replace("register: rescue_hit", "register: rescue_hits"))
    assert re.search(r"deadlines.yaml, line \d+", page), page
    new = text.replace("    remind: 14\n    to: [child_worker]", "    remind: 10\n    to: [child_worker]")
    assert new != text
    change = system.send(at, body=new.replace("\n", "\r\n"))
    shown = system.get(change).text
    assert re.search(r'class="gone"><span class="vh">taken away: </span>    remind: 14</td><td class="new"><span class="vh">new: </span>    remind: 10', shown), shown
    equal(shown.count('class="gone"'), 1)
    system.act(change, "apply", 403)  # one alone does not change a rule
    security.act(change, "accept")
    second = system.send(at, body=text.replace("days: 60", "days: 61"))
    security.act(second, "accept")
    system.act(change, "apply")
    system.settled()
    assert "remind: 10" in system.file(at)
    assert "was changed meanwhile" in html.unescape(system.act(second, "apply", 409).text)
    system.act(change, "undo")
    system.settled()
    equal(system.file(at), text, "the program's own stands again")
    system.act(second, "apply")
    system.settled()
    system.act(second, "undo")
    system.settled()


@test
def every_rule_is_a_page_that_leads_to_what_it_is_about_and_back():
    clerk.page("/model/rules/consent", 403)
    clerk.page("/model/rules/consent/texts.mind", 403)
    system.page("/model/rules/nothing", 404)
    system.page("/model/rules/consent/texts.nobody", 404)
    for file in ("consent", "purposes", "retention", "appraisal", "starters", "street", "deadlines", "rescue", "quality", "coverage", "desk", "files"):
        for lang in ("en", "zh-CN"):
            assert "rules/" not in system.page(f"/model/rules/{file}", lang=lang).split("©")[0][:60], file
    index = system.get("/model").text
    assert 'href="/model/rules/purposes"' in index and 'href="/model/rules/street"' in index
    # A purpose: its ground, the law, the registers that rest on it; each of these leads back.
    page = system.get("/model/rules/purposes/purposes.mind").text
    assert "Mental Health Law, art. 23; PIPL 29" in page and 'href="/model/registers/sitting"' in page, page
    assert 'name="v.' not in page and "qinghe model apply" in page  # not a city's to change
    back = system.get("/model/registers/sitting").text
    assert 'href="/model/rules/purposes/purposes.mind"' in back and 'href="/model/rules/consent/texts.mind"' in back and 'href="/model/rules/retention/registers.sitting"' in back
    # An item of the appraisal and its figure.
    assert 'href="/model/figures/vol.events.all"' in system.get("/model/rules/appraisal/items.volunteering").text
    assert 'href="/model/rules/appraisal/items.volunteering"' in system.get("/model/figures/vol.events.all").text
    # What a skeleton keeps is named by the fields' own words.
    assert "Head-count" in system.page("/model/rules/retention/registers.service_record")


@test
def rules_fields_and_figures_are_found_by_a_word():
    page = system.page("/model?q=PIPL%2029")
    assert "Mental health" in page and "Volunteer attendances" not in page, page
    assert "Fields of registers" in system.page("/model?q=hours") and "vol.attend" in system.page("/model?q=vol.attend")
    assert "心理" in system.page("/model?q=xljk", lang="zh-CN")  # initials
    assert "Nothing of that is declared" in system.page("/model?q=zzzz")
    found = system.page("/model/rules/appraisal?q=cadre")
    assert "Training" in found and "What young people say" not in found, found
    system.page("/model?q=" + "x" * 61, 400)


@test
def a_text_of_consent_gets_a_new_version_by_two_and_the_old_consents_keep_theirs():
    at = "/model/rules/consent/texts.contests"
    sent = lambda status=303, **form: system.send(at, status, **{k.replace("_", ".", 1): v for k, v in form.items()})
    assert "nothing was changed in it" in sent(422)
    assert "has other words under its old version 2026.1" in sent(422, **{"v.text.zh": "新的文字。"})
    assert "“since” is a day" in sent(422, **{"v.text.zh": "新的文字。", "v.version": "2026.2", "v.since": "soon"})
    change = sent(**{"v.text.zh": "报名：\"姓名\"、学校。", "v.text.en": "Name and school.", "v.version": "2026.2", "v.since": "2026-12-01"})
    shown = system.page(change)
    assert "Rules that change, and what rests on them" in shown and "Contests" in shown and "My consents" in shown, shown
    equal(system.get(change).text.count('class="gone"'), 4, "four lines and no other byte")
    system.act(change, "apply", 403)
    security.act(change, "accept")
    system.act(change, "apply")
    system.settled()
    assert "2026.2#" in system.page(at) and '报名："姓名"、学校。' in system.page(at)
    assert "Name and school." in html.unescape(Browser(site).get("/street/data", headers={"Accept-Language": "en"}).text)
    system.act(change, "undo")
    system.settled()
    assert "2026.1#" in system.page(at)


@test
def what_is_kept_and_what_earns_points_is_changed_within_its_limits():
    page = system.page("/model/registers/voucher")
    assert "at least 30 years" in page and "Measures for Accounting Archives" in page, page[:3000]
    page = system.propose("voucher", 422, act="keep", keep="10y")
    assert "to be kept for 30y at least" in page, page
    page = system.propose("rights_case", 422, act="keep", keep="forever")
    assert "may be kept for 10y at most" in page and "PIPL 19" in page, page
    assert "no time to keep" in system.propose("visit", 422, act="keep", keep="lange")
    change = system.propose("visit", act="keep", keep="3y")
    assert "3 years" in system.page(change) and "Rows that end sooner or later" in system.page(change), system.page(change)
    system.act(change, "apply", 403)
    security.act(change, "accept")
    system.act(change, "apply")
    system.settled()
    assert "3y" in system.page("/model/registers/visit")
    page = system.propose("visit", 422, act="keep", keep="4y")
    assert "is said in" in page, page
    system.act(change, "undo")
    system.settled()
    # The points make a hundred, and nothing that may not be appraised earns any.
    page = system.send("/model/rules/appraisal/items.team", 422, **{"v.weight": "20"})
    assert "the weights make 105, not 100" in page, page
    page = system.send("/model/files/rules/appraisal.yaml", 422, body=system.file("/model/files/rules/appraisal.yaml").replace("figure: vol.events.all", "figure: study.attend"))
    assert "国办函〔2026〕12号" in page, page
    change = system.send("/model/rules/appraisal/items.league_days", **{"v.full_at": "6"})
    assert "League days" in system.page(change)
    system.act(change, "reject", reason="不改了")


@test
def a_field_stands_beside_what_there_was_with_what_uses_it():
    change = system.propose("volunteer_event", act="label", id="title", zh="活动叫什么", en="What it is called")
    shown = system.get(change).text
    assert re.search(r'class="gone">.*?title: \{type: text.*?</td><td class="new">.*?What it is called', shown), shown[-4000:]
    page = system.page(change)
    assert "What uses it" in page and "form, list and record page, import sheet, export and JSON of" in page, page
    system.act(change, "reject", reason="试一试")


@test
def what_holds_data_of_persons_waits_for_a_security_administrator():
    change = system.propose("visit", act="field", id="shoe", zh="鞋码", en="Shoe size", type="integer")
    assert "a security administrator agrees to it first" in system.page(change)
    system.act(change, "apply", 403)
    system.act(change, "accept", 403)
    security.act(change, "accept")
    n = change.split("/")[-1].split("?")[0]
    assert "has agreed to it" in system.page(change)
    # Edited after the agreement, it is unagreed again.
    q("--as", "xitong", "set", "model_change", n, "why=另有原因")
    system.act(change, "apply", 403)
    security.act(change, "reject", reason="理由变了")
    system.act(change, "apply", 409)
    change = system.propose("visit", act="field", id="shoe", zh="鞋码", en="Shoe size", type="integer")
    security.act(change, "accept")
    system.act(change, "apply")
    system.settled()
    assert "Applied" in system.page(change)
    equal(q("check").code, 0)


@test
def what_answers_a_clock_is_the_row_that_sets_it_anew_and_not_a_move():
    base = q("--json", "add", "practice_base", "name=滨海营地", "kind=camp", "named_on=2024-03-01", "state=named", "document=青发〔2024〕1号", "--org", "330100").json["id"]
    home = clerk.get("/", headers={"Accept-Language": "zh-CN"}).text
    at = home.index("基地年度复核")
    line = home[at - 600:at + 900]
    assert "撤销命名" not in line and "基地复核</" in line, line
    address = html.unescape(re.search(r'href="(/r/base_inspection/new[^"]*)"', line)[1])
    form = clerk.get(address).text
    assert "滨海营地" in form, "the base stands in the form"
    q("add", "base_inspection", f"base=#{base}", "inspected_on=2026-11-20", "safety_good=是", "used_good=是", "result=合格", "--org", "330100")
    assert "基地年度复核" not in clerk.get("/", headers={"Accept-Language": "zh-CN"}).text
    # A reference to people is not filled in by an address.
    assert "xitong" not in clerk.get("/r/service_record/new?about=2&in=volunteer").text.split("<main")[1]


@test
def a_register_is_protected_more_with_what_stands_in_it_and_never_less():
    page = system.page("/model/registers/volunteer_event")
    assert "Protect it more" in page and "Protect it more" not in security.page("/model/registers/volunteer_event")
    assert "choose another sensitivity" in system.propose("volunteer_event", 422, act="protect")
    page = system.propose("volunteer_event", 422, act="protect", seal="title")  # what is public or told apart by it is not
    assert "registers/volunteer_event.yaml" in page or "tells rows apart" in page, page
    assert "is not lowered" in system.propose("visit", 422, act="protect", sensitivity="internal")
    old = q("--json", "add", "reading_corner", "title=图书角密语", "happened_on=2026-03-02", "--org", "330100").json["id"]
    q("set", "reading_corner", str(old), "title=图书角改后密语")
    words = ("图书角密语", "图书角改后密语")
    equal({w for w, _ in holders(laid_down(site.db), *words)}, {w.encode() for w in words})
    change = system.propose("reading_corner", act="protect", seal="title")
    page = system.page(change)
    assert "What is protected more" in page and "it is not taken back" in page and "sealed text from now on" in page, page
    system.act(change, "apply", 403)
    security.act(change, "accept")
    system.act(change, "apply")
    system.settled()
    equal(q("--json", "show", "reading_corner", str(old)).json["title"], "图书角改后密语")
    equal(holders([f for f in laid_down(site.db) if "pg_wal" not in f and not f.endswith(".log")], *words), [])
    page = system.page(change)
    assert "Applied" in page and 'value="undo"' not in system.get(change).text, page
    equal(system.act(change, "undo", 409).status, 409)
    equal(q("check").code, 0)
    equal(site.stop(), 0)


@test
def a_backup_takes_the_changed_declarations_along():
    parcel, there = os.path.join(folder.name, "b.parcel"), os.path.join(folder.name, "there")
    os.mkdir(there)
    q("backup", parcel)
    db = os.path.join(there, "r.db")
    run("restore", parcel, "--to", db, "--keys-of", site.db)
    if os.path.isdir(site.db + ".model"):
        os.rename(site.db + ".model", os.path.join(folder.name, "away"))
        assert os.listdir(db + ".model")
    here = lambda *a: run("--db", db, "--now", NOW, *a)
    equal([r["bus_fare"] for r in here("--json", "list", "volunteer_event", "--where", "bus_fare is not null").json], [1250])
    assert "集合地点" in here("--lang", "zh", "model", "show", "volunteer_event").out
    equal(here("check").code, 0)


@test
def a_new_city_begins_with_the_declared_rows_where_that_is_asked():
    db = os.path.join(folder.name, "new.db")
    equal(run("--db", db, "--now", NOW, "--json", "init", "--city", "新城市", "--starters").json["rows"], 9)
    names = [r["name"] for r in run("--db", db, "--now", NOW, "--json", "list", "programme").json]
    assert len(names) == 7 and "“青”字号思政学堂" in names, names


done()

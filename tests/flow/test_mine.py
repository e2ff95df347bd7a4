#!/usr/bin/python3
"""What a resident comes for: signing up with places and a waiting list, hours, a certificate that whoever holds it verifies."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
import branch
from site_http import PROXY, Browser, Site, one_of_fifty
from tap import T, done, equal, holders, laid_down, printed, test


def resident(site, name, handle):
    who = next(r["id"] for r in site.cli("--json", "list", "person", "--limit", "100").json if r["name"] == name)
    b = Browser(site)
    equal(b.claim(site.cli("--json", "account", "code", f"#{who}").json["code"], handle).status, 303)
    return b


@test
def places_are_taken_in_order_and_who_waits_moves_up():
    s = Site()
    branch.make(lambda *a: s.cli("--lang", "zh", *a).out, T.dir)
    event = s.cli("--json", "add", "volunteer_event", "--org", "BR1", "title=冬日送暖", "held_on=2026-12-05", "capacity=1", "place=青柳村").json["id"]
    s.cli("add", "volunteer_event", "--org", "BR1", "title=已经过去", "held_on=2026-11-01", "state=planned")
    s.cli("add", "volunteer_event", "--org", "BR1", "title=大人的事", "held_on=2026-12-06", "min_age=40")
    a, b = resident(s, "赵明", "volunteer1"), resident(s, "钱丽然", "volunteer2")
    equal(a.get("/").getheader("Location"), "/mine")
    page = a.get("/mine").text
    assert "冬日送暖" in page and "1 place left" in page and "已经过去" not in page, page
    sign = lambda who, **f: who.post("/mine/signup", {"event": event, **f}, token_from="/mine")
    equal(sign(a).getheader("Location"), "/mine?done=signup")
    assert "the unit confirms it" in a.get("/mine").text
    equal(sign(a).status, 409, "twice")
    equal(sign(b).status, 303)
    page = b.get("/mine").text
    assert "Waiting list, number 1" in page and "full, 1 waits" in page and "赵明" not in page, page
    equal(sign(a, act="leave").status, 303)
    assert "the unit confirms it" in b.get("/mine").text, "moved up"
    equal(sign(a).status, 303, "again, at the end of the list")
    old = s.cli("--json", "list", "volunteer_event", "--where", "title = '大人的事'").json[0]["id"]
    r = sign(a, event=old)
    assert r.status == 422 and "under the event" in r.text, r.text
    past = s.cli("--json", "list", "volunteer_event", "--where", "title = '已经过去'").json[0]["id"]
    equal(sign(a, event=past).status, 422)
    late = s.cli("--json", "add", "volunteer_event", "--org", "BR1", "title=早已截止", "held_on=2026-12-20", "signup_until=2026-11-23").json["id"]
    page = a.get("/mine").text
    assert "Signing up has ended" in page and "sign up until 23 November" in page, page
    r = sign(a, event=late)
    assert r.status == 422 and "has ended" in r.text
    equal(a.get("/figures").status, 403, "a resident has no desk")
    equal(a.get("/jot").status, 403)
    s.stop()


@test
def a_certificate_says_what_is_confirmed_and_is_verified_by_number_and_code():
    s = Site()
    branch.make(lambda *a: s.cli("--lang", "zh", *a).out, T.dir)
    a, b = resident(s, "孙强然", "volunteer1"), resident(s, "李敏", "volunteer2")
    page = a.get("/mine").text
    assert "6 h" in page and "3 events" in page, page
    org = re.search(r'<option value="(\d+)">青柳村团支部', page)[1]
    r = a.post("/mine/certificate", {"org": org, "from": "2026-09-01", "to": "2026-11-24"}, token_from="/mine")
    equal(r.status, 303, r.text)
    at = r.getheader("Location")
    page = a.get(at).text
    number, where = re.search(r"ZY2026-\d{8}-\d\d", page)[0], re.search(r"/verify/[^<]+", page)[0]
    code = re.search(r'class="mono">([0-9A-Z]{4}-[0-9A-Z]{4})<', page)[1]
    assert "<b>孙强然</b>" in page and ">4 h</b>" in page and "12 September" in page and '<svg class="q"' in page, page
    equal(where, "/verify/" + number)
    r = a.get(at + ".pdf")
    equal((r.status, r.getheader("Content-Type")), (200, "application/pdf"))
    text = printed(r.body)
    assert all(w in text for w in ("孙强然", number, code, "4 h")), text
    equal(b.get(at + ".pdf").status in (403, 404), True, "nobody else's")
    equal(s.cli("--json", "id", "check", number).json["valid"], True)
    equal(b.get(at).status in (403, 404), True, "nobody else's")
    anybody = Browser(s)
    blank = anybody.get(where).text
    assert "孙" not in blank and "青柳村" not in blank, "the number alone tells nothing"
    wrong = anybody.get(where + "?k=AAAA-AAAA")
    assert wrong.status == 404 and "letter by letter" in wrong.text and "青柳村" not in wrong.text
    other = anybody.get(f"/verify/{number[:-1]}{(int(number[-1]) + 1) % 10}?k=" + code)
    equal((other.status, "青柳村" in other.text), (404, False))
    good = anybody.get(where + "?k=" + code.lower().replace("-", ""))
    assert good.status == 200 and "genuine" in good.text and "孙**" in good.text and "孙强然" not in good.text and "4 h" in good.text, good.text
    equal(s.cli("--json", "figures", "--year", "2026", "--org", "BR1", "vol.certificates").json[0]["value"], 1)
    s.cli("do", "void", "service_certificate", at.split("/")[-1], "reason=写错了")
    assert "withdrawn" in anybody.get(where + "?k=" + code).text
    r = b.post("/mine/certificate", {"org": org, "from": "2026-01-01", "to": "2026-02-01"}, token_from="/mine")
    assert r.status == 404 and "nothing to certify" in r.text
    s.stop()


def person(site, name, **fields):
    return site.cli("--json", "add", "person", "--org", "BR1", f"name={name}", *(f"{k}={v}" for k, v in fields.items())).json["id"]


def claims(site, who, handle):
    b = Browser(site)
    equal(b.claim(site.cli("--json", "account", "code", f"#{who}").json["code"], handle).status, 303)
    return b


def apply(who, register, where="", **form):
    return who.post(f"/apply/{register}", form, token_from=f"/apply/{register}{where}" if where else "/mine")


@test
def what_is_open_is_applied_for_and_what_is_asked_answered():
    s = Site()
    branch.make(lambda *a: s.cli("--lang", "zh", *a).out, T.dir)
    a = resident(s, "赵明", "volunteer1")
    contest = s.cli("--json", "add", "contest", "--org", "CY1", "name=青年讲解赛", "kind=explainer", "held_on=2026-12-20", "opens_on=2026-11-01", "closes_on=2026-12-01").json["id"]
    s.cli("add", "contest", "--org", "CY1", "name=还没开始", "kind=skill", "held_on=2026-12-20", "opens_on=2026-12-01")
    rnd = s.cli("--json", "add", "placement_round", "--org", "CY1", "name=寒假返家乡", "season=winter", "runs_on=2026-12-30", "closes_on=2026-12-10").json["id"]
    s.cli("add", "employer", "--org", "CY1", "name=县图书馆", "kind=institution", "joined_on=2026-01-01")
    posts = [s.cli("--json", "add", "post", "--org", "CY1", f"title=岗位{i}", f"code=P{i}", "capacity=2", "employer=县图书馆", "kind=culture", "season=winter", "offered_on=2026-11-01", f"starts_on={day}", "state=accepted").json["id"] for i, day in ((1, "2027-01-10"), (2, "2027-01-10"), (3, "2026-11-02"))]
    survey = s.cli("--json", "add", "survey", "--org", "BR1", "title=活动满意吗", "opens_on=2026-11-20", "closes_on=2026-11-30", "ask_for=满意度 | 选项 好、一般 | 必填；建议 | 文字").json["id"]
    s.cli("do", "issue", "survey", survey)
    other = s.cli("--json", "add", "survey", "--org", "CY1", "title=县里的", "opens_on=2026-11-20", "closes_on=2026-11-30", "ask_for=几次 | 数字").json["id"]
    s.cli("do", "issue", "survey", other)
    page = a.get("/apply").text
    assert "青年讲解赛" in page and "寒假返家乡" in page and "还没开始" not in page, page
    assert page.index("活动满意吗") < page.index("青年讲解赛") and "县里的" in page and "Nothing yet" in page
    form = a.get(f"/apply/entry?for={contest}").text
    assert "contests we process name" in form and 'name="work_title"' in form and 'name="number"' not in form and 'name="entrant"' not in form, form
    version = re.search(r'name="agree" value="([^"]+)"', form)[1]
    r = apply(a, "entry", f"?for={contest}", **{"for": contest, "work_title": "家乡的河"})
    assert r.status == 422 and "consent" in r.text, r.text
    r = apply(a, "entry", f"?for={contest}", **{"for": contest, "work_title": "家乡的河", "agree": "1990#00000000"})
    assert r.status == 409 and "has changed" in r.text, r.text
    r = apply(a, "entry", f"?for={contest}", **{"for": contest, "work_title": "家乡的河", "number": "1", "agree": version})
    assert r.status == 400 and "no field" in r.text, r.text
    equal(apply(a, "entry", f"?for={contest}", **{"for": contest, "work_title": "家乡的河", "agree": version}).getheader("Location"), "/apply?done=1")
    row = s.cli("--json", "list", "entry").json[0]
    equal((row["state"], row["work_title"], row["applied_on"]), ("submitted", "家乡的河", "2026-11-24"))
    equal(s.cli("--json", "list", "consent").json[0]["purpose_id"], "contests")
    equal(apply(a, "entry", "", **{"for": contest, "work_title": "再来"}).status, 303, "pressed twice: shown as sent")
    equal(len(s.cli("--json", "list", "entry").json), 1)
    equal(a.get(f"/r/entry/{row['id']}/edit").status, 403, "handed in, so it stands")
    equal(apply(a, "entry", "", **{"for": 999}).status, 404)
    form = a.get(f"/apply/application?for={rnd}").text
    assert form.count("<option value=\"%d\"" % posts[0]) == 5 and "岗位1" in form, form
    wish = {"for": rnd, "school_name": "省农业大学", "preferences.1": posts[1], "preferences.2": posts[1]}
    r = apply(a, "application", f"?for={rnd}", **wish)
    assert r.status == 422 and "stands twice" in r.text and 'value="省农业大学"' in r.text
    equal(apply(a, "application", f"?for={rnd}", **{**wish, "preferences.2": posts[0]}).status, 303)
    row = s.cli("--json", "list", "application").json[0]
    equal((row["state"], row["preferences"]), ("submitted", f",{posts[1]},{posts[0]},"), "in the order of the wishes")
    r = apply(a, "survey_answer", f"?for={survey}", **{"for": survey, "c2": "多办几次"})
    assert r.status == 422 and "多办几次" in r.text, r.text
    equal(apply(a, "survey_answer", f"?for={survey}", **{"for": survey, "c1": "好", "c2": "多办几次"}).status, 303)
    page = a.get("/apply").text
    assert "家乡的河" not in page and page.index("What was sent") < page.index("活动满意吗"), page
    assert 'href="/apply"' in a.get("/mine").text
    s.stop()


@test
def a_guardian_applies_for_the_child_and_nobody_else_does():
    s = Site()
    branch.make(lambda *a: s.cli("--lang", "zh", *a).out, T.dir)
    child, other = person(s, "周小禾", birth_date="2015-05-01"), person(s, "别家孩子", birth_date="2015-05-01")
    mother = next(r["id"] for r in s.cli("--json", "list", "person", "--limit", "100").json if r["name"] == "钱丽然")
    s.cli("add", "guardianship", "--org", "BR1", f"child=#{child}", f"guardian=#{mother}", "kinship=mother", "valid_from=2020-01-01", "verified=booklet", "verified_on=2020-01-01")
    contest = s.cli("--json", "add", "contest", "--org", "CY1", "name=红领巾讲解", "kind=explainer", "held_on=2026-12-20").json["id"]
    m, c = claims(s, mother, "mother1"), claims(s, child, "child1")
    r = c.get(f"/apply/entry?for={contest}")
    assert "applies for you" in r.text and "<form method=\"post\" action=\"/apply" not in r.text, r.text
    r = apply(c, "entry", f"?for={contest}", **{"for": contest, "agree": "2026.1"}) if 'name="csrf"' in r.text else r
    assert not s.cli("--json", "list", "entry").json, "a child does not consent alone"
    page = m.get(f"/apply?child={child}").text
    assert "周小禾" in page and "红领巾讲解" in page
    equal(m.get(f"/apply?child={other}").status, 403)
    version = re.search(r'name="agree" value="([^"]+)"', m.get(f"/apply/entry?for={contest}&child={child}").text)[1]
    equal(apply(m, "entry", f"?for={contest}", **{"for": contest, "child": other, "agree": version}).status, 403)
    equal(apply(m, "entry", f"?for={contest}&child={child}", **{"for": contest, "child": child, "team": "小禾队", "agree": version}).status, 303)
    row = s.cli("--json", "list", "entry").json[0]
    equal((row["entrant"], row["guardian_consent_on"], row["state"]), (child, "2026-11-24", "submitted"))
    consent = s.cli("--json", "list", "consent").json[0]
    equal((consent["person"], consent["by_guardian"], consent["guardian"]), (child, True, mother))
    equal(apply(m, "aid_application", f"?child={child}", child=child, kind="study", need="缺书包").status, 422, "another purpose, another consent")
    version = re.search(r'name="agree" value="([^"]+)"', m.get(f"/apply/aid_application?child={child}").text)[1]
    equal(apply(m, "aid_application", f"?child={child}", child=child, kind="study", need="缺书包", agree=version).status, 303)
    equal(s.cli("--json", "list", "aid_application").json[0]["state"], "submitted")
    equal(holders(laid_down(s.db), "缺书包"), [], "sealed")
    s.stop()


@test
def a_unit_gives_accounts_by_a_slip_and_digits_told_in_person():
    s = Site(serve=PROXY)
    b, made = branch.secretary(s)
    branch.authorise(s.cli)
    ids = {r["name"]: r["id"] for r in s.cli("--json", "list", "person", "--limit", "100").json}
    child, nameless = person(s, "周小禾", birth_date="2015-05-01"), person(s, "不知几岁")
    page = b.get("/invites").text
    assert "guardian&#39;s consent first" in page or "guardian's consent first" in page, page
    invite = lambda *who: b.ask("POST", "/invites", headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://" + s.address},
                                raw="&".join([f"csrf={b.csrf('/invites')}", *(f"who={w}" for w in who)]))
    r = invite(ids["赵明"], ids["钱丽然"])
    equal(r.status, 200, r.text)
    told, links = re.findall(r'class="mono">(\d{3} \d{3})<', r.text), re.findall(r'class="mono">([0-9A-Z-]{24})<', r.text)
    equal((len(told), len(links)), (2, 2))
    for who in (child, nameless):
        r = invite(who)
        assert r.status == 422 and "guardian" in r.text and "mono" not in r.text, r.text
    equal(invite(1).status in (403, 404), True, "an administrator elsewhere")
    dump = " ".join(str(x) for t in ("claim", "audit") for x in s.rows(f"SELECT * FROM {t}"))
    assert links[0] not in dump and told[0].replace(" ", "") not in dump
    a = Browser(s)
    join = lambda who, **f: who.ask("POST", "/join", f)
    assert "no account" not in join(a, code="AAAA-AAAA-AAAA-AAAA-AAAA").text and join(a, code="AAAA-AAAA-AAAA-AAAA-AAAA").status == 422
    page = join(a, code=links[0]).text
    assert "six digits" in page and "赵" not in page, "whose it is, is not told to who found the slip"
    mine = {"code": links[0], "handle": "zhaom", "password": "a quiet field of rice", "again": "a quiet field of rice"}
    equal(a.claim(links[0], "zhaom").status, 422, "the slip alone is no code of an administrator")
    r = join(a, told=told[1], **mine)
    assert r.status == 422 and "4 tries are left" in r.text, r.text
    a, r = one_of_fifty(s, "/join", {"told": told[0], **mine})
    equal(r.getheader("Location"), "/")
    equal(a.get("/").getheader("Location"), "/mine")
    assert "赵明" in a.get("/me").text and a.get("/figures").status == 403
    equal(join(Browser(s), told=told[0], **mine).status, 422, "good once")
    r = invite(ids["赵明"])
    assert r.status == 409 and "has an account already" in r.text
    other = Browser(s)
    for k in range(5):
        r = join(other, told="000000" if told[1] != "000 000" else "111111", **{**mine, "code": links[1]})
    assert "dead" in r.text or r.status == 429, r.text
    if r.status != 429:
        equal(join(other, told=told[1], **{**mine, "code": links[1], "handle": "qianl"}).status, 422, "the right digits come too late")
    s.cli("add", "consent", "--org", "BR1", f"person=#{child}", "purpose_id=account", "given_on=2026-11-20", "text_version=paper", "by_guardian=true", f"guardian=#{ids['钱丽然']}", "verified=paper")
    equal(invite(child).status, 200)
    s.stop()


@test
def a_guardian_signs_the_child_up_takes_it_back_and_the_child_checks_in_by_its_code():
    s = Site()
    b, made = branch.secretary(s)
    child, youth, other = person(s, "周小禾", birth_date="2015-05-01"), person(s, "周大禾", birth_date="2010-05-01"), person(s, "别家孩子", birth_date="2015-05-01")
    mother = next(r["id"] for r in s.cli("--json", "list", "person", "--limit", "100").json if r["name"] == "钱丽然")
    for who in (child, youth):
        s.cli("add", "guardianship", "--org", "BR1", f"child=#{who}", f"guardian=#{mother}", "kinship=mother", "valid_from=2020-01-01", "verified=booklet", "verified_on=2020-01-01")
    event = s.cli("--json", "add", "volunteer_event", "--org", "BR1", "title=冬日送暖", "held_on=2026-11-24", "capacity=5", "place=青柳村").json["id"]
    m, c, y = claims(s, mother, "mother1"), claims(s, child, "child1"), claims(s, youth, "youth1")
    sign = lambda who, **f: who.post("/mine/signup", {"event": event, **f}, token_from="/mine")
    r = sign(c)
    assert r.status == 422 and "the guardian signs up for you" in r.text and "signs up for you" in c.get("/mine").text, r.text
    page = m.get(f"/mine?child={child}").text
    assert "周小禾" in page and "Read it and consent" in page and ">Sign up<" not in page, page
    equal(sign(m, child=child).status, 422, "no consent in force")
    equal(m.get(f"/mine?child={other}").status, 403)
    equal(sign(m, child=other).status, 403, "somebody else's child")
    page = m.get(f"/me/consents?child={child}").text
    version = re.search(r'value="volunteer_service".*?name="version" value="([^"]+)"', page, re.S)[1]
    r = m.post("/me/consents", {"child": child, "act": "give", "purpose": "volunteer_service", "version": version}, token_from=f"/me/consents?child={child}")
    equal(r.status, 303, r.text)
    equal(sign(m, child=child).getheader("Location"), f"/mine?done=signup&child={child}")
    row = s.cli("--json", "list", "volunteer_signup").json[0]
    equal((row["volunteer"], row["guardian_consent"], row["state"]), (child, True, "submitted"))
    assert "the unit confirms it" in c.get("/mine").text and "4 places left" in m.get("/mine").text
    equal(sign(m, child=child, act="leave").status, 303)
    assert "the unit confirms it" not in c.get("/mine").text
    equal(sign(m, child=child).status, 303, "and again")
    s.cli("do", "accept", "volunteer_signup", row["id"])
    page = m.get(f"/mine?child={child}").text
    assert "You have a place" in page and "Take it back" in page, page
    # From fourteen on alone, and the guardian says yes afterwards.
    equal(sign(y).status, 303)
    assert "the guardian&#39;s word lacks" in y.get("/mine").text and "I agree" not in y.get("/mine").text
    assert "I agree" in m.get(f"/mine?child={youth}").text
    equal(sign(m, child=youth).status, 303)
    assert "word lacks" not in y.get("/mine").text
    equal(sign(m, child=youth).status, 409, "twice")
    equal([r["guardian_consent"] for r in s.cli("--json", "list", "volunteer_signup").json], [True, True])
    # On site: the code in place of the name, whoever may run the event; another event's code is nobody's.
    code = re.search(r'class="mono nb">([0-9A-Z]{4}-[0-9A-Z]{4})<', m.get(f"/mine?child={child}").text)[1]
    later = s.cli("--json", "add", "volunteer_event", "--org", "BR1", "title=明天", "held_on=2026-11-25").json["id"]
    at = f"/onsite/volunteer_event/{event}"
    came = lambda where, text: b.post(where, {"name": text}, token_from=where)
    equal(came(f"/onsite/volunteer_event/{later}", code).status, 422)
    equal(came(at, code.lower()).getheader("Location"), at)
    equal(came(at, code).getheader("Location"), at + "?again=1", "counted once")
    equal([r["volunteer"] for r in s.cli("--json", "list", "service_record", "--where", f"event = {event}").json], [child])
    # By the code on the screen, on the guardian's phone, for the other child.
    shown = re.search(r'<b class="mono">([0-9A-Z-]{9})<', b.get(at).text)[1]
    here = f"/here/volunteer_event/{event}"
    page = m.get(f"{here}?c={shown}").text
    assert "周大禾" in page and "别家孩子" not in page, page
    equal(m.post(here, {"who": youth}, token_from=here).status, 303)
    equal(m.post(here, {"who": other}, token_from="/mine").status, 403)
    equal(sorted(r["volunteer"] for r in s.cli("--json", "list", "service_record", "--where", f"event = {event}").json), sorted([child, youth]))
    # A post of the holidays from sixteen on.
    rnd = s.cli("--json", "add", "placement_round", "--org", "CY1", "name=寒假返家乡", "season=winter", "runs_on=2026-12-30", "closes_on=2026-12-10").json["id"]
    equal(apply(m, "application", f"?for={rnd}&child={child}", **{"for": rnd, "child": child, "school_name": "一小"}).status, 422, "eleven years old")
    equal(s.cli("--json", "list", "application").json, [])
    equal(apply(m, "application", f"?for={rnd}&child={youth}", **{"for": rnd, "child": youth, "school_name": "职校"}).status, 303)
    equal([(r["student"], r["state"]) for r in s.cli("--json", "list", "application").json], [(youth, "submitted")])
    s.cli("check")
    s.stop()


@test
def an_award_is_certified_once_its_publicity_is_over_and_verified_by_whoever_holds_the_paper():
    s = Site(("org", "code=C1", "name=海州县团委", "kind=county", "parent=330100")).enter()
    add = lambda *a: s.cli("--json", "add", *a).json["id"]
    who, child = add("person", "--org", "C1", "name=何静"), add("person", "--org", "C1", "name=孙小苗", "birth_date=2013-05-01")
    contest = add("contest", "--org", "C1", "name=红领巾讲解员大赛", "kind=explainer", "held_on=2026-06-01")
    entry = add("entry", "--org", "C1", f"contest=#{contest}", f"entrant=#{child}", "work_title=一粒米的旅行", "guardian_consent_on=2026-05-01")
    over = add("award", "--org", "C1", f"entry=#{entry}", "contest_level=county", "rank=gold", "awarded_on=2026-06-02",
               "public_from=2026-06-03", "public_to=2026-06-12")
    runs = add("award", "--org", "C1", f"entry=#{entry}", "contest_level=county", "rank=excellent", "awarded_on=2026-11-20",
               "public_from=2026-11-20", "public_to=2026-11-30")
    equal(s.post(f"/accounts/{who}", {"act": "grant", "role": "county_staff", "org": "C1"}).status, 303)
    code = re.search(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}", s.post(f"/accounts/{who}", {"act": "code"}).text)[0]
    b = Browser(s).enter(code, "county")
    at = f"/awards/{over}"
    assert b.get(at).status in (403, 404), "an entry of a minor takes an authorisation"
    s.cli("authorise", "grant", f"#{who}", "county_staff", "contests", "--by", "#1")
    page = b.get(at).text
    assert "孙小苗" in page and "一粒米的旅行" in page and "Make the certificate" in page and '<svg class="q"' not in page, page
    equal(b.get(at + ".pdf").status, 409, "not made yet")
    equal(b.post(at, {}).status, 303)
    page = b.get(at).text
    number, where = re.search(r"HJ2026-\d{8}-\d\d", page)[0], re.search(r"/verify/[^<]+", page)[0]
    code = re.search(r'class="mono">([0-9A-Z]{4}-[0-9A-Z]{4})<', page)[1]
    equal(b.post(at, {}).status, 303)
    assert code in b.get(at).text, "made once"
    r = b.get(at + ".pdf")
    text = printed(r.body).replace(" ", "")
    assert all(w in text for w in ("孙小苗", "一粒米的旅行", "Gold", number, code)), text
    assert "publicity still runs" in b.get(f"/awards/{runs}").text
    equal(b.post(f"/awards/{runs}", {}).status, 409)
    anybody = Browser(s)
    assert "孙" not in anybody.get(where).text and "海州" not in anybody.get(where).text, "the number alone tells nothing"
    equal(anybody.get(where + "?k=AAAA-AAAA").status, 404)
    told = anybody.get(where + "?k=" + code).text
    assert "genuine" in told and "孙" in told and "孙小苗" not in told and "Gold" in told and "一粒米" not in told, told
    s.cli("do", "void", "award", over, "reason=申诉成立")
    assert "withdrawn" in anybody.get(where + "?k=" + code).text
    equal(b.get(at + ".pdf").status, 409)
    s.stop()


@test
def what_came_of_a_survey_is_told_in_sums_once_it_has_ended():
    s = Site()
    b, made = branch.secretary(s)
    survey = s.cli("--json", "add", "survey", "--org", "BR1", "title=活动满意吗", "opens_on=2026-11-20", "closes_on=2026-11-30", "results=answered", "ask_for=满意度 | 选项 好、一般、差 | 必填；几分 | 数字；建议 | 文字").json["id"]
    s.cli("do", "issue", "survey", survey)
    people = [resident(s, n, f"volunteer{i}") for i, n in enumerate(made["people"][:7])]
    for i, p in enumerate(people[:6]):
        equal(apply(p, "survey_answer", f"?for={survey}", **{"for": survey, "c1": "差" if i == 0 else "好", "c2": 5 - i % 2, **({"c3": "太远了"} if i == 0 else {})}).status, 303)
    at = f"/surveys/{survey}"
    page = b.get(at).text
    assert "6 people have answered" in page and "once the survey has ended" in page and "好" not in page, page
    assert "What came of it" not in people[0].get("/apply").text
    r = b.get("/r/survey_answer/1")
    equal(r.status in (403, 404), True, "nobody but who gave it reads an answer: who entered it stands in it")
    equal(b.get("/r/survey_answer").status in (200, 403), True)
    assert "太远了" not in b.get("/r/survey_answer").text
    s.cli("do", "close", "survey", survey)
    page = b.get(at).text
    assert "5 (83%)" in page and "1 (17%)" in page and "Mean 4.5, middle 4" in page, page
    assert "Fewer than 5 people answered this" in page and "太远了" not in page, "one text is nobody's to read"
    assert at in b.get(f"/r/survey/{survey}").text
    page = people[0].get(at).text
    assert "1 (17%)" not in page and "together, not told one by one" in page, page
    assert at in people[0].get("/apply").text
    equal(people[6].get(at).status, 404, "who has not answered")
    s.cli("set", "survey", survey, "results=office")
    equal((people[0].get(at).status, b.get(at).status), (403, 200))
    s.stop()


done()

#!/usr/bin/python3
"""The guide: every register, figure and page of the route table explains itself in both languages; nothing is left
untranslated; what is searched is found; the first hour ticks itself."""
import html
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from site_http import NOW, Browser, Site
from tap import done, equal, run, test

folder = tempfile.TemporaryDirectory()
site = Site(["org", "code=B1", "name=一中团支部", "kind=branch", "parent=330100"], folder=folder.name).enter()
REGISTERS = [r["id"] for r in run("--db", site.db, "--json", "registers").json]
ROUTES = run("--json", "routes").json
SCREENS = open("model/help/screens.yaml", encoding="utf-8").read()
HAN = re.compile(r"[\u4e00-\u9fff]")


def page(path, lang, status=200, who=site):
    r = who.get(path + ("&" if "?" in path else "?") + "lang=" + lang)
    equal(r.status, status, path)
    main = re.search(r"<main.*?</main>", r.text, re.S)[0]
    return re.sub(r"[ \n]+", " ", html.unescape(re.sub("<[^>]+>", " ", main)))


def figures():
    text = site.get("/help?q=.").text
    return sorted(set(re.findall(r"/help/figures/([\w.]+)", text)))


FIGURES = figures()


def untranslated(text, lang):
    """What is in the wrong language. Conditions, ids, headers that sheets have and the titles of law stay as they are."""
    if lang == "en":
        text = re.sub(r"headers taken too: [^.]*?(?= [A-Z]|$)|“[^”]*”|国办函〔2026〕12号|(column|columns?) 状态|qinghe template [^ ]+ -o \S+", " ", text)
        return HAN.findall(text)
    return re.findall(r"[A-Za-z]+(?: [a-z]+){3,}", re.sub(r"qinghe template \S+ -o \S+", " ", text.split("在哪里算")[0]))


@test
def every_register_explains_itself_in_both_languages():
    assert len(REGISTERS) > 150, len(REGISTERS)
    for id in REGISTERS:
        for lang, heads in (("zh", ("填什么", "怎么导入表格", "怎么保护和保存")), ("en", ("What is filled in", "How to bring in a sheet", "How it is protected"))):
            text = page(f"/help/registers/{id}", lang)
            for head in heads:
                assert head in text, (id, lang, head)
            left = untranslated(text, lang)
            assert not left, (id, lang, left[:5], text[:300])
            assert not re.search(r"\(null\)|%[a-z.*]", text), (id, text)


@test
def every_figure_explains_itself_in_both_languages():
    assert len(FIGURES) > 300, len(FIGURES)
    for id in FIGURES:
        for lang, head in (("zh", "怎么算的"), ("en", "How it is counted")):
            text = page(f"/help/figures/{id}", lang)
            assert head in text, (id, lang)
            parts = re.split("条件|Counted where", text)  # what stands in a condition is data
            left = untranslated(parts[0], lang)
            assert not left, (id, lang, left[:5], text[:300])


@test
def every_page_of_the_route_table_has_its_words():
    named = set(re.findall(r'"(/[^"]*)"', "".join(line for line in SCREENS.splitlines() if "routes:" in line)))
    pages = {r["path"] for r in ROUTES if r["method"] == "GET"}
    equal(sorted(pages - named), [], "pages without words in model/help/screens.yaml")
    equal(sorted(named - pages), [], "words of pages that are gone")
    for id in re.findall(r"^  (\w+):$", SCREENS, re.M):
        for lang in ("zh", "en"):
            left = untranslated(page(f"/help/screens/{id}", lang), lang)
            assert not left, (id, lang, left)
    page("/help/screens/nothing", "en", 404)


@test
def the_question_mark_of_a_page_leads_to_its_own_words():
    for path, target in (("/", "screens/desk"), ("/r/volunteer_event", "registers/volunteer_event"), ("/figures/vol.events", "figures/vol.events"),
                         ("/collections", "screens/collections"), ("/import", "screens/import"), ("/help", "screens/help")):
        link = re.search(r'class="what[^"]*" href="([^"]+)"', site.get(path).text)[1]
        equal(link, "/help/" + target, path)
        equal(site.get(link).status, 200)
    equal(site.get("/help/screens/sign_in", cookies=False).status, 200)  # who cannot get in can read it


@test
def what_is_searched_is_found_by_words_initials_and_headers():
    assert "/help/registers/volunteer_event" in site.get("/help?q=zyfw&lang=zh").text
    assert "/help/registers/volunteer_event" in site.get("/help?q=Volunteer+event").text
    assert "/help/screens/collections" in site.get("/help?q=%E6%B1%87%E6%80%BB&lang=zh").text  # 汇总
    assert "Nothing in the guide" in page("/help?q=qqqqq", "en"), page("/help?q=qqqqq", "en")


@test
def lists_stand_in_the_order_of_a_dictionary():
    text = site.get("/help?lang=en").text
    labels = [html.unescape(x) for x in re.findall(r'href="/help/figures/[^"]+">([^<]+)<', text)]
    equal(labels, sorted(labels, key=str.lower))
    text = site.get("/help?lang=zh").text
    group = re.search(r'id="h-volunteer".*?</section>', text, re.S)[0]
    labels = re.findall(r'href="/help/registers/[^"]+">([^<]+)<', group)
    at = {name: labels.index(name) for name in labels}
    assert at["志愿服务活动"] > at["青年志愿者注册"] if "青年志愿者注册" in at else len(labels) > 3, labels  # q before z


@test
def the_first_hour_ticks_what_the_records_show():
    new = Browser(site)
    who = f"#{run('--db', site.db, '--now', NOW, '--json', 'add', 'person', '--org', 'B1', 'name=左一').json['id']}"
    run("--db", site.db, "--now", NOW, "account", "grant", "branch_secretary", who, "--org", "B1")
    new.enter(run("--db", site.db, "--now", NOW, "--json", "account", "code", who).json["code"], "zuoyi")
    before = page("/help/tour", "en", who=new)
    assert "A branch secretary's first hour" in before and "0 of 5 done" in before and "county cadre" not in before, before
    run("--db", site.db, "--now", NOW, "--as", "zuoyi", "add", "volunteer_event", "title=净滩", "held_on=2026-11-01")
    after = page("/help/tour", "en", who=new)
    assert "1 of 5 done" in after, after
    assert "的第一个小时" in page("/help/tour", "zh")


def sent(who, path, **form):
    """A form of a page, sent as a browser would; where it leads."""
    r = who.post(path, form, token_from="/me")
    amiss = re.search(r'class="amiss".*?</div>|<div class="field err">.*?</div>', r.text, re.S)
    equal(r.status, 303, path + (amiss[0] if amiss else r.text[-300:]))
    return r.getheader("Location")


@test
def a_new_secretary_does_the_whole_first_hour_through_its_links():
    """In a city that works already: every task's link is open to her, is the page where it is done, and ticks it."""
    cli = lambda *a: run("--db", site.db, "--now", NOW, *a)
    cli("add", "org", "--org", "330100", "code=C9", "name=海州县团委", "kind=county")
    cli("add", "org", "code=B9", "name=二中团支部", "kind=branch", "parent=C9")
    people = {}
    for name, role, org in (("geyun", "county_staff", "C9"), ("zuoer", "branch_secretary", "B9")):
        who = f"#{cli('--json', 'add', 'person', '--org', org, f'name={name}').json['id']}"
        cli("account", "grant", role, who, "--org", org)
        people[name] = Browser(site).enter(cli("--json", "account", "code", who).json["code"], name)
    county, new = people["geyun"], people["zuoer"]
    notice = cli("--json", "add", "notice", "--org", "C9", "title=暑期安全", "issued_on=2026-11-20", "body=请排查隐患").json["id"]
    ask = cli("--json", "add", "collection", "--org", "C9", "number=TB-1", "title=托管班摸底", "issued_on=2026-11-10", "due_on=2026-11-30", "ask_for=开班数 | 数字 | 必填").json["id"]
    cli("add", "theme", "--org", "C9", "name=学雷锋", "opens_on=2026-11-01", "closes_on=2026-11-30")
    for path in (f"/notices/{notice}", f"/collections/{ask}"):
        sent(county, path, act="issue")
    tour = new.get("/help/tour?lang=en").text
    links = [h.split("?")[0] for h in re.findall(r'<li[^>]*><p class="l"><a href="([^"]+)"', tour[tour.index("<ol"):tour.index("</ol>")])]
    equal(links, ["/me", "/notices", "/r/volunteer_event/new", "/r/league_day/new", "/import", "/collections", "/figures"])
    for link in links:
        equal(new.get(link).status, 200, link)
    count = lambda: int(re.search(r"(\d) of 5 done", page("/help/tour", "en", who=new))[1])
    equal(count(), 0)

    def tick(n, what):
        equal(count(), n, what)

    assert f'/notices/{notice}' in new.get("/notices").text
    acts = re.findall(r'name="act" value="(\w+)"', new.get(f"/notices/{notice}").text)
    receipt = re.search(r'name="receipt" value="(\d+)"', new.get(f"/notices/{notice}").text)
    sent(new, f"/notices/{notice}", act=[a for a in acts if a.startswith("ack")][0], **({"receipt": receipt[1]} if receipt else {}))
    tick(1, "a notice acknowledged")
    sent(new, "/r/volunteer_event/new", org="B9", title="净滩", held_on="2026-11-01", _state="completed")
    tick(2, "an activity recorded")
    sent(new, "/r/league_day/new", org="B9", held_on="2026-11-02", theme="学雷锋", heads="12")
    tick(3, "a league day recorded")
    edge, sheet = "----edge", "活动名称,活动日期\n敬老,2026-11-03\n".encode()
    body = b"".join(f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in (("csrf", new.csrf()), ("register", "volunteer_event")))
    body += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="活动.csv"\r\n\r\n'.encode() + sheet + f"\r\n--{edge}--\r\n".encode()
    at = new.ask("POST", "/import", raw=body, headers={"Content-Type": "multipart/form-data; boundary=" + edge, "Origin": "http://" + site.host}).getheader("Location")
    equal(new.ask("POST", at, {"csrf": new.csrf(), "_act": "go"}).status, 200)
    tick(4, "a sheet brought in")
    answer = re.search(rf'/collections/{ask}/answer/\d+', new.get(f"/collections/{ask}").text)[0]
    sent(new, answer, c1="2")
    tick(5, "a collection answered")
    assert 'class="done"' in new.get("/help/tour").text


try:
    done()
finally:
    site.stop()

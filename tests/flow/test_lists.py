#!/usr/bin/python3
"""Lists at the desk: order, columns, saved views, files of a view, one change of state for many rows."""
import csv
import html
import io
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from site_http import NOW, Browser, Site
from tap import done, equal, run, test

folder = tempfile.TemporaryDirectory()
sheet = os.path.join(folder.name, "events.csv")
places = ["海塘", "", "柳河", "云脊", "", "石门"]
with open(sheet, "w", encoding="utf-8") as f:
    f.write("活动名称,活动日期,活动时长,地点,状态\n")
    for i in range(60):
        f.write(f"活动{i:02},2026-{i % 9 + 1:02}-{i % 27 + 1:02},{i % 7 + 1}小时,{places[i % 6]},{'筹备中' if i % 4 == 0 else '已完成'}\n")
    f.write("=1+1,2026-10-10,1小时,-2,已完成\n")
site = Site(folder=folder.name)
run("--db", site.db, "--now", NOW, "import", "volunteer_event", sheet)
site.enter()
LIST = "/r/volunteer_event"


def pages(query):
    """Ids of all rows, page by page."""
    ids, path = [], LIST + query
    while path:
        page = site.get(path)
        equal(page.status, 200, path)
        ids += [int(i) for i in re.findall(r'class="c-who"><a href="/r/volunteer_event/(\d+)', page.text)]
        older = re.search(r'<a class="btn" href="([^"]+)">25 older', page.text)
        path = html.unescape(older[1]) if older else None
    return ids


def column(query, field):
    by_id = {r["id"]: r[field] for r in site.json(LIST)["rows"]}
    return [by_id[i] for i in pages(query)]


@test
def rows_come_in_the_order_of_a_field_page_by_page_each_once():
    for field in ("held_on", "hours", "place"):
        up, down = column(f"?sort={field}", field), column(f"?sort=-{field}", field)
        equal(len(up), 61)
        known = [v for v in up if v is not None]
        equal(known, sorted(known, key=lambda v: v.encode() if isinstance(v, str) else v), field)
        equal(up[len(known):], [None] * (61 - len(known)), field + ": rows without it come last")
        equal([v for v in down if v is not None], known[::-1], field)
        equal(len(set(pages(f"?sort={field}"))), 61)
    equal(site.get(LIST + "?sort=nothing").status, 404)


@test
def rows_are_filtered_by_sets_spans_and_references():
    rows = site.json(LIST)["rows"]
    short = "?col=title&col=hours"
    few = pages(short + "&f_hours.from=2%E5%B0%8F%E6%97%B6&f_hours.to=3:00")
    equal(sorted(few), sorted(r["id"] for r in rows if r["hours"] is not None and 120 <= r["hours"] <= 180), "a span of hours, however they are written")
    page = site.get(LIST + short + "&f_hours.from=viel").text
    assert "span0 err" in page, "what cannot be read stands at its control"
    equal(len(pages(short + "&f_hours.from=viel")), 61, "and asks nothing")
    both = pages("?f_service_field=ecology&f_service_field=elderly")
    equal(sorted(both), sorted(r["id"] for r in rows if r.get("service_field") in ("ecology", "elderly")), "any of a set")
    quoted = site.get(LIST + short + "&f_hours.from=1&where=" + "title%20%3D%20%27%E6%B4%BB%E5%8A%A801%27")
    equal(quoted.status, 200)
    equal(site.get(LIST + "?f_service_field=x%27%20or%201%3D1").status, 200, "a value that is none is passed over")


@test
def rows_are_filtered_by_a_person_whose_name_stands_in_no_address():
    ids = [run("--db", site.db, "--now", NOW, "--json", "add", "person", "--org", "330100", f"name={n}").json["id"] for n in ("欧阳听雨", "上官云起", "上官云起")]
    for who in ids[:2]:
        run("--db", site.db, "--now", NOW, "add", "service_record", "--org", "330100", "event=#1", f"volunteer=#{who}", "served_on=2026-01-02", "hours=1")
    at = "/r/service_record"
    assert 'name="who"' not in site.get(at).text, "for those who may read people"
    cli = lambda *a: run("--db", site.db, "--now", NOW, "--json", *a).json
    boss, clerk = (cli("add", "person", "--org", "330100", "name=" + n)["id"] for n in ("陈批准", "李干事"))
    run("--db", site.db, "--now", NOW, "account", "grant", "leader", f"#{boss}", "--org", "330100")
    run("--db", site.db, "--now", NOW, "account", "grant", "county_staff", f"#{clerk}", "--org", "330100")
    run("--db", site.db, "--now", NOW, "authorise", "grant", f"#{clerk}", "county_staff", "identity", "--org", "330100", "--by", f"#{boss}")
    staff = Browser(site).enter(cli("account", "code", f"#{clerk}")["code"], "ligan")
    page = staff.get(at).text
    assert 'id="who-volunteer" name="who"' in page
    ask = lambda who, query="": staff.post(at + "/who", {"field": "volunteer", "who": who, "query": query}, token_from="/me")
    r = ask("欧阳听雨", "state=valid")
    equal((r.status, r.getheader("Location")), (303, f"{at}?state=valid&f_volunteer={ids[0]}"))
    shown = staff.get(f"{at}?f_volunteer={ids[0]}&period=2026").text
    equal(re.findall(r'class="c-who"><a href="/r/service_record/(\d+)', shown), ["1"])
    assert "欧阳听雨" in shown
    equal(ask("上官云起").getheader("Location"), f"{at}?nobody=volunteer", "two of that name: nobody is guessed")
    assert "Nobody of that name, or several" in staff.get(f"{at}?nobody=volunteer").text
    equal(ask("", f"f_volunteer={ids[0]}").getheader("Location"), at)
    equal(staff.post(at + "/who", {"field": "hours", "who": "1"}, token_from="/me").status, 400)


@test
def columns_are_chosen_and_the_name_stays_a_link():
    page = site.get(LIST + "?col=place&col=title&col=state").text
    heads = [re.sub("<[^>]+>", "", h) for h in re.findall(r'<th role="columnheader"[^>]*>(.*?)</th>', page)]
    equal(heads, ["Title", "Place", "State"])
    assert 'aria-sort="ascending"' in site.get(LIST + "?sort=title").text


@test
def a_view_is_kept_with_its_count_and_dropped_again():
    r = site.ask("POST", LIST + "/views", {"csrf": site.csrf(), "label": "筹备的<活动>", "query": "state=planned&sort=-held_on"})
    equal((r.status, r.getheader("Location")), (303, LIST + "?state=planned&sort=-held_on"))
    page = site.get(r.getheader("Location")).text
    tab = re.search(r'<a href="([^"]+)" aria-current="page">筹备的&lt;活动&gt; <small>(\d+)</small>', page)
    equal((html.unescape(tab[1]), tab[2]), (LIST + "?state=planned&sort=-held_on", "15"))
    drop = re.search(r'name="drop" value="([^"]+)"', page)[1]
    equal(site.ask("POST", LIST + "/views", {"csrf": site.csrf(), "drop": drop}).status, 303)
    assert "筹备的" not in site.get(LIST).text
    equal(site.ask("POST", LIST + "/views", {"csrf": site.csrf(), "label": "x", "query": "a\nSet-Cookie: b"}).status, 400)


@test
def the_file_holds_the_rows_of_the_view():
    import openpyxl
    r = site.ask("GET", LIST + "/export?format=csv&state=planned", binary=True)
    equal((r.status, r.getheader("Content-Type")), (200, "text/csv; charset=utf-8"))
    assert "volunteer_event.csv" in r.getheader("Content-Disposition")
    rows = list(csv.reader(io.StringIO(r.body.decode("utf-8-sig"))))
    equal(len(rows), 16)
    r = site.ask("GET", LIST + "/export?format=xlsx", binary=True)
    book = openpyxl.load_workbook(io.BytesIO(r.body))
    values = list(book.active.iter_rows(values_only=True))
    equal(len(values), 62)
    equal([c.data_type for row in book.active.rows for c in row if c.value == "=1+1"], ["s"], "a text stays a text")
    assert not [f for f in os.listdir("/dev/shm") if f.startswith("qinghe-export")]


@test
def many_rows_change_together_after_one_more_look_or_not_at_all():
    page = site.get(LIST + "?state=planned&pick=1").text
    ids = re.findall(r'type="checkbox" name="id" value="(\d+)"', page)[:3]
    moves = re.findall(r'<option value="([a-z_]+)">', page[page.index("bulk-move"):])
    assert "cancel" in moves, moves
    done_id = [r["id"] for r in site.json(LIST)["rows"] if r["state"] == "completed"][0]
    form = [("csrf", site.csrf()), ("move", "cancel")] + [("id", i) for i in ids + [done_id]]
    page = site.ask("POST", LIST + "/bulk", form).text
    assert "3 rows" in page and "1 row stays as it is" in page and "Nothing has been changed yet" in page
    equal([r["state"] for r in site.json(LIST)["rows"] if str(r["id"]) in ids], ["planned"] * 3)
    key = re.search(r'name="_key" value="([^"]+)"', page)[1]
    form = [("csrf", site.csrf()), ("move", "cancel"), ("_act", "do"), ("_key", key)] + [("id", i) for i in ids]
    equal(site.ask("POST", LIST + "/bulk", form + [("_reason", "")]).status, 422)
    equal(site.ask("POST", LIST + "/bulk", form + [("_reason", "台风")]).status, 303)
    equal([r["state"] for r in site.json(LIST)["rows"] if str(r["id"]) in ids], ["cancelled"] * 3)
    equal(site.ask("POST", LIST + "/bulk", [("csrf", site.csrf()), ("move", "cancel")]).status, 400)


@test
def the_server_ends_cleanly():
    equal(site.stop(), 0)


done()

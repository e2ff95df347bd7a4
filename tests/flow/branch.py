"""branch.py -- a branch whose secretary has a bound phone, its people and a past, for flow and browser tests.

    python3 branch.py QINGHE DB     adds them to a city that stands and prints {"phone": link code, ...} as JSON
"""
import json
import os
import re
import subprocess
import sys
import tempfile

NOW = "2026-11-24T10:00:00+08:00"
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏", "明丽强敏静磊洋艳勇军"
PEOPLE = [s + GIVEN[i % 10] + ("然" if i % 3 else "") for i, s in enumerate(SURNAMES)]  # 30, all different
W = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def citizen(serial):
    body = f"11010120000101{serial:03d}"
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, W)) % 11]


def make(cli, folder):
    """cli(*args) runs the program on the city and gives its standard output."""
    def load(register, header, rows):
        path = os.path.join(folder, register + ".csv")
        with open(path, "w", encoding="utf-8-sig") as f:
            for row in [header, *rows]:
                f.write(",".join(map(str, row)) + "\r\n")
        out = json.loads(cli("--json", "import", register, path, "--org", "BR1"))
        assert out["rejected"] == 0, out["errors"]
    cli("add", "org", "code=CY1", "name=共青团海州县委员会", "kind=county", "parent=330100")
    cli("add", "org", "code=BR1", "name=青柳村团支部", "kind=branch", "parent=CY1")
    load("person", ["姓名", "身份证号", "电话"], [[n, citizen(2 * i + 1), f"139{i:08}"] for i, n in enumerate(PEOPLE)])
    if "海边净滩行动" not in cli("list", "programme"):
        cli("add", "programme", "name=海边净滩行动", "kind=drive", "started_on=2024-03-01")
    cli("add", "programme", "name=书香伴我行读书月", "kind=culture", "started_on=2024-03-01")
    events = [("柳河口净滩", "海边净滩行动", "生态环保", d, "2小时", "柳河口") for d in ("2026-08-15", "2026-09-12", "2026-11-08")]
    load("volunteer_event", ["活动名称", "系列行动", "服务领域", "活动日期", "活动时长", "地点"], events)
    load("culture_event", ["活动名称", "品牌项目", "类别", "日期"], [["夜读会", "书香伴我行读书月", "读书", "2026-10-11"]])
    ids = [r["id"] for r in json.loads(cli("--json", "list", "volunteer_event", "--where", "title = '柳河口净滩'"))]
    for i, (event, e) in enumerate(zip(sorted(ids), events)):
        load("service_record", ["活动", "姓名", "服务日期", "时长"], [[f"#{event}", n, e[3], "2小时"] for n in PEOPLE[i:i + 23]])
    out = os.path.join(folder, "links.html")
    cli("account", "links", "--all", "--base", "https://linlan.example", "-o", out)
    page = open(out, encoding="utf-8").read()
    return {"phone": re.search(r"青柳村团支部</b>.*?<code>([0-9A-Z-]{24})</code>", page, re.S)[1], "people": PEOPLE, "events": sorted(ids)}


def authorise(cli):
    """Once the phone is bound: the secretary may read the names of the own unit."""
    cli("authorise", "duty", "branch_secretary", "identity", "--by", "#1")  # as approved on paper


def secretary(site):
    """For flow tests: the phone is bound; the browser that it is, and what was made."""
    from site_http import Browser
    from tap import T, equal
    made = make(lambda *a: site.cli("--lang", "zh", *a).out, T.dir)
    b = Browser(site)
    equal(b.ask("POST", "/bind", {"code": made["phone"], "name": "柳青", "pin": "204857", "again": "204857"}).status, 303)
    authorise(lambda *a: site.cli(*a))
    return b, made


if __name__ == "__main__":
    program, db = sys.argv[1:3]

    def cli(*args):
        r = subprocess.run([program, "--db", db, "--now", NOW, "--lang", "zh", *args], capture_output=True, text=True)
        if r.returncode:
            sys.exit(f"{' '.join(args)}\n{r.stdout}{r.stderr}")
        return r.stdout
    if sys.argv[3:] == ["authorise"]:
        authorise(cli)
    else:
        with tempfile.TemporaryDirectory() as d:
            print(json.dumps(make(cli, d), ensure_ascii=False))

#!/usr/bin/env python3
"""seed.py QINGHE DB: a small city for the browser tests and the pictures: an administrator whose code it prints, units of
three levels, a season of study issues, lectures and volunteering, and rows with hostile texts. All names are invented."""
import json
import random
import subprocess
import sys
import tempfile

qinghe, db = sys.argv[1:3]
now = ["--now", "2026-11-24T10:00:00+08:00"]
rng = random.Random(7)


def run(*args):
    r = subprocess.run([qinghe, "--db", db, *now, "--lang", "en", *args], capture_output=True, text=True)
    if r.returncode > 1:
        sys.exit(f"{' '.join(args)}\n{r.stdout}{r.stderr}")
    return r.stdout


def load(register, header, rows):
    """A comma-separated file through the importer."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8-sig", delete=False) as f:
        for row in [header, *rows]:
            f.write(",".join('"' + str(c).replace('"', '""') + '"' for c in row) + "\r\n")
    out = json.loads(run("--json", "import", register, f.name, "--json"))
    if out["rejected"]:
        print(register, out["rejected"], "rejected:", out["errors"][:3], file=sys.stderr)
    return out


code = json.loads(run("--json", "init", "--city", "临澜市", "--region", "330100"))["code"]
counties = ["澜阳区", "东浦区", "白沙区", "禾丰县", "安陵县", "清溪县", "望岭县", "石桥县"]
towns = ["柳河镇", "双塘镇", "石门乡", "云脊乡"]
for i, name in enumerate(counties):
    run("add", "org", f"code=3301{i + 2:02}", f"name=共青团{name}委员会", "kind=county", "parent=330100")
units = []
for i, name in enumerate(counties[:4]):
    for k, town in enumerate(towns):
        c = f"3301{i + 2:02}{k + 1:03}"
        run("add", "org", f"code={c}", f"name={name}{town}团委", "kind=township", f"parent=3301{i + 2:02}")
        units.append((c, name + town))

surnames, given = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜", "明丽强敏静磊洋艳勇军杰娟涛超秀英霞平刚桂芳"
people = [rng.choice(surnames) + "".join(rng.sample(given, rng.choice([1, 2]))) for _ in range(160)]
issues, sessions, talks, events, records, drives = [], [], [], [], [], ["学雷锋", "净滩行动", "希望家园"]
hostile = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(2)>", "' onmouseover='alert(3)", "{{7*7}} &amp; <b>粗</b>"]
load("programme", ["名称", "类别", "启动日期"], [[d, "志愿服务系列行动", "2024-03-01"] for d in drives])
for year, months in ((2025, 12), (2026, 11)):
    for m in range(1, months + 1):
        for half in (4, 18):
            issues.append([f"{year}年第{len(issues) + 1}期", "青春思政课：" + rng.choice(["乡村振兴", "生态文明", "青年担当"]), f"{year}-{m:02}-{half:02}"])
load("study_issue", ["期次", "主题", "上线日期"], issues)
load("study_participation", ["期次", "单位", "参学人次", "应学团员数"],
     [[i[0], c, rng.randint(180, 420), 450] for i in issues for c, _ in units])
for i in range(120):
    c, name = rng.choice(units)
    day = f"{rng.choice([2025, 2026, 2026])}-{rng.randint(1, 10):02}-{rng.randint(1, 28):02}"
    title = rng.choice(["红色故事宣讲", "反诈知识宣讲", "生态文明宣讲", "青年榜样分享"]) + f"第{i + 1}讲"
    talks.append([title, day, rng.choice(["线下", "线上", "线上线下"]), name + "文化礼堂", c, rng.choice(["已完成", "已完成", "已完成", "筹备中", "待接待单位确认"])])
talks += [[h, "2026-10-20", "线下", h, units[0][0], "已完成"] for h in hostile]
load("lecture_session", ["主题", "宣讲日期", "方式", "地点", "单位", "状态"], talks)
load("lecture_attendance", ["宣讲活动", "人数", "单位", "报数人"], [[t[0], rng.randint(30, 160), t[4], "王老师"] for t in talks if t[5] == "已完成" and t[0] not in hostile])
for i in range(90):
    c, name = rng.choice(units)
    day = f"{rng.choice([2025, 2026, 2026])}-{rng.randint(1, 10):02}-{rng.randint(1, 28):02}"
    events.append([f"{name}{rng.choice(['敬老', '净滩', '儿童看护', '植树'])}行动{i + 1}", rng.choice(drives), rng.choice(["济老助困", "生态环保", "儿童看护", "社区治理"]), day, "4小时", name, c, rng.choice(["已完成", "已完成", "已完成", "筹备中"])])
load("volunteer_event", ["活动名称", "系列行动", "服务领域", "活动日期", "活动时长", "地点", "单位", "状态"], events)
for e in events:
    if e[7] == "已完成":
        records += [[e[0], who, e[3], f"{rng.choice([1, 2, 2.5, 3])}小时", e[6], rng.choice(["有效", "有效", "有效", "待确认"])] for who in rng.sample(people, 8)]
load("service_record", ["活动", "姓名", "服务日期", "时长", "单位", "状态"], records)
event = json.loads(run("--json", "list", "volunteer_event", "--limit", "1"))[0]["id"]
run("set", "volunteer_event", str(event), "place=柳河镇青年之家", "people_served=24")
print(json.dumps({"code": code, "units": units}, ensure_ascii=False))

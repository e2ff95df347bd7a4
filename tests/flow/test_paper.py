#!/usr/bin/python3
"""What qinghe-print sets: pages of A4, heads that repeat, rows that are never cut, a signature that is never alone, codes that a
reader reads. No city: descriptions as format/paper.h says."""
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import PROGRAM, T, done, equal, skip, test

PRINT = os.path.join(os.path.dirname(PROGRAM), "qinghe-print")
BODY = "今年以来，围绕“喜迎二十大”主题，组织活动1286场，覆盖青少年12.6万人次，同比增长8.5%，其中志愿服务3421次。"


def out(*args):
    return subprocess.run([str(a) for a in args], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()


def pdf(layout, blocks, note="", code=0):
    if not os.path.exists(PRINT):
        skip("no pango: qinghe-print is not built")
    r = subprocess.run([PRINT], input=json.dumps({"layout": layout, "title": "题目", "note": note, "blocks": blocks}).encode(),
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    equal(r.returncode, code, r.stderr.decode())
    path = os.path.join(T.dir, "x.pdf")
    with open(path, "wb") as f:
        f.write(r.stdout)
    return path


def pages(path):
    text = out("pdftotext", "-layout", path, "-").split("\f")
    return [[line.strip() for line in p.splitlines() if line.strip()] for p in text if p.strip()]


@test
def an_official_document_has_22_lines_of_28_characters_and_its_numbers_outside():
    path = pdf("gov", [{"text": "一" * 28 * 60, "style": "flat"}], note="草稿")
    got = pages(path)
    assert re.search(r"595\.\d+ x 841\.\d+ pts \(A4\)", out("pdfinfo", path)), "A4"
    equal(len(got), 3)
    equal(got[0][0], "草稿")
    equal([len(line) for line in got[0][1:-1]], [28] * 22)
    equal([p[-1].replace(" ", "") for p in got], ["—1—", "—2—", "—3—"])
    boxes = re.findall(r'xMin="([\d.]+)"[^>]*>—<', out("pdftotext", "-bbox", path, "-"))
    assert float(boxes[0]) > 400 and float(boxes[2]) < 130, boxes


@test
def a_heading_keeps_with_its_text_and_a_signature_with_its_last_lines():
    for n in range(17, 22):  # the heading, then the signature, comes to the foot of a page
        fill = [{"text": "甲", "style": "flat"}] * n
        got = pages(pdf("gov", fill + [{"text": "二、标题", "style": "h1"}, {"text": BODY, "style": "body"}]))
        for p in got:
            assert p[-2] != "二、标题", (n, p)
        got = pages(pdf("gov", fill + [{"text": BODY * 2, "style": "body"}, {"seal": ["共青团临澜市委员会", "2026年1月8日"]}]))
        last = got[-1]
        equal(last[-3:-1], ["共青团临澜市委员会", "2026年1月8日"])
        assert len(last) >= 5, ("the name stands alone", n, last)


@test
def the_date_stands_four_characters_in_and_the_name_over_its_middle():
    box = out("pdftotext", "-bbox", pdf("gov", [{"text": BODY, "style": "body"}, {"seal": ["团市委", "2026年1月8日"]}]), "-")
    lines = {}
    for x0, y, x1, y1, word in re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]+)<', box):
        lines.setdefault(round((float(y) + float(y1)) / 40), []).append((float(x0), float(x1), word))
    spans = {"".join(w for _, _, w in line): (min(x for x, _, _ in line), max(x for _, x, _ in line)) for line in lines.values()}
    name, date = spans["团市委"], spans["2026年1月8日"]
    right = (28 + 156) * 72 / 25.4
    assert abs(right - date[1] - 4 * 16) < 2, (right, date)
    assert abs(sum(name) - sum(date)) < 3, (name, date)


@test
def the_imprint_stands_at_the_foot_of_the_last_page_and_a_letters_first_page_has_no_number():
    foot = {"foot": [{"rule": "ink"}, {"text": "　抄送：" + "市关工委，" * 12, "style": "small"}, {"rule": "thin"},
                     {"sides": ["　共青团临澜市委员会", "2026年1月8日印发"], "style": "small"}, {"rule": "ink"}]}
    for n, of in ((3, 1), (20, 2)):  # room on the page; none
        path = pdf("gov", [{"rule": "mail"}] + [{"text": "甲", "style": "flat"}] * n + [foot])
        got = pages(path)
        equal(len(got), of)
        equal("—1—" in "".join(got[0]).replace(" ", ""), False, "the first page of a letter bears no number")
        equal(of == 1 or "—2—" in "".join(got[1]).replace(" ", ""), True)
        ends = [float(y) for y, word in re.findall(r'yMax="([\d.]+)">([^<]+)<', out("pdftotext", "-bbox", "-f", of, path, "-")) if "印发" in word]
        bottom = (37 + 225) * 72 / 25.4
        assert ends and bottom - 14 < ends[0] <= bottom, (ends, bottom)


@test
def a_table_repeats_its_head_and_cuts_no_row():
    long = "很长的说明" * 12
    rows = [["单位", "场次", "说明"]] + [[f"第{i}单位", str(i), f"始{i} {long} 终{i}"] for i in range(60)]
    got = pages(pdf("gov", [{"table": rows, "header": 1}]))
    assert len(got) > 3, len(got)
    for p in got:
        assert p[0].split() == ["单位", "场次", "说明"], p[0]
        text = "".join(p)
        for i in range(60):
            equal(f"始{i} " in text, f"终{i}" in text.replace(" ", ""), f"row {i} is cut") if f"始{i} " in text else None


@test
def two_hundred_slips_come_on_twenty_five_sheets_and_every_code_is_read():
    slips = [{"qr": f"https://linlan.example/bind#7K2M-9QXP-{i:04d}", "head": f"临澜市东关街道第{i}社区团支部", "lines": ["王䶮堃", "扫一扫，设PIN。"],
              "type": "或打开 https://linlan.example/bind 输入：", "code": f"7K2M-9QXP-{i:04d}"} for i in range(200)]
    path = pdf("plain", [{"slips": slips}])
    got = pages(path)
    equal(len(got), 25)
    equal(sorted(re.findall(r"7K2M-9QXP-\d{4}", "".join(map("".join, got)))), [s["code"] for s in slips])
    if not shutil.which("zbarimg"):
        skip("no zbarimg: the pictures are not read")
    subprocess.run(["pdftoppm", "-r", "130", "-gray", "-f", "25", "-l", "25", path, os.path.join(T.dir, "p")], check=True)
    read = out("zbarimg", "-q", "--raw", os.path.join(T.dir, "p-25.pgm")).split()
    equal(sorted(read), [s["qr"] for s in slips[192:]])


@test
def the_certificate_lies_across_one_page_with_every_character_there():
    path = pdf("across", [{"certificate": {"number": "编号：ZY2026-00000012-34", "head": "志愿服务记录证明", "say": "兹证明王䶮堃参加志愿服务，累计36小时。",
                                           "qr": "https://linlan.example/verify/ZY2026-00000012-34?k=ABCD2345",
                                           "verify": ["查验：扫码", "查验码 ABCD-2345"], "by": ["东关街道团工委", "2026年1月8日"]}}])
    text = "".join(pages(path)[0])
    assert "王䶮堃" in text and "累计36小时" in text and "ABCD-2345" in text, text
    assert re.search(r"841\.\d+ x 595\.\d+ pts", out("pdfinfo", path))
    fonts = out("pdffonts", path).splitlines()[2:]
    assert fonts and all(" yes yes yes " in f for f in fonts), fonts


@test
def what_it_does_not_know_is_refused():
    pdf("gov", [{"colour": "red"}], code=2)
    if subprocess.run([PRINT], input=b"{", stdout=subprocess.PIPE, stderr=subprocess.PIPE).returncode != 2:
        raise AssertionError("half a description")


done()

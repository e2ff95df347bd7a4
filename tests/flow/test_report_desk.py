#!/usr/bin/python3
"""The report desk, as the office writer on a Friday: last year's Word file adopted, its draft mended, sent, checked, signed off on
a telephone by another person, published; the file that others edited renewed. Over HTTP, as a browser does it."""
import html
import io
import json
import os
import re
import sys
import tempfile
import zipfile

import docx

sys.path.insert(0, os.path.dirname(__file__))
from site_http import NOW, Browser, Site
from tap import done, equal, run, test

folder = tempfile.TemporaryDirectory()
site = Site(["org", "code=X1", "name=海州县团委", "kind=county", "parent=330100", "founded=2020-01-01"], ["theme", "name=青春心向党", "slogan=二十大", "opens_on=2025-05-01", "closes_on=2025-05-31"], folder=folder.name)
TOTALS = {"vol.events": (2025, 87), "vol.attend": (2025, 4387), "mind.lectures": (2025, 31), "aid.students": (2025, 3)}
LAST = ["临澜团市委2024年关心下一代工作情况汇报", "一、2024年工作开展情况",
        "开展公益服务80余次,4300余人次参与,足迹遍及20余个乡镇。举办心理健康讲座31场。资助贫困学生3名。", "二、2025年工作展望",
        "2025年，我们将显著提高服务质量。"]


def totals(rows, *more):
    path = os.path.join(folder.name, "t.csv")
    with open(path, "w") as f:
        f.write("指标,起始日期,截止日期,数值,来源,外部平台总数\n")
        f.writelines(f"{k},{y}-01-01,{y}-12-31,{v},平台,是\n" for k, (y, v) in rows.items())
    run("--db", site.db, "--now", NOW, "import", "declared_total", path, *more)


def word(lines):
    d = docx.Document()
    for line in lines:
        d.add_paragraph(line)
    b = io.BytesIO()
    d.save(b)
    return b.getvalue()


def text_of(document):
    xml = zipfile.ZipFile(io.BytesIO(document)).read("word/document.xml").decode()
    return "\n".join("".join(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", p)) for p in re.findall(r"<w:p[ >].*?</w:p>", xml, re.S))


class Visitor(Browser):
    def __init__(self, role, handle):
        Browser.__init__(self, site)
        who = f"#{site.cli('--json', 'add', 'person', '--org', '330100', f'name={handle}').json['id']}"
        site.cli("account", "grant", role, who, "--org", "330100")
        self.enter(site.cli("--json", "account", "code", who).json["code"], handle)

    def page(self, path="/report/2025", lang="zh-CN"):
        r = self.get(path, headers={"Accept-Language": lang})
        equal(r.status, 200, path)
        self.text = html.unescape(r.text)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<(?:aside|nav)\b.*?</(?:aside|nav)>", "", r.text, flags=re.S))))

    def hidden(self, name):
        return re.search(rf'name="{name}" value="([^"]*)"', self.text)[1]

    def act(self, act, path="/report/2025", status=303, at=None, **form):
        self.page(at or path)
        r = self.ask("POST", path, {"csrf": self.hidden("csrf"), "id": self.hidden("id"), "version": self.hidden("version"), "kind": "",
                                    "act": act, **form})
        equal(r.status, status, f"{act}: {re.sub('<[^>]+>', ' ', r.text)[-600:]}")
        return r

    def findings(self):
        return [(f["kind"], f["text"]) for f in self.json("/report/2025")["findings"] if f["bars"]]

    def remedy(self, words, act):
        """The button of a finding, as the page shows it: paragraph, finding, act."""
        self.page()
        for note in re.findall(r"<aside class=\"note.*?</aside>", self.text, re.S):
            m = re.search(rf'name="act" value="({act}[^"]*)"', note)
            if words in note and m:
                p, f = re.search(r'name="paragraph" value="(\d+)"', note), re.search(r'name="finding" value="(\w*)"', note)
                return {"act": m[1], "paragraph": p[1], "finding": f[1] if f else ""}
        raise AssertionError(f"no {act} for {words}")

    def upload(self, path, name, content, **form):
        at = html.unescape(self.get(path).text)
        boundary, body = "xx", b""
        fields = {"csrf": re.search(r'name="csrf" value="([^"]+)"', at)[1], **form}
        for k, v in fields.items():
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode()
        body += content + f"\r\n--{boundary}--\r\n".encode()
        return self.ask("POST", path, raw=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}",
                                                         "Origin": "http://" + self.host, "Accept-Language": "zh-CN"})


totals(TOTALS)
writer, checker = Visitor("city_staff", "zhibi"), Visitor("city_staff", "hegao")
leader, clerk = Visitor("leader", "qianfa"), Visitor("finance_clerk", "kuaiji")


@test
def without_a_row_the_models_report_is_shown_and_may_be_begun_by_its_writers():
    assert "Begin this report" in writer.get("/report/2025").text
    assert "Begin this report" not in leader.get("/report/2025").text
    assert "Begin this report" not in clerk.get("/report/2025").text
    equal(writer.page("/report/list").count("还没有开始编写的报告"), 1)


@test
def last_years_word_file_becomes_a_draft_whose_numbers_are_live():
    bad = writer.upload("/report/adopt", "x.docx", b"PK\x03\x04", year="2025")
    equal(bad.status, 422, bad.text[-300:])
    equal(clerk.upload("/report/adopt", "x.docx", word(LAST), year="2025").status, 403)
    r = writer.upload("/report/adopt", "last.docx", word(LAST), year="2025")
    equal(r.status, 200, re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", r.text))[-300:])
    assert "待定" in r.text and "vol.events|十余" in r.text, r.text[-2000:]
    sheet = writer.page()
    for want in ("开展公益服务80余次,4300余人次参与,足迹遍及【待补：open.1】个乡镇", "心理健康讲座31场", "资助贫困学生3名", "一、2025年工作开展情况",
                 "2026年，我们将显著提高服务质量"):
        assert want in sheet, (want, sheet)
    equal(writer.findings(), [("gap", "open.1"), ("claim", "显著提高")])
    again = writer.upload("/report/adopt", "last.docx", word(LAST), year="2025")
    equal(again.status, 422)


@test
def a_figure_that_is_tapped_tells_its_definition_grade_and_rows_and_its_way_of_writing_is_chosen():
    page = writer.get("/report/2025?figure=vol.attend%7C%E7%99%BE%E4%BD%99", headers={"Accept-Language": "zh-CN"}).text
    note = html.unescape(re.search(r'<aside class="note open".*?</aside>', page, re.S)[0])
    for want in ("公益服务参与人次", "4387", "/figures/vol.attend/trace", "平台数", "4300余", "0.44万"):
        assert want in note or want == "0.44万", (want, note)
    equal("90" in note and 'name="value"' in note, False, "a value is never chosen")
    act = [a for a in re.findall(r'name="act" value="(write[^"]*)"', note) if a.endswith("|")][0]
    writer.act(act, paragraph=re.search(r'name="paragraph" value="(\d+)"', note)[1])
    assert "4387人次参与" in writer.page()
    equal(writer.act("write|vol.attend|人余", status=400, paragraph="2").status, 400)


@test
def findings_are_mended_kept_or_dropped_and_then_nothing_bars():
    assert 'aria-disabled="true"' in writer.get("/report/2025").text
    writer.act("send", status=400)
    source = "开展公益服务{{vol.events|十余}}次,{{vol.attend}}人次参与,种树30棵。举办心理健康讲座{{mind.lectures}}场。资助贫困学生{{aid.students}}名。"
    writer.act("text", paragraph="2", text="{{#if vol.events}}" + source, status=400)
    writer.act("text", paragraph="2", text=source)
    equal(writer.findings(), [("unbacked", "30"), ("claim", "显著提高")])
    writer.act(**writer.remedy("“30”", "drop"))
    sheet = writer.page()
    assert "种树" not in sheet and "心理健康讲座31场" in sheet, sheet
    writer.act("text", paragraph="2", text=source.replace(",种树30棵", ""))
    keep = writer.remedy("显著提高", "keep")
    writer.act(**keep, status=400)
    writer.act(**keep, reason="是明年的打算，不是成效")
    equal(writer.findings(), [])
    assert "规范" in writer.text
    writer.act("punctuate")
    assert "公益服务80余次，4387人次参与。" in writer.page()
    assert 'aria-disabled="true"' not in writer.get("/report/2025").text


@test
def a_table_by_unit_is_put_in_and_taken_out():
    writer.act("annex|nothing", status=400)
    writer.act("annex|practice")
    page = writer.page()
    assert "附件公益实践主要数据（按单位）" in page.replace(" ", "") and "合计" in page, page
    equal(writer.findings(), [])
    writer.act("annex_out|practice")
    assert "按单位）" not in writer.page()


@test
def a_comment_bars_until_it_is_resolved():
    checker.act("comment", reason="这一段补上走访", quote="开展公益服务")
    writer.act("send", status=400)
    writer.page()
    writer.act("resolve", comment=re.search(r'name="comment" value="(\d+)"', writer.text)[1])
    equal(clerk.ask("POST", "/report/2025", {"csrf": clerk.csrf(), "act": "comment", "id": "1", "reason": "x"}).status in (403, 404), True)


@test
def the_chain_is_walked_by_those_whose_turn_it_is():
    writer.act("head", title="关于2025年关心下一代工作情况的报告", letterhead="document", number="临团〔2026〕8号", addressee="临澜市关心下一代工作委员会",
               copies="", signer="钱发")
    leader.act("sign_off", code="123456", status=403)
    writer.act("send")
    writer.act("text", paragraph="2", text="改", status=403)
    refused = site.cli("--lang", "en", "do", "sign_off", "report_edition", "1", code=2).err + site.cli(
        "--lang", "en", "set", "report_edition", "1", "body=x", code=2).err
    assert "stands as it was sent" in refused, refused
    checker.act("return", reason="标题不对")
    writer.act("send")
    checker.act("check")
    checker.act("cosign")
    task = [t for t in leader.json("/")["tasks"] if t["href"].startswith("/report/")]
    equal([t["href"] for t in task], ["/report/go/1"], "the leader's desk")
    equal(leader.get(task[0]["href"]).getheader("Location"), "/report/2025/leader?kind=year&id=1")
    page = leader.page("/report/2025/leader")
    assert "公益服务次数" in page and "87" in page and "显著提高" in page and "是明年的打算" in page, page
    assert "zhibi" in page and "标题不对" in page
    assert 'aria-invalid="true"' in leader.act("sign_off", code="000000", status=403, at="/report/2025/leader").text, "told at the field"
    assert "Say what is to be mended" in leader.act("return", status=422, at="/report/2025/leader").text
    equal(checker.act("sign_off", code=checker.recovery[0], status=403).status, 403)
    leader.act("sign_off", code=leader.recovery.pop(), at="/report/2025/leader")
    equal(site.rows("SELECT state || '|' || signed_on FROM report_edition WHERE id = 1"), "signed|2026-11-24")


@test
def the_signed_edition_stays_whatever_records_do_and_its_bundle_verifies():
    kept = writer.get("/report/kept/1/docx", binary=True)
    assert "公益服务80余次，4387人次参与。" in text_of(kept.body)
    totals({"vol.attend": (2025, 5001)}, "--overwrite")
    sheet = writer.page()
    assert "4387人次参与" in sheet and "5001" not in sheet
    equal(writer.get("/report/kept/1/docx", binary=True).body == kept.body, True)
    path = os.path.join(folder.name, "b.zip")
    with open(path, "wb") as f:
        f.write(writer.get("/report/kept/1/bundle", binary=True).body)
    equal(run("verify", "bundle", path, "--json").json["valid"], True)
    equal(clerk.get("/report/kept/1/docx").status, 404)
    equal(site.cli("check", "--json").json["editions"]["bad"], 0)


@test
def the_public_copy_withholds_small_numbers_and_is_published_by_an_act():
    writer.act("publish")
    equal(site.rows("SELECT state || '|' || published_on FROM report_edition WHERE id = 1"), "published|2026-11-24")
    public = text_of(writer.get("/report/kept/1/public.docx", binary=True).body)
    assert "资助贫困学生＊名" in public and "80余次" in public, public
    body = site.rows("SELECT body FROM edition WHERE template = 'desk:year:public'")
    assert '"slot":"aid.students"' in body and not re.search(r'"slot":"aid.students"[^}]*"value":3', body), body
    writer.act("take_down", status=400)
    writer.act("take_down", reason="有误")


@test
def a_revision_is_a_new_edition_and_its_difference_is_told():
    writer.act("revise")
    sheet = writer.page()
    assert "5001人次参与" in sheet and "第2版" in sheet, sheet
    d = writer.json("/report/2025/difference")
    equal([(f["now"], f["frozen"]) for f in d["figures"] if f["changed"]], [("5001人次", "4387")])
    equal(len(d["sentences"]), 1, d["sentences"])
    assert "4387" in d["sentences"][0]["before"] and "5001" in d["sentences"][0]["now"]
    page = writer.page("/report/2025/difference?with=frozen")
    assert "定稿第1版" in page, page
    assert "<del>4387</del>" in writer.text and "<ins>5001</ins>" in writer.text


@test
def the_file_that_others_edited_is_renewed_and_fetched():
    sent = writer.get("/report/kept/1/docx", binary=True).body
    b = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sent)) as z, zipfile.ZipFile(b, "w") as w:
        for i in z.infolist():
            x = z.read(i)
            w.writestr(i.filename, x.replace("开展公益服务".encode(), "各单位开展公益服务".encode()) if i.filename == "word/document.xml" else x)
    r = writer.upload("/report/refresh", "sent.docx", b.getvalue(), year="2025")
    equal(r.status, 200, r.text[-400:])
    assert "4387 → 5001" in html.unescape(r.text), r.text[-1500:]
    got = writer.get(re.search(r'href="(/report/refresh/\w+)"', r.text)[1], binary=True)
    assert "各单位开展公益服务80余次，5001人次参与。" in text_of(got.body)
    equal(leader.get(re.search(r'href="(/report/refresh/\w+)"', r.text)[1]).status, 404)


@test
def a_running_year_is_set_beside_as_much_of_the_last_one_and_says_so():
    for i, day in enumerate(("2025-03-01", "2025-12-20", "2026-04-01", "2026-05-01")):
        site.cli("add", "honour", "--org", "330100", f"title=第{i}项", "level=national", "kind=unit", "unit_name=甲", f"given_on={day}")
    path = os.path.join(folder.name, "prev.md")
    with open(path, "w") as f:
        f.write("{{honour.given}}项，{{period.prev}}{{honour.given@prev}}项，{{honour.given|同比}}。{{#if period.until}}截至{{period.until}}。{{/if}}\n")

    def said(period):
        out = os.path.join(folder.name, "said.md")
        site.cli("report", "--period", period, "--template", path, "-o", out, code=None)
        return open(out).read().splitlines()[0]

    equal(said("2026"), "2项，2025年1月1日至11月24日1项，比上年同期增长100%。截至2026年11月24日。")
    assert said("2025").startswith("2项，2024年0项"), said("2025")
    equal(said("2026H1"), "2项，2025年上半年1项，同比增长100%。")


@test
def the_list_names_spans_and_begins_one_by_one_button():
    page = writer.page("/report/list")
    for want in ("2026年10月：月度情况", "2026年第三季度：季度情况", "2026年上半年：半年报告", "第三季度"):
        assert want in page.replace(" ", ""), (want, page)
    assert "third quarter of 2026" in writer.page("/report/list", lang="en")
    form = re.search(r'<form method="post" action="(/report/2026Q3[^"]*)">(.*?)</form>', writer.text, re.S)
    writer.ask("POST", form[1], {"act": "begin", **dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2].split("<button")[0]))})
    assert "第三季度工作情况" in writer.page("/report/2026Q3").replace(" ", "")
    assert not re.search(r'<form method="post" action="/report/2026Q3', writer.get("/report/list").text)
    assert not re.search(r'<form method="post" action="/report/', leader.get("/report/list").text), "who may not write begins nothing"


@test
def other_spans_have_their_own_texts():
    for name in ("2025H1", "2025Q3", "2025-10"):
        equal(writer.get(f"/report/{name}").status, 200, name)
    equal(writer.get("/report/2025-10?kind=brief").status, 200)
    equal(writer.get("/report/2025?kind=letter").status, 200)
    equal(writer.get("/report/2025?kind=nothing").status, 404)
    equal(writer.get("/report/20x5").status, 404)


try:
    done()
finally:
    site.stop()

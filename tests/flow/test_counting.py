#!/usr/bin/python3
"""What the built-in declarations refuse, and what their figures count: the fixed fixtures of the counting rules."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from city import City, citizen
from tap import T, done, equal, run, test


@test
def the_league_admits_from_fourteen_on():
    c = City()
    p = c.person("20110307")
    c.refused("年满十四周岁", "membership", member=p, joined_on="2025-03-06")
    c.add("membership", member=p, joined_on="2025-03-07")
    equal(c.value("org.members"), 1)
    equal(c.value("org.members", 2024), 0)


@test
def an_import_knows_an_age_to_the_day():
    c = City()
    sheet = os.path.join(T.dir, "roster.csv")
    ids = [citizen("20110307", 11), citizen("20110307", 13), citizen("20110401", 15)]
    with open(sheet, "w", encoding="utf-8") as f:
        f.write("姓名,身份证号,入团日期\n")
        for name, number, day in zip("甲乙丙", ids, ("2025-03-06", "2025-03-07", "2025-03-31")):
            f.write(f"王{name},{number},{day}\n")
    r = c.q("--json", "import", "membership", sheet, "--org", "X1", code=1).json
    r = r[0] if isinstance(r, list) else r
    equal((r["rows"], r["inserted"], r["rejected"]), (3, 1, 2))
    assert ids[0] not in str(r), r
    equal(c.value("org.members"), 1)


@test
def a_counsellor_needs_a_record_check_of_the_last_365_days():
    c = City()
    p = c.person()
    c.refused("365天", "counsellor_appointment", person=p, appointed_on="2025-03-02", vetted_on="2024-03-01")
    c.add("counsellor_appointment", person=p, appointed_on="2025-03-02", vetted_on="2024-03-02")
    equal(c.value("pioneer.bases.counsellors"), 1)


@test
def a_revoked_base_was_still_named():
    c = City()
    ids = [c.add("practice_base", state="named", name=f"基地{i}", kind="base", named_on="2025-05-01") for i in range(3)]
    c.do("revoke", "practice_base", ids[0], reason="证照到期")
    c.q("set", "practice_base", ids[0], "revoked_on=2025-11-01")
    equal(c.value("pioneer.bases"), 3)
    equal(c.value("pioneer.bases.in_being"), 2)


@test
def only_lectures_by_a_listed_lecturer_that_the_host_confirmed_count():
    c = City()
    corps = c.add("lecture_corps", name="青年宣讲团", kind="youth")
    p = c.person()
    who = c.add("lecturer", person=p, corps=f"#{corps}", listed_on="2025-02-01", vetted_on="2025-01-15")
    one = c.add("lecture_session", title="一", lecturer=f"#{who}", held_on="2025-03-01")
    c.refused("不在册", "lecture_session", title="早", lecturer=f"#{who}", held_on="2025-01-20")
    c.add("lecture_session", title="名册外", lecturer_name="李某", held_on="2025-03-02", state="completed")
    c.do("deliver", "lecture_session", one)
    equal(c.value("lecture.sessions"), 0)
    c.do("complete", "lecture_session", one)
    equal(c.value("lecture.sessions"), 1)
    equal(c.value("lecture.all"), 2)
    a, b = c.person(), c.person()
    two = c.add("lecture_session", title="二", lecturer=f"#{who}", held_on="2025-03-09", state="completed")
    for s, listener in ((one, a), (one, b), (two, a)):
        c.add("lecture_attendance", session=f"#{s}", attendee=listener, state="valid")
    equal(c.value("lecture.people"), 2)
    equal(c.value("lecture.people.times"), 3)
    c.add("lecture_attendance", session=f"#{two}", n=50, state="valid")
    told = c.figure("lecture.people")
    equal(told["value"], None)
    equal((told["instead"]["value"], told["instead"]["unit"]), (53, "人次"))


@test
def two_records_of_one_branch_are_one_branch():
    c = City()
    for i in range(4):
        c.add("org", code=f"B{i}", name=f"中学团支部{i}", kind="branch", school_kind="senior", parent="X1",
              founded="2020-09-01")
    t = c.add("theme", name="青春心向党", opens_on="2025-04-20", closes_on="2025-05-10")
    for i, day in ((0, 1), (0, 2), (1, 3), (2, 4)):
        c.add("league_day", at=f"B{i}", theme=f"#{t}", held_on=f"2025-05-0{day}", state="accepted")
    c.add("league_day", at="B3", theme=f"#{t}", held_on="2025-05-05")
    equal(c.value("league_day.branches"), 3)
    rate = c.figure("league_day.coverage")
    equal((rate["value"], rate["of"], rate["over"]), (None, 3, 4))


@test
def service_is_never_longer_than_the_event_and_risk_needs_insurance_and_age():
    c = City()
    names = c.q("--json", "list", "programme").out
    drive = "学雷锋" if "学雷锋" in names else f"#{c.add('programme', name='学雷锋', kind='drive')}"
    c.refused("投保", "volunteer_event", title="水上", held_on="2025-06-01", risk="是", min_age=16)
    c.add("volunteer_event", title="水上", held_on="2025-06-01", risk="是", min_age=16, insured_on="2025-05-30")
    e = c.add("volunteer_event", title="净滩", held_on="2025-03-05", hours=4, drive=drive, state="completed")
    p = c.person()
    c.refused("超过活动时长", "service_record", event=f"#{e}", volunteer=p, served_on="2025-03-05", hours=5)
    c.add("service_record", event=f"#{e}", volunteer=p, served_on="2025-03-05", hours=1, state="valid")
    c.add("service_record", event=f"#{e}", volunteer=c.person(), served_on="2025-03-05", hours=2)
    equal(c.value("vol.events"), 1)
    equal(c.value("vol.attend"), 1)
    equal(c.value("vol.attend.hours"), 60)


@test
def posts_teams_and_students_count_when_they_start():
    c = City()
    firm = c.add("employer", name="清河水厂", kind="state_firm", joined_on="2025-05-01", state="accepted")
    post = c.add("post", code="G1", title="助理", employer=f"#{firm}", kind="firm", season="summer",
                 offered_on="2025-05-20", capacity=3, state="accepted")
    a, b = c.person(), c.person()
    first = c.add("placement", student=a, post=f"#{post}", matched_on="2025-06-20")
    c.add("placement", student=b, post=f"#{post}", matched_on="2025-06-20")
    equal(c.value("return.matched"), 0)
    equal(c.value("return.matched.matched"), 2)
    c.do("start", "placement", first, started_on="2025-07-10")
    equal(c.value("return.matched", 2025) + c.value("return.matched", 2026), 1)
    team = c.add("university_team", name="春晖队", school_name="清河大学", applied_on="2025-06-01", state="accepted")
    equal(c.value("return.teams"), 0)
    c.add("team_day", team=f"#{team}", served_on="2025-07-12", state="completed")
    c.add("team_day", team=f"#{team}", served_on="2025-07-13", state="completed")
    equal(c.value("return.teams"), 1)


@test
def a_three_day_class_is_one_and_one_person_at_two_projects_is_two_starts():
    c = City()
    c.add("training_class", title="一期", started_on="2025-03-01", ended_on="2025-03-03", sessions_n=3, state="completed")
    equal((c.value("startup.trainings"), c.value("startup.trainings.sessions")), (1, 3))
    a = c.add("startup_project", name="甲")
    b = c.add("startup_project", name="乙")
    ia = c.add("incubation", project=f"#{a}", incubator_name="园", entered_on="2024-05-01")
    ib = c.add("incubation", project=f"#{b}", incubator_name="园", entered_on="2024-02-01", ended_on="2025-03-01",
               graduated_on="2025-02-28")
    p = c.person()
    c.add("job_start", project=f"#{a}", incubation=f"#{ia}", person=p, started_on="2025-06-01", proof="contract")
    c.add("job_start", project=f"#{b}", incubation=f"#{ib}", person=p, started_on="2025-02-01", proof="insurance")
    c.add("job_start", project=f"#{b}", incubation=f"#{ib}", person=p, started_on="2025-04-01", proof="contract")
    c.add("job_start", project=f"#{a}", incubation=f"#{ia}", person=c.person(), started_on="2025-06-01", proof="none")
    c.refused("不是这个项目的", "job_start", project=f"#{a}", incubation=f"#{ib}", person=p, started_on="2025-02-02")
    equal((c.value("startup.jobs"), c.value("startup.jobs.people")), (2, 1))
    equal((c.value("startup.incubated"), c.value("startup.incubated", 2026)), (2, 1))
    equal((c.value("startup.incubated.entered"), c.value("startup.incubated.graduated")), (0, 1))


@test
def a_child_of_two_kinds_is_one_child_and_a_helper_who_leaves_unpairs_it():
    c = City()
    child, helper = c.person("20160101"), c.person()
    row = c.add("care_child", child=child, listed_on="2024-10-01", state="valid")
    for kind in ("left_behind", "needy"):
        c.add("care_kind", listed=f"#{row}", kind=kind, evidence="证明", valid_from="2024-10-01")
    equal((c.value("aid.children"), c.value("aid.kinds"), c.value("aid.kinds.needy")), (1, 2, 1))
    pair = c.add("pairing", child=child, helper=helper, paired_on="2025-01-05", vetted_on="2024-12-01")
    rate = c.figure("aid.paired")
    equal((rate["of"], rate["over"]), (1, 1))
    c.q("set", "pairing", pair, "ended_on=2025-12-20")
    equal(c.figure("aid.paired")["of"], 0)
    c.refused("被委托人", "entrusted_carer", child=child, carer=helper, valid_from="2025-01-01", asked_child="是",
              barred="是")
    c.refused("强制报告", "visit", child=child, visited_on="2025-02-01", way="home", safety="danger")


@test
def goods_are_told_by_document_and_cash_apart():
    c = City()
    body = c.add("recipient_body", name="清河慈善会", kind="charity", credit_code="91350100M000100Y43",
                 registered_on="2010-01-01")
    gift = dict(recipient=f"#{body}", donor_name="甲公司", received_on="2025-04-01", state="accepted")
    c.add("donation", kind="goods", item="书包", amount="58000", value_basis="invoice", **gift)
    c.add("donation", kind="goods", item="衣物", amount="900", **gift)
    c.add("donation", kind="cash", amount="100000", value_basis="cash", receipt_no="P1", **gift)
    equal((c.value("aid.goods"), c.value("aid.goods.cash")), (5800000, 10000000))
    open_gift = c.add("donation", kind="cash", amount="1", **gift)
    assert c.do("close", "donation", open_gift, code=None).code != 0
    p = c.person()
    for day in ("2025-05-01", "2025-09-01"):
        c.add("disbursement", student=p, kind="cash", amount="1000", paid_on=day, signed_on=day, state="signed")
    c.add("disbursement", student=c.person(), kind="cash", amount="1000", paid_on="2025-05-01")
    equal((c.value("aid.students"), c.value("aid.students.times")), (1, 2))


@test
def cases_are_handled_when_accepted_and_settled_when_closed():
    c = City()
    old = c.add("rights_case", number="1", accepted_on="2024-12-01", kind="family", worker=c.person())
    c.do("assign", "rights_case", old)
    r = c.do("close", "rights_case", old, code=2, outcome="agreement", closed_on="2025-01-20")
    assert "调解协议书" in r.err, r.err
    c.add("mediation_agreement", rights_case=f"#{old}", agreed_on="2025-01-18", form="oral")
    c.do("close", "rights_case", old, outcome="agreement")
    c.q("set", "rights_case", old, "closed_on=2025-01-20")
    equal((c.value("rights.mediated"), c.value("rights.mediated.carried_over")), (1, 1))
    c.add("rights_case", number="2", accepted_on="2025-02-01", kind="labour")
    c.add("rights_case", number="3", accepted_on="2025-02-02", kind="enquiry")
    equal(c.value("rights.handled"), 1)
    equal(c.value("rights.handled.open"), 1)
    c.refused("不得内部了结", "rights_case", number="4", accepted_on="2025-02-01", closed_on="2025-03-01", kind="sexual",
              outcome="other", state="closed")
    case = c.add("rights_case", number="5", accepted_on="2025-03-01", kind="family")
    m = dict(rights_case=f"#{case}", started_on="2025-03-01", mediator=c.person(), result="agreed")
    c.refused("超过三十日", "mediation", held_on="2025-04-01", **m)
    late = c.add("mediation", held_on="2025-04-01", both_agreed_extension="是", **m)
    deal = dict(rights_case=f"#{case}", mediation=f"#{late}", agreed_on="2025-04-01", form="written")
    c.refused("不能申请司法确认", "mediation_agreement", court_asked_on="2025-04-10", **deal)
    c.add("mediation_agreement", **deal)


@test
def voters_are_credentials_and_annulled_ballots_stay_visible():
    c = City()
    poll = c.add("poll", title="人气奖", opens_on="2025-05-01", closes_on="2025-05-07", state="open")
    ids = []
    for i in range(3):
        who = c.add("poll_credential", poll=f"#{poll}", token=f"t{i}")
        ids.append(c.add("ballot", poll=f"#{poll}", credential=f"#{who}", cast_at="2025-05-02 08:00"))
    c.add("ballot", poll=f"#{poll}", credential="#1", cast_at="2025-05-02 09:00", state="repeated")
    equal((c.value("contest.voters"), c.value("contest.voters.ballots")), (3, 4))
    c.do("annul", "ballot", ids[2], annul_reason="machine", reason="同一地址")
    equal((c.value("contest.voters"), c.value("contest.voters.annulled")), (2, 1))
    c.refused("批准文号", "poll", title="有权重", opens_on="2025-05-01", closes_on="2025-05-07", weight=20)


@test
def nobody_checks_his_own_work():
    c = City()
    a, b = c.person(), c.person()
    body = c.add("recipient_body", name="基金会", kind="foundation", credit_code="91350100M000100Y43",
                 registered_on="2010-01-01")
    fund = c.add("fund", name="创业金", kind="startup", recipient=f"#{body}", founded="2020-01-01")
    v = dict(fund=f"#{fund}", dated_on="2025-06-30", summary="收入")
    c.refused("不能是同一个人", "voucher", number="1", made_by=a, approved_by=a, **v)
    one = c.add("voucher", number="2", made_by=a, approved_by=b, state="posted", **v)
    cash = c.add("fund_account", fund=f"#{fund}", code="1002", name="银行", kind="asset", opened_on="2020-01-01")
    income = c.add("fund_account", fund=f"#{fund}", code="4001", name="捐赠", kind="income", opened_on="2020-01-01")
    c.add("voucher_line", voucher=f"#{one}", line_no=1, account=f"#{cash}", amount="1234.50")
    c.add("voucher_line", voucher=f"#{one}", line_no=2, account=f"#{income}", amount="-1234.50")
    equal((c.value("fund.balance"), c.value("fund.balance", 2024)), (123450, 0))
    p = c.add("problem", number="1", title="覆盖不足", origin="inspection", found_on="2025-06-01", owner_person=a,
              state="done", evidence="名单")
    r = c.do("close", "problem", p, code=2, closed_by=a)
    assert "不能自己销号" in r.err, r.err
    c.do("close", "problem", p, closed_by=b)


@test
def without_the_guardians_consent_no_sitting_of_a_child():
    c = City()
    child, parent = c.person("20140101"), c.person("19850101")
    c.refused("监护人同意", "consent", person=child, purpose_id="mind", given_on="2025-03-01", text_version="1",
              by_guardian="否", verified="paper")
    yes = c.add("consent", person=child, purpose_id="mind", given_on="2025-03-01", text_version="1",
                by_guardian="是", guardian=parent, verified="paper")
    rnd = c.add("screening_round", name="春", instrument="phq9", opens_on="2025-03-01", closes_on="2025-04-01",
                state="completed", due_n=2)
    c.add("sitting", round=f"#{rnd}", person=child, sat_on="2025-03-10", consent=f"#{yes}")
    rate = c.figure("mind.assessed_rate")
    equal((rate["of"], rate["over"]), (1, 2))
    c.do("consent_withdraw", "consent", yes)
    rnd2 = c.add("screening_round", name="秋", instrument="phq9", opens_on="2025-09-01", closes_on="2025-10-01")
    c.refused("没有有效的同意", "sitting", round=f"#{rnd2}", person=child, sat_on="2025-09-10", consent=f"#{yes}")


@test
def the_time_to_the_first_contact_is_a_median_in_minutes():
    c = City()
    for i, minutes in enumerate((30, 90, 600)):
        at = f"2025-03-0{i + 1} 08:00"
        then = f"2025-03-0{i + 1} {8 + minutes // 60:02d}:{minutes % 60:02d}"
        c.add("mind_flag", person=c.person("20100101"), why="item", level="red", flagged_at=at, contacted_at=then,
              state="closed")
    equal(c.value("mind.contact_hours"), 90)


done()

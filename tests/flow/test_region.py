#!/usr/bin/python3
"""Divisions of the country: a region field takes codes and names, shows names, refuses what does not exist."""
from tap import T, done, equal, run, skip, test
from city import City


def table():
    if run("--lang", "en", "region").out.startswith("none"):
        skip("built without npm's table of divisions")


@test
def the_command_finds_divisions_by_code_and_by_name():
    table()
    equal([r["code"] for r in run("--json", "region", "杭州西湖区", "110101").json], ["330106", "110101"])
    r = run("--lang", "en", "region", "西湖区")
    equal(sorted(x.split("\t")[1] for x in r.out.splitlines()), ["江西省南昌市西湖区", "浙江省杭州市西湖区"])
    equal(run("--json", "region", "110103").json[0]["to"], "2010-07-01", "an abolished one")
    equal(run("--json", "region", "130171").json[0]["statistical"], True, "a zone of the statistics")
    run("region", "没有这个区", code=1)


@test
def a_region_field_takes_a_name_keeps_the_code_and_shows_the_name():
    table()
    c = City()
    row = c.add("venue", name="城东文化中心", kind="youth_home", opened_on="2025-01-01", locality="杭州西湖区")
    equal(c.q("--json", "show", "venue", row).json["locality"], "330106", "kept")
    assert "浙江省杭州市西湖区" in c.q("show", "venue", row).out
    c.refused("330106", "venue", name="甲", kind="youth_home", opened_on="2025-01-01", locality="西湖区")  # says which ones
    c.refused("全国没有这个代码的区划", "venue", name="乙", kind="youth_home", opened_on="2025-01-01", locality="990101")
    c.add("venue", name="丙", kind="youth_home", opened_on="2025-01-01", locality="330199")  # a county newer than the table


done()

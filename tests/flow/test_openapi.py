#!/usr/bin/python3
"""/openapi.json: well-formed, complete, and every answer conforms: a client walks all GETs in JSON and some writes."""
import json
import os
import re
import sys
import tempfile

import jsonschema

sys.path.insert(0, os.path.dirname(__file__))
from site_http import Site
from tap import done, equal, run, test

folder = tempfile.TemporaryDirectory()
site = Site(["volunteer_event", "title=净滩行动", "held_on=2026-04-12", "hours=2小时", "state=completed"],
            ["programme", "name=净滩", "kind=志愿服务系列行动"], folder=folder.name).enter()
api = site.json("/openapi.json")
if len(sys.argv) > 1:  # for another validator to look at
    json.dump(api, open(sys.argv[1], "w"))
SCHEMAS = api["components"]["schemas"]


def valid(value, schema, where):
    try:
        jsonschema.Draft202012Validator({**schema, "components": {"schemas": SCHEMAS}}).validate(value)
    except jsonschema.ValidationError as e:
        raise AssertionError(f"{where}: {'/'.join(map(str, e.absolute_path))}: {e.message[:300]}") from None


def answer(operation, status, type="application/json"):
    r = operation["responses"]
    content = r.get(str(status), r["default"]).get("content", {})
    return content.get(type, {}).get("schema")


@test
def the_document_is_an_openapi_3_1():
    assert re.fullmatch(r"3\.1\.\d+", api["openapi"]) and api["info"]["title"] and api["info"]["version"]
    ids = []
    for path, operations in api["paths"].items():
        assert path.startswith("/"), path
        for method, o in operations.items():
            assert method in ("get", "post", "patch", "put", "delete"), f"{method} {path}"
            ids.append(o["operationId"])
            names = [(p["in"], p["name"]) for p in o["parameters"]]
            equal(len(names), len(set(names)), path)
            equal({n for i, n in names if i == "path"}, set(re.findall(r"\{([^}]+)\}", path)), path)
            assert all(p["required"] for p in o["parameters"] if p["in"] == "path"), path
            assert o["responses"] and all(r["description"] for r in o["responses"].values()), path
    equal(len(ids), len(set(ids)), "operation ids")
    for name, schema in SCHEMAS.items():
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name), name
        jsonschema.Draft202012Validator.check_schema(schema)
    for ref in re.findall(r'"\$ref": "([^"]+)"', json.dumps(api)):
        assert ref.startswith("#/components/schemas/") and ref.rsplit("/", 1)[1] in SCHEMAS, ref


@test
def every_route_of_the_table_stands_in_it():
    for r in run("--json", "routes").json:
        assert r["method"].lower() in api["paths"].get(r["path"], {}), f'{r["method"]} {r["path"]}'


@test
def every_json_answer_of_a_get_conforms_and_none_is_undescribed():
    fill = {"figure": "vol.events.all", "year": "2026", "group": "volunteer", "id": "1", "name": "x", "move": "cancel", "register": "programme", "field": "x", "person": "1", "sheet": "1", "token": "0", "reply": "1", "part": "docx", "screen": "desk", "number": "ZY2026-00000001-57"}
    walked = 0
    for path, operations in api["paths"].items():
        if "get" not in operations:
            continue
        address = re.sub(r"\{([^}]+)\}", lambda m: fill.get(m[1], "x"), path)
        r = site.get(address, headers={"Accept": "application/json"})
        type = r.getheader("Content-Type") or ""
        if "json" not in type:
            continue
        generic = path in ("/r/{register}", "/r/{register}/{id}", "/openapi")  # their registers stand by name
        schema = answer(operations["get"], r.status, type.split(";")[0])
        assert schema or generic, f"{path}: {type} is not described"
        if schema:
            valid(json.loads(r.text), schema, path)
            walked += 1
    assert walked > 200, walked


@test
def figures_and_rows_with_values_conform():
    valid(site.json("/figures"), SCHEMAS["Figures"], "/figures")
    rows = site.json("/r/volunteer_event")
    valid(rows, SCHEMAS["volunteer_event.list"], "list")
    assert rows["rows"]
    try:
        valid({**rows, "rows": [{**rows["rows"][0], "more": 1}]}, SCHEMAS["volunteer_event.list"], "")
    except AssertionError:
        return
    raise AssertionError("a strange member passes")


@test
def writes_and_their_refusals_conform():
    def send(method, path, body, operation, **headers):
        h = {"Content-Type": "application/json", "X-CSRF-Token": site.csrf(), "Origin": "http://" + site.host, **{k.replace("_", "-"): v for k, v in headers.items()}}
        r = site.ask(method, path, raw=json.dumps(body), headers=h)
        type = r.getheader("Content-Type")
        valid(json.loads(r.text), answer(operation, r.status, type), f"{method} {path} {r.status}")
        return r

    paths = api["paths"]
    body = {"title": "接口", "held_on": "2026-11-01", "hours": "1:30", "drive": "净滩"}
    valid(body, SCHEMAS["volunteer_event.write"], "body")
    post = paths["/r/volunteer_event"]["post"]
    r = send("POST", "/r/volunteer_event", body, post, Idempotency_Key="a")
    equal(r.status, 201)
    one = r.getheader("Location")
    equal(send("POST", "/r/volunteer_event", {"title": "x"}, post).status, 422)
    patch = paths["/r/volunteer_event/{id}"]["patch"]
    equal(send("PATCH", one, {"place": "柳河"}, patch, If_Match='"1"').status, 200)
    equal(send("PATCH", one, {"place": "柳河"}, patch, If_Match='"1"').status, 412)
    equal(send("PATCH", one, {"place": "柳河"}, patch).status, 428)
    equal(send("POST", one + "/do/cancel", {"reason": "雨"}, paths["/r/volunteer_event/{id}/do/cancel"]["post"], If_Match='"2"').status, 200)
    valid(site.json(one), SCHEMAS["volunteer_event.one"], one)
    r = site.get("/r/volunteer_event/999", headers={"Accept": "application/json"})
    equal(r.status, 404)
    valid(json.loads(r.text), answer(paths["/r/volunteer_event/{id}"]["get"], 404, r.getheader("Content-Type")), "404")
    equal(site.stop(), 0)


done()

// test_forms.mjs -- writing in a real browser: forms, suggestions, toast and undo, lists with many rows; and the same with
// JavaScript off. TAP on stdout. Every page: no console error (so no CSP report), no serious axe violation, no sideways
// scrolling, one h1.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as s from "./site.mjs";

const only = process.argv[2];
const tests = [];
const test = (name, run) => { if (!only || name.includes(only)) tests.push([name, run]); };
const { assert, equal } = s;

let site, state;

const sound = (p, where) => s.sound(p, where, { expected: /status of (409|422)/ });

const pages = ["/r/volunteer_event/new", "/r/volunteer_event/1/edit", "/r/service_record/new", "/r/volunteer_event?sort=-held_on&pick=1", "/r/lecture_session?col=title&col=place"];
for (const [lang, width] of [["zh", 1440], ["zh", 390], ["en", 1440]])
	test(`forms and lists are sound in ${lang} at ${width}`, async () => {
		const p = await s.page(site, { lang, width, state, dark: lang === "en" });
		for (const address of pages) {
			equal((await p.goto(site.url + address + (address.includes("?") ? "&" : "?") + "lang=" + lang)).status(), 200, address);
			await sound(p, address);
		}
		await p.context().close();
	});

test("a row with suggestions, a toast, taken back", async () => {
	const p = await s.page(site, { state });
	await p.goto(site.url + "/r/volunteer_event/new?lang=zh");
	await p.fill("#f-title", "浏览器里登记的活动");
	await p.fill("#f-held_on", "昨天");
	await p.fill("#f-org", "");
	await p.locator("#f-org").pressSequentially("bsqyjx");
	await p.waitForFunction(() => document.querySelector(".sugs button")?.innerText.includes("白沙区云脊乡")); // not of what was typed first
	await p.keyboard.press("ArrowDown");
	await p.keyboard.press("Enter");
	equal(await p.inputValue("#f-org"), "白沙区云脊乡团委");
	await p.click(".send .go");
	await p.waitForURL(/told=1/);
	await sound(p, "the record with its toast");
	assert((await p.innerText(".toast")).includes("已登记"), await p.innerText(".toast"));
	assert((await p.innerText("main")).includes("白沙区云脊乡团委"), "its unit");
	await p.click(".toast button");
	await p.waitForURL(/told=1/);
	assert((await p.innerText("h1")).includes("已作废"), await p.innerText("h1"));
	equal(p.errors, []);
	await p.context().close();
});

test("a form left alone is kept as a draft", async () => {
	const p = await s.page(site, { state });
	await p.goto(site.url + "/r/lecture_session/new?lang=zh");
	await p.fill("#f-title", "还没写完");
	await p.waitForFunction(() => document.querySelector("[data-told]").textContent !== "", null, { timeout: 8000 });
	await p.goto(site.url + "/r/lecture_session/new?lang=zh");
	equal(await p.inputValue("#f-title"), "还没写完");
	await p.click("button[value=drop]");
	await p.waitForURL(/lecture_session(\?|$)/);
	equal(p.errors, []);
	await p.context().close();
});

test("without JavaScript: faults, a pick list, many rows after one more look", async () => {
	const context = await site.browser.newContext({ javaScriptEnabled: false, storageState: state, viewport: { width: 390, height: 844 }, locale: "zh-CN" });
	const p = await context.newPage();
	await p.goto(site.url + "/r/volunteer_event/new?lang=zh");
	await p.fill("#f-held_on", "2026-13-40");
	await p.fill("#f-org", "石门乡");
	await p.click(".send .go");
	equal(await p.locator(".amiss li").count(), 3, "three faults on top");
	await p.fill("#f-title", "没有脚本也能登记");
	await p.fill("#f-held_on", "11月20日");
	await p.check("input[name='org.pick'] >> nth=0");
	await p.click(".send .go");
	assert(p.url().includes("told=1"), p.url());
	assert((await p.innerText(".toast")).includes("撤回"), "the way back is a button");
	await p.goto(site.url + "/r/volunteer_event?state=planned&pick=1&lang=zh");
	await p.check(".c-pick input >> nth=0");
	await p.check(".c-pick input >> nth=1");
	await p.selectOption("#bulk-move", "cancel");
	await p.click(".bulk button");
	assert((await p.innerText("h1")).includes("2条"), await p.innerText("h1"));
	await p.fill("#f-_reason", "台风");
	await p.click(".send .go");
	assert(p.url().includes("state=cancelled"), p.url());
	await context.close();
});

test("a double is noticed while it is typed", async () => {
	const p = await s.page(site, { state });
	await p.goto(site.url + "/r/org/2?lang=zh");
	const code = site.seed.units[0][0];
	await p.goto(site.url + "/r/org/new?lang=zh");
	await p.fill("#f-code", code);
	await p.waitForSelector(".twins a");
	assert((await p.innerText(".twins")).includes("已经有这一条"), await p.innerText(".twins"));
	await sound(p, "a form with a double");
	assert(!p.url().includes(code), "nothing of it stands in the address");
	await p.context().close();
});

test("a person who stands already is noticed while he is typed, and a list shows one person's rows alone", async () => {
	const cli = (...a) => execFileSync(s.qinghe, ["--db", site.db, "--now", s.now, "--json", ...a], { encoding: "utf8" });
	const add = (name) => JSON.parse(cli("add", "person", "--org", "330103", "name=" + name)).id;
	const [known, clerk, boss] = ["欧阳听雨", "李干事", "陈批准"].map(add);
	cli("account", "grant", "county_staff", "#" + clerk, "--org", "330103");
	cli("account", "grant", "leader", "#" + boss, "--org", "330100");
	cli("authorise", "grant", "#" + clerk, "county_staff", "identity", "--org", "330103", "--by", "#" + boss);
	const p = await s.page(site), own = { ...s.account };
	s.account.handle = "ligan";
	await s.claim({ ...site, seed: JSON.parse(cli("account", "code", "#" + clerk)) }, p);
	await s.enrol(site, p);
	Object.assign(s.account, own);
	await p.goto(site.url + "/r/person/new?lang=zh");
	await p.fill("#f-name", "欧阳听雨");
	await p.waitForSelector(".twins a");
	assert((await p.innerText(".twins")).includes("欧阳听雨") && (await p.getAttribute(".twins a", "href")).includes("/r/person/" + known), await p.innerText(".twins"));
	await p.fill("#f-name", "欧阳听风");
	await p.waitForFunction(() => !document.querySelector(".twins a"));
	await sound(p, "a form with a person");
	await p.goto(site.url + "/r/service_record?lang=zh&period=2026");
	await p.click(".say details summary");
	await p.fill("#who-volunteer", "欧阳听雨");
	await p.click("form:has(#who-volunteer) button");
	await p.waitForURL(/f_volunteer=/);
	assert(p.url().endsWith("f_volunteer=" + known) && (await p.innerText(".say p")).includes("欧阳听雨"), p.url());
	equal(await p.locator("td.c-who").count(), 0, "he has no rows");
	await sound(p, "a list of one person");
	await p.context().close();
});

test("a messy sheet is looked at, mended and brought in, in one sitting", async () => {
	const p = await s.page(site, { state });
	const [code, unit] = site.seed.units[0], file = path.join(path.dirname(site.db), "汇总.xlsx");
	execFileSync("/usr/bin/python3", [path.join(s.here, "messy.py"), file, code, unit + "团委"]);
	const told = async () => (await (await p.request.get(site.url + "/figures/vol.events?period=2026", { headers: { accept: "application/json" } })).json()).value;
	const before = await told();
	await p.goto(site.url + "/import?register=volunteer_event&lang=zh");
	await p.setInputFiles("#file", file);
	await p.click(".send .go");
	await p.waitForURL(/import\/[0-9a-f]+/);
	const tally = () => p.locator(".tally b").allInnerTexts();
	equal(await tally(), ["4", "0", "1", "3"], "new, changed, same, refused");
	equal(await p.inputValue("#header_row"), "3");
	assert((await p.innerText(".reading")).includes("备注2"), "a column of no field is told");
	assert((await p.locator(".grid .no1").count()) === 3, "refused rows come first");
	assert((await p.innerText(".grid")).includes("2026-03-12"), "how a date was read");
	await sound(p, "/import/…");
	for (const value of ["2026-03-16", unit + "团委", "2小时"]) {
		const form = p.locator(".why form:has(input[type=text])").first();
		await form.locator("input[type=text]").fill(value);
		await form.locator("button").click();
		await p.waitForLoadState("load");
	}
	equal(await tally(), ["7", "0", "1", "0"], "all mended");
	assert((await p.innerText(".go")).includes("7"), "the button says what it will write");
	await p.click("button.go");
	await p.waitForSelector("a.go");
	await p.click("a.go");
	for (const n of "一二三四五六七")
		assert((await p.innerText(".list")).includes("春季植树" + n), "春季植树" + n);
	// Reported: the figure has risen by the seven, and the report tells it.
	const value = await told();
	equal(value - before, 7, "vol.events");
	await p.goto(site.url + "/report/2026?lang=zh");
	assert((await p.locator(`.sheet a.f:text-is("${value}")`).count()) > 0, "the report tells " + value);
	equal(p.errors, []);
	await p.context().close();
});

// 200 units and 180 sheets with QINGHE_LONG=1, else as many as are quick.
test("a county cadre asks, drops what came back at once, sees who is missing, merges and sends the sum up", async () => {
	const units = process.env.QINGHE_LONG ? 200 : 20, back = path.join(path.dirname(site.db), "back");
	const seed = (...args) => execFileSync("/usr/bin/python3", [path.join(s.here, "asked.py"), path.resolve(s.here, "../..", process.env.QINGHE || "build/qinghe"), site.db, ...args], { encoding: "utf8" });
	const p = await s.page(site);
	await p.goto(site.url + "/claim");
	await p.fill("#code", JSON.parse(seed(String(units))).code);
	await p.fill("#handle", "linjiang");
	await p.fill("#password", s.account.password);
	await p.fill("#again", s.account.password);
	await p.click("button.go");
	await p.waitForURL((u) => !String(u).includes("claim"));
	await p.fill("#code", s.totp(await p.innerText(".factor .mono")));
	await p.click("form[action='/me/second-factor'] button.go");
	await p.waitForSelector(".codes");
	const began = Date.now();
	await p.goto(site.url + "/collections?lang=zh");
	await p.click(".head .go");
	const fields = { number: "TB-9", title: "十月志愿活动", issued_on: "2026-11-10", due_on: "2026-11-28", period_from: "2026-10-01", period_to: "2026-10-31", into_register: "volunteer_event" };
	if (await p.locator(".more summary").count()) await p.click(".more summary");
	for (const [name, value] of Object.entries(fields)) await p.fill("#f-" + name, value);
	await p.click(".send .go");
	await p.waitForURL(/told=1/);
	const id = new URL(p.url()).pathname.split("/").pop();
	await p.goto(site.url + "/collections");
	await p.click("a:has-text('十月志愿活动')");
	await p.click("button[value=issue]");
	await p.waitForSelector("#copy");
	assert((await p.inputValue("#copy")).includes("第001团支部"), "text for the group names them");
	const asking = Date.now() - began;
	seed("fill", id, back); // what the units do
	const dropped = Date.now(), names = readdirSync(back);
	const files = await p.evaluateHandle((list) => {
		const d = new DataTransfer();
		for (const f of list) d.items.add(new File([Uint8Array.from(atob(f.body), (c) => c.charCodeAt(0))], f.name));
		return d;
	}, names.map((name) => ({ name, body: readFileSync(path.join(back, name)).toString("base64") })));
	await p.dispatchEvent("h1", "drop", { dataTransfer: files }); // anywhere on the page
	equal(await p.evaluate(() => document.querySelector("#files").files.length), units * 0.9, "in the field");
	await p.click("form:has(#files) button");
	await p.waitForSelector("[role=status]");
	const missing = (await p.innerText("[role=status]")).match(/第\d+团支部/g), last = String(units).padStart(3, "0");
	equal([missing.length, missing[missing.length - 1]], [units * 0.1, `第${last}团支部`], "those who are missing are named");
	await sound(p, "what came back");
	await p.click(".head .go");
	await sound(p, "/collections/ID with answers");
	equal((await p.inputValue("#copy")).match(/第\d+团支部/g), missing, "and stand in the text for the group");
	await p.click("button[value=merge]");
	await p.click("button[value=send]");
	await p.waitForSelector("a:has-text('申请更正')");
	equal(await p.innerText(".right .rows b >> nth=0").then((v) => v.replace(/\D/g, "")), String(units * 0.9), "the sum");
	const took = (asking + Date.now() - dropped) / 1000;
	console.log(`# ${units} units asked, ${names.length} sheets in one drop, merged and sent up: ${took.toFixed(1)} s`);
	assert(took < 300, took + " s");
	await p.context().close();
});

test("without JavaScript a refused cell is mended too, on a phone", async () => {
	const context = await site.browser.newContext({ viewport: { width: 390, height: 844 }, storageState: state, javaScriptEnabled: false });
	const p = await context.newPage();
	await p.goto(site.url + "/import?register=volunteer_event&lang=zh");
	await p.setInputFiles("#file", { name: "a.csv", mimeType: "text/csv", buffer: Buffer.from("活动名称,活动日期,活动时长\n手机上改的,2026-02-30,2小时\n") });
	await p.click(".send .go");
	await p.fill(".why input[type=text]", "2026-02-28");
	await p.click(".why button");
	equal(await p.locator(".tally b").allInnerTexts(), ["1", "0", "0", "0"]);
	await context.close();
});

test("n begins a new row, the filter's words open its controls", async () => {
	const p = await s.page(site, { state });
	await p.goto(site.url + "/r/volunteer_event?lang=zh");
	await p.click(".say p a[href^='#']");
	assert(await p.locator(".say details").evaluate((d) => d.open), "the filter is open");
	await p.locator("h1").click();
	await p.keyboard.press("n");
	await p.waitForURL(/volunteer_event\/new/);
	equal(p.errors, []);
	await p.context().close();
});

site = await s.open();
const door = await s.page(site);
await s.claim(site, door);
await s.enrol(site, door);
state = await door.context().storageState();
await s.run(tests, site.close);

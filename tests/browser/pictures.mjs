// pictures.mjs FOLDER -- pictures of the running pages, for docs/pictures: a seeded city, zh and en, desk and phone.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import * as s from "./site.mjs";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const site = await s.open();
const door = await s.page(site, {});
await door.goto(site.url + "/sign-in");
await door.screenshot({ path: path.join(folder, "sign-in.png") });
await s.claim(site, door);
await door.screenshot({ path: path.join(folder, "second-factor.png") });
await s.enrol(site, door);
const state = await door.context().storageState();
const phone = { width: 390, height: 844 }, en = { lang: "en" };
/* Each page wide in Chinese and narrow in English, so that both halves of both are seen; some in more ways. */
const both = [
	["desk", "/"], ["list", "/r/volunteer_event"], ["record", "/r/volunteer_event/1"], ["form", "/r/volunteer_event/new"],
	["figures", "/figures"], ["board", "/figures/board"], ["figure", "/figures/vol.attend"], ["trace", "/figures/vol.attend/trace"],
	["coverage", "/coverage"], ["report", "/report/2026"], ["reports", "/report/list"], ["leader", "/report/2026/leader"],
	["adopt", "/report/adopt"], ["import", "/import"], ["collections", "/collections"], ["notices", "/notices"], ["jot", "/jot"],
	["onsite", "/onsite/volunteer_event/1"], ["model", "/model"], ["help", "/help"], ["tour", "/help/tour"], ["requests", "/requests"],
	["retention", "/retention"], ["void", "/r/volunteer_event/1/do/void"], ["model-register", "/model/registers/volunteer_event"], ["accounts", "/accounts"], ["me", "/me"], ["mine", "/mine"], ["my-data", "/me/data"],
];
const pictures = [...both.flatMap(([name, address]) => [[name, address, {}], [name + "-phone-en", address, { ...phone, ...en }]]),
	["desk-phone", "/", phone], ["list-phone", "/r/volunteer_event", phone], ["jot-phone", "/jot", phone],
	["trace-phone", "/figures/vol.attend/trace", phone], ["report-phone", "/report/2026", phone],
	["figures-en", "/figures", en], ["report-dark", "/report/2026", { dark: true }]];
async function take(from, name, address, how, entered) {
	const p = await s.page(from, { ...how, state: entered });
	const answer = await p.goto(from.url + address + (address.includes("?") ? "&" : "?") + "lang=" + (how.lang || "zh"));
	if (!answer.ok()) console.error(name, address, answer.status());
	/* Whole pages up to two screens; the rest says nothing new. */
	const height = Math.min(await p.evaluate(() => document.documentElement.scrollHeight), how.width ? 1500 : 1400);
	await p.setViewportSize({ width: how.width || 1440, height: Math.max(height, 600) });
	await p.screenshot({ path: path.join(folder, name + ".png") });
	await p.context().close();
}

for (const [name, address, how] of pictures) await take(site, name, address, how, state);
await site.close();
/* In the demo city: the desks of some roles, and pages that need what a small city has not. */
const demo = await s.openRoles();
const asked = (where) => execFileSync("/usr/bin/python3", ["-c", "import sqlite3,sys;print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])", demo.db, where], { encoding: "utf8" }).trim();
const by = (role) => (role ? demo.entered(role) : undefined);
for (const role of ["county_staff", "leader", "child_worker", "finance_clerk", "judge", "counsellor"]) await take(demo, "desk-" + role.replace("_", "-"), "/", {}, by(role));
await take(demo, "desk-branch-secretary-phone", "/", phone, by("branch_secretary"));

/* What has to be done first: photos of three activities and of an article, a collection's questions, a hand-over sheet, a look at
 * a messy sheet. */
const events = [1, 2, 3].map((n) => asked(`SELECT id FROM volunteer_event WHERE state = 'completed' ORDER BY id LIMIT 1 OFFSET ${n}`));
const article = asked("SELECT id FROM article WHERE state = 'published' ORDER BY id DESC LIMIT 1");
const p = await s.page(demo, { state: by("city_staff") });
for (const [i, caption] of ["净滩的岸线", "希望小屋门前", "岸边的一排小树", "植树的山坡，和新栽的一片小树"].entries()) {
	await p.goto(`${demo.url}/photos/new?of=${i === 2 ? "article:" + article : "volunteer_event:" + events[Math.min(i, 2)]}&lang=zh`);
	const drawn = await p.evaluate((i) => {
		const c = document.createElement("canvas"), g = Object.assign(c, { width: 1200, height: 900 }).getContext("2d");
		g.fillStyle = "#dcebf6";
		g.fillRect(0, 0, 1200, 900);
		for (const [y, h, colour] of [[0, 400, "#bcd9ee"], [330 + 30 * i, 300, "#7fae8a"], [520, 380, "#4f8a5b"], [700, 200, "#d9c89a"]]) { g.fillStyle = colour; g.beginPath(); g.ellipse(600 + 200 * i - y / 3, y + h, 1200, h, 0, 0, 7); g.fill(); }
		return c.toDataURL("image/jpeg", 0.8).split(",")[1];
	}, i);
	await p.setInputFiles("#picture", { name: "a.jpg", mimeType: "image/jpeg", buffer: Buffer.from(drawn, "base64") });
	await p.fill("#caption", caption);
	await p.check("#f-none");
	await p.click("main form button.go");
	await p.waitForURL(/photos\/\d+/);
}
const photo = p.url().match(/photos\/\d+/)[0];
await p.context().close();
const q = await s.page(demo, { state: by("county_staff") });
const draft = asked(`SELECT id FROM collection WHERE state = 'draft' AND org = ${demo.seed.county}`);
await q.goto(`${demo.url}/r/collection/${draft}/asks?lang=zh`);
for (const [i, [label, answered, choices]] of [["冬季开放的天数", "数字", ""], ["取暖和用电是否查过", "几项选一", "都查过，查过取暖，查过用电，没有查"], ["还缺什么设施", "文字", ""]].entries()) {
	if (i) await q.click("button[value=add]");
	await q.fill("#label" + (i + 1), label);
	await q.selectOption("#type" + (i + 1), { label: answered });
	if (choices) await q.fill("#choices" + (i + 1), choices);
}
await q.click(".send button[value=save]");
await q.goto(demo.url + "/handover?lang=zh");
await q.fill("main [name=taker]", "r.case.worker");
await q.fill("main textarea", "公章在左边抽屉；档案柜钥匙两把；纸质台账三册。");
await q.click("main button.go");
await q.waitForURL(/handover\/\d+/);
const sheet = q.url().match(/handover\/\d+/)[0], messy = path.join(path.dirname(demo.db), "活动汇总.xlsx");
execFileSync("/usr/bin/python3", [path.join(s.here, "messy.py"), messy, ...["code", "name"].map((f) => asked(`SELECT ${f} FROM org WHERE id = ${demo.seed.county}`))]);
await q.goto(demo.url + "/import?register=volunteer_event&lang=zh");
await q.setInputFiles("#file", messy);
await q.click("main form button[type=submit]");
await q.waitForURL(/import\/\w+/);
const seen = q.url().match(/import\/\w+/)[0];
await q.context().close();

for (const [name, address, role] of [["street", "/street"], ["street-help", "/street/help"], ["street-figures", "/street/figures"], ["street-events", "/street/events"],
	["street-report", "/street/reports/" + asked("SELECT id FROM report_edition WHERE state = 'published' AND kind = 'year'")],
	["street-verify", "/street/verify"], ["finder", "/finder", "child_worker"], ["coverage-schools", "/coverage?of=schools", "city_staff"],
	["photos", "/photos", "city_staff"], ["photo", "/" + photo, "city_staff"], ["collection", "/collections/16", "city_staff"],
	["handover", "/" + sheet, "county_staff"], ["import-preview", "/" + seen, "county_staff"], ["report-signed", "/report/2024", "city_staff"],
	["difference", "/report/2025/difference", "city_staff"], ["case", "/r/rights_case/" + asked("SELECT id FROM rights_case WHERE worker = (SELECT person FROM role WHERE role = 'case_worker' ORDER BY id DESC LIMIT 1)") + "/case", "case_worker"],
	["model-new-figure", "/model/new/figure", "sysadmin"], ["model-figure", "/model/figures/vol.attend", "sysadmin"], ["model-rule", "/model/files/rules/coverage.yaml", "sysadmin"],
	["asks", `/r/collection/${draft}/asks`, "county_staff"], ["article", "/street/articles/" + article], ["articles", "/street/articles"], ["appraisal", "/appraisal", "city_staff"],
	["sign-off", "/report/go/" + demo.seed.reports.zh, "leader"], ["score-sheets", "/r/score_sheet", "judge"], ["join", "/join"],
	["authorisations", "/authorisations", "county_staff"], ["apply", "/apply", "student"], ["apply-form", "/apply/aid_application", "guardian"]]) {
	await take(demo, name, address, {}, by(role));
	await take(demo, name + "-phone-en", address, { ...phone, ...en }, by(role));
}
process.exit(await demo.close());

// pictures.mjs FOLDER -- pictures of the running pages, for docs/pictures: a seeded city, zh and en, desk and phone.
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
	["retention", "/retention"], ["void", "/r/volunteer_event/1/do/void"], ["model-register", "/model/registers/volunteer_event"], ["street", "/street"], ["street-help", "/street/help"], ["accounts", "/accounts"], ["me", "/me"], ["mine", "/mine"], ["my-data", "/me/data"],
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
/* The desks of some roles, in the demo city. */
const demo = await s.openRoles();
for (const role of ["county_staff", "leader", "child_worker", "finance_clerk"]) await take(demo, "desk-" + role.replace("_", "-"), "/", {}, demo.entered(role));
await take(demo, "desk-branch-secretary-phone", "/", phone, demo.entered("branch_secretary"));
process.exit(await demo.close());

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
const pictures = [
	["desk", "/", {}], ["desk-phone", "/", { width: 390, height: 844 }],
	["list", "/r/volunteer_event", {}], ["list-phone", "/r/volunteer_event", { width: 390, height: 844 }],
	["coverage", "/coverage", {}], ["coverage-phone-en", "/coverage", { lang: "en", width: 390, height: 844 }],
	["record", "/r/volunteer_event/1", {}], ["figures-en", "/figures", { lang: "en" }], ["figure", "/figures/vol.attend", {}],
	["trace-phone", "/figures/vol.attend/trace", { width: 390, height: 844 }],
	["report", "/report/2026", {}], ["report-phone", "/report/2026", { width: 390, height: 844 }], ["report-dark", "/report/2026", { dark: true }],
];
for (const [name, address, how] of pictures) {
	const p = await s.page(site, { ...how, state });
	await p.goto(site.url + address + (address.includes("?") ? "&" : "?") + "lang=" + (how.lang || "zh"));
	/* Whole pages up to two screens; the rest says nothing new. */
	const height = Math.min(await p.evaluate(() => document.documentElement.scrollHeight), how.width ? 1500 : 1400);
	await p.setViewportSize({ width: how.width || 1440, height: Math.max(height, 600) });
	await p.screenshot({ path: path.join(folder, name + ".png") });
	await p.context().close();
}
process.exit(await site.close());

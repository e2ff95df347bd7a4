// test_phone.mjs -- a branch secretary with a phone: 记一笔 counted tap by tap, on site, without a net. TAP on stdout. Every page:
// no console error (so no CSP report), no serious axe violation, no sideways scrolling, one h1.
import { execFileSync } from "node:child_process";
import path from "node:path";
import * as s from "./site.mjs";

const only = process.argv[2];
const tests = [];
const test = (name, run) => { if (!only || name.includes(only)) tests.push([name, run]); };
const { assert, equal } = s;

const qinghe = path.resolve(s.here, "../..", process.env.QINGHE || "build/qinghe");
const phone = { width: 390, height: 844 };
let site, state, made;

const branch = (...args) => execFileSync("/usr/bin/python3", [path.join(s.here, "../flow/branch.py"), qinghe, site.db, ...args], { encoding: "utf8" });
const figure = (id) => JSON.parse(execFileSync(qinghe, ["--db", site.db, "--now", s.now, "--json", "figures", "--year", "2026", "--org", "BR1", id], { encoding: "utf8" }))[0].value;

const sound = (p, where) => s.sound(p, where, { expected: /status of (403|409|422)|ERR_INTERNET_DISCONNECTED|Failed to fetch/ });

// The phone is bound by the sheet's link, as its owner does it.
async function bind() {
	const p = await s.page(site, phone);
	await p.goto(site.url + "/bind#" + made.phone);
	await p.waitForSelector("#pin");
	await p.fill("#name", "柳青");
	await p.fill("#pin", "204857");
	await p.fill("#again", "204857");
	await p.click("button.go");
	await p.waitForURL((u) => new URL(u).pathname === "/");
	state = await p.context().storageState();
	await p.context().close();
}

// A finger: counted, and as quick as a person is (a tap and looking for the next target: 1.5 s; a letter: 0.4 s).
const TAP_S = 1.5, KEY_S = 0.4;
function finger(p) {
	const f = { taps: 0, keys: 0 };
	f.tap = async (what) => { f.taps++; await p.locator(what).first().click(); };
	f.type = async (what, text) => { f.keys += text.length; await p.locator(what).first().pressSequentially(text); };
	f.seconds = () => f.taps * TAP_S + f.keys * KEY_S;
	return f;
}

for (const [lang, width] of [["zh", 390], ["en", 390], ["zh", 1440], ["en", 1440]])
	test(`记一笔 is sound in ${lang} at ${width}`, async () => {
		const p = await s.page(site, { lang, width, state, dark: lang === "en" });
		equal((await p.goto(site.url + "/jot?lang=" + lang)).status(), 200);
		await sound(p, "/jot");
		await p.context().close();
	});

test("yesterday's volunteer drive with 23 people in under 60 s of taps", async () => {
	const before = [figure("vol.attend"), figure("vol.events"), figure("vol.attend.hours")];
	const p = await s.page(site, { ...phone, state });
	await p.goto(site.url + "/?lang=zh");
	const f = finger(p);
	await f.tap(".thumb a[href='/jot']");
	await p.waitForSelector("#jot-find:not([hidden])");
	await f.tap("label:has(input[data-back='1'])");
	for (const name of made.people.slice(0, 23)) await f.tap(`#jot-who label:text-is("${name}")`);
	equal(await p.innerText(".commit .go"), "记下23人");
	await f.tap(".commit .go");
	await p.waitForURL(/\/jot\/volunteer_event\/\d+/);
	await sound(p, "the receipt");
	console.log(`# ticking each one: ${f.taps} taps, ${f.keys} keys, ${f.seconds()} s`);
	assert(f.seconds() < 60, f.seconds() + " s");
	equal([figure("vol.attend"), figure("vol.events"), figure("vol.attend.hours")].map((v, i) => v - before[i]), [23, 1, 23 * 120], "the figures rose");
	assert((await p.innerText("main")).includes("+23"), await p.innerText("main"));
	await p.click(".toast button");
	await p.waitForFunction(() => document.querySelector("main").innerText.includes("已撤销"));
	equal(figure("vol.attend"), before[0], "taken back");
	await p.context().close();
});

test("the same by those of last time, and by name and initials", async () => {
	const before = figure("vol.attend");
	const p = await s.page(site, { ...phone, state });
	await p.goto(site.url + "/?lang=zh");
	const f = finger(p);
	await f.tap(".thumb a[href='/jot']");
	await f.tap("label:has(input[data-back='1'])");
	await f.tap("#jot-again");
	await f.tap(`#jot-who label:text-is("${made.people[2]}")`); // one who stayed away
	await f.tap("#jot-find");
	await f.type("#jot-find", "zm");
	await p.keyboard.press("Enter");
	f.keys++;
	equal(await p.innerText(".commit .go"), "记下23人");
	await f.tap(".commit .go");
	await p.waitForURL(/\/jot\/volunteer_event\/\d+/);
	console.log(`# those of last time: ${f.taps} taps, ${f.keys} keys, ${f.seconds()} s`);
	assert(f.seconds() < 20, f.seconds() + " s");
	equal(figure("vol.attend") - before, 23);
	await p.click(".toast button");
	await p.waitForFunction(() => document.querySelector("main").innerText.includes("已撤销"));
	equal(p.errors, []);
	await p.context().close();
});

test("on site: the code and the count renew by themselves, those without a phone, the end; sound in both languages", async () => {
	const p = await s.page(site, { ...phone, state });
	await p.goto(site.url + "/jot?lang=zh");
	await p.click("button[value=onsite]");
	await p.waitForURL(/\/onsite\/volunteer_event\/\d+/);
	const at = new URL(p.url()).pathname;
	await sound(p, "on site");
	await p.fill("#f-name", "cj");
	await p.click("#onsite-who button");
	await p.waitForFunction(() => document.querySelector("#near .val").innerText.startsWith("1"));
	const other = await s.page(site, { width: 1440, lang: "en", state, dark: true });
	await other.goto(site.url + at + "?lang=en");
	await sound(other, "on site, en");
	await other.fill("#f-name", made.people[15]);
	await other.click("#onsite-who button");
	await other.waitForFunction(() => document.querySelector("#near .val").innerText.startsWith("2"));
	await p.waitForFunction(() => document.querySelector("#near .val").innerText.startsWith("2"), null, { timeout: 9000 }); // nothing pressed here
	equal(await p.inputValue("#f-name"), "", "what is being typed stays");
	await p.click("button[value=close]");
	await p.waitForURL(/\/jot\/volunteer_event/);
	assert((await p.innerText("main")).includes("+2"), await p.innerText("main"));
	await other.context().close();
	await p.context().close();
});

test("记一笔 with JavaScript off", async () => {
	const before = figure("vol.attend");
	const context = await site.browser.newContext({ javaScriptEnabled: false, storageState: state, viewport: phone, locale: "zh-CN" });
	const p = await context.newPage();
	await p.goto(site.url + "/jot?lang=zh");
	equal(await p.locator("#jot-find").isVisible(), false, "no search that would do nothing");
	await p.click("label:has(input[value=other])");
	await p.fill("input[name=day]", "11.20");
	await p.click("summary:has-text('粘贴')");
	await p.fill("textarea[name=names]", "1. " + made.people[0] + "\n2. " + made.people[1] + "\n3. 见到了再说");
	await p.click(".commit .go");
	assert((await p.innerText(".amiss")).includes("见到了再说"), "what is no name is told");
	await p.fill("textarea[name=names]", made.people[0] + "、" + made.people[1]);
	await p.click(".commit .go");
	await p.waitForURL(/\/jot\/volunteer_event/);
	equal(figure("vol.attend") - before, 2);
	await context.close();
});

test("the first hour of a new secretary: every task of the tour opens on the phone, and what is done is ticked", async () => {
	execFileSync(qinghe, ["--db", site.db, "--now", s.now, "add", "theme", "name=学习身边榜样", "opens_on=2026-11-01", "closes_on=2026-11-30"]);
	const p = await s.page(site, { ...phone, state });
	await p.goto(site.url + "/help/tour?lang=zh");
	await s.sound(p, "the tour");
	const tasks = await p.locator(".tasks li a").evaluateAll((l) => l.map((a) => a.getAttribute("href"))), done = await p.locator(".tasks li.done").count();
	assert(tasks.length >= 7, "the secretary's own tour: " + tasks);
	for (const to of new Set(tasks)) {
		equal((await p.goto(site.url + to)).status(), 200, to);
		await s.sound(p, to, { axed: false });
	}
	await p.goto(site.url + "/r/league_day/new?lang=zh");
	await p.fill("#f-theme", "学习身边榜样");
	await p.fill("#f-held_on", "昨天");
	await p.click(".send .go");
	await p.waitForURL(/told=1/);
	await p.goto(site.url + "/help/tour?lang=zh");
	equal(await p.locator(".tasks li.done").count(), done + 1, "the league day is ticked");
	await p.context().close();
});

// A drawing, as large as a phone's camera makes them: hills, a shore, nobody.
const drawing = (p) => p.evaluate(async () => {
	const c = document.createElement("canvas"), g = c.getContext("2d");
	c.width = 4000;
	c.height = 3000;
	const sky = g.createLinearGradient(0, 0, 0, 3000);
	for (const [at, colour] of [[0, "#8fbfe0"], [0.55, "#e9f1ea"], [0.56, "#3d7fa6"], [0.75, "#7fb3c8"], [0.76, "#d9c9a0"], [1, "#b89f6c"]]) sky.addColorStop(at, colour);
	g.fillStyle = sky;
	g.fillRect(0, 0, 4000, 3000);
	for (let i = 0; i < 60000; i++) { // grain, so that the file is as heavy as a camera's
		g.fillStyle = `hsla(${(i * 37) % 360}, 40%, ${30 + (i % 50)}%, .15)`;
		g.fillRect((i * 7919) % 4000, (i * 104729) % 3000, 9, 9);
	}
	g.fillStyle = "#2f8f5b";
	g.beginPath();
	g.moveTo(0, 1650);
	for (let x = 0; x <= 4000; x += 40) g.lineTo(x, 1500 - 220 * Math.sin(x / 500) - 90 * Math.sin(x / 130));
	g.lineTo(4000, 1650);
	g.fill();
	const bytes = new Uint8Array(await (await new Promise((done) => c.toBlob(done, "image/jpeg", 0.97))).arrayBuffer());
	let text = "";
	for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
	return btoa(text);
});

test("a photo from the camera is made smaller on the phone, sent, and shown; the record can do without", async () => {
	const p = await s.page(site, { ...phone, state });
	await p.goto(`${site.url}/r/volunteer_event/${made.events[0]}?lang=zh`);
	await p.click("main a.btn:text-is('照片')");
	await s.sound(p, "no photo yet");
	await p.click("main a.btn[href^='/photos/new']");
	await s.sound(p, "a new photo");
	const picture = Buffer.from(await drawing(p), "base64");
	await p.setInputFiles("#picture", { name: "IMG_0001.jpg", mimeType: "image/jpeg", buffer: picture });
	await p.waitForFunction((whole) => document.getElementById("picture").files[0].size < whole, picture.length);
	const small = await p.evaluate(async () => { const f = document.getElementById("picture").files[0], b = await createImageBitmap(f); return [f.size, b.width, b.height]; });
	equal(small.slice(1), [1600, 1200], "made smaller before it is sent");
	console.log(`# from the camera ${picture.length} B, sent ${small[0]} B`);
	assert(small[0] * 4 < picture.length, small[0] + " of " + picture.length);
	await p.fill("#caption", "净滩的岸线");
	await p.check("#f-none");
	await p.click("main form button.go");
	await p.waitForURL(/\/photos\/\d+\?done=1/);
	await s.sound(p, "the photo");
	equal(await p.locator(".shot img").evaluate((i) => [i.complete, i.naturalWidth, i.naturalHeight]), [true, 1600, 1200], "it is seen");
	await p.goto(`${site.url}/photos?lang=en&year=2026`);
	await s.sound(p, "all photos");
	equal(await p.locator(".shots img").evaluateAll((l) => l.map((i) => i.naturalWidth > 0)), [true]);
	await p.context().close();
});

// What comes over the wire at a first visit, nothing kept from before; the requests' own headers count too.
test("the form pages of the phone weigh below 40 KB at a first visit", async () => {
	const p = await s.page(site, { ...phone, state }), line = await p.context().newCDPSession(p);
	let bytes = 0, scripts = [];
	line.on("Network.loadingFinished", (e) => { bytes += e.encodedDataLength; });
	p.on("request", (r) => { if (r.resourceType() === "script") scripts.push(r.url()); });
	await line.send("Network.enable");
	await line.send("Network.setCacheDisabled", { cacheDisabled: true });
	await line.send("Network.setBypassServiceWorker", { bypass: true });
	const event = JSON.parse(execFileSync(qinghe, ["--db", site.db, "--now", s.now, "--json", "add", "volunteer_event", "--org", "BR1", "title=冬日送暖", "held_on=2026-11-24", "place=青柳村"], { encoding: "utf8" })).id;
	for (const at of ["/r/volunteer_event/new", "/jot", `/onsite/volunteer_event/${event}`, `/photos/new?of=volunteer_event:${event}`]) {
		bytes = 0;
		scripts = [];
		equal((await p.goto(site.url + at)).status(), 200, at);
		await p.waitForLoadState("networkidle");
		console.log(`# ${at.replace(/\d+/, "ID")}: ${bytes} B`);
		assert(bytes > 15000 && bytes <= 40960, at + " weighs " + bytes + " B");
		assert(at.startsWith("/r/") || !scripts.some((u) => u.includes("htmx")), at + " needs no htmx: " + scripts);
	}
	await p.context().close();
});

test("without a net: it opens, keeps, tells what waits, and sends it once when there is one again", async () => {
	const before = figure("vol.attend");
	const p = await s.page(site, { ...phone, state });
	await p.goto(site.url + "/jot?lang=zh");
	await p.waitForFunction(() => navigator.serviceWorker.ready.then(() => !!navigator.serviceWorker.controller));
	await p.goto(site.url + "/jot"); // by the worker, which keeps it
	await p.waitForTimeout(300);
	await p.context().setOffline(true);
	await p.goto(site.url + "/jot");
	equal(await p.locator("h1").innerText(), "记一场活动", "opened without a net");
	await p.waitForSelector("#jot-net:not([hidden])");
	assert((await p.innerText("#jot-net")).includes("没有网络"), await p.innerText("#jot-net"));
	await p.click("label:has(input[data-back='1'])");
	for (const name of made.people.slice(0, 5)) await p.click(`#jot-who label:text-is("${name}")`);
	await p.waitForFunction(() => document.getElementById("jot-told").textContent.includes("草稿"));
	await p.goto(site.url + "/jot");
	await p.waitForFunction(() => document.querySelector(".commit .go").textContent === "记下5人", null, { timeout: 5000 });
	await p.click(".commit .go");
	await p.waitForFunction(() => document.getElementById("jot-net").innerText.includes("还没上传"));
	assert((await p.innerText("#jot-net")).includes("柳河口净滩"), "it says what waits");
	equal(figure("vol.attend"), before, "nothing is recorded yet");
	const seen = await p.evaluate(async () => {
		const db = await new Promise((done) => { const r = indexedDB.open("qinghe"); r.onsuccess = () => done(r.result); });
		const all = await new Promise((done) => { const r = db.transaction("kept").objectStore("kept").getAll(); r.onsuccess = () => done(r.result); });
		db.close();
		let text = JSON.stringify(Object.entries(localStorage)) + JSON.stringify(Object.entries(sessionStorage));
		for (const one of all) if (one.sealed) text += new TextDecoder().decode(one.sealed);
		for (const name of await caches.keys()) for (const q of await (await caches.open(name)).keys()) text += await (await (await caches.open(name)).match(q)).text();
		return text;
	});
	assert(!made.people.some((n) => seen.includes(n)), "no name lies open in the browser's storage");
	await p.context().setOffline(false); // by itself: nothing is pressed
	await p.waitForFunction(() => document.getElementById("jot-net").innerText.includes("已记下"));
	equal(figure("vol.attend") - before, 5, "recorded once");
	await p.reload();
	await p.waitForTimeout(500);
	equal(figure("vol.attend") - before, 5, "and not again");
	equal(p.errors.filter((e) => !/ERR_INTERNET_DISCONNECTED|Failed to fetch/.test(e)), []);
	await p.goto(site.url + "/me");
	await p.click("form[action='/sign-out'] button");
	await p.waitForURL(/sign-in/);
	await p.waitForTimeout(500);
	equal(await p.evaluate(async () => [(await indexedDB.databases()).length, (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length]), [0, 0, 0], "cleared");
	await p.context().close();
});

site = await s.open();
made = JSON.parse(branch());
await bind();
branch("authorise");
await s.run(tests, site.close);

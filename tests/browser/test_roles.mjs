// test_roles.mjs -- the main path of every role, in a demo city with an open session for each: the desk, then the page that the
// role comes for. zh at 1440 px and en at 390; residents in both languages at both widths, and without a script. TAP on stdout. Every page: status 200, no console error (so no CSP report), no
// serious axe violation, no sideways scrolling, one h1; the desk names no child and its links open.
import { execFileSync } from "node:child_process";
import * as s from "./site.mjs";

const only = process.argv[2];
const { assert, equal } = s;

// What each comes for: an address, or the link on the desk that leads there.
const paths = {
	branch_secretary: ["新登记", "/r/volunteer_event/new"], county_staff: ["我的待办", null], city_staff: [null, "/import"], leader: [null, "/report/2025"],
	site_lead: ["我能打开的", "/r/service_record"], host: ["我能打开的", "/r/lecture_attendance"], case_worker: ["我能打开的", "/r/rights_case"],
	mediator: ["我能打开的", "/r/mediation"], lawyer: [null, "/registers"], counsellor: ["我能打开的", "/r/mind_flag"],
	school_counsellor: ["我能打开的", "/r/screening_round"], helper: ["我能打开的", "/r/visit_due"], child_worker: ["我能打开的", "/r/care_child"],
	finance_clerk: ["新登记", "/r/voucher/new"], finance_approver: ["我能打开的", "/r/voucher"], judge: ["我能打开的", "/r/score_sheet"],
	employer: [null, "/registers"], partner_contact: [null, "/registers"], media_editor: ["新登记", "/r/article/new"],
	sysadmin: ["系统管理", "/accounts"], secadmin: ["系统管理", "/authorisations"], auditadmin: ["系统管理", "/authorisations"], auditor: ["我能打开的", "/r/voucher"],
};

const site = await s.openRoles();

const sound = (p, where, axed) => s.sound(p, where, { axed });

async function walk(role) {
	for (const [lang, width, height] of [["zh", 1440, 900], ["en", 390, 844]]) {
		const p = await s.page(site, { width, height, lang, state: site.entered(role) });
		equal((await p.goto(`${site.url}/?lang=${lang}`)).status(), 200, "/");
		await sound(p, `${role} desk ${lang} ${width}`, lang === "zh");
		const [box, to] = paths[role];
		if (lang === "zh" && box) {
			const section = p.locator(`main section:has(h2:text-is("${box}"))`);
			const link = section.locator(to ? `a[href^="${to}"]` : "p a").first();
			const [answer] = await Promise.all([p.waitForResponse((r) => r.request().isNavigationRequest()), link.click()]);
			equal(answer.status(), 200, `${role} → ${answer.url()}`);
		} else {
			equal((await p.goto(`${site.url}${to || "/registers"}`)).status(), 200, to);
		}
		await sound(p, `${role} ${p.url()} ${lang} ${width}`, lang === "en");
		await p.context().close();
	}
}

// The leader signs on the phone: in by a code and an authenticator (the first time) or password and a code on paper, from the desk
// to what waits, the page of sums, a wrong code told at its field and nothing signed, then signed off and frozen.
const words = { zh: { signed: "已签发并定稿", state: "已签发", wrong: "123456" }, en: { signed: "Signed off and frozen", state: "Signed", wrong: "654321" } };
const leader = { handle: "shuji", password: s.account.password, paper: [] };

async function enters(p, lang) {
	const own = { ...s.account };
	Object.assign(s.account, leader);
	if (leader.paper.length === 0) {
		const { code } = JSON.parse(execFileSync(s.qinghe, ["--db", site.db, "--now", site.at, "--json", "account", "code", "r.leader"], { encoding: "utf8" }));
		await s.claim({ ...site, seed: { code } }, p);
		await s.enrol(site, p);
	} else {
		await s.signIn(site, p);
	}
	leader.paper = s.account.paper;
	Object.assign(s.account, own);
	await p.goto(`${site.url}/?lang=${lang}`);
}

async function signs(lang) {
	const p = await s.page(site, { width: 390, height: 844, lang }), id = site.seed.reports[lang], here = (what) => sound(p, `leader ${what} ${lang} 390`, true);
	await enters(p, lang);
	await p.locator('main a[href^="/report/list"]').first().click();
	await sound(p, `what waits, ${lang}`);
	const waits = p.locator(`section:has(#wt) a[href^="/report/go/${id}"]`);
	await waits.click();
	await p.waitForURL(/\/report\/2025-1\d\/leader/);
	await here("the page of sums");
	assert(await p.locator(".lead1 li").count() >= 4, "sums of what the text tells");
	equal(await p.locator('main a[href*="/r/"], main a[href*="/trace"]').count(), 0, "no way to a person's record");
	await p.fill("#code", words[lang].wrong);
	await p.click("button[value=sign_off]");
	await p.waitForSelector("#code[aria-invalid=true]");
	p.errors.splice(0, p.errors.length, ...p.errors.filter((e) => !/status of 403/.test(e)));
	await sound(p, "a wrong code");
	await p.click("button[value=return]");
	await p.waitForSelector("#why[aria-invalid=true]");
	p.errors.splice(0, p.errors.length, ...p.errors.filter((e) => !/status of 422/.test(e)));
	await p.fill("#code", leader.paper.pop());
	await p.click("button[value=sign_off]");
	await p.waitForURL((u) => !u.pathname.endsWith("/leader"));
	assert((await p.innerText("main")).includes(words[lang].signed), await p.innerText("main"));
	equal(await p.innerText("h1 .chip"), words[lang].state);
	await here("the signed report");
	await p.goto(`${site.url}/report/list?lang=${lang}`);
	equal(await waits.count(), 0, "nothing of it waits");
	await p.context().close();
}

// Residents: from their own page to an event signed up for and left, to what is open, a form sent (a guardian's for the child, with
// the consents), and where it stands; in both languages and widths, and each once without a script. None has a desk.
const residents = { student: "en390", volunteer: "zh390", guardian: "zh1440" }; // where each goes without a script
const ways = [["zh", 390], ["en", 1440], ["en", 390], ["zh", 1440]];
const says = { zh: { signed: "已报名", left: "已取消报名" }, en: { signed: "You are signed up.", left: "Your sign-up is taken back." } };

async function resident(role, lang, width) {
	const script = residents[role] !== lang + width;
	const context = await site.browser.newContext({ viewport: { width, height: 844 }, javaScriptEnabled: script, locale: lang === "zh" ? "zh-CN" : "en-GB", timezoneId: "Asia/Shanghai", storageState: site.entered(role) });
	const p = await context.newPage();
	p.errors = [];
	p.on("console", (m) => { if (m.type() === "error") p.errors.push(m.text()); });
	p.on("pageerror", (e) => p.errors.push(String(e)));
	p.look = async (where, axed) => { if (script) await sound(p, `${role} ${where} ${lang} ${width}`, axed && width === 390 && lang === (role === "volunteer" ? "en" : "zh")); }; // axe once a role
	await p.goto(`${site.url}/?lang=${lang}`);
	equal(new URL(p.url()).pathname, "/mine", "where a resident lands");
	equal(await p.getAttribute("html", "lang"), lang === "zh" ? "zh-CN" : "en");
	return p;
}

// The guardian reads the text and consents for the child, once.
async function consents(p) {
	const ask = p.locator('main a[href^="/me/consents"]');
	if (!await ask.count()) return;
	equal(await p.locator("main button[value=ask]").count(), 0, "no sign-up before the consent");
	await ask.click();
	await p.look("/me/consents", true);
	await p.locator('form:has(input[name=purpose][value=volunteer_service]) button[value=give]').click();
	await p.goto(`${site.url}/mine?child=${site.seed.child}`);
}

async function lives(role, lang, width) {
	const child = role === "guardian" ? site.seed.child : 0, p = await resident(role, lang, width), contest = site.seed.contests[ways.findIndex((w) => w[0] === lang && w[1] === width)];
	if (child) await p.locator(`nav.views a[href="/mine?child=${child}"]`).click();
	await p.look("/mine", true);
	if (child) await consents(p);
	const event = p.locator(`li:has(input[name=event][value="${site.seed.event}"])`);
	await event.locator("button[value=ask]").click();
	assert((await p.innerText("main [role=status]")).startsWith(says[lang].signed), await p.innerText("main"));
	equal(await event.locator("b.mono").count(), 1, "the code to check in by");
	await p.look("signed up", true);
	await event.locator("button[value=leave]").click();
	assert((await p.innerText("main [role=status]")).startsWith(says[lang].left), await p.innerText("main [role=status]"));
	await p.locator('main a.btn[href^="/apply"]').click();
	await p.look("/apply", true);
	await p.locator(`a[href^="/apply/entry?for=${contest}"]`).click();
	await p.fill("#f-work_title", "家乡的河");
	await p.look("the form", true);
	const agree = p.locator("input[name=agree]");
	if (await agree.count()) await agree.check();
	await Promise.all([p.waitForURL(/\/apply\?done=1/), p.locator("main form button.go").click()]);
	await p.look("what was sent");
	assert(await p.locator('main a[href^="/r/entry/"]:has-text("青年讲解员选拔赛")').count() >= 1, "it stands among what was sent");
	equal((await p.goto(`${site.url}/me/data${child ? "?child=" + child : ""}`)).status(), 200);
	await p.look("/me/data", lang === "zh");
	equal((await p.goto(`${site.url}/figures`)).status(), 403, "no desk");
	await p.context().close();
}

const tests = [...Object.keys(paths).map((role) => [`${role.replace(/_/g, " ")} finds the desk and what it leads to, zh and en, wide and narrow`, () => walk(role), role]),
	...["zh", "en"].map((lang) => [`the leader signs a report off on the phone, ${lang}`, () => signs(lang), "leader"]),
	...Object.keys(residents).flatMap((role) => ways.map(([lang, width]) => [`${role} signs up, applies and finds it again in ${lang} at ${width}${residents[role] === lang + width ? ", without script" : ""}, and has no desk`, () => lives(role, lang, width), role]))].filter((t) => !only || t[2] === only);
await s.run(tests, site.close);

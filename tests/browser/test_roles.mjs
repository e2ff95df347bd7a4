// test_roles.mjs -- the main path of every role, in a demo city with an open session for each: the desk, then the page that the
// role comes for. zh at 1440 px and en at 390. TAP on stdout. Every page: status 200, no console error (so no CSP report), no
// serious axe violation, no sideways scrolling, one h1; the desk names no child and its links open.
import * as s from "./site.mjs";

const only = process.argv[2];
const { equal } = s;

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

// Residents: from their own page to what is open, a form sent (a guardian's for the child, with the consent), and where it stands.
// One of them goes without a script; none has a desk.
const residents = { student: [390, "zh", true], volunteer: [390, "en", false], guardian: [1440, "zh", true] };
async function lives(role) {
	const [width, lang, script] = residents[role], child = role === "guardian" ? site.seed.child : 0;
	const context = await site.browser.newContext({ viewport: { width, height: 844 }, javaScriptEnabled: script, locale: lang === "zh" ? "zh-CN" : "en-GB", timezoneId: "Asia/Shanghai" });
	await context.addCookies([{ name: "session", value: site.seed.roles[role], url: site.url }]);
	const p = await context.newPage();
	p.errors = [];
	p.on("console", (m) => { if (m.type() === "error") p.errors.push(m.text()); });
	p.on("pageerror", (e) => p.errors.push(String(e)));
	const look = async (where) => { if (script) await sound(p, `${role} ${where}`, true); };
	await p.goto(`${site.url}/?lang=${lang}`);
	equal(new URL(p.url()).pathname, "/mine", "where a resident lands");
	await look("/mine");
	await p.locator('main a[href="/apply"]').click();
	if (child) await p.locator(`nav.views a[href="/apply?child=${child}"]`).click();
	await look("/apply");
	await p.locator(`a[href^="/apply/entry?for=${site.seed.contest}"]`).click();
	await p.fill("#f-work_title", "家乡的河");
	await look("the form");
	await p.locator("input[name=agree]").check();
	await Promise.all([p.waitForURL(/\/apply\?done=1/), p.locator("main form button.go").click()]);
	await look("what was sent");
	equal(await p.locator('main a[href^="/r/entry/"]:text-is("青年讲解员选拔赛")').count(), 1, "it stands among what was sent");
	equal((await p.goto(`${site.url}/me/data${child ? "?child=" + child : ""}`)).status(), 200);
	await look("/me/data");
	equal((await p.goto(`${site.url}/figures`)).status(), 403, "no desk");
	await context.close();
}

const tests = [...Object.keys(paths).map((role) => [`${role.replace(/_/g, " ")} finds the desk and what it leads to, zh and en, wide and narrow`, () => walk(role), role]),
	...Object.keys(residents).map((role) => [`${role} applies for what is open and finds it again, and has no desk`, () => lives(role), role])].filter((t) => !only || t[2] === only);
await s.run(tests, site.close);

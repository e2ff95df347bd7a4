/* small_model.h -- a model of five small registers in a folder of its own, for tests of model, expressions, schema. */
#pragma once
#include "base/tr.h"
#include "register/model.h"
#include "tests.h"
#include <sys/stat.h>

struct small_file {
	const char *path, *text;
};

static const struct small_file SMALL[] = {
	{"registers/org.yaml",
		"register: org\nlabel: {zh: 组织, en: Org}\nsystem: S1\ngroup: org\nbelongs: org\nkey: "
		"[code]\n"
		"sensitivity: internal\npurpose: p\nkeep: forever\nfields:\n"
		"  code: {type: text, unique: true, label: {zh: 代码, en: Code}}\n"
		"  kind: {type: choice, label: {zh: 类别, en: Kind}, values: {branch: {zh: 支部, en: "
		"Branch}, city: {zh: 市, en: City}}}\n"
		"list: [code]\nread: {subtree: [city_staff]}\nwrite: {subtree: [city_staff]}\n"},
	{"registers/person.yaml", "register: person\nlabel: {zh: 人, en: Person}\nsystem: S1\ngroup: "
				  "org\nbelongs: org\nkey: [citizen_id]\n"
				  "sensitivity: minor\npurpose: child_care\nkeep: 10y\nfields:\n"
				  "  name: {type: sealed, label: {zh: 姓名, en: Name}}\n"
				  "  citizen_id: {type: citizen_id, label: {zh: 身份证号, en: ID}}\n"
				  "  birth_month: {type: month, label: {zh: 出生年月, en: Birth month}}\n"
				  "  identified: {type: bool, label: {zh: 已核, en: Identified}}\n"
				  "  note: {type: sealed, label: {zh: 备注, en: Note}}\n"
				  "list: [name, org]\nread: {own: [self], subtree: [city_staff]}\nwrite: "
				  "{subtree: [city_staff]}\n"},
	{"registers/event.yaml",
		"register: event\nlabel: {zh: 活动, en: Event}\nsystem: S8\ngroup: volunteer\nbelongs: [org, "
		"hosts]\n"
		"happens: held_on\nkey: row\nsensitivity: public\npurpose: p\nkeep: forever\nfields:\n"
		"  title: {type: text, label: {zh: 名称, en: Title}}\n"
		"  hosts: {type: orgs, label: {zh: 协办, en: Hosts}}\n"
		"  held_on: {type: date, max: today, label: {zh: 日期, en: Date}}\n"
		"  hours: {type: hours, min: 0, max: 24, label: {zh: 时长, en: Hours}}\n"
		"  risk: {type: bool, label: {zh: 风险, en: Risk}}\n"
		"  cost: {type: money, min: 0.5, label: {zh: 费用, en: Cost}}\n"
		"states: {planned: {label: {zh: 筹备中, en: Planned}}, completed: {label: {zh: 已完成, en: "
		"Completed}}, "
		"void: {label: {zh: 已作废, en: Void}}}\n"
		"import_state: completed\n"
		"moves:\n  complete: {from: planned, to: completed, by: city_staff}\n"
		"list: [held_on, title, state]\nread: {subtree: [city_staff]}\nwrite: {subtree: "
		"[city_staff]}\n"},
	{"registers/record.yaml",
		"register: record\nlabel: {zh: 服务记录, en: Record}\nsystem: S8\ngroup: volunteer\nbelongs: "
		"org\n"
		"happens: served_on\nperson: volunteer\nkey: [event, volunteer]\nsensitivity: "
		"personal\npurpose: p\n"
		"keep: {for: 6y, after: skeleton}\nfields:\n"
		"  event: {type: ref, to: event, required: true, label: {zh: 活动, en: Event}}\n"
		"  volunteer: {type: person, label: {zh: 志愿者, en: Volunteer}}\n"
		"  n: {type: count, default: 1, label: {zh: 人数, en: Head-count}}\n"
		"  served_on: {type: date, label: {zh: 服务日期, en: Served on}}\n"
		"  hours: {type: hours, label: {zh: 时长, en: Hours}}\n"
		"  in_at: {type: time, label: {zh: 签到, en: In}}\n"
		"  out_at: {type: time, label: {zh: 签退, en: Out}}\n"
		"  for_month: {type: month, label: {zh: 月份, en: Month}}\n"
		"  kind: {type: choice, label: {zh: 类别, en: Kind}, values: {site: {zh: 现场, en: Site}, "
		"net: {zh: 线上, en: Online}}}\n"
		"grade:\n  A: source = 'site_code'\n  B: volunteer.identified\n  C: true\n"
		"states: {pending: {label: {zh: 待确认, en: Pending}}, valid: {label: {zh: 有效, en: "
		"Valid}}}\n"
		"moves:\n  confirm: {from: pending, to: valid, by: [city_staff], needs: [hours, reason]}\n"
		"checks:\n  - when: hours > event.hours\n    say: {zh: 超过活动时长, en: longer than the "
		"event}\n"
		"    level: warn\n"
		"list: [served_on, volunteer, state]\nread: {own: [self], subtree: [city_staff]}\n"
		"write: {subtree: [city_staff]}\n"},
	{"registers/note.yaml",
		"register: note\nlabel: {zh: 便条, en: Note}\nsystem: S8\ngroup: volunteer\nbelongs: "
		"org\nkey: row\n"
		"sensitivity: internal\npurpose: p\nkeep: 1y\nfields:\n"
		"  about: {type: ref, to: record, label: {zh: 关于, en: About}}\n"
		"  stars: {type: integer, label: {zh: 星, en: Stars}}\n"
		"list: [about]\nread: {subtree: [city_staff]}\nwrite: {subtree: [city_staff]}\n"},
	{"figures/S8.yaml",
		"system: S8\nfigures:\n  vol.attend:\n    label: {zh: 人次, en: Attendances}\n"
		"    definition: {zh: 有效记录的人次, en: valid records}\n    of: record\n"
		"    where: state = 'valid' and event.state = 'completed'\n    grain: {sum: n}\n    unit: "
		"人次\n"
		"    print: 百余\n    companions:\n      people: {grain: {distinct: volunteer}, unit: 人}\n"
		"      hours: {grain: {sum: hours}, unit: 小时}\n      all: {where: state = 'valid'}\n"
		"  vol.share:\n    label: {zh: 占比, en: Share}\n    definition: {zh: 占比, en: share}\n"
		"    rate: {of: vol.attend, over: vol.attend.all}\n    unit: \"%\"\n"},
};
enum { SMALL_N = sizeof SMALL / sizeof *SMALL };

/* Writes the model with one file's line changed (from -> to; from NULL: as it is) and returns the folder. */
static inline const char *small_model(struct arena *a, const char *path, const char *from, const char *to)
{
	char *dir = arena_printf(a, "/tmp/qinghe-model-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(mkdir(arena_printf(a, "%s/registers", dir), 0700), 0);
	assert_int_equal(mkdir(arena_printf(a, "%s/figures", dir), 0700), 0);
	for (int i = 0; i < SMALL_N; i++) {
		const char *text = SMALL[i].text;
		if (from && strcmp(path, SMALL[i].path) == 0) {
			const char *at = strstr(text, from);
			assert_non_null(at);
			text = arena_printf(a, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
		}
		FILE *f = fopen(arena_printf(a, "%s/%s", dir, SMALL[i].path), "wb");
		assert_non_null(f);
		fputs(text, f);
		fclose(f);
	}
	return dir;
}

static inline void small_model_remove(struct arena *a, const char *dir)
{
	for (int i = 0; i < SMALL_N; i++)
		unlink(arena_printf(a, "%s/%s", dir, SMALL[i].path));
	rmdir(arena_printf(a, "%s/registers", dir));
	rmdir(arena_printf(a, "%s/figures", dir));
	rmdir(dir);
}

static inline struct model *small_model_load(struct arena *a)
{
	struct model *m = NULL;
	struct err err = {0};
	tr_set(LANG_EN);
	const char *dir = small_model(a, NULL, NULL, NULL);
	assert_ok(model_load(a, dir, true, &m, NULL, NULL, &err), &err);
	small_model_remove(a, dir);
	return m;
}

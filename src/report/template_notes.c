/* template_notes.c -- the notes of a run as JSON (template.h). */
#include "format/json.h"
#include "report/template.h"

void template_notes_json(struct json *j, const struct template_run *run)
{
	static const char *const kinds[] = {"zero", "below_step", "instead", "not_compared", "gap"};
	json_key(j, "notes");
	json_array(j);
	for (size_t i = 0; i < run->notes_n; i++) {
		const struct template_note *n = &run->notes[i];
		json_object(j);
		json_put_cstr(j, "kind", kinds[n->kind]);
		json_put_str(j, "slot", n->slot);
		json_put_str(j, "part", n->part);
		json_put_i64(j, "paragraph", (int64_t)n->paragraph);
		json_put_str(j, "text", n->text);
		json_object_end(j);
	}
	json_array_end(j);
}

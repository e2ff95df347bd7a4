/* commands.h -- every command, in the order that help prints. */
#pragma once
#include "cli/command.h"

extern const struct command *const commands[]; /* ends with NULL */
extern const struct command cmd_account;
extern const struct command cmd_add;
extern const struct command cmd_audit;
extern const struct command cmd_authorise;
extern const struct command cmd_backup;
extern const struct command cmd_check;
extern const struct command cmd_compliance;
extern const struct command cmd_collect;
extern const struct command cmd_contest;
extern const struct command cmd_coverage;
extern const struct command cmd_custody;
extern const struct command cmd_demo;
extern const struct command cmd_digest;
extern const struct command cmd_do;
extern const struct command cmd_due;
extern const struct command cmd_export;
extern const struct command cmd_figures;
extern const struct command cmd_file;
extern const struct command cmd_handover;
extern const struct command cmd_help;
extern const struct command cmd_id;
extern const struct command cmd_import;
extern const struct command cmd_init;
extern const struct command cmd_list;
extern const struct command cmd_key;
extern const struct command cmd_ledger;
extern const struct command cmd_lottery;
extern const struct command cmd_merkle;
extern const struct command cmd_model;
extern const struct command cmd_outbox;
extern const struct command cmd_permissions;
extern const struct command cmd_person;
extern const struct command cmd_place;
extern const struct command cmd_quality;
extern const struct command cmd_province;
extern const struct command cmd_rebuild;
extern const struct command cmd_region;
extern const struct command cmd_registers;
extern const struct command cmd_report;
extern const struct command cmd_rescue;
extern const struct command cmd_restore;
extern const struct command cmd_retention;
extern const struct command cmd_routes;
extern const struct command cmd_screen;
extern const struct command cmd_serve;
extern const struct command cmd_set;
extern const struct command cmd_sheet;
extern const struct command cmd_show;
extern const struct command cmd_status;
extern const struct command cmd_template;
extern const struct command cmd_trace;
extern const struct command cmd_upgrade;
extern const struct command cmd_verify;

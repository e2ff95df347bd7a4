/* pages.h -- the route table of every page file. */
#pragma once
#include "web/route.h"

extern const struct route routes_home[], routes_sign_in[], routes_pin[], routes_me[], routes_factor[],
	routes_token[], routes_accounts[], routes_links[], routes_handover[], routes_scope[],
	routes_register[], routes_record[], routes_figure[], routes_board[], routes_trace[], routes_report[],
	routes_find[], routes_coverage[], routes_form[], routes_twin[], routes_list[], routes_openapi[],
	routes_import[], routes_move[], routes_mydata[], routes_collection[], routes_notice[],
	routes_authorise[], routes_asset[], routes_metrics[], routes_case[], routes_requests[],
	routes_answer[], routes_jot[], routes_jot_done[], routes_file[], routes_certificate[], routes_mine[],
	routes_here[], routes_onsite[], routes_consent[], routes_retention[], routes_help[],
	routes_report_word[], routes_model[];
extern const struct route routes_street[], routes_street_events[], routes_street_articles[],
	routes_street_posts[], routes_street_ask[];

/* page_editions.h -- the city's published reports on the street.
 *
 *     /street/reports                 what is published, the newest first
 *     /street/reports/{id}            one to read; its files with their digests, a QR picture of its address
 *     /street/reports/{id}/{part}     report.docx, evidence.zip
 *     /street/verify                  is this paper or file one of ours? By number, by digest, or by the file itself
 *
 * Only public copies (service/signoff.h: parts "public", "public:bundle") are ever read here. A file that somebody sends is
 * not opened: its SHA-256 is compared with those of the published files, and it is forgotten. */
#pragma once
#include "web/page_street.h"

struct edition_file {
	str label, href, size, digest;
};
struct edition_page {
	struct street street;
	struct html_safe text, picture;
	str told, address, figures;
	struct edition_file *files;
	size_t files_n;
	struct street_fact *facts;
	size_t facts_n;
};
struct verify_page {
	struct street street;
	str q, fault, found, href, told;
	bool asked;
	struct street_fact *facts;
	size_t facts_n;
};

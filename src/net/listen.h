/* listen.h -- where a server listens: 127.0.0.1:8080, localhost:8080, [::1]:8080; and the PEM files it is given. */
#pragma once
#include "base/err.h"
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct listen_at {
	struct sockaddr_storage at;
	bool ip6, loopback;
};

bool listen_parse(const char *listen, struct listen_at *out); /* numbers only, no names but localhost */
/* The whole file (at most 1 MB), ending in NUL; the caller frees it by mem_resize(p, 0). */
MUST_USE enum rc listen_file(const char *path, char **out, struct err *err);

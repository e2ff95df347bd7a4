/* jail.h -- taking rights away from this process, for good: what box.h does to those who read strangers' files, and
 * `serve` to itself once it has started.
 *
 * Nothing here needs privileges, nothing can be taken back, and children inherit all of it. Landlock (Linux 5.13) hides
 * files; a kernel without it gives jail_files_abi() 0, and the caller says so once and goes on with the rest. seccomp
 * (system calls by number) is there on every kernel that we run on: its absence is a fault. Architectures: x86-64 and
 * AArch64; on others jail_calls_* fail. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum jail_access {
	JAIL_READ = 1,  /* files and folders below the path, and running programs from it */
	JAIL_WRITE = 2, /* also change, make, move and remove them */
	JAIL_SOCKET = 4 /* make sockets of this machine there, and remove files */
};

struct jail_path {
	const char *path; /* one that is not there is passed over */
	enum jail_access access;
};

/* No core file, no other process of the same user may look into the memory, no new rights by set-user-ID programs. */
bool jail_still(void);
/* Bounds on memory (0: none), processor seconds (0: none) and the size of files written; no new processes where
 * `alone`. */
bool jail_limits(size_t memory_bytes, int cpu_s, size_t file_bytes, bool alone);

int jail_files_abi(void); /* Landlock's version here; 0: none */
/* From here on only these paths, whatever the user's rights; and, from version 4 on with no_network, no TCP. n 0: no file at
 * all. true also where there is no Landlock. What is open stays open. */
bool jail_files(const struct jail_path *paths, size_t n, bool no_network);

/* Only what a parser needs: reading and writing what is open, memory without a file behind it and never executable, the
 * end. Anything else is EPERM. */
bool jail_calls_parser(void);
/* The same, and opening files for reading only (jail_files says which), looking at and mapping them. */
bool jail_calls_reader(void);
/* What a server needs, by a list (jail.c): files, memory that is never executable, threads but no processes, time, sockets of
 * this machine and the internet, waiting, signals. Anything else is not there (ENOSYS); what is feared most -- starting
 * programs, looking into processes, mounting, kernel modules and keys, namespaces, io_uring, another user -- is EPERM. For
 * every thread. */
bool jail_calls_server(void);
/* All but what is feared, but programs may be started and sockets are of this machine only: for LibreOffice. */
bool jail_calls_converter(void);

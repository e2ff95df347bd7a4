/* jail.c -- see jail.h. Filters are classic BPF over struct seccomp_data (linux/seccomp.h): first the architecture, then
 * the number, arguments by their low word. */
#include "base/jail.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Landlock by number: the distribution's headers know an older version than the kernel may have. */
enum {
	LANDLOCK_CREATE = 444,
	LANDLOCK_ADD = 445,
	LANDLOCK_SELF = 446,
	LANDLOCK_VERSION = 1,
	LANDLOCK_BENEATH = 1
};
struct landlock_rules {
	uint64_t files, network, scoped;
};
struct landlock_beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

/* Rights of files: 0 execute, 1 write, 2 read, 3 list, 4.. make and remove; 13 refer (2), 14 truncate (3), 15 ioctl (5). */
static const uint64_t RIGHTS_READ = 0xD, RIGHTS_OF_FILE = 0xC007, RIGHTS_SOCKET = 0x220;

static uint64_t rights_known(int abi)
{
	return abi >= 5 ? 0xFFFF : abi >= 3 ? 0x7FFF : abi >= 2 ? 0x3FFF : 0x1FFF;
}

bool jail_still(void)
{
	struct rlimit none = {0, 0};
	return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static bool bound(__rlimit_resource_t what, uint64_t n)
{
	struct rlimit at = {n, n};
	return setrlimit(what, &at) == 0;
}

bool jail_limits(size_t memory_bytes, int cpu_s, size_t file_bytes, bool alone)
{
	return (memory_bytes == 0 || bound(RLIMIT_AS, memory_bytes)) &&
	       (cpu_s == 0 || bound(RLIMIT_CPU, (uint64_t)cpu_s)) && bound(RLIMIT_FSIZE, file_bytes) &&
	       (!alone || bound(RLIMIT_NPROC, 0));
}

int jail_files_abi(void)
{
	long abi = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);
	return abi > 0 ? (int)abi : 0;
}

static bool allow(int ruleset, const struct jail_path *p, uint64_t known)
{
	struct stat st;
	int fd = open(p->path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR;
	uint64_t rights = p->access & JAIL_WRITE ? known : p->access & JAIL_READ ? RIGHTS_READ & known : 0;
	rights |= p->access & JAIL_SOCKET ? RIGHTS_SOCKET : 0;
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rights &= RIGHTS_OF_FILE;
	struct landlock_beneath rule = {rights, fd};
	bool good = syscall(LANDLOCK_ADD, ruleset, LANDLOCK_BENEATH, &rule, 0) == 0 ||
		    errno == EBADFD; /* a pipe or socket by name: Landlock has no say in it */
	close(fd);
	return good;
}

bool jail_files(const struct jail_path *paths, size_t n, bool no_network)
{
	int abi = jail_files_abi();
	if (abi == 0)
		return true;
	struct landlock_rules rules = {.files = rights_known(abi),
		.network = abi >= 4 && no_network ? 3 : 0,
		.scoped = abi >= 6 ? 3 : 0};
	size_t size = abi >= 6 ? sizeof rules : abi >= 4 ? 16 : 8;
	int ruleset = (int)syscall(LANDLOCK_CREATE, &rules, size, 0);
	if (ruleset < 0)
		return false;
	bool good = true;
	for (size_t i = 0; i < n && good; i++)
		good = allow(ruleset, &paths[i], rules.files);
	good = good && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(LANDLOCK_SELF, ruleset, 0) == 0;
	close(ruleset);
	return good;
}

/* ---- system calls ---- */

#if defined(__x86_64__)
#define HERE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define HERE AUDIT_ARCH_AARCH64
#else
#define HERE 0
#endif

enum { FILTER_MAX = 900 };

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short n;
};

static void put(struct filter *f, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	if (f->n < FILTER_MAX)
		f->code[f->n++] = (struct sock_filter){code, jt, jf, k};
}

static void load(struct filter *f, size_t offset)
{
	put(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void end(struct filter *f, uint32_t verdict)
{
	put(f, BPF_RET | BPF_K, verdict, 0, 0);
}

/* The number is loaded: this one gets this verdict. */
static void on_call(struct filter *f, long number, uint32_t verdict)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1);
	end(f, verdict);
}

static const uint32_t NO = SECCOMP_RET_ERRNO | EPERM, YES = SECCOMP_RET_ALLOW;

static void begin(struct filter *f)
{
	f->n = 0;
	load(f, offsetof(struct seccomp_data, arch));
	put(f, BPF_JMP | BPF_JEQ | BPF_K, HERE, 1, 0);
	end(f, SECCOMP_RET_KILL_PROCESS);
	load(f, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
	put(f, BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1); /* the x32 calls */
	end(f, NO);
#endif
}

static size_t argument(int i)
{
	return offsetof(struct seccomp_data, args) + (size_t)i * sizeof(uint64_t);
}

static bool install(const struct filter *f, unsigned flags)
{
	struct sock_fprog program = {f->n, (struct sock_filter *)(uintptr_t)f->code};
	return HERE != 0 && f->n < FILTER_MAX && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0;
}

/* What reads what is open. */
static const long parser[] = {
	SYS_read,
	SYS_write,
	SYS_writev,
	SYS_exit,
	SYS_exit_group,
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_rt_sigreturn,
	SYS_ppoll,
	SYS_clock_gettime,
	SYS_getrandom,
	SYS_close,
	SYS_futex,
#if defined(__SANITIZE_ADDRESS__) /* asks for its signal stack before a program ends */
	SYS_sigaltstack,
#endif
#ifdef SYS_poll
	SYS_poll,
#endif
};

/* mmap: never executable, and anonymous where `anonymous`. */
static void on_mmap(struct filter *f, bool anonymous)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, anonymous ? 7 : 4);
	load(f, argument(2));
	put(f, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1);
	end(f, NO);
	if (anonymous) {
		load(f, argument(3));
		put(f, BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 1, 0);
		end(f, NO);
	}
	end(f, YES);
}

bool jail_calls_parser(void)
{
	struct filter f;
	begin(&f);
	for (size_t i = 0; i < sizeof parser / sizeof *parser; i++)
		on_call(&f, parser[i], YES);
	on_mmap(&f, true);
	end(&f, NO);
	return install(&f, 0);
}

bool jail_calls_reader(void)
{
	static const long more[] = {
		SYS_fstat, SYS_newfstatat, SYS_statx, SYS_lseek, SYS_pread64, SYS_fcntl, SYS_dup};
	struct filter f;
	begin(&f);
	for (size_t i = 0; i < sizeof parser / sizeof *parser; i++)
		on_call(&f, parser[i], YES);
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		on_call(&f, more[i], YES);
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 4);
	load(&f, argument(2));
	put(&f, BPF_JMP | BPF_JSET | BPF_K, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 0, 1);
	end(&f, NO);
	end(&f, YES);
	on_mmap(&f, false);
	end(&f, NO);
	return install(&f, 0);
}

static const long never[] = {
	SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_mount, SYS_umount2, SYS_pivot_root,
	SYS_chroot, SYS_bpf, SYS_perf_event_open, SYS_kexec_load, SYS_init_module, SYS_finit_module,
	SYS_delete_module, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_userfaultfd, SYS_setuid, SYS_setgid,
	SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setgroups, SYS_setfsuid, SYS_setfsgid,
	SYS_capset, SYS_setns, SYS_unshare, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl,
	SYS_personality, SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_settimeofday, SYS_clock_settime,
	SYS_adjtimex, SYS_clock_adjtime, SYS_sethostname, SYS_setdomainname, SYS_syslog, SYS_vhangup,
	SYS_kcmp, SYS_lookup_dcookie, SYS_move_pages, SYS_migrate_pages, SYS_mbind, SYS_set_mempolicy,
	SYS_fanotify_init, SYS_nfsservctl, SYS_mknodat, 425 /* io_uring_setup */, 426, 427,
	428 /* open_tree .. */, 429, 430, 431, 432, 433, 438 /* pidfd_getfd */, 442 /* mount_setattr */,
#if defined(__x86_64__)
	SYS_mknod, SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_uselib, SYS_ustat, SYS_sysfs, SYS_create_module,
	SYS_get_kernel_syms, SYS_query_module, SYS_kexec_file_load, SYS_vmsplice
#endif
};

static void refuse_never(struct filter *f)
{
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		on_call(f, never[i], NO);
}

/* What a server does: files of its folder, memory, threads, time, sockets, waiting, signals, itself. */
static const long server[] = {
	SYS_read,
	SYS_write,
	SYS_readv,
	SYS_writev,
	SYS_pread64,
	SYS_pwrite64,
	SYS_preadv,
	SYS_pwritev,
	SYS_openat,
	SYS_close,
	SYS_lseek,
	SYS_fstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_statfs,
	SYS_fstatfs,
	SYS_getdents64,
	SYS_memfd_create, /* a file for a box (base/box.h) */
	SYS_fcntl,
	SYS_flock,
	SYS_fsync,
	SYS_fdatasync,
	SYS_ftruncate,
	SYS_fallocate,
	SYS_fchmod,
	SYS_fchmodat,
	SYS_fchown,
	SYS_fchownat,
	SYS_mkdirat,
	SYS_unlinkat,
	SYS_renameat,
	SYS_linkat,
	SYS_readlinkat,
	SYS_faccessat,
	SYS_utimensat,
	SYS_umask,
	SYS_getcwd,
	SYS_dup,
	SYS_dup3,
	SYS_pipe2,
	SYS_ioctl,
	SYS_sendfile,
	SYS_copy_file_range,
	SYS_fadvise64,
	SYS_sync_file_range,
	439 /* faccessat2 */,
	436 /* close_range */,
	SYS_mmap,
	SYS_munmap,
	SYS_mprotect,
	SYS_mremap,
	SYS_madvise,
	SYS_brk,
	SYS_mlock,
	SYS_mlock2,
	SYS_munlock,
	SYS_msync,
	SYS_mincore,
	SYS_futex,
	SYS_set_robust_list,
	SYS_get_robust_list,
	SYS_set_tid_address,
	SYS_rseq,
	SYS_membarrier,
	SYS_exit,
	SYS_exit_group,
	SYS_wait4,
	SYS_waitid,
	SYS_getpid,
	SYS_getppid,
	SYS_gettid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_getresuid,
	SYS_getresgid,
	SYS_getgroups,
	SYS_getpgid,
	SYS_getsid,
	SYS_setsid,
	SYS_setpgid,
	SYS_kill,
	SYS_tkill,
	SYS_tgkill,
	SYS_sched_yield,
	SYS_sched_getaffinity,
	SYS_sched_setaffinity,
	SYS_sched_getparam,
	SYS_sched_getscheduler,
	SYS_getpriority,
	SYS_setpriority,
	SYS_prlimit64,
	SYS_getrlimit,
	SYS_setrlimit,
	SYS_getrusage,
	SYS_sysinfo,
	SYS_uname,
	SYS_prctl,
	SYS_times,
	SYS_clock_gettime,
	SYS_clock_getres,
	SYS_clock_nanosleep,
	SYS_nanosleep,
	SYS_gettimeofday,
	SYS_timerfd_create,
	SYS_timerfd_settime,
	SYS_timerfd_gettime,
	SYS_timer_create,
	SYS_timer_settime,
	SYS_timer_delete,
	SYS_setitimer,
	SYS_getitimer,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_rt_sigtimedwait,
	SYS_rt_sigsuspend,
	SYS_rt_sigpending,
	SYS_rt_sigqueueinfo,
	SYS_rt_tgsigqueueinfo,
	SYS_sigaltstack,
	SYS_restart_syscall,
	SYS_signalfd4,
	SYS_eventfd2,
	SYS_epoll_create1,
	SYS_epoll_ctl,
	SYS_epoll_pwait,
	441 /* epoll_pwait2 */,
	SYS_ppoll,
	SYS_pselect6,
	SYS_socketpair,
	SYS_bind,
	SYS_listen,
	SYS_accept,
	SYS_accept4,
	SYS_connect,
	SYS_getsockname,
	SYS_getpeername,
	SYS_sendto,
	SYS_recvfrom,
	SYS_sendmsg,
	SYS_recvmsg,
	SYS_sendmmsg,
	SYS_recvmmsg,
	SYS_setsockopt,
	SYS_getsockopt,
	SYS_shutdown,
	SYS_getrandom,
	SYS_getcpu,
	SYS_seccomp,
	444 /* landlock */,
	445,
	446,
#if defined(__x86_64__)
	SYS_open,
	SYS_stat,
	SYS_lstat,
	SYS_access,
	SYS_mkdir,
	SYS_rmdir,
	SYS_unlink,
	SYS_rename,
	SYS_link,
	SYS_readlink,
	SYS_chmod,
	SYS_chown,
	SYS_getdents,
	SYS_pipe,
	SYS_dup2,
	SYS_poll,
	SYS_select,
	SYS_epoll_wait,
	SYS_epoll_create,
	SYS_eventfd,
	SYS_signalfd,
	SYS_time,
	SYS_alarm,
	SYS_pause,
	SYS_getpgrp,
	SYS_arch_prctl,
	SYS_utime,
	SYS_utimes,
	SYS_creat,
	SYS_truncate,
	SYS_renameat2,
#else
	SYS_renameat2,
	SYS_truncate,
#endif
};

bool jail_calls_server(void)
{
	struct filter f;
	begin(&f);
	refuse_never(&f);
	on_call(&f, SYS_execve, NO);
	on_call(&f, SYS_execveat, NO);
	/* memory that is written and run: no compiler lives here */
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 4);
	load(&f, argument(2));
	put(&f, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1);
	end(&f, NO);
	end(&f, YES);
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 7);
	load(&f, argument(0));
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 3, 0);
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0);
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0);
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1); /* names are looked up with it */
	end(&f, YES);
	end(&f, NO);
	/* Threads, and no processes. clone3 hides its flags behind a pointer: not there, libc falls back to clone. */
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4);
	load(&f, argument(0));
	put(&f, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1);
	end(&f, YES);
	end(&f, NO);
	for (size_t i = 0; i < sizeof server / sizeof *server; i++)
		on_call(&f, server[i], YES);
	end(&f, SECCOMP_RET_ERRNO | ENOSYS);
	return install(&f, SECCOMP_FILTER_FLAG_TSYNC);
}

bool jail_calls_converter(void)
{
	struct filter f;
	begin(&f);
	refuse_never(&f);
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 4);
	load(&f, argument(0));
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 0, 1);
	end(&f, YES);
	end(&f, NO);
	end(&f, YES);
	return install(&f, 0);
}

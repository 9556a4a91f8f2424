// The walls around the process that decodes pixels. Pixels come from anywhere, and decoders are the largest body of C
// that reads them; whoever takes one over finds himself without files, network, other processes and much memory.

#include "CDCMTKWorker.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "CDCMTK.h"

#if defined(__x86_64__)
#define PRIORD_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define PRIORD_AUDIT_ARCH AUDIT_ARCH_AARCH64
#else
#error "the sandbox knows the system calls of x86_64 and aarch64"
#endif

namespace {

/// Where /proc/self/statm stays open; the last descriptor but the one that comes with a request.
constexpr int statusDescriptor = CDCMTK_WORKER_CHANNEL + 1;
/// 0...4, a request's object and what is written of it.
constexpr rlim_t descriptorLimit = 8;
/// What an object may be written as: a value of at most 4 GiB (PS3.5 7.1.1) and what stands around it.
constexpr rlim_t writtenLimit = rlim_t{5} << 30;

/// What could not be put up.
class Report {
public:
    explicit Report(cdcmtk_sandbox_report *report) : report(report) { report->missing[0] = 0; }

    void miss(const char *wall, int code) {
        if (!text.empty()) text += ", ";
        text += std::string(wall) + " (" + std::strerror(code) + ")";
        std::snprintf(report->missing, sizeof report->missing, "%s", text.c_str());
    }
    /// `code` as system calls return it: -1 for a failure, with errno.
    void check(const char *wall, int code) {
        if (code < 0) miss(wall, errno);
    }
    bool isEmpty() const { return text.empty(); }

private:
    cdcmtk_sandbox_report *report;
    std::string text;
};

/// A program for the kernel that looks at every system call (seccomp(2)). What it does not name fails with EPERM, so
/// that a library which asks for something needless carries on.
class CallFilter {
public:
    /// A condition on the low 32 bits of an argument.
    struct Condition {
        enum class Test { equals, lacks, has } test;
        unsigned argument;
        uint32_t value;
    };

    CallFilter() {
        load(offsetof(seccomp_data, arch));
        add(BPF_JMP | BPF_JEQ | BPF_K, PRIORD_AUDIT_ARCH, 1, 0);
        answer(SECCOMP_RET_KILL_PROCESS);
#if defined(__x86_64__)
        // The x32 calls are the same ones under other numbers.
        load(offsetof(seccomp_data, nr));
        add(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
        answer(SECCOMP_RET_KILL_PROCESS);
#endif
    }

    void allow(std::initializer_list<long> calls) { decide(calls, SECCOMP_RET_ALLOW); }
    void kill(std::initializer_list<long> calls) { decide(calls, SECCOMP_RET_KILL_PROCESS); }

    void allow(long call, std::initializer_list<Condition> conditions) {
        std::vector<sock_filter> body;
        for (const Condition &condition : conditions) {
            const auto low = static_cast<uint32_t>(offsetof(seccomp_data, args) + 8 * condition.argument);
            body.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low));
            const bool isEquality = condition.test == Condition::Test::equals;
            const bool isWanted = condition.test != Condition::Test::lacks;
            const auto code = static_cast<uint16_t>(BPF_JMP | BPF_K | (isEquality ? BPF_JEQ : BPF_JSET));
            body.push_back(BPF_JUMP(code, condition.value, isWanted ? uint8_t{1} : uint8_t{0},
                                    isWanted ? uint8_t{0} : uint8_t{1}));
            body.push_back(BPF_STMT(BPF_RET | BPF_K, refusal));
        }
        body.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
        load(offsetof(seccomp_data, nr));
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, static_cast<uint8_t>(body.size()));
        program.insert(program.end(), body.begin(), body.end());
    }

    /// prctl(2) and not seccomp(2): systemd's @system-service lets the former through.
    int install() {
        answer(refusal);
        sock_fprog whole{static_cast<unsigned short>(program.size()), program.data()};
        return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole);
    }

private:
    static constexpr uint32_t refusal = SECCOMP_RET_ERRNO | EPERM;

    void add(uint16_t code, uint32_t value, uint8_t whenTrue, uint8_t whenFalse) {
        program.push_back(BPF_JUMP(code, value, whenTrue, whenFalse));
    }
    void load(size_t offset) {
        program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset)));
    }
    void answer(uint32_t action) { program.push_back(BPF_STMT(BPF_RET | BPF_K, action)); }
    void decide(std::initializer_list<long> calls, uint32_t action) {
        load(offsetof(seccomp_data, nr));
        for (const long call : calls) {
            add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1);
            answer(action);
        }
    }

    std::vector<sock_filter> program;
};

int installCallFilter() {
    using Test = CallFilter::Condition::Test;
    CallFilter filter;
    filter.allow({
        // Memory, the object by position, the end.
        SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_pread64, SYS_fstat, SYS_close, SYS_exit_group, SYS_exit,
        // What the C library, Swift and the decoders ask of themselves.
        SYS_futex, SYS_rt_sigreturn, SYS_rt_sigprocmask, SYS_restart_syscall, SYS_clock_gettime, SYS_getrandom,
        SYS_getpid, SYS_gettid, SYS_sched_yield, SYS_sched_getaffinity, SYS_sysinfo,
    });
    filter.allow(SYS_mmap, {{Test::lacks, 2, PROT_EXEC}, {Test::has, 3, MAP_ANONYMOUS}});
    filter.allow(SYS_mprotect, {{Test::lacks, 2, PROT_EXEC}});
    filter.allow(SYS_recvmsg, {{Test::equals, 0, CDCMTK_WORKER_CHANNEL}});
    filter.allow(SYS_sendmsg, {{Test::equals, 0, CDCMTK_WORKER_CHANNEL}});
    filter.allow(SYS_pwrite64, {{Test::equals, 0, CDCMTK_WORKER_OUTPUT}});
    filter.allow(SYS_write, {{Test::equals, 0, STDERR_FILENO}});
    filter.allow(SYS_writev, {{Test::equals, 0, STDERR_FILENO}});
    filter.allow(SYS_tgkill, {{Test::equals, 0, static_cast<uint32_t>(::getpid())}});
    filter.allow(SYS_prlimit64, {{Test::equals, 0, 0}, {Test::equals, 1, RLIMIT_CPU}});
    // No decoder and no library below one has an innocent reason for these: end it before it tries another way.
    filter.kill({
        SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kill, SYS_tkill,
        SYS_pidfd_open, SYS_pidfd_send_signal, SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen,
        SYS_accept, SYS_accept4, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare, SYS_bpf,
        SYS_io_uring_setup, SYS_userfaultfd, SYS_perf_event_open, SYS_keyctl, SYS_add_key, SYS_request_key,
        SYS_init_module, SYS_finit_module, SYS_open_by_handle_at,
    });
    return filter.install();
}

/// For good: soft and hard limit.
void limit(Report &report, const char *wall, __rlimit_resource resource, rlim_t value) {
    const rlimit both{value, value};
    report.check(wall, ::setrlimit(resource, &both));
}

/// A crash ends the process at once: no handler, however it came by one, walks a stack that hostile pixels may have made.
void resetSignals() {
    for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGXCPU, SIGXFSZ, SIGTERM, SIGINT, SIGHUP}) {
        ::signal(signal, SIG_DFL);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Others go first: in CPU, on the disk and when memory runs short. A system that refuses loses no safety by it.
void giveWay(int niceness) {
    errno = 0;
    const int nice = ::getpriority(PRIO_PROCESS, 0);
    ::setpriority(PRIO_PROCESS, 0, std::min(nice + niceness, 19));
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_BATCH, &none);
    // The lowest of the ordinary class: the idle class can wait for ever behind a busy disk. As ioprio_set(2) gives the
    // numbers: linux/ioprio.h of some kernels is no C++.
    constexpr int process = 1, ordinaryClass = 2, classShift = 13, lowest = 7;
    ::syscall(SYS_ioprio_set, process, 0, ordinaryClass << classShift | lowest);
    const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        if (::write(file, "500", 3) != 3) errno = 0;
        ::close(file);
    }
}

/// The system calls of other threads would not be looked at.
bool isSingleThread() {
    struct stat tasks{};
    return ::stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink == 3;
}

void keepStatusOpen() {
    const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        ::close(statusDescriptor);
    } else if (file != statusDescriptor) {
        ::dup3(file, statusDescriptor, O_CLOEXEC);
        ::close(file);
    }
    ::closefrom(statusDescriptor + 1);
}

}  // namespace

extern "C" {

bool cdcmtk_sandbox_enter(const cdcmtk_sandbox_limits *limits, cdcmtk_sandbox_report *out_report) {
    Report report(out_report);
    cdcmtk_error error;
    if (cdcmtk_initialize(&error) != CDCMTK_OK) report.miss("data dictionary", ENOENT);
    cdcmtk_register_codecs();
    // Buffers of one image serve the next; what a large one took is given back by cdcmtk_sandbox_trim.
    ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 1 << 30);

    resetSignals();
    giveWay(limits->niceness);
    if (!isSingleThread()) report.miss("a single thread", EBUSY);
    keepStatusOpen();
    ::clearenv();

    limit(report, "limit of memory", RLIMIT_AS, limits->address_space_bytes);
    limit(report, "limit of core files", RLIMIT_CORE, 0);
    limit(report, "limit of written files", RLIMIT_FSIZE, writtenLimit);
    limit(report, "limit of descriptors", RLIMIT_NOFILE, descriptorLimit);
    limit(report, "limit of processes", RLIMIT_NPROC, 0);
    limit(report, "limit of message queues", RLIMIT_MSGQUEUE, 0);
    limit(report, "limit of locked memory", RLIMIT_MEMLOCK, 0);

    report.check("end with the daemon", ::prctl(PR_SET_PDEATHSIG, SIGKILL));
    report.check("no inspection by others", ::prctl(PR_SET_DUMPABLE, 0));
    report.check("no new privileges", ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    report.check("system call filter", installCallFilter());
    return report.isEmpty();
}

void cdcmtk_sandbox_allow_cpu(uint32_t seconds) {
    timespec used{};
    rlimit now{};
    if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0 || ::getrlimit(RLIMIT_CPU, &now) != 0) return;
    now.rlim_cur = std::min<rlim_t>(static_cast<rlim_t>(used.tv_sec) + 1 + seconds, now.rlim_max);
    ::setrlimit(RLIMIT_CPU, &now);
}

uint64_t cdcmtk_sandbox_resident_bytes(void) {
    char text[128] = {};
    if (::pread(statusDescriptor, text, sizeof text - 1, 0) <= 0) return 0;
    unsigned long total = 0, resident = 0;
    if (std::sscanf(text, "%lu %lu", &total, &resident) != 2) return 0;
    return static_cast<uint64_t>(resident) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

void cdcmtk_sandbox_trim(void) { ::malloc_trim(0); }

}  // extern "C"

// Attempts at what the sandbox has to prevent, each in a process of its own that is inside it.

#include "CDCMTKWorker.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iterator>

namespace {

/// Descriptors of a trial: one that must not be used for anything but what it is for, and one that must not be there.
constexpr int otherDescriptor = CDCMTK_WORKER_CHANNEL + 1;
constexpr int strayDescriptor = CDCMTK_WORKER_CHANNEL + 2;

/// Whether the attempt got through.
using Attempt = bool (*)(const cdcmtk_sandbox_limits &limits);

struct Trial {
    const char *name;
    Attempt isLetThrough;
};

/// A name that nothing has.
constexpr const char *freeName = "/tmp/priord-pixel-worker-trial/none";

bool connectTo(const sockaddr *address, socklen_t length) {
    const int descriptor = ::socket(address->sa_family, SOCK_STREAM, 0);
    return descriptor >= 0 && ::connect(descriptor, address, length) == 0;
}

constexpr Trial trials[] = {
    {"read a file", [](auto) { return ::open("/etc/passwd", O_RDONLY) >= 0; }},
    {"write a file", [](auto) { return ::open("/dev/null", O_WRONLY) >= 0; }},
    {"create a file", [](auto) { return ::open("/tmp", O_TMPFILE | O_WRONLY, 0600) >= 0; }},
    // Outside a sandbox the system looks for the file, and does not find it.
    {"delete a file", [](auto) { return ::unlink(freeName) == 0 || errno == ENOENT; }},
    {"rename a file", [](auto) { return ::rename(freeName, freeName) == 0 || errno == ENOENT; }},
    {"list a folder", [](auto) { return ::open("/", O_RDONLY | O_DIRECTORY) >= 0; }},
    {"open a network socket", [](auto) { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }},
    {"connect to a port",
     [](auto) {
         sockaddr_in address{};
         address.sin_family = AF_INET;
         address.sin_port = htons(9);
         address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
         return connectTo(reinterpret_cast<const sockaddr *>(&address), sizeof address) || errno == ECONNREFUSED;
     }},
    {"connect the channel elsewhere",
     [](auto) {
         sockaddr_un address{};
         address.sun_family = AF_UNIX;
         return ::connect(CDCMTK_WORKER_CHANNEL, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 ||
                errno != EPERM;
     }},
    {"run a program",
     [](auto) {
         char program[] = "/bin/true";
         char *const arguments[] = {program, nullptr};
         ::execve(program, arguments, nullptr);
         return errno == ENOENT;
     }},
    {"start a process", [](auto) {
         const pid_t child = ::fork();
         if (child == 0) ::_exit(0);
         return child > 0;
     }},
    {"start a thread",
     [](auto) {
         pthread_t thread;
         return ::pthread_create(&thread, nullptr, [](void *) -> void * { return nullptr; }, nullptr) == 0;
     }},
    {"signal the process that started it", [](auto) { return ::kill(::getppid(), 0) == 0; }},
    {"trace a process", [](auto) { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0; }},
    {"mount a file system",
     [](auto) { return ::mount("none", freeName, "tmpfs", 0, nullptr) == 0 || errno == ENOENT; }},
    {"make memory executable",
     [](auto) {
         void *page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return page != MAP_FAILED && ::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
     }},
    {"take more memory than the limit",
     [](const cdcmtk_sandbox_limits &limits) {
         return ::mmap(nullptr, limits.address_space_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED;
     }},
    {"write to a descriptor other than its channel",
     [](auto) { return ::write(otherDescriptor, "x", 1) >= 0 || errno == EBADF; }},
    {"write by position to a descriptor other than its output",
     [](auto) { return ::pwrite(otherDescriptor, "x", 1, 0) >= 0 || errno != EPERM; }},
    {"change a file's length", [](auto) { return ::ftruncate(strayDescriptor, 0) == 0 || errno != EPERM; }},
    {"make a second descriptor of a file", [](auto) { return ::dup(strayDescriptor) >= 0; }},
    {"read a file the daemon has open",
     [](auto) {
         char byte;
         return ::pread(strayDescriptor, &byte, 1, 0) > 0;
     }},
};

/// Exit codes of the child; 0 is that of a program it managed to run.
enum : int { allowedToRun = 0, refused = 10, allowed = 11, failed = 12 };

[[noreturn]] void attempt(const Trial &trial, const cdcmtk_sandbox_limits &limits, bool isInside) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) ::_exit(failed);
    if (ends[0] != CDCMTK_WORKER_CHANNEL && ::dup2(ends[0], CDCMTK_WORKER_CHANNEL) < 0) ::_exit(failed);
    const int stray = ::open("/proc/self/exe", O_RDONLY);
    if (stray < 0 || (stray != strayDescriptor && ::dup2(stray, strayDescriptor) < 0)) ::_exit(failed);
    cdcmtk_sandbox_report report;
    // Once is enough to say it.
    if (isInside && !cdcmtk_sandbox_enter(&limits, &report) && &trial == trials) {
        ::dprintf(STDERR_FILENO, "missing: %s\n", report.missing);
    }
    ::_exit(trial.isLetThrough(limits) ? allowed : refused);
}

}  // namespace

extern "C" {

int32_t cdcmtk_sandbox_trial_count(void) { return static_cast<int32_t>(std::size(trials)); }

const char *cdcmtk_sandbox_trial_name(int32_t index) { return trials[index].name; }

cdcmtk_trial_result cdcmtk_sandbox_trial(int32_t index, const cdcmtk_sandbox_limits *limits, bool is_inside) {
    const pid_t child = ::fork();
    if (child < 0) return CDCMTK_TRIAL_FAILED;
    if (child == 0) attempt(trials[index], *limits, is_inside);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return CDCMTK_TRIAL_FAILED;
    }
    if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGSYS ? CDCMTK_TRIAL_KILLED : CDCMTK_TRIAL_FAILED;
    switch (WEXITSTATUS(status)) {
    case refused: return CDCMTK_TRIAL_REFUSED;
    case allowed: case allowedToRun: return CDCMTK_TRIAL_ALLOWED;
    default: return CDCMTK_TRIAL_FAILED;
    }
}

}  // extern "C"

// Starting a pixel worker and taking its end from the system.

#include "CDCMTKWorker.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

/// Closed in the end.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int value) : value(value) {}
    ~Descriptor() {
        if (value >= 0) ::close(value);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;

    int get() const { return value; }
    int release() {
        const int released = value;
        value = -1;
        return released;
    }
    /// Takes the place of `other`, at a number that none of the worker's descriptors has.
    int moveUp(int other) {
        value = ::fcntl(other, F_DUPFD_CLOEXEC, CDCMTK_WORKER_CHANNEL + 1);
        const int code = value < 0 ? errno : 0;
        ::close(other);
        return code;
    }

private:
    int value = -1;
};

/// What posix_spawn(3) does between the two programs.
class Preparation {
public:
    Preparation() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
    }
    ~Preparation() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    Preparation(const Preparation &) = delete;
    Preparation &operator=(const Preparation &) = delete;

    void giveDescriptors(int errors, int channel) {
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, channel, CDCMTK_WORKER_CHANNEL);
        ::posix_spawn_file_actions_addclosefrom_np(&actions, CDCMTK_WORKER_CHANNEL + 1);
    }

    void separate() {
        sigset_t none, all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setpgroup(&attributes, 0);
        ::posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

/// A crash prints no backtrace: that would start another program, which the sandbox refuses.
std::vector<std::string> environment() {
    std::vector<std::string> result{"SWIFT_BACKTRACE=enable=no"};
    for (const char *name : {"LD_LIBRARY_PATH", "DCMDICTPATH"}) {
        if (const char *value = std::getenv(name)) result.push_back(std::string(name) + "=" + value);
    }
    return result;
}

/// Whether `process` ends within `patience` milliseconds. A pidfd tells of one process alone, so that SIGCHLD and other
/// children are left to whom they belong.
bool endsWithin(pid_t process, int patience) {
    if (patience <= 0) return false;
    const Descriptor descriptor(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
    if (descriptor.get() < 0) return false;
    pollfd waiting{descriptor.get(), POLLIN, 0};
    int ready;
    do ready = ::poll(&waiting, 1, patience);
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

}  // namespace

extern "C" {

int32_t cdcmtk_worker_start(const char *executable, const char *const *arguments, cdcmtk_worker *out_worker) {
    int ends[2], pipeEnds[2];
    Descriptor ours, theirs, errors, errorsIn;
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return errno;
    const int moved = ours.moveUp(ends[0]);
    const int movedTheirs = theirs.moveUp(ends[1]);
    if (moved != 0 || movedTheirs != 0) return moved != 0 ? moved : movedTheirs;
    // Without blocking on either side: the worker must not hang on a pipe that nobody reads before its end.
    if (::pipe2(pipeEnds, O_CLOEXEC | O_NONBLOCK) != 0) return errno;
    const int movedErrors = errors.moveUp(pipeEnds[0]);
    const int movedErrorsIn = errorsIn.moveUp(pipeEnds[1]);
    if (movedErrors != 0 || movedErrorsIn != 0) return movedErrors != 0 ? movedErrors : movedErrorsIn;

    Preparation preparation;
    preparation.giveDescriptors(errorsIn.get(), theirs.get());
    preparation.separate();
    std::vector<std::string> variables = environment();
    std::vector<char *> pointers;
    for (std::string &variable : variables) pointers.push_back(variable.data());
    pointers.push_back(nullptr);
    pid_t process = 0;
    const int code = ::posix_spawn(&process, executable, &preparation.actions, &preparation.attributes,
                                   const_cast<char *const *>(arguments), pointers.data());
    if (code != 0) return code;
    *out_worker = {process, ours.release(), errors.release()};
    return 0;
}

cdcmtk_worker_end cdcmtk_worker_finish(const cdcmtk_worker *worker, int32_t patience_ms, int32_t *out_number,
                                       char *out_said, size_t said_capacity) {
    ::close(worker->channel);
    if (!endsWithin(worker->process_id, patience_ms)) ::kill(worker->process_id, SIGKILL);
    int status = 0;
    pid_t ended;
    do ended = ::waitpid(worker->process_id, &status, 0);
    while (ended < 0 && errno == EINTR);
    const ssize_t count = ::read(worker->errors, out_said, said_capacity - 1);
    out_said[count > 0 ? count : 0] = 0;
    out_said[std::strcspn(out_said, "\r\n")] = 0;
    ::close(worker->errors);

    *out_number = 0;
    if (ended != worker->process_id) return CDCMTK_WORKER_VANISHED;
    if (WIFSIGNALED(status)) {
        *out_number = WTERMSIG(status);
        return CDCMTK_WORKER_KILLED;
    }
    *out_number = WEXITSTATUS(status);
    return CDCMTK_WORKER_EXITED;
}

const char *cdcmtk_signal_name(int32_t signal) {
    switch (signal) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGILL: return "SIGILL";
    case SIGTRAP: return "SIGTRAP";
    case SIGABRT: return "SIGABRT";
    case SIGFPE: return "SIGFPE";
    case SIGKILL: return "SIGKILL";
    case SIGTERM: return "SIGTERM";
    case SIGXCPU: return "SIGXCPU";
    case SIGXFSZ: return "SIGXFSZ";
    case SIGSYS: return "SIGSYS";
    default: return "a signal";
    }
}

}  // extern "C"

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the pixel worker, a process of its own, needs of the system: the messages between it and the daemon, and the
// walls around it. What the messages say is decided in Swift.

#ifdef __cplusplus
extern "C" {
#endif

/// The descriptor on which a worker finds its channel to the daemon, and the one it may write to: the second of those that
/// come with a request, when nothing else is open.
enum { CDCMTK_WORKER_CHANNEL = 3, CDCMTK_WORKER_OUTPUT = 6 };

/// At most so many descriptors go with a message.
enum { CDCMTK_CHANNEL_DESCRIPTORS = 2 };

/// Sends all `count` bytes; the `descriptor_count` descriptors go with the first of them (SCM_RIGHTS, unix(7)).
///
/// Ownership: `descriptors` stay the caller's; the receiver gets some of its own.
/// Blocking:  until all is sent, or until `deadline_ms` on CLOCK_MONOTONIC; a negative one never comes.
/// Threads:   one at a time per channel.
/// Returns 0, ETIMEDOUT, or the errno of sendmsg(2).
int32_t cdcmtk_channel_send(int32_t channel, const void *_Nonnull bytes, size_t count,
                            const int32_t *_Nullable descriptors, int32_t descriptor_count, int64_t deadline_ms);

/// Receives exactly `count` bytes and, where `out_descriptors` is not null, the CDCMTK_CHANNEL_DESCRIPTORS descriptors that
/// came with them, -1 for each that did not. Descriptors nobody asked for are not taken in.
///
/// Ownership: the caller closes `out_descriptors`, on failure too.
/// Blocking:  until all is there, or until `deadline_ms` on CLOCK_MONOTONIC; a negative one never comes.
/// Threads:   one at a time per channel.
/// Returns 0, ETIMEDOUT, EPIPE when the other side is gone, or the errno of recvmsg(2).
int32_t cdcmtk_channel_receive(int32_t channel, void *_Nonnull bytes, size_t count, int32_t *_Nullable out_descriptors,
                               int64_t deadline_ms);

/// Milliseconds of CLOCK_MONOTONIC, for deadlines.
int64_t cdcmtk_monotonic_ms(void);

/// A started worker, as its daemon holds it.
typedef struct cdcmtk_worker {
    int32_t process_id;
    /// The daemon's end of the channel.
    int32_t channel;
    /// What the worker writes to standard error comes out here; what is not read in time is dropped.
    int32_t errors;
} cdcmtk_worker;

typedef enum cdcmtk_worker_end {
    /// By itself, with an exit status.
    CDCMTK_WORKER_EXITED = 0,
    /// By a signal.
    CDCMTK_WORKER_KILLED = 1,
    /// Nobody knows: somebody else took its end from the system.
    CDCMTK_WORKER_VANISHED = 2,
} cdcmtk_worker_end;

/// Starts `executable` with `arguments` (null-terminated, the first being its name), an environment of nothing but where
/// libraries and DCMTK's dictionary lie, and no descriptor but an empty standard input and output, `errors` and the
/// channel. It is in a process group of its own, so that Ctrl-C on a terminal reaches the daemon alone.
///
/// Ownership: the caller ends `*out_worker` with cdcmtk_worker_finish.
/// Blocking:  until the program is running.
/// Threads:   any; the worker is killed when the thread that started it ends.
/// Returns 0 or an errno.
int32_t cdcmtk_worker_start(const char *_Nonnull executable, const char *_Nullable const *_Nonnull arguments,
                            cdcmtk_worker *_Nonnull out_worker);

/// Ends `worker` and waits until it has ended: it has `patience_ms` to do so by itself, then it is killed. Only the
/// end of this process is taken from the system. `out_number` is an exit status or a signal, `out_said` the first line
/// that it wrote to standard error, NUL-terminated.
///
/// Ownership: closes the descriptors of `worker`.   Blocking: as said.   Threads: one at a time per worker.
cdcmtk_worker_end cdcmtk_worker_finish(const cdcmtk_worker *_Nonnull worker, int32_t patience_ms,
                                       int32_t *_Nonnull out_number, char *_Nonnull out_said, size_t said_capacity);

/// The name of a signal, such as `SIGSEGV`.
const char *_Nonnull cdcmtk_signal_name(int32_t signal);

typedef struct cdcmtk_sandbox_limits {
    /// Bytes of address space (RLIMIT_AS): more than the process may ever hold in memory.
    uint64_t address_space_bytes;
    /// Added to the process's nice value, 0...19.
    int32_t niceness;
} cdcmtk_sandbox_limits;

/// What could not be put up, for people; empty when every wall stands. ASCII, NUL-terminated.
typedef struct cdcmtk_sandbox_report {
    char missing[256];
} cdcmtk_sandbox_report;

/// Loads what DCMTK would otherwise load from files later, then gives up, for good, what decoding does not need: names
/// of files, the network, other processes, executable memory, memory beyond the limit (seccomp(2), setrlimit(2)). Only
/// standard error, the channel and what comes through it stay open; CDCMTK_WORKER_OUTPUT may be written by position. The process gives way to others in CPU and disk.
///
/// Ownership: none.   Blocking: reads DCMTK's dictionary.   Threads: the process must have this one only.
/// Returns whether all of it holds.
bool cdcmtk_sandbox_enter(const cdcmtk_sandbox_limits *_Nonnull limits, cdcmtk_sandbox_report *_Nonnull out_report);

/// Lets this process use `seconds` more of CPU time, then SIGXCPU ends it. Inside the sandbox.
///
/// Ownership: none.   Blocking: no.   Threads: any.
void cdcmtk_sandbox_allow_cpu(uint32_t seconds);

/// Bytes this process holds in memory now. Inside the sandbox; 0 when they cannot be had.
///
/// Ownership: none.   Blocking: no.   Threads: any.
uint64_t cdcmtk_sandbox_resident_bytes(void);

/// Gives memory that is allocated and freed back to the system.
void cdcmtk_sandbox_trim(void);

typedef enum cdcmtk_trial_result {
    /// The system call failed as it should.
    CDCMTK_TRIAL_REFUSED = 0,
    /// The system ended the process for trying.
    CDCMTK_TRIAL_KILLED = 1,
    /// It was let through.
    CDCMTK_TRIAL_ALLOWED = 2,
    /// The trial itself could not be made.
    CDCMTK_TRIAL_FAILED = 3,
} cdcmtk_trial_result;

/// How many trials there are.
int32_t cdcmtk_sandbox_trial_count(void);

/// What trial `index` attempts, for people.
const char *_Nonnull cdcmtk_sandbox_trial_name(int32_t index);

/// Attempts, in a child process, what the sandbox has to prevent: inside of it, or outside, to see that the attempt
/// could be made.
///
/// Ownership: none.   Blocking: until the child has ended.   Threads: the process must have this one only.
cdcmtk_trial_result cdcmtk_sandbox_trial(int32_t index, const cdcmtk_sandbox_limits *_Nonnull limits,
                                         bool is_inside);

#ifdef __cplusplus
}
#endif

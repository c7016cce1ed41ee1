/*
 * A disk that fails when it is told to; preloaded (LD_PRELOAD) into a process under test.
 *
 *   FAULT_FOLDER  only files below it count
 *   FAULT_LOG     a line for each operation: its name and the file, "!" where it was made to fail
 *   FAULT_AT      which operation fails, from 1 on; 0 or unset: none
 *   FAULT_KIND    eio: it fails with EIO; short: a write takes half, the next one ENOSPC
 *   FAULT_COUNT   write, sync or truncate: only these are counted; unset: all
 *   FAULT_ARMED   nothing is counted until there is such a file
 *
 * Counted are write, pwrite, writev, fsync, fdatasync and ftruncate. "open" is only logged.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum verdict { PASS, FAIL, HALF };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long seen, full;

static int counts(const char *path)
{
    const char *folder = getenv("FAULT_FOLDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static void note(const char *operation, const char *path, int failed)
{
    const char *log = getenv("FAULT_LOG");
    char line[PATH_MAX + 64];
    if (!log)
        return;
    int length = snprintf(line, sizeof line, "%s%s %s\n", failed ? "!" : "", operation,
                          strrchr(path, '/') + 1);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd >= 0) {
        syscall(SYS_write, fd, line, length);
        syscall(SYS_close, fd);
    }
}

static enum verdict judge(int fd, const char *operation, int writes)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    if (length < 0)
        return PASS;
    path[length] = 0;
    if (!counts(path))
        return PASS;
    const char *at = getenv("FAULT_AT"), *kind = getenv("FAULT_KIND");
    int shorten = kind && strcmp(kind, "short") == 0;
    const char *only = getenv("FAULT_COUNT"), *armed = getenv("FAULT_ARMED");
    int counted = (!only || strcmp(only, operation) == 0) &&
                  (!armed || syscall(SYS_faccessat, AT_FDCWD, armed, F_OK) == 0);
    enum verdict verdict = PASS;
    pthread_mutex_lock(&lock);
    seen += counted;
    if (full && writes) {
        full = 0;
        errno = ENOSPC;
        verdict = FAIL;
    } else if (at && counted && seen == atol(at)) {
        full = shorten && writes;
        errno = shorten ? ENOSPC : EIO;
        verdict = full ? HALF : FAIL;
    }
    note(operation, path, verdict != PASS);
    pthread_mutex_unlock(&lock);
    return verdict;
}

ssize_t write(int fd, const void *octets, size_t count)
{
    int before = errno;
    switch (judge(fd, "write", 1)) {
    case FAIL: return -1;
    case HALF: count /= 2; /* fall through */
    default: errno = before; return syscall(SYS_write, fd, octets, count);
    }
}

ssize_t pwrite64(int fd, const void *octets, size_t count, off64_t at)
{
    int before = errno;
    switch (judge(fd, "write", 1)) {
    case FAIL: return -1;
    case HALF: count /= 2; /* fall through */
    default: errno = before; return syscall(SYS_pwrite64, fd, octets, count, at);
    }
}

ssize_t pwrite(int fd, const void *octets, size_t count, off_t at)
{
    return pwrite64(fd, octets, count, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    int before = errno;
    if (judge(fd, "write", 1) != PASS)
        return -1;
    errno = before;
    return syscall(SYS_writev, fd, parts, count);
}

#define WITHOUT_OCTETS(name, number, logged, parameters, ...)                                      \
    int name parameters                                                                            \
    {                                                                                              \
        int before = errno;                                                                        \
        if (judge(fd, logged, 0) != PASS)                                                          \
            return -1;                                                                             \
        errno = before;                                                                            \
        return syscall(number, __VA_ARGS__);                                                       \
    }

WITHOUT_OCTETS(fsync, SYS_fsync, "sync", (int fd), fd)
WITHOUT_OCTETS(fdatasync, SYS_fdatasync, "sync", (int fd), fd)
WITHOUT_OCTETS(ftruncate64, SYS_ftruncate, "truncate", (int fd, off64_t size), fd, size)
WITHOUT_OCTETS(ftruncate, SYS_ftruncate, "truncate", (int fd, off_t size), fd, size)

static int opened(const char *path, int flags, mode_t mode)
{
    if (counts(path))
        note("open", path, 0);
    return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode_t mode = va_arg(more, mode_t);                                                        \
        va_end(more);                                                                              \
        return opened(path, flags, mode);                                                          \
    }

OPEN(open)
OPEN(open64)

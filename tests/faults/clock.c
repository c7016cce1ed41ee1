/*
 * A clock on the wall that is set wrong; preloaded (LD_PRELOAD) into a process under test.
 *
 *   CLOCK_OFF_S  seconds that it is ahead; negative: behind
 *
 * Counters and sleeping are left alone, as by somebody who sets the clock of a machine.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t off(void)
{
    const char *seconds = getenv("CLOCK_OFF_S");
    return seconds ? atol(seconds) : 0;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    int failed = (int)syscall(SYS_clock_gettime, id, now);
    if (!failed && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        now->tv_sec += off();
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    int failed = (int)syscall(SYS_gettimeofday, now, zone);
    if (!failed)
        now->tv_sec += off();
    return failed;
}

time_t time(time_t *now)
{
    struct timespec exactly;
    clock_gettime(CLOCK_REALTIME, &exactly);
    if (now)
        *now = exactly.tv_sec;
    return exactly.tv_sec;
}

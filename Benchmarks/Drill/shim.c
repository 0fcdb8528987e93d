/* Loaded before the C library by scripts/drill: makes a disk slow and sets the clock of one program, nobody else's.
 *
 *   DRILL_FLUSH_MS=50-500   each fsync and fdatasync takes so long, drawn at random
 *   DRILL_CLOCK=FILE        the file says by how many seconds the wall clock is wrong; it is read at every look
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long flush_min, flush_max;
static int clock_file = -1;

__attribute__((constructor)) static void begin(void) {
    const char *flush = getenv("DRILL_FLUSH_MS"), *clock = getenv("DRILL_CLOCK");
    if (flush) {
        char *rest;
        flush_min = strtol(flush, &rest, 10);
        flush_max = *rest == '-' ? strtol(rest + 1, NULL, 10) : flush_min;
    }
    if (clock) clock_file = open(clock, O_RDONLY | O_CLOEXEC);
}

static void be_slow(void) {
    if (flush_max <= 0) return;
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    uint64_t draw = ((uint64_t)now.tv_nsec * 6364136223846793005u + 1442695040888963407u) >> 33;
    usleep((useconds_t)(flush_min + (long)(draw % (uint64_t)(flush_max - flush_min + 1))) * 1000);
}

int fsync(int file) {
    be_slow();
    return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    be_slow();
    return (int)syscall(SYS_fdatasync, file);
}

static long wrong_by(void) {
    char text[32] = {0};
    if (clock_file < 0 || pread(clock_file, text, sizeof text - 1, 0) <= 0) return 0;
    return strtol(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *moment) {
    int result = (int)syscall(SYS_clock_gettime, clock, moment);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) moment->tv_sec += wrong_by();
    return result;
}

int gettimeofday(struct timeval *restrict moment, void *restrict zone) {
    int result = (int)syscall(SYS_gettimeofday, moment, zone);
    if (result == 0) moment->tv_sec += wrong_by();
    return result;
}

time_t time(time_t *moment) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (moment) *moment = now.tv_sec;
    return now.tv_sec;
}

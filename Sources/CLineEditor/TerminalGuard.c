#include "TerminalGuard.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const char paste_marks_on[] = "\033[?2004h";
static const char paste_marks_off[] = "\033[?2004l";

// Read by signal handlers: written before `guarded` is set, and not again until it is cleared.
static volatile sig_atomic_t guarded;
static int guarded_input, guarded_output, guarded_wakeup;
static struct termios found;
// The modes between two lines, which a shell may have replaced by its own when the program goes on after a stop.
static struct termios left;
static volatile sig_atomic_t left_is_known;

static const int deadly[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
enum { deadly_count = sizeof deadly / sizeof *deadly };
static struct sigaction before_deadly[deadly_count];
static bool is_caught[deadly_count];

static const int telling[] = {SIGWINCH, SIGTSTP, SIGCONT};
enum { telling_count = sizeof telling / sizeof *telling };
static struct sigaction before_telling[telling_count];
static bool is_told[telling_count];

static void write_all(int file, const char *text) {
    size_t left_over = strlen(text);
    while (left_over > 0) {
        ssize_t count = write(file, text, left_over);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        text += count;
        left_over -= (size_t)count;
    }
}

// A program in the background that touches the terminal is stopped.
static bool owns_terminal(void) {
    pid_t owner = tcgetpgrp(guarded_input);
    return owner == -1 || owner == getpgrp();
}

static void restore(void) {
    if (!guarded || !owns_terminal()) return;
    int error = errno;
    tcsetattr(guarded_input, TCSANOW, &found);
    write_all(guarded_output, paste_marks_off);
    errno = error;
}

static void take_again(void) {
    if (!guarded || !left_is_known || !owns_terminal()) return;
    tcsetattr(guarded_input, TCSANOW, &left);
    write_all(guarded_output, paste_marks_on);
}

static void on_deadly(int signal) {
    int error = errno;
    restore();
    guarded = 0;
    for (int index = 0; index < deadly_count; index++) {
        if (deadly[index] == signal) sigaction(signal, &before_deadly[index], NULL);
    }
    // What the machine raised comes again by itself when the instruction is repeated; the rest does not.
    if (signal != SIGILL && signal != SIGTRAP && signal != SIGBUS && signal != SIGFPE && signal != SIGSEGV) raise(signal);
    errno = error;
}

static void on_telling(int signal) {
    int error = errno;
    if (signal == SIGTSTP) {
        restore();
        // Not SIGTSTP anew: it is blocked while it is handled.
        raise(SIGSTOP);
    } else {
        if (signal == SIGCONT) take_again();
        ssize_t count = write(guarded_wakeup, signal == SIGCONT ? "c" : "w", 1);
        (void)count;
    }
    errno = error;
}

/// Catches a signal that nobody else cares for.
static bool catch(int signal, void (*handler)(int), struct sigaction *before) {
    if (sigaction(signal, NULL, before) != 0) return false;
    bool is_default = !(before->sa_flags & SA_SIGINFO) && before->sa_handler == SIG_DFL;
    bool is_fault = signal == SIGILL || signal == SIGTRAP || signal == SIGABRT || signal == SIGBUS || signal == SIGFPE
        || signal == SIGSEGV;
    if (!is_default && !is_fault) return false;
    struct sigaction action = {0};
    action.sa_handler = handler;
    // A stack of its own, where there is one: the program's may be what has overflowed.
    action.sa_flags = SA_ONSTACK | SA_RESTART;
    sigfillset(&action.sa_mask);
    return sigaction(signal, &action, NULL) == 0;
}

/// Puts back what was there, unless somebody has taken the signal meanwhile.
static void release(int signal, void (*handler)(int), const struct sigaction *before) {
    struct sigaction now;
    if (sigaction(signal, NULL, &now) == 0 && now.sa_handler == handler) sigaction(signal, before, NULL);
}

bool terminal_guard_begin(int input, int output, int wakeup) {
    static bool is_registered;
    struct termios now;
    if (tcgetattr(input, &now) != 0) return false;
    write_all(output, paste_marks_on);
    if (guarded) return true;
    guarded_input = input;
    guarded_output = output;
    guarded_wakeup = wakeup;
    found = now;
    left_is_known = 0;
    guarded = 1;
    if (!is_registered) is_registered = atexit(restore) == 0;
    for (int index = 0; index < deadly_count; index++) {
        is_caught[index] = catch(deadly[index], on_deadly, &before_deadly[index]);
    }
    for (int index = 0; index < telling_count; index++) {
        is_told[index] = catch(telling[index], on_telling, &before_telling[index]);
    }
    return true;
}

void terminal_guard_keep(int input) {
    if (!guarded || input != guarded_input) return;
    left_is_known = 0;
    left_is_known = tcgetattr(input, &left) == 0;
}

void terminal_guard_end(int input, int output) {
    if (!guarded || guarded_input != input) {
        write_all(output, paste_marks_off);
        return;
    }
    for (int index = 0; index < deadly_count; index++) {
        if (is_caught[index]) release(deadly[index], on_deadly, &before_deadly[index]);
    }
    for (int index = 0; index < telling_count; index++) {
        if (is_told[index]) release(telling[index], on_telling, &before_telling[index]);
    }
    restore();
    guarded = 0;
}

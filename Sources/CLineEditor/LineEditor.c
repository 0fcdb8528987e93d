#include "LineEditor.h"
#include "TerminalGuard.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *prompt_of(EditLine *line) { return (char *)line_editor_of(line)->prompt; }

/// The editor counts columns by the locale of the process; only characters are taken from it, no order and no numbers.
static bool knows_characters(void) {
    static const char *const locales[] = {"", "C.UTF-8", "en_US.UTF-8"};
    for (size_t index = 0; index < sizeof locales / sizeof *locales; index++) {
        if (setlocale(LC_CTYPE, locales[index]) && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return true;
    }
    return false;
}

// libedit gives its functions nothing but the line, and asking it for client data before any is set is an error: a thread reads
// with one editor at a time.
static _Thread_local line_editor *reading;

line_editor *line_editor_of(EditLine *line) {
    (void)line;
    return reading;
}

static void discard(line_editor *editor) {
    if (editor->line) editor->functions.end(editor->line);
    if (editor->history) editor->functions.history_end(editor->history);
    if (editor->in) fclose(editor->in);
    if (editor->out) fclose(editor->out);
    if (editor->wakeup[0] >= 0) close(editor->wakeup[0]);
    if (editor->wakeup[1] >= 0) close(editor->wakeup[1]);
    free(editor);
}

static FILE *stream_on(int file, const char *mode) {
    int copy = fcntl(file, F_DUPFD_CLOEXEC, 3);
    FILE *stream = copy < 0 ? NULL : fdopen(copy, mode);
    if (copy >= 0 && !stream) close(copy);
    return stream;
}

static bool open_wakeup(int ends[2]) {
    if (pipe(ends) != 0) return false;
    for (int index = 0; index < 2; index++) {
        if (fcntl(ends[index], F_SETFL, O_NONBLOCK) != 0 || fcntl(ends[index], F_SETFD, FD_CLOEXEC) != 0) return false;
    }
    return true;
}

line_editor *line_editor_open(
    const char *const *libraries, int input, int output, int remembered, line_editor_questions questions
) {
    if (!isatty(input) || !isatty(output) || !knows_characters()) return NULL;
    line_editor *editor = calloc(1, sizeof *editor);
    if (!editor) return NULL;
    editor->wakeup[0] = editor->wakeup[1] = -1;
    editor->input = input;
    editor->output = output;
    editor->prompt = "";
    editor->questions = questions;
    reading = editor;
    const libedit *functions = &editor->functions;
    if (!libedit_load(&editor->functions, libraries) || !open_wakeup(editor->wakeup)
        || !(editor->in = stream_on(input, "r")) || !(editor->out = stream_on(output, "w"))
        || !(editor->history = functions->history_init())
        || !terminal_guard_begin(input, output, editor->wakeup[1])) {
        discard(editor);
        return NULL;
    }
    HistEvent event;
    functions->history(editor->history, &event, H_SETSIZE, remembered);
    functions->history(editor->history, &event, H_SETUNIQUE, 1);
    editor->line = functions->init("parley", editor->in, editor->out, editor->out);
    if (!editor->line) {
        terminal_guard_end(input, output);
        discard(editor);
        return NULL;
    }
    functions->set(editor->line, EL_EDITOR, "emacs");
    functions->set(editor->line, EL_PROMPT_ESC, prompt_of, '\1');
    functions->set(editor->line, EL_HIST, functions->history, editor->history);
    functions->wset(editor->line, EL_GETCFN, line_editor_next_key);
    // While a line is read Ctrl-C is a key, and Enter (CR) is not Ctrl-J (LF).
    functions->set(editor->line, EL_SETTY, "-d", "-isig", "-icrnl", "-inlcr", (char *)NULL);
    // Between two lines nothing is echoed, and what is typed is kept as it is for the next one.
    functions->set(editor->line, EL_SETTY, "-x", "-icanon", "-echo", "-icrnl", (char *)NULL);
    terminal_guard_keep(input);
    line_editor_bind_keys(editor);
    return editor;
}

/// Looks at what woke the reader up.
static void wake(line_editor *editor) {
    char marks[64];
    ssize_t count;
    bool is_resized = false, goes_on = false;
    while ((count = read(editor->wakeup[0], marks, sizeof marks)) > 0) {
        if (memchr(marks, 's', (size_t)count)) editor->is_stopped = true;
        if (memchr(marks, 'w', (size_t)count)) is_resized = true;
        if (memchr(marks, 'c', (size_t)count)) goes_on = true;
    }
    if (editor->is_stopped) return;
    if (goes_on) {
        editor->functions.set(editor->line, EL_PREP_TERM, 0);
        editor->functions.set(editor->line, EL_PREP_TERM, 1);
        fputs("\r\n", editor->out);
    }
    if (is_resized || goes_on) {
        editor->functions.resize(editor->line);
        fputs("\r\033[J", editor->out);
        editor->functions.set(editor->line, EL_REFRESH);
    }
}

/// Waits for a byte more.
static bool fill(line_editor *editor) {
    while (!editor->is_stopped) {
        struct pollfd files[] = {
            {.fd = editor->input, .events = POLLIN}, {.fd = editor->wakeup[0], .events = POLLIN}};
        if (poll(files, 2, -1) < 0) {
            if (errno == EINTR) continue;
            return false;
        }
        if (files[1].revents) wake(editor);
        if (editor->is_stopped || !files[0].revents) continue;
        ssize_t count = read(editor->input, editor->keys, KEYS_MAX);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count <= 0) return false;
        editor->keys_start = 0;
        editor->keys_end = (size_t)count;
        return true;
    }
    return false;
}

static int next_byte(line_editor *editor) {
    if (editor->keys_start == editor->keys_end && !fill(editor)) return -1;
    return editor->keys[editor->keys_start++];
}

int line_editor_next_key(EditLine *line, wchar_t *key) {
    line_editor *editor = line_editor_of(line);
    int first = next_byte(editor);
    *key = 0;
    if (first < 0) return 0;
    int more = first < 0x80 ? 0 : first >= 0xF0 && first < 0xF8 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : -1;
    if (first >= 0xF8) more = -1;
    if (more < 0) {
        *key = 0xFFFD;
        return 1;
    }
    unsigned value = more == 0 ? (unsigned)first : (unsigned)first & (0x3Fu >> more);
    for (; more > 0; more--) {
        int next = next_byte(editor);
        if (next < 0) return 0;
        if ((next & 0xC0) != 0x80) {
            editor->keys_start--;
            *key = 0xFFFD;
            return 1;
        }
        value = value << 6 | ((unsigned)next & 0x3F);
    }
    *key = value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) ? 0xFFFD : (wchar_t)value;
    return 1;
}

line_outcome line_editor_read(line_editor *editor, const char *prompt, char **text) {
    *text = NULL;
    reading = editor;
    editor->prompt = prompt;
    editor->outcome = LINE_END;
    int length = 0;
    const char *line = editor->is_stopped ? NULL : editor->functions.gets(editor->line, &length);
    if (line && length > 0 && !editor->is_stopped) {
        *text = strdup(line);
        size_t end = *text ? strlen(*text) : 0;
        if (end > 0 && (*text)[end - 1] == '\n') (*text)[end - 1] = 0;
        editor->outcome = *text ? LINE_READ : LINE_END;
    } else {
        fputs("\r\n", editor->out);
    }
    fflush(editor->out);
    editor->prompt = "";
    return editor->outcome;
}

void line_editor_remember(line_editor *editor, const char *entry) {
    HistEvent event;
    reading = editor;
    editor->functions.history(editor->history, &event, H_ENTER, entry);
}

void line_editor_stop(line_editor *editor) {
    ssize_t count = write(editor->wakeup[1], "s", 1);
    (void)count;
}

void line_editor_close(line_editor *editor) {
    int input = editor->input, output = editor->output;
    reading = editor;
    terminal_guard_end(input, output);
    discard(editor);
}

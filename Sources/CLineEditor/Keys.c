#include "LineEditor.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// More of one paste is not taken.
enum { PASTED_MAX = 1 << 20 };

// Keys that no keyboard has, for commands of libedit that only a key can call.
#define KEY_ACCEPT "\033[9001~"
#define KEY_OLDER "\033[9002~"
#define KEY_NEWER "\033[9003~"
#define KEY_DELETE "\033[9004~"


static int length_of(const line_editor *editor) {
    const LineInfoW *info = editor->functions.wline(editor->line);
    return (int)(info->lastchar - info->buffer);
}

/// The text up to a place, to be freed.
static char *text_until(const char *start, const char *end) {
    size_t length = (size_t)(end - start);
    char *text = malloc(length + 1);
    if (!text) return NULL;
    memcpy(text, start, length);
    text[length] = 0;
    return text;
}

static unsigned char enter(EditLine *line, int key) {
    (void)key;
    line_editor *editor = line_editor_of(line);
    const LineInfo *info = editor->functions.line(line);
    char *text = text_until(info->buffer, info->lastchar);
    bool is_at_end = info->cursor == info->lastchar;
    int replaced = text && is_at_end ? editor->questions.goes_on(editor->questions.context, text) : -1;
    free(text);
    if (replaced >= 0) {
        editor->functions.deletestr(line, replaced);
        editor->functions.winsertstr(line, L"\n");
        return CC_REFRESH;
    }
    editor->functions.push(line, KEY_ACCEPT);
    return CC_NORM;
}

static unsigned char new_line(EditLine *line, int key) {
    (void)key;
    line_editor_of(line)->functions.winsertstr(line, L"\n");
    return CC_REFRESH;
}

static unsigned char interrupt(EditLine *line, int key) {
    (void)key;
    line_editor *editor = line_editor_of(line);
    int length = length_of(editor);
    if (length == 0) {
        editor->outcome = LINE_INTERRUPTED;
        return CC_EOF;
    }
    editor->functions.cursor(line, length);
    editor->functions.deletestr(line, length);
    return CC_REFRESH;
}

static unsigned char end_or_delete(EditLine *line, int key) {
    (void)key;
    line_editor *editor = line_editor_of(line);
    if (length_of(editor) == 0) return CC_EOF;
    const LineInfoW *info = editor->functions.wline(line);
    if (info->cursor < info->lastchar) editor->functions.push(line, KEY_DELETE);
    return CC_NORM;
}

static unsigned char suspend(EditLine *line, int key) {
    (void)key;
    line_editor *editor = line_editor_of(line);
    fputs("\r\n", editor->out);
    fflush(editor->out);
    kill(0, SIGTSTP);
    return CC_NORM;
}

static unsigned char nothing(EditLine *line, int key) {
    (void)line;
    (void)key;
    return CC_NORM;
}

/// One line up, or from the first line to the entry before.
static unsigned char up(EditLine *line, int key) {
    (void)key;
    line_editor *editor = line_editor_of(line);
    const LineInfoW *info = editor->functions.wline(line);
    const wchar_t *start = info->cursor;
    while (start > info->buffer && start[-1] != L'\n') start--;
    if (start == info->buffer) {
        editor->functions.push(line, KEY_OLDER);
        return CC_NORM;
    }
    const wchar_t *above = start - 1;
    while (above > info->buffer && above[-1] != L'\n') above--;
    long column = info->cursor - start, room = start - 1 - above;
    const wchar_t *target = above + (column < room ? column : room);
    editor->functions.cursor(line, (int)(target - info->cursor));
    return CC_REFRESH;
}

/// One line down, or from the last line to the entry after.
static unsigned char down(EditLine *line, int key) {
    (void)key;
    line_editor *editor = line_editor_of(line);
    const LineInfoW *info = editor->functions.wline(line);
    const wchar_t *start = info->cursor, *end = info->cursor;
    while (start > info->buffer && start[-1] != L'\n') start--;
    while (end < info->lastchar && *end != L'\n') end++;
    if (end == info->lastchar) {
        editor->functions.push(line, KEY_NEWER);
        return CC_NORM;
    }
    const wchar_t *below = end + 1, *last = end + 1;
    while (last < info->lastchar && *last != L'\n') last++;
    long column = info->cursor - start, room = last - below;
    const wchar_t *target = below + (column < room ? column : room);
    editor->functions.cursor(line, (int)(target - info->cursor));
    return CC_REFRESH;
}

/// A paste as the terminal marks it: its line ends are text, not Enter. Whatever a key would do is left out.
static unsigned char paste(EditLine *line, int key) {
    (void)key;
    static const wchar_t end_mark[] = L"\033[201~";
    const size_t mark_length = sizeof end_mark / sizeof *end_mark - 1;
    line_editor *editor = line_editor_of(line);
    size_t room = 256, length = 0;
    bool is_cut = false, was_return = false;
    wchar_t *text = malloc(room * sizeof *text), next;
    while (text && editor->functions.wgetc(line, &next) == 1) {
        if (length == PASTED_MAX + mark_length) {
            // Beyond the limit only the end mark is still looked for.
            memmove(text + PASTED_MAX, text + PASTED_MAX + 1, (mark_length - 1) * sizeof *text);
            length--;
            is_cut = true;
        }
        bool is_return = next == L'\r', follows_return = was_return && next == L'\n';
        was_return = is_return;
        if (follows_return) continue;
        text[length++] = is_return ? L'\n' : next;
        bool is_marked = length >= mark_length
            && wmemcmp(text + length - mark_length, end_mark, mark_length) == 0;
        if (is_marked) {
            length -= mark_length;
            break;
        }
        if (length + 1 >= room) {
            wchar_t *larger = realloc(text, (room *= 2) * sizeof *text);
            if (!larger) break;
            text = larger;
        }
    }
    if (!text) return CC_ERROR;
    size_t kept = 0;
    for (size_t index = 0; index < length; index++) {
        bool is_control = (text[index] < 0x20 && text[index] != L'\n' && text[index] != L'\t')
            || (text[index] >= 0x7F && text[index] < 0xA0);
        if (!is_control) text[kept++] = text[index];
    }
    text[kept] = 0;
    bool is_in = kept == 0 || editor->functions.winsertstr(line, text) == 0;
    free(text);
    if (!is_in || is_cut) fputc('\a', editor->out);
    return CC_REFRESH;
}

static unsigned char complete(EditLine *line, int key) {
    (void)key;
    line_editor *editor = line_editor_of(line);
    const LineInfo *info = editor->functions.line(line);
    char *before = text_until(info->buffer, info->cursor);
    if (!before) return CC_ERROR;
    line_completion completion = editor->questions.complete(editor->questions.context, before);
    free(before);
    unsigned char verdict = completion.deleted < 0 ? CC_ERROR : CC_REFRESH;
    if (completion.deleted > 0) editor->functions.deletestr(line, completion.deleted);
    if (completion.inserted && *completion.inserted) editor->functions.insertstr(line, completion.inserted);
    if (completion.listing) {
        fprintf(editor->out, "\r\n%s\r\n", completion.listing);
        editor->functions.set(line, EL_REFRESH);
        verdict = CC_NORM;
    }
    free(completion.inserted);
    free(completion.listing);
    return verdict;
}

void line_editor_bind_keys(line_editor *editor) {
    static const struct {
        const char *name;
        unsigned char (*function)(EditLine *, int);
    } commands[] = {
        {"parley-enter", enter},       {"parley-new-line", new_line}, {"parley-interrupt", interrupt},
        {"parley-end", end_or_delete}, {"parley-suspend", suspend},   {"parley-nothing", nothing},
        {"parley-up", up},             {"parley-down", down},         {"parley-paste", paste},
        {"parley-complete", complete},
    };
    static const struct {
        const char *key;
        const char *command;
    } keys[] = {
        {KEY_ACCEPT, "ed-newline"},      {KEY_OLDER, "ed-prev-history"},   {KEY_NEWER, "ed-next-history"},
        {KEY_DELETE, "ed-delete-next-char"},
        {"^M", "parley-enter"},          {"^J", "parley-new-line"},        {"\\e^M", "parley-new-line"},
        {"\\e^J", "parley-new-line"},    {"^C", "parley-interrupt"},       {"^D", "parley-end"},
        {"^Z", "parley-suspend"},        {"^I", "parley-complete"},        {"\\e[200~", "parley-paste"},
        {"\\e[201~", "parley-nothing"},  {"\\e[A", "parley-up"},           {"\\eOA", "parley-up"},
        {"\\e[B", "parley-down"},        {"\\eOB", "parley-down"},         {"^R", "em-inc-search-prev"},
        {"\\e[H", "ed-move-to-beg"},     {"\\eOH", "ed-move-to-beg"},      {"\\e[1~", "ed-move-to-beg"},
        {"\\e[F", "ed-move-to-end"},     {"\\eOF", "ed-move-to-end"},      {"\\e[4~", "ed-move-to-end"},
        {"\\e[3~", "ed-delete-next-char"},
        {"\\e[1;5C", "em-next-word"},    {"\\e[1;3C", "em-next-word"},     {"\\e[1;5D", "ed-prev-word"},
        {"\\e[1;3D", "ed-prev-word"},    {"\\e[2~", "parley-nothing"},     {"\\e[5~", "parley-nothing"},
        {"\\e[6~", "parley-nothing"},
    };
    const libedit *functions = &editor->functions;
    for (size_t index = 0; index < sizeof commands / sizeof *commands; index++) {
        functions->set(
            editor->line, EL_ADDFN, commands[index].name, commands[index].name, commands[index].function);
    }
    for (size_t index = 0; index < sizeof keys / sizeof *keys; index++) {
        functions->set(editor->line, EL_BIND, keys[index].key, keys[index].command, (char *)NULL);
    }
}

#ifndef LINE_EDITOR_H
#define LINE_EDITOR_H

#include "CLineEditor.h"
#include "Libedit.h"

enum { KEYS_MAX = 4096 };

struct line_editor {
    libedit functions;
    EditLine *line;
    History *history;
    FILE *in;
    FILE *out;
    int input, output;
    /// Written to by signals and by whoever stops the reading.
    int wakeup[2];
    bool is_stopped;
    line_outcome outcome;
    const char *prompt;
    line_editor_questions questions;
    /// What was typed and not yet taken.
    unsigned char keys[KEYS_MAX];
    size_t keys_start, keys_end;
};

/// The editor behind a function that libedit calls.
line_editor *line_editor_of(EditLine *line);

/// For EL_GETCFN: the next character that is typed; 0 at the end.
int line_editor_next_key(EditLine *line, wchar_t *key);

/// Gives the keys their meanings.
void line_editor_bind_keys(line_editor *editor);

#endif
